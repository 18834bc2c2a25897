"""What readers of a language once found wrong has its right text."""

import csv
from pathlib import Path

from tests.words.po_files import messages_of

RIGHT = Path(__file__).parent / "right_texts.csv"


def test_what_was_once_wrong_is_right() -> None:
    with RIGHT.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) > 100
    stands = {
        (language, message.sources[0], message.texts[0])
        for language in {row["language"] for row in rows}
        for message in messages_of(language)
    }
    assert [
        row for row in rows if (row["language"], row["message"], row["text"]) not in stands
    ] == []
