"""What became of each mail, in words, for the staff who look after the outbox."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from integrations.domain.clock import is_ahead, is_over
from integrations.models import Mail, MailKind, MailProblem

# Longer than reaching a mail server, whose up to ten answers may each take as long as it says.
CLAIM = timedelta(seconds=11 * settings.MAIL_TIMEOUT)
# Seconds that a server may take for each answer about a mail, ten minutes as a rule: it looks at
# the mail before it says that it has it, and who hangs up meanwhile can't know whether it will
# (RFC 5321, 4.5.3.2.6).
PATIENCE = 10 * settings.MAIL_TIMEOUT
# Longer than the four answers of that: until then nobody says that it may not have arrived.
HANDED_CLAIM = timedelta(seconds=4.5 * PATIENCE)


class MailStatus(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    UNCLEAR = "unclear"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


def with_status(state: MailStatus, now: datetime) -> Q:
    """Return the condition for mails in a state."""
    unsent = Q(sent_at__isnull=True)
    over = Q(due_at__isnull=True, handed_at__isnull=True)
    claimed = ~is_over("claimed_until", now, at_most=HANDED_CLAIM)
    in_hand = Q(handed_at__isnull=False) & claimed
    return {
        MailStatus.WAITING: unsent & (Q(due_at__isnull=False) | in_hand),
        MailStatus.SENT: Q(sent_at__isnull=False),
        MailStatus.UNCLEAR: unsent & Q(handed_at__isnull=False, due_at__isnull=True) & ~claimed,
        MailStatus.FAILED: unsent & over & ~Q(error=""),
        MailStatus.NOT_NEEDED: unsent & over & Q(error=""),
    }[state]


def status_of(mail: Mail, now: datetime) -> MailStatus:
    """Return the state of a mail."""
    if mail.sent_at:
        return MailStatus.SENT
    if mail.due_at or (mail.handed_at and is_ahead(mail.claimed_until, now, at_most=HANDED_CLAIM)):
        return MailStatus.WAITING
    if mail.handed_at:
        return MailStatus.UNCLEAR
    return MailStatus.FAILED if mail.error else MailStatus.NOT_NEEDED


def needs_resend(now: datetime) -> Q:
    """Return the condition for mails that only a person can have sent again."""
    return with_status(MailStatus.FAILED, now) | with_status(MailStatus.UNCLEAR, now)


def kind_name(kind: str) -> str:
    """What a mail is, in words."""
    words: dict[str, str] = {
        MailKind.REMINDER: _("Reminder"),
        MailKind.RECOVERED: _("Connection restored"),
        MailKind.HAND_OFF: _("Guest link"),
        MailKind.INVITATION: _("Invitation to connect"),
        MailKind.ASK: _("Request to a colleague"),
        MailKind.ALERT: _("Account manager alert"),
        MailKind.DIGEST: _("Daily digest"),
        MailKind.PASSWORD_RESET: _("Password reset"),
        MailKind.ACCOUNT_INVITATION: _("Invitation to sign in"),
    }
    return words.get(kind, kind)


def status_name(state: MailStatus) -> str:
    """Return the name of a state."""
    return {
        MailStatus.WAITING: pgettext("email", "Queued"),
        MailStatus.SENT: pgettext("email", "Sent"),
        MailStatus.UNCLEAR: _("Delivery not confirmed"),
        MailStatus.FAILED: pgettext("email", "Failed"),
        MailStatus.NOT_NEEDED: pgettext("email", "Canceled"),
    }[state]


def severity_of(state: MailStatus) -> str:
    """Return the severity of a state, which gives it its icon."""
    return {
        MailStatus.WAITING: "working",
        MailStatus.SENT: "ok",
        MailStatus.UNCLEAR: "attention",
        MailStatus.FAILED: "action_required",
        MailStatus.NOT_NEEDED: "unknown",
    }[state]


def problem_of(error: str) -> str:
    """Return what went wrong, in words."""
    kind, _separator, code = error.partition(" ")
    words: dict[str, str] = {
        MailProblem.UNREACHABLE: _("The mail server is unreachable or rejected our sign-in."),
        MailProblem.REFUSED: _("The mail server rejected the email with code %(code)s.")
        % {"code": code or "?"},
        MailProblem.BROKEN_OFF: _("The connection to the mail server was lost while sending."),
        MailProblem.UNSENDABLE: _("The email couldn’t be encoded for sending."),
    }
    return words.get(kind, error)
