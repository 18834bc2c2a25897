"""CSV files open in columns in a spreadsheet of the reader's language, without a formula."""

import csv
import io
import re

import pytest
from django.utils import translation
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.domain import csv_export

SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"
DELIMITERS = {"en": ",", "de": ";", "fr": ";", "es": ";", "it": ";"}


def read(line: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(line, newline=""), delimiter=delimiter))


@pytest.mark.parametrize(("language", "delimiter"), DELIMITERS.items())
def test_cells_are_divided_as_the_language_expects(language: str, delimiter: str) -> None:
    cells = ["Müller, Söhne", "a;b", 'say "x"', "two\nlines", "3,5"]
    with translation.override(language):
        assert read(csv_export.row(*cells), delimiter) == [cells]


@given(
    cells=st.lists(
        st.text(alphabet=[*SIGNS, *"a1 ,;'\"\t\r\n"], max_size=12), min_size=1, max_size=3
    )
)
@example(cells=["Personio", "Acme,=cmd|/Ccalc!A0,b"])
@example(cells=["Personio", 'Acme,"=cmd|/Ccalc!A0,b'])
def test_nothing_is_a_formula_in_german_either(cells: list[str]) -> None:
    with translation.override("de"):
        line = csv_export.row(*cells)
    for delimiter in ",;\t":
        found = [cell for row in read(line, delimiter) for cell in row]
        signs = f"[{re.escape(SIGNS)}]"
        assert not [cell for cell in found if re.match(signs, cell)], (delimiter, found)
