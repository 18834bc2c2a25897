"""Reading the audit record: what is searched for, a page at a time, and in words for pages and
files.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from integrations.access.audit import COMMAND, EMBEDDED, HAND_OFF, WORKER, Act
from integrations.domain import csv_export
from integrations.domain.search import fold
from integrations.models import AuditEntry, Preferences, Tenant


def entries(
    *,
    query: str = "",
    what: str = "",
    tenants: QuerySet[Tenant] | None = None,
    since: datetime | None = None,
) -> QuerySet[AuditEntry]:
    """The record, newest first. `tenants` limits whose acts.

    `query` is looked for in names and details, and in what acts and actors are called in the
    language active now.
    """
    found = AuditEntry.objects.all()
    names = {act: name_of(act) for act in Act} if query else {}
    actors = _actors() if query else {}
    for typed in query.split()[:5]:
        word = fold(typed)
        called = [one for one, name in actors.items() if word in fold(name)]
        found = found.filter(
            Q(words__contains=word)
            | Q(actor_id=None, actor__in=called)
            | Q(address__startswith=typed)
            | Q(integration=typed)
            | Q(what__in=[act for act, name in names.items() if word in fold(name)])
        )
    if what:
        found = found.filter(what=what)
    if tenants is not None:
        found = found.filter(tenant_id__in=tenants.order_by().values("pk"))
    return found.filter(at__gte=since) if since else found


def older_than(found: QuerySet[AuditEntry], entry_id: int) -> QuerySet[AuditEntry]:
    """What of these comes after an entry, in the order of the record."""
    last = AuditEntry.objects.filter(pk=entry_id).first()
    return found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk)) if last else found


class AuditWords:
    """What entries say in the language that is active while this is made, however long it is
    used.
    """

    def __init__(self) -> None:
        self._acts = {str(act): name_of(act) for act in Act}
        self._actors = _actors()
        self._done = {"created": _("created"), "changed": _("changed"), "deleted": _("deleted")}
        fields = [*Tenant._meta.concrete_fields, *Preferences._meta.concrete_fields]
        self._fields = {one.name: capfirst(str(one.verbose_name)) for one in fields}

    def who(self, entry: AuditEntry) -> str:
        """Whoever acted: a user's name as it is, anything else in words."""
        return entry.actor if entry.actor_id else self._actors.get(entry.actor, entry.actor)

    def what(self, entry: AuditEntry) -> str:
        """The act; one of another version's stays as it is."""
        return self._acts.get(entry.what, entry.what)

    def detail(self, entry: AuditEntry) -> str:
        """What is ours to say is in words; the rest is as it was typed."""
        first, colon, last = entry.detail.partition(": ")
        if entry.what == Act.REMINDERS_CHANGED and colon:
            return f"{self._fields.get(first, first)}: {last}"
        if entry.what == Act.PREFERENCES_CHANGED:
            return ", ".join(self._fields.get(name, name) for name in entry.detail.split(", "))
        first, colon, last = entry.detail.rpartition(": ")
        if entry.what == Act.FEATURE_CHANGED and colon:
            return f"{first}: {self._done.get(last, last)}"
        return entry.detail


def rows(found: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Entries as a page shows them."""
    words = AuditWords()
    return [
        {"entry": one, "who": words.who(one), "what": words.what(one), "detail": words.detail(one)}
        for one in found
    ]


def csv_rows(found: QuerySet[AuditEntry]) -> Iterator[str]:
    """Yield entries line by line, headings first, in the language that is active now."""
    headings = (
        *(
            _("When"),
            _("Who"),
            _("What"),
            "act",
            _("Customer"),
            _("Tool"),
            _("Integration"),
            _("Detail"),
        ),
        _("From where"),
    )
    return _lines(headings, AuditWords(), found)


def _lines(
    headings: tuple[str, ...], words: AuditWords, found: QuerySet[AuditEntry]
) -> Iterator[str]:
    yield csv_export.row(*headings)
    for one in found.iterator():
        at = timezone.localtime(one.at).isoformat(timespec="seconds")
        said = (
            words.who(one),
            words.what(one),
            one.what,
            one.tenant,
            one.tool,
            one.integration,
            words.detail(one),
        )
        yield csv_export.row(at, *said, one.address)


def _actors() -> dict[str, str]:
    """What those are called who act and are no user."""
    return {
        COMMAND.name: _("command line"),
        WORKER.name: _("worker"),
        EMBEDDED: _("embedded page"),
        HAND_OFF: _("hand-off link"),
    }


def name_of(what: str) -> str:
    """An act in words; one of another version's stays as it is."""
    words: dict[str, str] = {
        Act.ADMINISTERED: _("Changed in the administration"),
        Act.ANNOUNCED: _("Said that the customer was told"),
        Act.ASSIGNED: _("Assigned to an account manager"),
        Act.CONFIRMED: _("Mapping confirmed"),
        Act.DISMISSED: _("Unmapped integration dismissed"),
        Act.FEATURE_CHANGED: _("Feature changed"),
        Act.HAND_OFF_CREATED: _("Hand-off link made"),
        Act.HAND_OFF_OPENED: _("Hand-off link opened"),
        Act.HAND_OFF_REVEALED: _("Hand-off link shown"),
        Act.HAND_OFF_REVOKED: _("Hand-off link revoked"),
        Act.IMPORTED: _("Mapping imported"),
        Act.LEFT_FRAME: _("Repair link made in an embedded page"),
        Act.MAIL_RESENT: _("Mail sent again"),
        Act.MAPPED: _("Integration mapped"),
        Act.NOTED: _("Note written"),
        Act.PASSWORD_CHANGED: _("Password changed"),
        Act.PAUSED: _("Paused"),
        Act.PREFERENCES_CHANGED: _("Own mails changed"),
        Act.RECONNECT_BEGUN: _("Reconnection begun"),
        Act.RECONNECTED: _("Reconnection ended"),
        Act.REMINDERS_CHANGED: _("Reminders changed"),
        Act.REPLAYED: _("Webhook replayed"),
        Act.RESUMED: _("Resumed"),
        Act.SESSIONS_ENDED: _("Embedded sessions ended"),
        Act.SETUP_BEGUN: _("Setup continued"),
        Act.SNOOZED: _("Snoozed"),
        Act.SYNCED: _("Sync requested"),
        Act.VIEW_DELETED: _("View deleted"),
        Act.VIEW_SAVED: _("View saved"),
        Act.VIEWED_AS_CUSTOMER: _("Viewed as the customer"),
        Act.WOKEN: _("Snooze ended"),
    }
    return words.get(what, what)
