"""A statement that was exported comes back as it was, and what somebody changed shows."""

import json
from datetime import UTC, datetime

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain import statement, statement_files
from integrations.domain.statement import Content
from integrations.domain.statement_files import BadFile, Copy
from integrations.kombo.schema import Coverage
from tests.domain.grids import field, model
from tests.domain.statements import DAY, PAY, content, grids

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
GRID = Coverage(read_models=(model(field("iban"), field("ssn")),))


def as_json(told: Content) -> bytes:
    return statement_files.json_text(told, on=DAY, made_at=NOW).encode()


def as_csv(told: Content, language: str = "en") -> bytes:
    words = [["=cmd", "of", "it"] for _ in told["data"]]
    with translation.override(language):
        lines = statement_files.csv_lines(
            told, on=DAY, made_at=NOW, words=words, headings=["Name", "of", "it"]
        )
        return ("\ufeff" + "".join(lines)).encode()


@given(grids(), st.sampled_from(["json", "en", "de"]))
def test_what_was_exported_comes_back(told: Coverage, how: str) -> None:
    said = content(told, PAY, customer="=Acme; @=\t+x")
    raw = as_json(said) if how == "json" else as_csv(said, how)
    copy = statement_files.read(raw)
    assert copy == Copy(DAY, said, statement.digest_of(said))


def test_no_cell_of_a_table_is_a_formula() -> None:
    text = as_csv(content(Coverage(read_models=(model(field("=x"), label="=1+1"),)))).decode()
    assert "'=1+1" in text
    assert "'=cmd" in text
    assert ",=" not in text


@pytest.mark.parametrize("make", [as_json, as_csv])
def test_what_somebody_changed_does_not_match_the_digest(make: object) -> None:
    raw = make(content(GRID, PAY))  # type: ignore[operator]
    assert raw.count(b"available") > 1
    for old, new in ((b"available", b"opted_out"), (b"Payroll", b"Whatever"), (b"ssn", b"bsn")):
        copy = statement_files.read(raw.replace(old, new, 1))
        assert statement.digest_of(copy.content) != copy.digest
    same = statement_files.read(raw)
    assert statement.digest_of(same.content) == same.digest


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"statement",
        b"{}",
        b"[]",
        b'{"content": 1}',
        b"\xff\xfe",
        b"a,b\n1,2\n",
        b'{"on": "2026-03-01", "content": {"format": "other"}, "sha256": "x"}',
        b"statement,format,access-statement/1\r\n",
        b"{" * 100_000,
    ],
)
def test_what_is_no_statement_is_refused(raw: bytes) -> None:
    with pytest.raises(BadFile):
        statement_files.read(raw)


def test_a_line_that_is_missing_shows() -> None:
    raw = as_csv(content(GRID)).decode()
    cut = "".join(line for line in raw.splitlines(keepends=True) if ".ssn" not in line)
    copy = statement_files.read(cut.encode())
    assert statement.digest_of(copy.content) != copy.digest


def test_a_json_export_says_what_it_is() -> None:
    whole = json.loads(as_json(content(GRID)))
    assert whole["content"]["format"] == "access-statement/1"
    assert (whole["on"], whole["made_at"]) == ("2026-03-01", "2026-03-01T09:00:00Z")
