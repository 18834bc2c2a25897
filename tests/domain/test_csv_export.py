"""Tables to take away: nothing in them is a formula, however a spreadsheet divides them."""

import csv
import io
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.domain import csv_export

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"


def read(line: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter))


@pytest.mark.parametrize("sign", [*SIGNS, "\t", "\r", "\n"])
def test_no_cell_begins_like_a_formula(sign: str) -> None:
    assert read(csv_export.row("a", f"{sign}1+1"))[0][1].startswith("'")


@given(
    cells=st.lists(
        st.text(alphabet=[*SIGNS, *"a1 ,;'\"\t\r\n"], max_size=12), min_size=1, max_size=3
    )
)
@example(cells=["Personio", "Acme;=cmd|/Ccalc!A0;b"])
@example(cells=["Personio", "Acme\t=cmd|/Ccalc!A0\tb"])
@example(cells=["Personio", 'Acme;"=cmd|/Ccalc!A0;b'])
@example(cells=["a, b\n=1+1"])
def test_nothing_is_a_formula_however_cells_are_divided(cells: list[str]) -> None:
    for delimiter in ",;\t":
        found = [cell for line in read(csv_export.row(*cells), delimiter) for cell in line]
        assert not [cell for cell in found if re.match(f"[{re.escape(SIGNS)}]", cell)], (
            delimiter,
            found,
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a, -5",
        "a; -5",
        "a-b",
        "1+1=2",
        "eve@acme.example",
        "x; y",
        "Müller & Söhne",
        "two\nlines",
        '"quoted"',
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert read(csv_export.row(text, "b")) == [[text, "b"]]
