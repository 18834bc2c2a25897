"""The access statement: what is read and written, for whom, since when and why, on any day that is
on record; as a page to print, and as files.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.domain import csv_export, statement, statement_files, statement_words
from integrations.domain.field_names import FieldGroup
from integrations.domain.headline import Key
from integrations.domain.headline_text import badge_text
from integrations.domain.statement import Direction, Row
from integrations.domain.statement_text import StatementText
from integrations.history import statements
from integrations.history.statements import Record, Statement
from integrations.models import Integration
from integrations.views.csv_response import csv_response, json_response
from integrations.views.customer.card import Card
from integrations.views.customer.pages import integration_context
from integrations.views.types import Request

MOST_VERSIONS = 20  # that the page lists, the latest ones
# While one of these holds, Kombo reads nothing, whatever it may read.
_IDLE = {Key.REMOVED, Key.PAUSED, Key.RECONNECT_REQUIRED, Key.SETUP_INCOMPLETE}
KOMBO_SOURCES = {
    "deletion": "https://docs.kombo.dev/hris/features/deletion-policy",
    "regions": "https://docs.kombo.dev/data-residency-compliance",
}
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Days:
    """Which days a reader asked for, in the page's URL; `is_bad` if one of them is no day."""

    on: date
    against: date | None
    is_bad: bool

    @classmethod
    def of(cls, request: Request, today: date) -> "Days":
        requested = {name: request.GET.get(name, "") for name in ("on", "against")}
        days = {name: _day(text) for name, text in requested.items()}
        is_bad = any(requested[name] and days[name] is None for name in requested)
        return cls(days["on"] or today, days["against"], is_bad)

    @property
    def all(self) -> set[date]:
        return {self.on} | ({self.against} if self.against else set())


def show_statement(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The statement of a day, and against another one what is different between them."""
    grant, integration = permissions.integration_with_grid(request.user, tenant_id, integration_id)
    now = timezone.localtime()
    days = Days.of(request, now.date())
    record = Record(integration, days.all, now)
    day_statement = record.statement(days.on)
    context = integration_context(grant, integration, tab="statement") | {
        "days": days,
        "now": now,
        "today": record.today,
        "first_day": record.first_day,
        "versions": _versions(record),
        "query": "" if days.on == record.today else "?" + urlencode({"on": days.on.isoformat()}),
        "print_query": "?" + urlencode({"on": days.on.isoformat(), "print": "1"}),
    }
    if day_statement:
        text = _text(day_statement)
        context |= {
            "statement": day_statement,
            "text": text,
            "is_written": any(group.purpose for group in text.groups),
            "tables": _tables(text),
            "digest": statement.in_groups(day_statement.digest),
            "short_digest": statement.short(day_statement.digest),
            "region": _region(integration),
            "sources": KOMBO_SOURCES,
            "has_remote_data": any(
                row.field == "remote_data" and row.standing.is_shared for row in day_statement.rows
            ),
            **_status(context["card"], integration, day_statement),
            **_differences(record, day_statement, days.against),
        }
    return render(request, "customer/statement.html", context)


page = require_safe(show_statement)


@require_safe
def csv(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """A day's statement as a table."""
    integration, day_statement, now = _wanted(request, tenant_id, integration_id)
    lines = statement_files.csv_lines(
        day_statement.content,
        on=day_statement.on,
        made_at=now,
        words=_words(day_statement),
        headings=[
            _("Group"),
            _("Data or action"),
            _("Field"),
            _("Access"),
            _("Since"),
            _("Sensitive"),
        ],
    )
    text = csv_export.MARK + "".join(lines)
    return csv_response(request, text, _file_name(day_statement, "csv"), integration=integration)


@require_safe
def json(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """A day's statement as data."""
    integration, day_statement, now = _wanted(request, tenant_id, integration_id)
    text = statement_files.json_text(day_statement.content, on=day_statement.on, made_at=now)
    return json_response(request, text, _file_name(day_statement, "json"), integration=integration)


def _wanted(
    request: Request, tenant_id: str, integration_id: str
) -> tuple[Integration, Statement, datetime]:
    """The one statement that a file is of. Raises Http404 if nothing is known of its day."""
    _grant, integration = permissions.integration_with_grid(request.user, tenant_id, integration_id)
    now = timezone.localtime()
    days = Days.of(request, now.date())
    day_statement = Record(integration, {days.on}, now).statement(days.on)
    if day_statement is None or days.is_bad:
        raise Http404
    return integration, day_statement, now


def _day(text: str) -> date | None:
    with suppress(ValueError):
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    return None


def _text(day_statement: Statement) -> StatementText:
    return StatementText(
        day_statement.subject,
        day_statement.rows,
        day_statement.purposes,
        statements.since_texts(day_statement.changes),
        statements.opt_out_texts(day_statement.changes),
    )


def _words(day_statement: Statement) -> Iterator[list[str]]:
    """What is said of each data point, in the order of the statement's content."""
    text = _text(day_statement)
    rows = {(row.direction.value, row.id): row for row in day_statement.rows}
    for point in day_statement.content["data"]:
        row: Row = rows[point["direction"], point["id"]]
        yield [
            statement_words.group_of(row).label,
            statement_words.model_of(row),
            statement_words.name_of(row) if row.field else "",
            text.words(row),
            text.since.get(row.id, ""),
            statement_words.sensitive_word(row),
        ]


def _tables(text: StatementText) -> list[dict[str, Any]]:
    titles = {
        Direction.READ: _("Data that can be read from %(tool)s"),
        Direction.WRITE: _("Actions that can be taken in %(tool)s"),
    }
    return [
        {"id": direction.value, "title": title % text.names, "models": models}
        for direction, title in titles.items()
        if (models := text.table(direction))
    ]


def _versions(record: Record) -> list[dict[str, Any]]:
    """The latest versions, the newest first, each with the day that it began and with what it is
    to be compared.
    """
    latest = record.versions[-MOST_VERSIONS:]
    days = [timezone.localdate(version.since) for version in latest]
    before = [None, *days[:-1]]
    return [
        {
            "number": version.number,
            "on": day,
            "query": "?" + urlencode({"on": day.isoformat()}),
            "against": (
                "?" + urlencode({"on": day.isoformat(), "against": earlier.isoformat()})
                if earlier and earlier != day
                else ""
            ),
        }
        for version, day, earlier in zip(latest, days, before, strict=True)
    ][::-1]


def _differences(record: Record, day_statement: Statement, day: date | None) -> dict[str, Any]:
    """What is different between two days, the earlier one first, whichever was named first."""
    if day is None or day == day_statement.on:
        return {}
    other = record.statement(day)
    if other is None:
        return {"against": day}
    before, after = sorted((day_statement, other), key=attrgetter("on"))
    differences = statement.differences(before.rows, after.rows, before.purposes, after.purposes)
    lines = statement_words.difference_lines(differences, _text(before).words, _text(after).words)
    return {
        "against": day,
        "before": before,
        "after": after,
        "differences": lines,
        "purposes_changed": ", ".join(
            FieldGroup(group).label for group in differences.purposes if group in list(FieldGroup)
        ),
        "is_same": differences.is_empty,
    }


def _status(card: Card, integration: Integration, day_statement: Statement) -> dict[str, Any]:
    """The headline of the day in a word, and whether anything is read while it holds."""
    if day_statement.is_today:
        return {"status": card.headline.badge, "is_idle": card.headline.key in _IDLE}
    key = statements.state_on(integration, statements.end_of(day_statement.on))
    if key not in list(Key):
        return {"status": "", "is_idle": False}
    return {"status": badge_text(Key(key)), "is_idle": key in _IDLE}


def _region(integration: Integration) -> str:
    """Where Kombo processes the data, in words; an empty text if the address is none of Kombo's."""
    names = {
        "eu": _("the European Union"),
        "us": _("the United States"),
        "ca": _("Canada"),
    }
    url = settings.KOMBO_ENVIRONMENTS.get(integration.environment, {}).get("API_URL")
    return next((names[key] for key, at in settings.KOMBO_REGIONS.items() if at == url), "")


def _file_name(day_statement: Statement, ending: str) -> str:
    tool = slugify(day_statement.subject.tool) or "integration"
    return f"{tool}-access-statement-{day_statement.on.isoformat()}.{ending}"
