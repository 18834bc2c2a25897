"""What happened around one integration, from everywhere it is recorded: the history, notes, emails
and guest links, as one list.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import CharField, F, QuerySet, Value
from django.db.models.functions import Coalesce

from integrations.models import Entry, HandOff, Integration, Mail, Note


class Show(StrEnum):
    """What somebody wants to read of it."""

    EVERYTHING = ""
    NOTES = "notes"
    STATUS = "status"
    EMAILS = "emails"


class EventKind(StrEnum):
    """Where an event is recorded, and at which of its moments."""

    ENTRY = "entry"
    NOTE = "note"
    EMAIL = "email"
    LINK_CREATED = "link_created"
    LINK_OPENED = "link_opened"


class TimelineEvent(NamedTuple):
    """One event: `record` is an `Entry`, a `Note`, a `Mail` or a `HandOff`, as its kind says."""

    kind: EventKind
    at: datetime
    record: Any


_OF = {
    Show.EVERYTHING: tuple(EventKind),
    Show.NOTES: (EventKind.NOTE,),
    Show.STATUS: (EventKind.ENTRY,),
    Show.EMAILS: (EventKind.EMAIL, EventKind.LINK_CREATED, EventKind.LINK_OPENED),
}
_RECORDS: dict[EventKind, QuerySet[Any]] = {
    EventKind.ENTRY: Entry.objects.select_related("actor"),
    EventKind.NOTE: Note.objects.select_related("author"),
    EventKind.EMAIL: Mail.objects.defer("text", "html"),
    EventKind.LINK_CREATED: HandOff.objects.select_related("created_by"),
    EventKind.LINK_OPENED: HandOff.objects.all(),
}


def keys(integration: Integration, show: Show) -> QuerySet[Any, Any]:
    """Return which events there are, the latest first: rows that `read` takes, to be paged."""
    notes = Note.objects.filter(integration=integration, tenant=integration.tenant)
    emails = Mail.objects.filter(integration=integration, tenant=integration.tenant)
    links = HandOff.objects.filter(integration=integration)
    sources: dict[EventKind, tuple[QuerySet[Any], Any]] = {
        EventKind.ENTRY: (Entry.objects.filter(integration=integration), F("at")),
        EventKind.NOTE: (notes, F("at")),
        EventKind.EMAIL: (emails, Coalesce("sent_at", "created_at")),
        # A link that was emailed is told of by its email.
        EventKind.LINK_CREATED: (links.filter(sent_to=""), F("created_at")),
        EventKind.LINK_OPENED: (links.filter(opened_at__isnull=False), F("opened_at")),
    }
    first, *others = (_keys_of(kind, *sources[kind]) for kind in _OF[show])
    rows: QuerySet[Any, Any] = first.union(*others, all=True)
    return rows.order_by("-moment", "-id")


def _keys_of(kind: EventKind, rows: QuerySet[Any], moment: Any) -> QuerySet[Any, Any]:
    named = {"event": Value(kind.value, output_field=CharField()), "moment": moment}
    columns: QuerySet[Any, Any] = rows.order_by().annotate(**named)
    return columns.values_list("event", "id", "moment")


def read(rows: Iterable[tuple[str, int, datetime]]) -> list[TimelineEvent]:
    """Return the events of some rows of `keys`, in their order: a query for each kind."""
    listed = [(EventKind(kind), pk, at) for kind, pk, at in rows]
    found = {
        kind: _RECORDS[kind].in_bulk([pk for other, pk, _at in listed if other is kind])
        for kind in {kind for kind, _pk, _at in listed}
    }
    return [
        TimelineEvent(kind, at, found[kind][pk])
        for kind, pk, at in listed
        if pk in found[kind]  # unless it was deleted meanwhile
    ]
