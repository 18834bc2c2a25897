"""Purposes from a file: why the vendor reads which group of data, for the access statement. All of
a file is stored, or nothing.
"""

import csv
import io
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.domain.field_names import FieldGroup
from integrations.domain.statement import Purpose
from integrations.models import Purpose as PurposeRow
from integrations.tenants.mapping_file import DELIMITERS, decode

REQUIRED = ("group", "purpose")
TEXTS = ("purpose", "legal_basis", "retention", "recipients")
KNOWN = ("group", "valid_from", *TEXTS)
LONGEST = 5000  # characters of a text


class BadPurposes(Exception):
    """Texts that can't be imported: `problems` holds (where, reason)."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass
class ImportReport:
    """What an import did, or would do: names of texts, and how many are there already."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left: int = 0


def read(raw: bytes, *, today: date) -> list[Purpose]:
    """Read a CSV file with a heading, or a JSON list of objects; without `valid_from` a text is
    valid from `today` on.

    Raises BadPurposes naming every bad text, and UnicodeDecodeError.
    """
    text = decode(raw)
    records = _of_json(text) if text.lstrip()[:1] in {"[", "{"} else _of_csv(text)
    problems: list[tuple[str, str]] = []
    purposes: dict[tuple[str, date], Purpose] = {}
    for where, record in records:
        if problem := _problem(record):
            problems.append((where, problem))
            continue
        day = record.get("valid_from", "").strip()
        valid_from = date.fromisoformat(day) if day else today
        texts = {name: record.get(name, "").strip() for name in TEXTS}
        purpose = Purpose(record["group"].strip(), valid_from, **texts)
        key = (purpose.group, valid_from)
        if key in purposes:
            problems.append((where, f"{purpose.group} has another text from {valid_from} on"))
        purposes[key] = purpose
    if not purposes and not problems:
        problems.append(("the file", "no text is in it"))
    if problems:
        raise BadPurposes(problems)
    return list(purposes.values())


@transaction.atomic
def store(purposes: list[Purpose], by: Actor, *, dry_run: bool) -> ImportReport:
    """Add texts, or change those that are there for the same group and day."""
    known = {(text.group, text.valid_from): text for text in PurposeRow.objects.select_for_update()}
    report = ImportReport()
    for purpose in purposes:
        values = {name: getattr(purpose, name) for name in TEXTS}
        stored = known.get((purpose.group, purpose.valid_from))
        is_new = stored is None
        stored = stored or PurposeRow(group=purpose.group, valid_from=purpose.valid_from)
        changed = [name for name in TEXTS if getattr(stored, name) != values[name]]
        if not is_new and not changed:
            report.left += 1
            continue
        (report.created if is_new else report.changed).append(str(stored))
        if dry_run:
            continue
        for name in TEXTS:
            setattr(stored, name, values[name])
        stored.save()
        done = "created" if is_new else "changed"
        details: dict[str, Any] = {"object": "purpose", "name": str(stored), "done": done}
        details |= {} if is_new else {"fields": changed}
        audit.record(by, Act.ADMINISTERED, **details)
    return report


def _problem(record: dict[str, Any]) -> str:
    if unknown := sorted(record.keys() - set(KNOWN)):
        return f"unknown: {', '.join(unknown)}; known are {', '.join(KNOWN)}"
    if any(not isinstance(value, str) for value in record.values()):
        return "every value is a text"
    if empty := [name for name in REQUIRED if not record.get(name, "").strip()]:
        return f"{', '.join(empty)} is empty"
    group = record["group"].strip()
    if group not in list(FieldGroup):
        return f"group {group!r} is not one of {', '.join(FieldGroup)}"
    for name in TEXTS:
        text = record.get(name, "")
        if len(text) > LONGEST:
            return f"{name} is longer than {LONGEST} characters"
        if any(
            unicodedata.category(character) == "Cc" and character not in "\r\n\t"
            for character in text
        ):
            return f"{name} holds control characters"
    day = record.get("valid_from", "").strip()
    try:
        date.fromisoformat(day or "2000-01-01")
    except ValueError:
        return f"valid_from {day!r} is no day; write it as 2026-03-01"
    return ""


def _of_json(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadPurposes([("the file", f"not readable as JSON: {error}")]) from error
    if not isinstance(items, list) or any(not isinstance(item, dict) for item in items):
        raise BadPurposes([("the file", "a list of objects is expected")])
    for number, item in enumerate(items, 1):
        yield f"text {number}", item


def _of_csv(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    first = text.partition("\n")[0]
    delimiter = max(
        DELIMITERS, key=lambda mark: sum(cell.strip() in KNOWN for cell in first.split(mark))
    )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        heading = [cell.strip().casefold() for cell in next(reader, [])]
        missing = [name for name in REQUIRED if name not in heading]
        if missing:
            raise BadPurposes([("line 1", f"the heading lacks {', '.join(missing)}")])
        if len(set(heading)) < len(heading):
            raise BadPurposes([("line 1", "the heading names a column twice")])
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            where = f"line {reader.line_num}"
            if len(cells) > len(heading):
                raise BadPurposes([(where, "more cells than the heading has")])
            yield where, dict(zip(heading, cells, strict=False))
    except csv.Error as error:
        raise BadPurposes([(f"line {reader.line_num}", f"not readable as CSV: {error}")]) from error
