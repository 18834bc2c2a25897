"""Mails to customers who must act: when the first is due, when the next, and when it is over.

A spell begins when the customer's turn comes and ends when it was not theirs for a while. Whatever the headline does,
`follow` only notes it; the worker writes, in one transaction with the step it takes.
"""

import logging
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations import audit, cadence, digests, hand_offs, letters, summaries
from integrations.access import is_withheld
from integrations.headline import Key, Severity, key_of, severity_of
from integrations.models import Integration, Mail, Reminder, Snapshot, Summary, Tenant

logger = logging.getLogger(__name__)

SETTLES = timedelta(minutes=30)  # back so soon, it was a flap
LOOK_AGAIN = timedelta(hours=1)  # whether there is somebody to write to by now
BATCH = 50
# Neither the customer's turn nor well again: what is written waits.
HELD = {Key.PAUSED, Key.UNRECOGNISED, Key.PENDING}
_THEIRS = [key for key in Key if severity_of(key) is Severity.ACTION_REQUIRED]


def follow(snapshot: Snapshot, since: datetime) -> None:
    """A headline is another one since an instant: begin, go on with, or end what is written about it."""
    key = key_of(snapshot)
    current = Reminder.objects.filter(integration_id=snapshot.pk, ended_at__isnull=True).first()
    if _is_theirs(key):
        _open(snapshot.pk, current, since)
    elif current and key is Key.REMOVED:
        _end(current, since)
    elif current and key in HELD:
        current.next_at = None
        current.save(update_fields=["next_at"])
    elif current and (current.closed_at is None or current.next_at is None):
        current.closed_at, current.next_at = since, since + SETTLES
        current.save(update_fields=["closed_at", "next_at"])


def catch_up() -> int:
    """Begin what nobody told `follow` of, as of what was broken before an upgrade. Answers how many."""
    missing = list(_missing().values_list("pk", flat=True)[: summaries.BATCH])
    if not missing:
        return 0
    with transaction.atomic():
        summaries.lock(missing)  # what it found may be over by now
        rows, now = _missing().filter(pk__in=missing).values_list("pk", "since"), timezone.now()
        made = [Reminder(integration_id=pk, opened_at=since, next_at=now) for pk, since in rows]
        Reminder.objects.bulk_create(made)
    return len(made)


def work_due() -> int:
    """Write what is due. Answers how much was looked at."""
    if not letters.can_send():
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
    snapshot = Snapshot.objects.select_for_update().defer("coverage").filter(pk=integration_id).first()
    at_work = Reminder.objects.select_for_update().filter(pk=pk, next_at__lte=now, ended_at__isnull=True)
    reminder = at_work.first()
    if reminder is None:
        return
    integration = Integration.objects.select_related("tenant").get(pk=integration_id)
    reminder.next_at = None
    if reminder.closed_at:
        _settle(reminder, integration, snapshot, now)
    elif snapshot and _is_theirs(key_of(snapshot)):
        _remind(reminder, integration, snapshot, now)
    reminder.save()


def end(integration_ids: Collection[int]) -> None:
    """These integrations are another tenant's now: nothing more is written about what was.

    What is broken begins anew, for whose it is now.
    """
    now = timezone.now()
    with transaction.atomic():
        summaries.lock(integration_ids)
        Reminder.objects.filter(integration__in=integration_ids, ended_at__isnull=True).update(
            ended_at=now, next_at=None
        )
        for snapshot in Snapshot.objects.filter(pk__in=integration_ids).defer("coverage"):
            if _is_theirs(key_of(snapshot)):
                _open(snapshot.pk, None, now)


def ask_again(tenants: Collection[Tenant]) -> None:
    """Somebody changed to whom, when or whether these are written to: find out anew what is due."""
    at_work = Reminder.objects.filter(integration__tenant__in=tenants, ended_at__isnull=True, closed_at__isnull=True)
    at_work.update(next_at=timezone.now())


def prune(before: datetime) -> int:
    """Forget spells that ended before an instant. Answers how many."""
    return Reminder.objects.filter(ended_at__lt=before).delete()[0]


def _is_theirs(key: Key) -> bool:
    return key in _THEIRS


def _missing() -> QuerySet[Summary]:
    """Of what is the customer's turn, and nothing is at work."""
    at_work = Reminder.objects.filter(integration=OuterRef("pk"), ended_at__isnull=True)
    return Summary.objects.filter(~Exists(at_work), headline__in=_THEIRS)


def _open(integration_id: int, current: Reminder | None, since: datetime) -> None:
    if current and current.closed_at and since - current.closed_at >= SETTLES:
        _end(current, since)  # before anybody was told that it was well again, and now it is not
        current = None
    if current is None:
        Reminder.objects.create(integration_id=integration_id, opened_at=since, next_at=since)
        return
    if current.closed_at and not current.sent:
        current.opened_at = since  # what comes and goes is not yet worth a mail
    current.closed_at, current.next_at = None, since
    current.save(update_fields=["opened_at", "closed_at", "next_at"])


def _end(reminder: Reminder, at: datetime) -> None:
    reminder.closed_at, reminder.ended_at, reminder.next_at = reminder.closed_at or at, at, None
    reminder.save(update_fields=["closed_at", "ended_at", "next_at"])


def _remind(reminder: Reminder, integration: Integration, snapshot: Snapshot, now: datetime) -> None:
    """Write the next reminder if its time has come and there is somebody to write to."""
    withheld = is_withheld(integration, snapshot)
    if not reminder.sent and not withheld:
        digests.alert(reminder, integration, snapshot)
    terms = letters.terms_of(integration.tenant)
    last = _written(reminder).aggregate(last=Max("created_at"))["last"] if reminder.sent else None
    due = cadence.next_at(reminder.opened_at, reminder.sent, terms, last)
    if due is None:
        return
    due = cadence.after_quiet(max(due, now), terms.quiet)
    if due > now:
        reminder.next_at = due
        return
    to = letters.recipient(integration.tenant, snapshot)
    if withheld or not to:
        reminder.next_at = now + LOOK_AGAIN
        return
    reminder.sent += 1
    _write(reminder, integration, snapshot, to, now)
    reminder.next_at = cadence.next_at(reminder.opened_at, reminder.sent, terms, now)


def _write(reminder: Reminder, integration: Integration, snapshot: Snapshot, to: str, now: datetime) -> None:
    act = "setup" if key_of(snapshot) is Key.SETUP_INCOMPLETE else "reconnect"
    # It lives until the next reminder brings a new one, or as long as any may.
    longest = hand_offs.LONGEST_LIFE
    link = hand_offs.create(integration, act, by=audit.WORKER, lives=longest, sent_to=to, at=now)
    terms = letters.terms_of(integration.tenant)
    context = letters.about(integration, snapshot) | {
        "since": reminder.opened_at,
        "act": act,
        "expires_at": link.expires_at,
        "is_repeated": _told(reminder).exists(),
        "is_last": cadence.next_at(reminder.opened_at, reminder.sent, terms) is None,
        "as_contact": to == letters.address(integration.tenant.contact_email),
    }
    letters.write(
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
    about = letters.about(integration, snapshot)
    letters.write(
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
