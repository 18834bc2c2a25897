"""Mails to customers who must act: when the first is due, when the next, and when it is over.

A spell begins when the customer's turn comes and ends when it was not theirs for a while, or when they must do
something else. Whatever the headline does, `on_snapshot_changed` only notes it; the worker writes, in one transaction
with the step it takes.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.access import audit, hand_offs
from integrations.access.permissions import is_withheld
from integrations.domain import reminder_schedule
from integrations.domain.events import MappingChanged, SnapshotChanged
from integrations.domain.headline import Key, Severity, key_of, severity_of
from integrations.mail import compose, digests
from integrations.models import Integration, Mail, Reminder, Snapshot, Summary, Tenant
from integrations.upstream import snapshots

logger = logging.getLogger(__name__)

SETTLES = timedelta(minutes=30)  # back so soon, it was a flap
GRACE = timedelta(minutes=5)  # for late news to be followed by later ones
KNOWN_FOR = timedelta(hours=1)  # what was seen so long ago may be otherwise by now
LOOK_AGAIN = timedelta(hours=1)  # whether there is somebody to write to by now
LOOK_SOON = timedelta(minutes=5)  # whether Kombo has answered by now
BATCH = 50
# Neither the customer's turn nor well again: what is written waits.
HELD = {Key.PAUSED, Key.UNRECOGNISED, Key.PENDING}
_THEIRS = [key for key in Key if severity_of(key) is Severity.ACTION_REQUIRED]


def on_snapshot_changed(event: SnapshotChanged) -> None:
    """Begin, go on with, or end what is written about a headline that is another one now."""
    snapshot, since = event.snapshot, event.headline_since
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
        current.closed_at, current.next_at = since, since + SETTLES
        current.save(update_fields=["closed_at", "next_at"])


def catch_up() -> int:
    """Begin what no event told of, as of what was broken before an upgrade, or before `REMINDERS` was set.

    Answers how many.
    """
    missing = _missing().values_list("pk", flat=True)[: snapshots.BATCH]
    resting = _resting().values_list("integration_id", flat=True)[: snapshots.BATCH]
    found = [*missing, *resting]
    if not found:
        return 0
    with transaction.atomic():
        snapshots.lock(found)  # what it found may be over by now
        now, known = timezone.now(), Snapshot.objects.defer("coverage").in_bulk(found)
        since = dict(_missing().filter(pk__in=found).values_list("pk", "since"))
        made = [
            Reminder(integration_id=pk, act=act, opened_at=at, next_at=now)
            for pk, at in since.items()
            if pk in known and (act := hand_offs.act_for(known[pk]))
        ]
        Reminder.objects.bulk_create(made)
        woken = [one.pk for one in _resting().filter(integration__in=found)]
        return len(made) + Reminder.objects.filter(pk__in=woken).update(next_at=now)


def work_due() -> int:
    """Write what is due. Answers how much was looked at."""
    if not compose.can_send():
        return 0
    due = Reminder.objects.filter(next_at__lte=timezone.now(), ended_at__isnull=True).order_by("next_at")
    found = list(due.values_list("pk", "integration_id")[:BATCH])
    for pk, integration_id in found:
        try:
            with transaction.atomic():
                work(pk, integration_id, timezone.now())
        except Exception:  # of one, which must not keep all others from being reminded
            logger.exception("Reminder %s can't be worked; it waits", pk)
            Reminder.objects.filter(pk=pk).update(next_at=timezone.now() + LOOK_AGAIN)
    return len(found)


def work(pk: int, integration_id: int, now: datetime) -> None:
    """Take the step that is due, unless somebody else has taken it. Leaves `next_at` in the future, or empty."""
    # The lock that `snapshots.amend` takes too: the headline stays what it is meanwhile.
    snapshot = snapshots.locked(integration_id)
    at_work = Reminder.objects.select_for_update().filter(pk=pk, next_at__lte=now, ended_at__isnull=True)
    reminder = at_work.first()
    if reminder is None:
        return
    integration = Integration.objects.select_related("tenant").get(pk=integration_id)
    reminder.next_at = None
    if reminder.closed_at:
        _settle(reminder, integration, snapshot, now)
    elif snapshot and hand_offs.act_for(snapshot):
        _remind(reminder, integration, snapshot, now)
    reminder.save()


def on_mapping_changed(event: MappingChanged) -> None:
    """Write nothing more about what was, where integrations are another tenant's now, or other ones.

    What is broken begins anew, for whose it is now.
    """
    if not event.ends_access:
        return
    integration_ids, now = event.integration_ids, timezone.now()
    with transaction.atomic():
        snapshots.lock(integration_ids)
        Reminder.objects.filter(integration__in=integration_ids, ended_at__isnull=True).update(
            ended_at=now, next_at=None
        )
        for snapshot in Snapshot.objects.filter(pk__in=integration_ids).defer("coverage"):
            if act := hand_offs.act_for(snapshot):
                _open(snapshot.pk, act, None, now)


def ask_again(tenants: Collection[Tenant]) -> None:
    """Somebody changed to whom, when or whether these are written to: find out anew what is due."""
    at_work = Reminder.objects.filter(integration__tenant__in=tenants, ended_at__isnull=True, closed_at__isnull=True)
    at_work.update(next_at=timezone.now())


def is_known(snapshot: Snapshot, now: datetime) -> bool:
    """We know of late how it is, so that it may be written about; else the worker is asked to look."""
    told = [at for at in (snapshot.fetched_at, snapshot.state_updated_at) if at]
    if told and not snapshot.error_kind and now - max(told) < KNOWN_FOR:
        return True
    snapshots.check_soon(snapshot)
    return False


def withdraw(mail: Mail) -> None:
    """A reminder in hand is not what would be written now: it counts as never written, and another may be."""
    if mail.reminder is None or _written(mail.reminder).filter(pk__gt=mail.pk).exists():
        return
    now = timezone.now()
    mine = Mail.objects.filter(pk=mail.pk, claimed_until=mail.claimed_until, handed_at__isnull=True)
    with transaction.atomic():
        snapshots.lock([mail.reminder.integration_id])
        key = f"{mail.key} {mail.pk}"  # its own is for the other
        if mine.update(key=key, reminder=None, due_at=None, claimed_until=None, error=""):
            at_work = Reminder.objects.filter(pk=mail.reminder.pk, ended_at__isnull=True, sent__gt=0)
            at_work.update(sent=F("sent") - 1, next_at=now)


def prune(before: datetime) -> int:
    """Forget spells that ended before an instant. Answers how many."""
    return Reminder.objects.filter(ended_at__lt=before).delete()[0]


def _missing() -> QuerySet[Summary]:
    """Of what is the customer's turn, and nothing is at work."""
    at_work = Reminder.objects.filter(integration=OuterRef("pk"), ended_at__isnull=True)
    return Summary.objects.filter(~Exists(at_work), headline__in=_THEIRS)


def _resting() -> QuerySet[Reminder]:
    """At work, and nothing due, although by what holds for everybody something would be."""
    delays, cap = len(reminder_schedule.delays(settings.REMINDERS)), settings.REMINDER_CAP
    has_left = Q(integration__tenant__reminder_cap=None, sent__lt=cap) | Q(
        integration__tenant__reminder_cap__gt=F("sent")
    )
    at_work = Reminder.objects.filter(next_at__isnull=True, ended_at__isnull=True, closed_at__isnull=True)
    theirs = at_work.filter(integration__tenant__reminders="", integration__summary__headline__in=_THEIRS)
    return theirs.filter(has_left, sent__lt=delays)


def _open(integration_id: int, act: str, current: Reminder | None, since: datetime) -> None:
    now = timezone.now()
    next_at = since if now - since < GRACE else now + GRACE
    if current and (current.act != act or (current.closed_at and since - current.closed_at >= SETTLES)):
        _end(current, since)  # before anybody was told that it was well again, and now it is not
        current = None
    if current is None:
        Reminder.objects.create(integration_id=integration_id, act=act, opened_at=since, next_at=next_at)
        return
    if current.closed_at and not current.sent:
        current.opened_at = since  # what comes and goes is not yet worth a mail
    current.closed_at, current.next_at = None, next_at
    current.save(update_fields=["opened_at", "closed_at", "next_at"])


def _end(reminder: Reminder, at: datetime) -> None:
    reminder.closed_at, reminder.ended_at, reminder.next_at = reminder.closed_at or at, at, None
    reminder.save(update_fields=["closed_at", "ended_at", "next_at"])


def _remind(reminder: Reminder, integration: Integration, snapshot: Snapshot, now: datetime) -> None:
    """Write the next reminder if its time has come and there is somebody to write to."""
    withheld = is_withheld(integration, snapshot)
    if not reminder.sent and not withheld:
        digests.alert(reminder, integration, snapshot)
    terms = compose.terms_of(integration.tenant)
    last = _written(reminder).aggregate(last=Max("created_at"))["last"] if reminder.sent else None
    due = reminder_schedule.next_at(reminder.opened_at, reminder.sent, terms, last)
    if due is None:
        return
    due = reminder_schedule.after_quiet(max(due, now), terms.quiet)
    if due > now:
        reminder.next_at = due
        return
    to = compose.recipient(integration.tenant, snapshot)
    if withheld or not to:
        reminder.next_at = now + LOOK_AGAIN
        return
    if not is_known(snapshot, now):
        reminder.next_at = now + LOOK_SOON
        return
    reminder.sent += 1
    _write(reminder, integration, snapshot, to, now)
    reminder.next_at = reminder_schedule.next_at(reminder.opened_at, reminder.sent, terms, now)


def _write(reminder: Reminder, integration: Integration, snapshot: Snapshot, to: str, now: datetime) -> None:
    longest = hand_offs.LONGEST_LIFE  # whenever the next one comes: a mail may be read late
    link = hand_offs.create(integration, reminder.act, by=audit.WORKER, lives=longest, sent_to=to, at=now)
    terms = compose.terms_of(integration.tenant)
    context = compose.about(integration, snapshot, since=reminder.opened_at) | {
        "act": reminder.act,
        "expires_at": link.expires_at,
        "is_repeated": _told(reminder).exists(),
        "is_last": reminder_schedule.next_at(reminder.opened_at, reminder.sent, terms) is None,
        "as_contact": to == compose.address(integration.tenant.contact_email),
    }
    compose.write(
        f"reminder {reminder.pk} {reminder.sent}",
        kind="reminder",
        to=to,
        context=context,
        thread=_thread(reminder),
        at=now,
        tenant=integration.tenant,
        integration=integration,
        reminder=reminder,
        hand_off=link,
    )


def _settle(reminder: Reminder, integration: Integration, snapshot: Snapshot | None, now: datetime) -> None:
    """It is well for a while: say so once to whom we wrote, and end. In the night the mail waits for the morning."""
    told = _told(reminder).order_by("-pk").first()
    due = (reminder.closed_at or now) + SETTLES
    if due > now:
        reminder.next_at = due
        return
    reminder.ended_at = now
    if told is None or snapshot is None or is_withheld(integration, snapshot):
        return
    about = compose.about(integration, snapshot)
    compose.write(
        f"recovered {reminder.pk}",
        kind="recovered",
        to=told.to,
        context=about | {"is_fine": about["headline"].severity is Severity.OK},
        thread=_thread(reminder),
        at=now,
        tenant=integration.tenant,
        integration=integration,
        reminder=reminder,
    )


def _thread(reminder: Reminder) -> str:
    return f"reminder {reminder.pk} 1"


def _written(reminder: Reminder) -> QuerySet[Mail]:
    return Mail.objects.filter(reminder=reminder, kind="reminder")


def _told(reminder: Reminder) -> QuerySet[Mail]:
    """The reminders that arrived, or may have."""
    return _written(reminder).filter(Q(sent_at__isnull=False) | Q(handed_at__isnull=False))
