"""Reading the audit record: what is searched for, a page at a time, and in words for pages and
files. And the one way to take out of it what the law wants forgotten.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access.audit import Act
from integrations.access.audit_words import AuditWords, actor_names, name_of
from integrations.domain import csv_export
from integrations.domain.search import fold
from integrations.models import AuditEntry, Tenant


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
    rows = AuditEntry.objects.all()
    names = {act: name_of(act) for act in Act} if query else {}
    actors = actor_names() if query else {}
    for typed in query.split()[:5]:
        word = fold(typed)
        called = [actor for actor, name in actors.items() if word in fold(name)]
        rows = rows.filter(
            Q(words__contains=word)
            | Q(actor_id=None, actor__in=called)
            | Q(address__startswith=typed)
            | Q(integration=typed)
            | Q(what__in=[act for act, name in names.items() if word in fold(name)])
        )
    if what:
        rows = rows.filter(what=what)
    if tenants is not None:
        rows = rows.filter(tenant_id__in=tenants.order_by().values("pk"))
    return rows.filter(at__gte=since) if since else rows


def up_to(entries: QuerySet[AuditEntry], entry_id: int) -> QuerySet[AuditEntry]:
    """Return one of the entries and those that are older; all of them if it is gone."""
    last = AuditEntry.objects.filter(pk=entry_id).first()
    return entries.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lte=last.pk)) if last else entries


def rows(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Return for each entry itself and, in words, who did what and with which details."""
    words = AuditWords()
    return [
        {
            "entry": entry,
            "who": words.who(entry),
            "what": words.what(entry),
            "said": words.details(entry),
        }
        for entry in entries
    ]


def csv_rows(entries: QuerySet[AuditEntry]) -> Iterator[str]:
    """Return the lines of a table, headings first, in the language that is active now."""
    headings = (
        *(
            _("Time"),
            _("User"),
            _("Action"),
            "act",
            _("Customer"),
            _("Tool"),
            _("Integration"),
            _("Details"),
        ),
        _("IP address"),
    )
    return _lines(headings, AuditWords(name=str), entries)


def _lines(
    headings: tuple[str, ...], words: AuditWords, entries: QuerySet[AuditEntry]
) -> Iterator[str]:
    yield csv_export.row(*headings)
    for entry in entries.iterator():
        at = timezone.localtime(entry.at).isoformat(timespec="seconds")
        headings_words = (
            words.who(entry),
            words.what(entry),
            entry.what,
            entry.tenant,
            entry.tool,
            entry.integration,
            words.details(entry),
        )
        yield csv_export.row(at, *headings_words, entry.address)
