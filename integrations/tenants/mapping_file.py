"""Reading a mapping file as people and spreadsheets write it; what can't be meant is refused by
line.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from integrations.domain.bidi import without_signs
from integrations.domain.search import compose
from integrations.models.ids import hidden_character

REQUIRED = ("tenant_origin_id", "tenant_name", "integration_id")
KNOWN = (*REQUIRED, "environment")
IDS = ("tenant_origin_id", "integration_id")
LONGEST = 200  # characters, as in the models
DELIMITERS = ",;\t|"
BYTE_ORDER_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}  # what is left is UTF-8


@dataclass(frozen=True, slots=True)
class MappingRow:
    """One checked line of a mapping file."""

    line: int
    tenant_origin_id: str
    tenant_name: str
    integration_id: str
    environment: str


class BadRows(Exception):
    """Lines that can't be imported: `problems` holds (line, reason)."""

    def __init__(self, problems: list[tuple[int, str]]) -> None:
        super().__init__(f"{len(problems)} bad rows")
        self.problems = problems


def decode(content: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with its mark, as spreadsheets save it.

    Raises UnicodeDecodeError.
    """
    return content.decode(BYTE_ORDER_MARKS.get(content[:2], "utf-8-sig"))


def read(text: str, *, environments: Iterable[str]) -> list[MappingRow]:
    """Read a mapping file, whatever divides its cells.

    Raises BadRows naming every bad line, so that one look mends them all.
    """
    text, skipped, delimiter = _divided(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    known = set(environments)
    problems: list[tuple[int, str]] = []
    rows: list[MappingRow] = []
    owners: dict[tuple[str, str], MappingRow] = {}
    try:
        heading = [_column(cell) for cell in next(reader, [])]
        _check_heading(heading, skipped + 1)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            line = skipped + reader.line_num
            row = _row(line, dict(zip(heading, cells, strict=False)))
            if [_column(cell) for cell in cells[: len(heading)]] == heading:
                problems.append((line, _("The column names are repeated here.")))
                continue
            if any(cell.strip() for cell in cells[len(heading) :]):
                problems.append((line, _("There are more values than columns.")))
            elif reason := _problem(row, known, owners):
                problems.append((line, reason))
            owners.setdefault((row.environment, row.integration_id), row)
            rows.append(row)
    except csv.Error as error:
        unreadable = _("This can’t be read as CSV: %(error)s") % {"error": error}
        problems.append((skipped + reader.line_num, unreadable))
    problems += _two_names(rows)
    if problems:
        raise BadRows(sorted(problems))
    return rows


def _divided(text: str) -> tuple[str, int, str]:
    """Return the text from its heading on, how many lines stand before that, and what divides
    cells: what a line `sep=;` says, as spreadsheets write it, or what makes most of the heading.
    """
    match = re.match(
        r'"?sep=(?P<delimiter>[^\r\n"])"?[,;\t|]*(?:\r\n|\r|\n|$)', text, re.IGNORECASE
    )
    if match:
        return text[match.end() :], 1, match["delimiter"]
    first = re.match(r"[^\r\n]*", text)
    heading = first[0] if first else ""
    by_columns = {
        delimiter: sum(_column(cell) in KNOWN for cell in heading.split(delimiter))
        for delimiter in DELIMITERS
    }
    return text, 0, max(DELIMITERS, key=by_columns.__getitem__)


def _column(cell: str) -> str:
    """Return the column's name of a heading: “Tenant Origin ID” is tenant_origin_id."""
    return re.sub(r"[\s_-]+", "_", cell.strip(' \t\r\n"\ufeff').casefold())


def _check_heading(heading: list[str], line: int) -> None:
    """Raises BadRows."""
    missing = [name for name in REQUIRED if name not in heading]
    if missing:
        lacks = _("These columns are missing: %(columns)s") % {"columns": ", ".join(missing)}
        raise BadRows([(line, lacks)])
    named = [name for name in heading if name]
    if len(set(named)) < len(named):
        raise BadRows([(line, _("A column name appears twice."))])


def _row(line: int, record: dict[str, str]) -> MappingRow:
    values = {name: record.get(name, "").strip() for name in KNOWN}
    # Files from elsewhere take letters apart.
    name = compose(without_signs(values["tenant_name"]))
    given = {"tenant_name": name, "environment": values["environment"] or "production"}
    return MappingRow(line, **values | given)


def _problem(row: MappingRow, known: set[str], owners: dict[tuple[str, str], MappingRow]) -> str:
    empty = [name for name in REQUIRED if not getattr(row, name)]
    if empty:
        return _("These values are missing: %(columns)s") % {"columns": ", ".join(empty)}
    values = [getattr(row, name) for name in REQUIRED]
    if any(
        len(value) > LONGEST or any(unicodedata.category(character) == "Cc" for character in value)
        for value in values
    ):
        return _("A value is longer than %(most)s characters or contains control characters.") % {
            "most": LONGEST
        }
    for name in IDS:
        if hidden := hidden_character(getattr(row, name)):
            unseen = _("%(column)s contains an invisible character: %(character)s")
            return unseen % {"column": name, "character": hidden}
    if row.environment not in known:
        return _("The environment “%(environment)s” isn’t in KOMBO_ENVIRONMENTS: %(known)s") % {
            "environment": row.environment,
            "known": ", ".join(sorted(known)),
        }
    other = owners.get((row.environment, row.integration_id))
    if other and other.tenant_origin_id != row.tenant_origin_id:
        return _("%(id)s is mapped to another customer on line %(line)s.") % {
            "id": row.integration_id,
            "line": other.line,
        }
    return ""


def _two_names(rows: list[MappingRow]) -> list[tuple[int, str]]:
    """A tenant must not be called two things: the result would depend on the order of the lines."""
    first: dict[str, MappingRow] = {}
    for row in rows:
        first.setdefault(row.tenant_origin_id, row)
    return [
        (
            row.line,
            _("Customer %(id)s has a different name on line %(line)s.")
            % {"id": row.tenant_origin_id, "line": first[row.tenant_origin_id].line},
        )
        for row in rows
        if row.tenant_name != first[row.tenant_origin_id].tenant_name
    ]
