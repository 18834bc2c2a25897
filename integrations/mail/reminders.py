"""Mails to customers who must act: when the first is due, when the next, and when it is over.

A spell begins when the customer's turn comes and ends when it was not theirs for a while, or when
they must do something else. Whatever the headline does, `on_snapshot_changed` only notes it; the
worker writes, in one transaction with the step it takes.
"""

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from integrations.access import audit, hand_offs
from integrations.access.mapping_guard import is_withheld
from integrations.domain import reminder_schedule
from integrations.domain.clock import age
from integrations.domain.headline import Severity
from integrations.mail import compose, digests
from integrations.mail.reminder_spells import SETTLES
from integrations.models import Integration, Mail, MailKind, Reminder, Snapshot
from integrations.upstream import snapshot_locks, snapshots
from integrations.workspace import outages

logger = logging.getLogger(__name__)

KNOWN_FOR = timedelta(hours=1)  # what was seen so long ago may be otherwise by now
LOOK_AGAIN = timedelta(hours=1)  # whether there is somebody to write to by now
LOOK_SOON = timedelta(minutes=5)  # whether Kombo has answered by now
BATCH = 50


def take_due_steps() -> int:
    """Write what is due. Return how much was looked at."""
    if not compose.can_send():
        return 0
    due = Reminder.objects.filter(next_at__lte=timezone.now(), ended_at__isnull=True).order_by(
        "next_at"
    )
    due_pairs = list(due.values_list("pk", "integration_id")[:BATCH])
    for pk, integration_id in due_pairs:
        try:
            with transaction.atomic():
                take_step(pk, integration_id, timezone.now())
        except Exception:  # of one, which must not keep all others from being reminded
            logger.exception("Reminder %s can't be worked; it waits", pk)
            Reminder.objects.filter(pk=pk).update(next_at=timezone.now() + LOOK_AGAIN)
    return len(due_pairs)


def take_step(pk: int, integration_id: int, now: datetime) -> None:
    """Take the step that is due, unless somebody else has taken it.

    Leaves `next_at` in the future, or empty.
    """
    # The lock that `snapshots.amend` takes too: the headline stays what it is meanwhile.
    snapshot = snapshot_locks.locked(integration_id)
    at_work = Reminder.objects.select_for_update().filter(
        pk=pk, next_at__lte=now, ended_at__isnull=True
    )
    reminder = at_work.first()
    if reminder is None:
        return
    integration = Integration.objects.select_related("tenant").get(pk=integration_id)
    reminder.next_at = None
    if reminder.closed_at:
        _conclude(reminder, integration, snapshot, now)
    elif snapshot and hand_offs.act_for(snapshot):
        _remind(reminder, integration, snapshot, now)
    reminder.save()


def is_recently_seen(snapshot: Snapshot, now: datetime) -> bool:
    """We know of late how it is, so that it may be written about; else the worker is asked to
    look.
    """
    seen = [at for at in (snapshot.fetched_at, snapshot.state_updated_at) if at]
    if any(age(at, now) < KNOWN_FOR for at in seen) and not snapshot.error_kind:
        return True
    snapshots.check_soon(snapshot)
    return False


def withdraw(mail: Mail) -> None:
    """A reminder in hand is not what would be written now: it counts as never written, and another
    may be.
    """
    if mail.reminder is None or _written(mail.reminder).filter(pk__gt=mail.pk).exists():
        return
    now = timezone.now()
    claimed = Mail.objects.filter(
        pk=mail.pk, claimed_until=mail.claimed_until, handed_at__isnull=True
    )
    with transaction.atomic():
        snapshot_locks.lock([mail.reminder.integration_id])
        key = f"{mail.key} {mail.pk}"  # its own is for the other
        if claimed.update(key=key, reminder=None, due_at=None, claimed_until=None, error=""):
            at_work = Reminder.objects.filter(
                pk=mail.reminder.pk, ended_at__isnull=True, sent__gt=0
            )
            at_work.update(sent=F("sent") - 1, next_at=now)


def _remind(
    reminder: Reminder, integration: Integration, snapshot: Snapshot, now: datetime
) -> None:
    """Write the next reminder if its time has come, no outage is to blame, and there is somebody to
    write to.
    """
    if later := outages.held_until(integration.pk, now):
        reminder.next_at = later
        return
    withheld = is_withheld(integration, snapshot)
    if not reminder.sent and not withheld:
        digests.write_alerts(reminder, integration, snapshot)
    terms = compose.reminder_policy_of(integration.tenant)
    last = _written(reminder).aggregate(last=Max("created_at"))["last"] if reminder.sent else None
    due = reminder_schedule.next_reminder_at(reminder.opened_at, reminder.sent, terms, last)
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
    if not is_recently_seen(snapshot, now):
        reminder.next_at = now + LOOK_SOON
        return
    reminder.sent += 1
    _write(reminder, integration, snapshot, to, now)
    reminder.next_at = reminder_schedule.next_reminder_at(
        reminder.opened_at, reminder.sent, terms, now
    )


def _write(
    reminder: Reminder, integration: Integration, snapshot: Snapshot, to: str, now: datetime
) -> None:
    longest = hand_offs.LONGEST_LIFE  # whenever the next one comes: a mail may be read late
    link = hand_offs.create(
        integration, reminder.act, by=audit.WORKER, lives=longest, sent_to=to, at=now
    )
    terms = compose.reminder_policy_of(integration.tenant)
    context = compose.context_about(integration, snapshot, since=reminder.opened_at) | {
        "act": reminder.act,
        "expires_at": link.expires_at,
        "is_repeated": _delivered(reminder).exists(),
        "is_last": reminder_schedule.next_reminder_at(reminder.opened_at, reminder.sent, terms)
        is None,
        "as_contact": to == compose.address(integration.tenant.contact_email),
    }
    compose.write_mail(
        f"reminder {reminder.pk} {reminder.sent}",
        kind=MailKind.REMINDER,
        to=to,
        context=context,
        thread=_thread(reminder),
        at=now,
        tenant=integration.tenant,
        integration=integration,
        reminder=reminder,
        hand_off=link,
    )


def _conclude(
    reminder: Reminder, integration: Integration, snapshot: Snapshot | None, now: datetime
) -> None:
    """It is well for a while: say so once to whom we wrote, and end. In the night the mail waits
    for the morning.
    """
    last_mail = _delivered(reminder).order_by("-pk").first()
    due = (reminder.closed_at or now) + SETTLES
    if due > now:
        reminder.next_at = due
        return
    reminder.ended_at = now
    if last_mail is None or snapshot is None or is_withheld(integration, snapshot):
        return
    about = compose.context_about(integration, snapshot)
    compose.write_mail(
        f"recovered {reminder.pk}",
        kind=MailKind.RECOVERED,
        to=last_mail.to,
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
    return Mail.objects.filter(reminder=reminder, kind=MailKind.REMINDER)


def _delivered(reminder: Reminder) -> QuerySet[Mail]:
    """The reminders that arrived, or may have."""
    return _written(reminder).filter(Q(sent_at__isnull=False) | Q(handed_at__isnull=False))
