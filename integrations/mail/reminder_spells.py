"""The spells in which a customer must do one thing: when they begin, go on and end.

A spell begins when the customer's turn comes and ends when it was not theirs for a while, or when
they must do something else. Here it is only noted what is so; `reminders` writes.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.access import hand_offs
from integrations.domain import reminder_schedule
from integrations.domain.events import OutageEnded, SnapshotChanged
from integrations.domain.headline import Key, Severity, key_of, severity_of
from integrations.models import Integration, Reminder, Snapshot, Summary, Tenant
from integrations.upstream import snapshot_locks, snapshots

SETTLES = timedelta(minutes=30)  # back so soon, it was a flap
GRACE = timedelta(minutes=5)  # for late news to be followed by later ones
# Neither the customer's turn nor well again: what is written waits.
HELD = {Key.PAUSED, Key.UNRECOGNISED, Key.PENDING}
_CUSTOMERS_TURN = [key for key in Key if severity_of(key) is Severity.ACTION_REQUIRED]


def on_snapshot_changed(event: SnapshotChanged) -> None:
    """Begin, continue or close the reminder of an integration whose headline changed."""
    snapshot = event.snapshot
    since = event.headline_since
    if since is None:
        return
    key = key_of(snapshot)
    current = Reminder.objects.filter(integration_id=snapshot.pk, ended_at__isnull=True).first()
    if act := hand_offs.act_for(snapshot):
        _open(snapshot.pk, act, current, since)
    elif current and key is Key.REMOVED:
        _end(current, since)
    elif current and key in HELD:
        current.next_at = None
        current.save(update_fields=["next_at"])
    elif current and (current.closed_at is None or current.next_at is None):
        current.closed_at = since
        current.next_at = since + SETTLES
        current.save(update_fields=["closed_at", "next_at"])


def on_outage_ended(event: OutageEnded) -> None:
    """Find out anew what is due of the reminders that waited for the end of an outage."""
    waiting = _at_work().filter(
        integration__incidents__outage=event.outage_id,
        integration__incidents__closed_at__isnull=True,
    )
    Reminder.objects.filter(pk__in=waiting.values("pk")).update(next_at=timezone.now())


def at_work(integration: Integration) -> Reminder | None:
    """Return the reminder of an integration that is at work, if there is one."""
    return Reminder.objects.filter(integration=integration, ended_at__isnull=True).first()


def begin_missing() -> int:
    """Begin what no event told of, as of what was broken before an upgrade, or before `REMINDERS`
    was set.

    Return how many.
    """
    missing = _missing().values_list("pk", flat=True)[: snapshots.BATCH]
    resting = _resting().values_list("integration_id", flat=True)[: snapshots.BATCH]
    unreminded = [*missing, *resting]
    if not unreminded:
        return 0
    with transaction.atomic():
        snapshot_locks.lock(unreminded)  # what it found may be over by now
        now = timezone.now()
        known = Snapshot.objects.without_grid().in_bulk(unreminded)
        since = dict(_missing().filter(pk__in=unreminded).values_list("pk", "since"))
        reminders = [
            Reminder(integration_id=pk, act=act, opened_at=at, next_at=now)
            for pk, at in since.items()
            if pk in known and (act := hand_offs.act_for(known[pk]))
        ]
        Reminder.objects.bulk_create(reminders)
        woken = [reminder.pk for reminder in _resting().filter(integration__in=unreminded)]
        return len(reminders) + Reminder.objects.filter(pk__in=woken).update(next_at=now)


def reconsider(tenants: Collection[Tenant]) -> None:
    """Somebody changed to whom, when or whether these are written to: find out anew what is due."""
    _at_work().filter(integration__tenant__in=tenants).update(next_at=timezone.now())


def prune(before: datetime) -> int:
    """Forget spells that ended before an instant. Return how many."""
    return Reminder.objects.filter(ended_at__lt=before).delete()[0]


def _at_work() -> QuerySet[Reminder]:
    """Return the reminders of what is the customer's turn now."""
    return Reminder.objects.filter(ended_at__isnull=True, closed_at__isnull=True)


def _missing() -> QuerySet[Summary]:
    """Return the summaries of what is the customer's turn and has no reminder at work."""
    at_work = Reminder.objects.filter(integration=OuterRef("pk"), ended_at__isnull=True)
    return Summary.objects.filter(~Exists(at_work), headline__in=_CUSTOMERS_TURN)


def _resting() -> QuerySet[Reminder]:
    """Return reminders at work with nothing due, although by the default delays and cap something
    would be: as after `REMINDERS` was set.
    """
    delays = len(reminder_schedule.parse_delays(settings.REMINDERS))
    cap = settings.REMINDER_CAP
    has_left = Q(integration__tenant__reminder_cap=None, sent__lt=cap) | Q(
        integration__tenant__reminder_cap__gt=F("sent")
    )
    candidates = _at_work().filter(
        next_at__isnull=True,
        integration__tenant__reminders="",
        integration__summary__headline__in=_CUSTOMERS_TURN,
    )
    return candidates.filter(has_left, sent__lt=delays)


def _open(integration_id: int, act: str, current: Reminder | None, since: datetime) -> None:
    now = timezone.now()
    next_at = min(since, now) if now - since < GRACE else now + GRACE
    if current and (
        current.act != act or (current.closed_at and since - current.closed_at >= SETTLES)
    ):
        _end(current, since)  # before anybody was told that it was well again, and now it is not
        current = None
    if current is None:
        Reminder.objects.create(
            integration_id=integration_id, act=act, opened_at=since, next_at=next_at
        )
        return
    if current.closed_at and not current.sent:
        current.opened_at = since  # what comes and goes is not yet worth a mail
    current.closed_at = None
    current.next_at = next_at
    current.save(update_fields=["opened_at", "closed_at", "next_at"])


def _end(reminder: Reminder, at: datetime) -> None:
    reminder.closed_at = reminder.closed_at or at
    reminder.ended_at = at
    reminder.next_at = None
    reminder.save(update_fields=["closed_at", "ended_at", "next_at"])
