"""Whether a mail that was written is still to be sent when its turn comes: the world may be another
by then.
"""

from datetime import datetime, timedelta

from django.db.models import Q

from integrations.access import colleagues, connections, hand_offs
from integrations.access.hand_offs import HandOffStatus
from integrations.access.mapping_guard import is_withheld
from integrations.domain import reminder_schedule
from integrations.domain.headline import Key, key_of
from integrations.mail import account_invitations, compose, digests, password_resets, reminders
from integrations.models import STAFF_KINDS, Integration, Mail, MailKind
from integrations.workspace import outages

LOOK_AGAIN = timedelta(minutes=5)
# Meanwhile; then nothing is "good again".
NOT_WELL = {
    Key.REMOVED,
    Key.PAUSED,
    Key.UNRECOGNISED,
    Key.PENDING,
}
STALE = timedelta(hours=24)  # what staff are told is news


# What goes to somebody about no integration.
_ABOUT_NONE = {MailKind.DIGEST, MailKind.INVITATION}


class NotNeeded(Exception):
    """A mail that is not needed any more."""


class NotNow(Exception):
    """A mail whose time is not now."""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at


def check(mail: Mail, now: datetime) -> None:
    """Raises NotNeeded or NotNow unless a mail is to be sent now."""
    if mail.kind in STAFF_KINDS and (now - mail.created_at > STALE or not digests.is_wanted(mail)):
        raise NotNeeded
    if mail.kind == MailKind.PASSWORD_RESET:
        is_late = now - mail.created_at > password_resets.STALE
        if is_late or not password_resets.is_wanted(mail):
            raise NotNeeded
        return
    if mail.kind == MailKind.ACCOUNT_INVITATION:
        if not account_invitations.is_wanted(mail, now):
            raise NotNeeded
        return
    if mail.kind not in _ABOUT_NONE and not _is_still_theirs(mail):
        raise NotNeeded
    if (mail.hand_off or mail.kind == MailKind.INVITATION) and not _is_alive(mail, now):
        raise NotNeeded
    if mail.integration is None:
        return
    snapshot = mail.integration.snapshot
    act = "" if is_withheld(mail.integration) else hand_offs.act_for(snapshot)
    if mail.kind == MailKind.REMINDER:
        _check_spell(mail, mail.integration, act, now)
    elif is_withheld(mail.integration):
        raise NotNeeded
    if mail.kind in {MailKind.ALERT, MailKind.ASK} and not act:
        raise NotNeeded
    if mail.kind == MailKind.ASK and not _may_repair(mail):
        raise NotNeeded
    if mail.kind in {MailKind.REMINDER, MailKind.ALERT} and (
        later := outages.held_until(mail.integration.pk, now)
    ):
        raise NotNow(min(later, now + LOOK_AGAIN))
    if mail.kind == MailKind.HAND_OFF and not (mail.hand_off and mail.hand_off.act == act):
        raise NotNeeded
    if mail.kind == MailKind.RECOVERED and (act or key_of(snapshot) in NOT_WELL):
        raise NotNeeded
    if mail.kind in {MailKind.REMINDER, MailKind.RECOVERED}:
        _check_hour(mail.integration, now)


def _check_spell(mail: Mail, integration: Integration, act: str, now: datetime) -> None:
    """A reminder of what is over is not needed; of what is well, paused or in doubt for the moment,
    perhaps later.
    """
    if mail.reminder is None or mail.reminder.ended_at or _is_followed(mail):
        raise NotNeeded
    if (
        mail.reminder.closed_at
        or not act
        or not reminders.is_recently_seen(integration.snapshot, now)
    ):
        raise NotNow(now + LOOK_AGAIN)
    due = reminder_schedule.next_reminder_at(
        mail.reminder.opened_at,
        max(mail.reminder.sent - 1, 0),
        compose.reminder_policy_of(integration.tenant),
    )
    is_due = due is not None and due <= now
    fits = mail.hand_off is not None and mail.hand_off.act == act
    if not (
        is_due and fits and mail.to == compose.recipient(integration.tenant, integration.snapshot)
    ):
        reminders.withdraw(mail)
        raise NotNeeded


def _check_hour(integration: Integration, now: datetime) -> None:
    """Raises NotNow in quiet hours: a mail tried again in the night waits for the morning too."""
    if (
        later := reminder_schedule.after_quiet(
            now, compose.reminder_policy_of(integration.tenant).quiet
        )
    ) > now:
        raise NotNow(later)


def _is_still_theirs(mail: Mail) -> bool:
    """Whether the integration still belongs to the mail's tenant."""
    return bool(mail.integration and mail.tenant and mail.integration.tenant_id == mail.tenant.pk)


def _may_repair(mail: Mail) -> bool:
    """Whether its reader is still one who can do what is asked."""
    return bool(
        mail.reader and mail.tenant and colleagues.may_still_repair(mail.reader, mail.tenant)
    )


def _is_followed(mail: Mail) -> bool:
    """It waited for so long that the next reminder is there, and did not fail: two at once would be
    one too many.
    """
    is_there = Q(due_at__isnull=False) | Q(handed_at__isnull=False) | Q(sent_at__isnull=False)
    later = Mail.objects.filter(
        is_there, reminder=mail.reminder, kind=MailKind.REMINDER, pk__gt=mail.pk
    )
    return later.exists()


def _is_alive(mail: Mail, now: datetime) -> bool:
    """Whether its link is good for something."""
    link = mail.hand_off
    if link is None or hand_offs.status_of(link, now) is not HandOffStatus.OPEN:
        return False
    if link.attempt and connections.is_connected_since(link.attempt):
        return False
    # One that nobody made, as of a reminder, has no maker who left.
    return not (link.by_person and hand_offs.revoke_orphans(pk=link.pk))
