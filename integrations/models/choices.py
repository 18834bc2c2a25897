"""Closed sets of words that columns hold, each with its one home.

Columns keep these words; what people read is said elsewhere, in their language.
"""

from enum import StrEnum


class RepairAct(StrEnum):
    """What a customer does in Kombo Connect: to an integration, or to have one."""

    RECONNECT = "reconnect"
    SETUP = "setup"
    CONNECT = "connect"


class RepairOutcome(StrEnum):
    """How an attempt to repair ended, as far as we saw."""

    STARTED = "started"
    DONE = "done"
    UNCONFIRMED = "unconfirmed"  # it ended, but Kombo did not answer what came of it
    FAILED = "failed"


class DisconnectOutcome(StrEnum):
    """How an attempt to disconnect ended, as far as we know."""

    STARTED = "started"  # Kombo is being asked, or whoever asked was killed
    DONE = "done"
    UNCONFIRMED = "unconfirmed"  # asked, but nobody knows what came of it
    REFUSED = "refused"  # nothing changed
    GONE = "gone"  # Kombo did not know it any more


class RequestOutcome(StrEnum):
    """How a request of the staff to disconnect ended."""

    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class MailKind(StrEnum):
    """What a mail is for: also the name of its templates."""

    REMINDER = "reminder"
    RECOVERED = "recovered"
    HAND_OFF = "hand_off"
    INVITATION = "invitation"  # to a colleague, to connect a tool
    ASK = "ask"  # of somebody who may only look, to a colleague who may do it
    ALERT = "alert"
    DIGEST = "digest"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - no password
    ACCOUNT_INVITATION = "account_invitation"  # to make an account


STAFF_KINDS = {MailKind.ALERT, MailKind.DIGEST}  # the vendor's own people get these


class MailProblem(StrEnum):
    """Why a mail was not sent, or may not have been; of a refusal the server's code follows."""

    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    BROKEN_OFF = "broken_off"
    UNSENDABLE = "unsendable"
