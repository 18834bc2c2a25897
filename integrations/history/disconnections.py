"""Who set out to disconnect an integration, on record before Kombo is asked, and what came of
it.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from integrations.models import DisconnectOutcome, Entry, Integration, Kind, Snapshot, Source

ACT = "disconnect"
# A turn of the budget and a whole call to Kombo take less: what is asked so long after an attempt
# began tells what came of it.
SETTLES = timedelta(seconds=10)
_OPEN = [DisconnectOutcome.STARTED, DisconnectOutcome.UNCONFIRMED]


def begin(integration: Integration, user: User | None, *, at: datetime | None = None) -> Entry:
    """Note that somebody is about to disconnect it, now or at an instant.

    What is still open of earlier attempts had no effect: nobody may begin before that is known.
    """
    _set(_open(integration.pk), DisconnectOutcome.REFUSED)
    return Entry.objects.create(
        integration=integration,
        at=at or timezone.now(),
        kind=Kind.DISCONNECT,
        what=ACT,
        source=Source.PERSON,
        actor=user,
        data={"outcome": DisconnectOutcome.STARTED},
    )


def finish(attempt: Entry, outcome: DisconnectOutcome) -> bool:
    """Note how an attempt ended, unless it is known already.

    Return whether it was noted: else Kombo told meanwhile, or the integration is another one now.
    """
    return _set(_open(attempt.integration_id).filter(pk=attempt.pk), outcome)


def is_done(attempt: Entry) -> bool:
    """Return whether it is known by now that an attempt succeeded."""
    return _of(attempt.integration_id, [DisconnectOutcome.DONE]).filter(pk=attempt.pk).exists()


def confirm(integration_id: int, checked_at: datetime | None) -> None:
    """It is gone: so an attempt of which nobody knew the end succeeded, unless a check since then,
    the last at an instant, still found it.
    """
    latest = _open(integration_id).first()
    if latest and not _was_checked_since(latest, checked_at):
        finish(latest, DisconnectOutcome.DONE)


def undo(integration_id: int) -> None:
    """It is there all the same, whatever was said of it."""
    _set(_of(integration_id, [DisconnectOutcome.DONE]), DisconnectOutcome.REFUSED)


def under_way(snapshot: Snapshot) -> Entry | None:
    """Return the attempt of which nobody knows yet what came of it; None if it may be tried."""
    latest = _open(snapshot.pk).select_related("actor").first()
    return latest if latest and not _was_checked_since(latest, snapshot.fetched_at) else None


def of_removed(integrations: Iterable[Integration]) -> dict[int, Entry]:
    """Return who disconnected those that are gone, by the integration's primary key; one query, or
    none if all are there.
    """
    gone = [one.pk for one in integrations if one.snapshot.removed_at]
    if not gone:
        return {}
    done = Entry.objects.filter(
        integration__in=gone, kind=Kind.DISCONNECT, data__outcome=DisconnectOutcome.DONE
    )
    return {one.integration_id: one for one in done.select_related("actor").order_by("at", "pk")}


def _of(integration_id: int, outcomes: list[DisconnectOutcome]) -> QuerySet[Entry]:
    return Entry.objects.filter(
        integration=integration_id, kind=Kind.DISCONNECT, data__outcome__in=outcomes
    )


def _open(integration_id: int) -> QuerySet[Entry]:
    return _of(integration_id, _OPEN)


def _set(entries: QuerySet[Entry], outcome: DisconnectOutcome) -> bool:
    return bool(entries.update(data={"outcome": outcome}))


def _was_checked_since(attempt: Entry, checked_at: datetime | None) -> bool:
    return checked_at is not None and checked_at > attempt.at + SETTLES
