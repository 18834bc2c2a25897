"""What tests expect to read stands in one table, as the source has it."""

import ast
import re
from collections.abc import Iterator

from tests import copy, source_files
from tests.words.po_files import PO_FILES, PROJECT, messages_of

TABLE = {name: text for name, text in vars(copy).items() if name.isupper()}
MESSAGES = {text for message in messages_of("de") for text in message.sources}
TESTS = [
    path
    for path in sorted((PROJECT / "tests").rglob("*.py"))
    if path.relative_to(PROJECT).parts[1] not in {"copy", "words"}
]
# Where English sentences are somebody else's, or payloads.
OTHERS = {"bench", "kombo", "mistakes", "simulator"}
# Names of Kombo's data are in tables of their own; payloads have them too.
NAMES = re.compile(r'^msgctxt "(?:field|model|action|sensitivity)', re.MULTILINE)


def sentences() -> set[str]:
    """The messages of several words, without names of data."""
    blocks = PO_FILES["de"].read_text().split("\n\n")
    named = {text for block in blocks if NAMES.search(block) for text in _sources(block)}
    return {text for text in MESSAGES if " " in text.strip()} - named


def _sources(block: str) -> Iterator[str]:
    for lines in re.findall(r'^msgid (?:""\n)?((?:".*"\n?)+)', block, re.MULTILINE):
        yield "".join(ast.literal_eval(line) for line in lines.splitlines())


def test_every_row_is_a_message() -> None:
    assert len(TABLE) > 200
    assert {name: text for name, text in TABLE.items() if text not in MESSAGES} == {}


def test_every_row_is_used() -> None:
    row = re.compile(r"\bcopy\w*\.([A-Z\d_]+)")
    used = {name for path in TESTS for name in row.findall(path.read_text())}
    assert set(TABLE) - used == set()


def test_no_text_has_two_rows() -> None:
    assert len(set(TABLE.values())) == len(TABLE)


def test_no_test_has_a_message_in_its_own_words() -> None:
    known = sentences()
    own = {
        (str(path.relative_to(PROJECT)), text)
        for path in TESTS
        if path.relative_to(PROJECT).parts[1] not in OTHERS
        for text in source_files.read(path).texts & known
    }
    assert own == set()


def test_this_test_sees_what_it_should() -> None:
    assert source_files.parse('"""Check"""\nassert x == f"{a["b"]}" or "Now"').texts == {"Now"}
    assert {"Check now", "Reconnect %(tool)s"} <= sentences()
