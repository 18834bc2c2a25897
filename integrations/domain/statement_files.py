"""An access statement as JSON or as a table for a spreadsheet, and either of them read back.

In a table the first cell of a line says what the line is. What a statement says stands in cells
without words of any language; the words beside them are for whoever looks.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from integrations.domain import csv_export, statement
from integrations.domain.statement import Content, utc_text

MOST_BYTES = 20 * 1024 * 1024
_SUBJECT = ("format", "vendor", "customer", "tool", "integration", "version", "since")
_PURPOSE = ("group", "valid_from", "purpose", "legal_basis", "retention", "recipients")
_DATA = ("direction", "id", "label", "optional", "reason")


class Copy(NamedTuple):
    """A statement as a file has it: for which day, what it says, and the digest that it names."""

    on: date
    content: Content
    digest: str


class BadFile(Exception):
    """It is no statement of ours, or not whole; the message says why."""


def json_text(content: Content, *, on: date, made_at: datetime) -> str:
    """A statement as JSON, in lines that people can read."""
    whole = {
        "on": on.isoformat(),
        "made_at": utc_text(made_at),
        "content": content,
        "sha256": statement.digest_of(content),
    }
    return json.dumps(whole, ensure_ascii=False, indent=1) + "\n"


def csv_lines(
    content: Content,
    *,
    on: date,
    made_at: datetime,
    words: Iterable[Sequence[str]],
    headings: Sequence[str],
) -> Iterator[str]:
    """Yield a statement as a table. `words` are said of the data, in the order of `content`."""
    about = {name: content[name] for name in _SUBJECT} | {
        "on": on.isoformat(),
        "made_at": utc_text(made_at),
        "sha256": statement.digest_of(content),
    }
    for name, value in about.items():
        yield csv_export.row("statement", name, str(value))
    yield csv_export.row("", *_PURPOSE)
    for purpose in content["purposes"]:
        yield csv_export.row("purpose", *(str(purpose[name]) for name in _PURPOSE))
    yield csv_export.row("", *_DATA, *headings)
    for row, texts in zip(content["data"], words, strict=True):
        cells = {**row, "optional": "yes" if row["optional"] else "no"}
        yield csv_export.row("data", *(str(cells[name]) for name in _DATA), *texts)


def read(raw: bytes) -> Copy:
    """Read a statement as it was exported. Raises BadFile."""
    if len(raw) > MOST_BYTES:
        raise BadFile("the file is too large for a statement")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("the file is not UTF-8 text") from error
    try:
        copy = _of_json(text) if text.lstrip().startswith("{") else _of_csv(text)
    except (LookupError, TypeError, ValueError, AttributeError, csv.Error, RecursionError) as error:
        raise BadFile("the file is no access statement, or not a whole one") from error
    if copy.content.get("format") != statement.FORMAT:
        raise BadFile(f"the file is not in the format {statement.FORMAT}")
    return copy


def _of_json(text: str) -> Copy:
    whole = json.loads(text)
    content = dict(whole["content"])
    return Copy(date.fromisoformat(whole["on"]), content, str(whole["sha256"]))


def _of_csv(text: str) -> Copy:
    prefix = "statement"
    if not text.startswith(prefix):
        raise BadFile("the file is no access statement")
    delimiter = text[len(prefix)]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    about: dict[str, Any] = {}
    lines: dict[str, list[dict[str, Any]]] = {"purpose": [], "data": []}
    for raw in reader:
        cells = [csv_export.unguarded(cell, delimiter) for cell in raw]
        match cells:
            case ["statement", name, value, *_more]:
                about[name] = value
            case ["purpose", *values]:
                width = len(_PURPOSE)
                lines["purpose"].append(dict(zip(_PURPOSE, values[:width], strict=True)))
            case ["data", *values]:
                width = len(_DATA)
                lines["data"].append(dict(zip(_DATA, values[:width], strict=True)))
    for row in lines["data"]:
        row["optional"] = {"yes": True, "no": False}[row["optional"]]
    content = {name: about[name] for name in _SUBJECT} | {
        "version": int(about["version"]),
        "data": sorted(lines["data"], key=lambda row: (row["direction"], row["id"])),
        "purposes": sorted(lines["purpose"], key=lambda purpose: purpose["group"]),
    }
    return Copy(date.fromisoformat(about["on"]), content, about["sha256"])
