"""The data statement as CSV: the whole grid, and nothing that a spreadsheet would run."""

import csv
import io

import pytest
from django.utils import translation

from integrations.domain import coverage, data_statement
from integrations.domain.coverage import Grid
from integrations.kombo.schema import (
    Coverage,
    CoverageStatus,
    Details,
    ReadField,
    ReadModel,
    decode,
)
from tests import copy
from tests.kombo.payloads import payload


def grid(label: str = "Employees", field_id: str = "iban") -> Grid:
    point = {"is_available": False, "coverage_status": CoverageStatus.UNSUPPORTED}
    field = ReadField(id=field_id, **point)  # type: ignore[arg-type]
    model = ReadModel(id="hris_employees", label=label, fields=(field,), **point)  # type: ignore[arg-type]
    return coverage.build(Coverage(read_models=(model,)))


def table(grid: Grid, tool: str = "Personio") -> list[list[str]]:
    text = "".join(data_statement.csv_rows(grid, tool=tool, vendor="Northwind"))
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_the_statement_holds_every_row_of_the_grid() -> None:
    rows = table(coverage.build(decode(payload("example"), Details)), tool="Factorial")
    assert rows == [
        [
            *(copy.TYPE, copy.DATA_CATEGORY_OR_ACTION, copy.NAME, copy.FIELD),
            *(copy.SENSITIVE_DATA, "ID", copy.AVAILABLE, copy.REASON),
        ],
        [
            *(copy.DATA_READ_BY_VENDOR(vendor="Northwind"), "Employees", "Employees", "", ""),
            *("hris_employees", "yes", copy.SHARED_REQUIRED),
        ],
        [
            copy.DATA_READ_BY_VENDOR(vendor="Northwind"),
            "Employees",
            "Employees",
            "Date of birth",
            "",
            "hris_employees.date_of_birth",
            "no",
            copy.YOU_OPTED_OUT_YOU_CAN,
        ],
        [
            *(
                copy.ACTIONS_BY_VENDOR(vendor="Northwind"),
                "Create employee",
                "Create employee",
                "",
                "",
            ),
            *("hris_create_employee", "yes", copy.AVAILABLE),
        ],
        [
            copy.ACTIONS_BY_VENDOR(vendor="Northwind"),
            "Create employee",
            "Create employee",
            "First name",
            "",
            "hris_create_employee.first_name",
            "yes",
            copy.AVAILABLE,
        ],
    ]


def test_an_empty_grid_has_headings_only() -> None:
    assert len(table(coverage.build(Coverage(read_models=())))) == 1


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_no_cell_begins_like_a_formula(start: str) -> None:
    hostile = f'{start}HYPERLINK("http://evil.example","salary")'
    rows = table(grid(label=hostile, field_id=hostile), tool=hostile)
    cells = [cell for row in rows for cell in row]
    assert f"'{hostile}" in cells
    assert not [cell for cell in cells if cell.startswith(start)]


@pytest.mark.parametrize(
    "label", ['He said "no", twice', "two\nlines", "a;b,c", "Ünïcode 👩🏽‍💼", "<b>&amp;"]
)
def test_any_other_text_comes_back_as_it_was(label: str) -> None:
    rows = table(grid(label=label))
    assert [row[1] for row in rows[1:]] == [label, label]
    assert {len(row) for row in rows} == {8}


def test_the_statement_is_in_the_readers_language() -> None:
    with translation.override("de"):
        if translation.gettext(copy.AVAILABLE) == copy.AVAILABLE:
            pytest.skip("not translated yet")
        german = table(grid())
    assert german[0] != table(grid())[0]
    assert german[1][-1] != table(grid())[1][-1]


def test_a_sensitive_field_says_so_and_names_are_the_readers() -> None:
    with translation.override("de"):
        text = "".join(data_statement.csv_rows(grid(), tool="Personio", vendor="Northwind"))
    last = text.splitlines()[-1].split(";")
    assert last[1:6] == ["Employees", "Mitarbeiter", "IBAN", "Bankdaten", "hris_employees.iban"]
