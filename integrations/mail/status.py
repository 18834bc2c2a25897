"""What became of each mail, in words, for the staff who look after the outbox."""

from datetime import datetime
from enum import StrEnum

from django.db.models import Q
from django.utils.translation import gettext as _

from integrations.models import Mail

KINDS = ("reminder", "recovered", "hand_off", "alert", "digest")


class State(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    UNCLEAR = "unclear"
    FAILED = "failed"
    NOT_NEEDED = "not_needed"


def of_state(state: State, now: datetime) -> Q:
    """The mails of a state."""
    unsent = Q(sent_at__isnull=True)
    over = Q(due_at__isnull=True, handed_at__isnull=True)
    in_hand = Q(handed_at__isnull=False, claimed_until__gt=now)
    return {
        State.WAITING: unsent & (Q(due_at__isnull=False) | in_hand),
        State.SENT: Q(sent_at__isnull=False),
        State.UNCLEAR: unsent & Q(handed_at__isnull=False, due_at__isnull=True) & ~Q(claimed_until__gt=now),
        State.FAILED: unsent & over & ~Q(error=""),
        State.NOT_NEEDED: unsent & over & Q(error=""),
    }[state]


def state_of(mail: Mail, now: datetime) -> State:
    """What became of one."""
    if mail.sent_at:
        return State.SENT
    if mail.due_at or (mail.handed_at and mail.claimed_until and mail.claimed_until > now):
        return State.WAITING
    if mail.handed_at:
        return State.UNCLEAR
    return State.FAILED if mail.error else State.NOT_NEEDED


def stuck(now: datetime) -> Q:
    """The mails that only a person can have sent again."""
    return of_state(State.FAILED, now) | of_state(State.UNCLEAR, now)


def kind_name(kind: str) -> str:
    """What a mail is, in words."""
    words = {
        "reminder": _("Reminder"),
        "recovered": _("All good again"),
        "hand_off": _("Hand-off link"),
        "alert": _("To account managers, at once"),
        "digest": _("Digest"),
    }
    return words.get(kind, kind)


def state_name(state: State) -> str:
    """What became of it, in words."""
    return {
        State.WAITING: _("Waiting"),
        State.SENT: _("Sent"),
        State.UNCLEAR: _("May not have arrived"),
        State.FAILED: _("Failed"),
        State.NOT_NEEDED: _("No longer needed"),
    }[state]


def severity_of(state: State) -> str:
    """The sign it gets."""
    return {
        State.WAITING: "working",
        State.SENT: "ok",
        State.UNCLEAR: "attention",
        State.FAILED: "action_required",
        State.NOT_NEEDED: "unknown",
    }[state]


def problem_of(error: str) -> str:
    """What went wrong, in words."""
    kind, _separator, code = error.partition(" ")
    words = {
        "unreachable": _("The mail server can't be reached, or does not let us in."),
        "refused": _("The mail server refused it with code %(code)s.") % {"code": code or "?"},
        "broken_off": _("The connection to the mail server broke off while it was being handed over."),
        "unsendable": _("It could not be put into a form that can be sent."),
    }
    return words.get(kind, error)
