"""Which of a closed set of headlines holds for an integration: what is so, and whose step it is.

Status, setup, data expiry, quality check, open issues, the latest sync and removal are independent
axes of Kombo's. They are stored apart and weighed here, first match wins; `headline_text` puts the
result into words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

# Kombo gives up on a sign-in after three days of failures.
# Source: https://docs.kombo.dev/hris/guides/integration-states
PAUSED_AFTER = timedelta(days=3)
# How a sync ends that did not bring everything. A cancelled one was ended on purpose, and one that
# could not sign in is a matter of its own. Source: https://docs.kombo.dev/webhooks
INCOMPLETE_SYNCS = {"PARTIALLY_FAILED", "FAILED", "TIMED_OUT"}
SIGN_IN_SYNC = "AUTHENTICATION_FAILED"  # how one ends that could not sign in


UNCONFIRMED = "unconfirmed"
"""The headline, to staff, of what the mapping guard holds back: theirs to confirm, and never a
customer's `Key`.
"""


class Severity(StrEnum):
    OK = "ok"
    WORKING = "working"
    ATTENTION = "attention"
    ACTION_REQUIRED = "action_required"
    UNKNOWN = "unknown"


class NextActor(StrEnum):
    """Whose turn it is to act."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    NOBODY = "nobody"


class Key(StrEnum):
    REMOVED = "removed"
    PAUSED = "paused"
    RECONNECT_REQUIRED = "reconnect_required"
    SIGN_IN_FAILING = "sign_in_failing"
    SETUP_INCOMPLETE = "setup_incomplete"
    QUALITY_CHECK = "quality_check"
    FIRST_SYNC = "first_sync"
    UPDATING = "updating"
    DEGRADED = "degraded"
    CONNECTED = "connected"
    UNRECOGNISED = "unrecognised"
    PENDING = "pending"


class Facts(Protocol):
    """What a headline is made of; a stored snapshot has all of it."""

    status: str
    setup_status: str
    qa_status: str
    tool_label: str
    issue_title: str
    sync_state: str
    removed_at: datetime | None
    trouble_since: datetime | None
    data_expired_at: datetime | None
    sign_in_failing_since: datetime | None
    complete_at: datetime | None


@dataclass(frozen=True, slots=True)
class Headline:
    """A key for programs, and the words for people in the language active when it was made.

    `explanation` is the sentence without its dates, for a page that shows these beside it.
    """

    key: Key
    severity: Severity
    next_actor: NextActor
    badge: str
    title: str
    sentence: str
    next_step: str
    explanation: str = ""

    @property
    def customer_must_act(self) -> bool:
        return self.severity is Severity.ACTION_REQUIRED


_SEVERITIES = {
    Key.REMOVED: Severity.ATTENTION,
    Key.PAUSED: Severity.ATTENTION,
    Key.RECONNECT_REQUIRED: Severity.ACTION_REQUIRED,
    Key.SIGN_IN_FAILING: Severity.ACTION_REQUIRED,
    Key.SETUP_INCOMPLETE: Severity.ACTION_REQUIRED,
    Key.QUALITY_CHECK: Severity.WORKING,
    Key.FIRST_SYNC: Severity.WORKING,
    Key.UPDATING: Severity.WORKING,
    Key.DEGRADED: Severity.ATTENTION,
    Key.CONNECTED: Severity.OK,
    Key.UNRECOGNISED: Severity.UNKNOWN,
    Key.PENDING: Severity.UNKNOWN,
}
TROUBLES = [Key.DEGRADED, Key.SETUP_INCOMPLETE, Key.SIGN_IN_FAILING, Key.RECONNECT_REQUIRED]
"""What an incident is made of, the gravest last: whatever is wrong and nobody's wish. The strip of
days, the list of incidents and every "since" go by it.
"""
# What a repair changes: right after one, Kombo's old state is not held against anybody.
REPAIRABLE = {Key.RECONNECT_REQUIRED, Key.SIGN_IN_FAILING, Key.SETUP_INCOMPLETE, Key.PAUSED}
# Where Kombo Connect is of use to whoever signs in there again: to a connection that ended, and to
# one that works, of which something is to change.
SETTLED = {Key.CONNECTED, Key.DEGRADED, Key.UPDATING}
CONNECTABLE = {*SETTLED, Key.RECONNECT_REQUIRED, Key.SIGN_IN_FAILING}
# Who comes first on a page: those who must act, then what is broken, unknown, in progress, and
# fine.
_ORDER = [
    Severity.ACTION_REQUIRED,
    Severity.ATTENTION,
    Severity.UNKNOWN,
    Severity.WORKING,
    Severity.OK,
]


def urgency(headline: Headline) -> int:
    """Return a sort key of a headline, from 0 on: lower must be seen first."""
    return urgency_of(headline.severity)


def urgency_of(severity: Severity) -> int:
    """Return the sort key of a severity, from 0 on: lower must be seen first."""
    return _ORDER.index(severity)


def keys_by_urgency() -> list[list[Key]]:
    """Return the keys of every urgency, those that must be seen first at the front."""
    return [[key for key in Key if _SEVERITIES[key] is severity] for severity in _ORDER]


def severity_of(key: Key) -> Severity:
    """How grave a headline is."""
    return _SEVERITIES[key]


def staff_severity(headline: str) -> Severity:
    """How grave a headline is to staff, who know one more; another version's is an unknown one."""
    if headline == UNCONFIRMED:
        return Severity.ATTENTION
    return severity_of(Key(headline) if headline in Key else Key.UNRECOGNISED)


_NEXT_ACTORS = {
    Key.REMOVED: NextActor.VENDOR,
    Key.PAUSED: NextActor.VENDOR,
    Key.RECONNECT_REQUIRED: NextActor.CUSTOMER,
    Key.SIGN_IN_FAILING: NextActor.CUSTOMER,
    Key.SETUP_INCOMPLETE: NextActor.CUSTOMER,
    Key.QUALITY_CHECK: NextActor.VENDOR,
    Key.UNRECOGNISED: NextActor.VENDOR,
}


def next_actor_of(facts: Facts) -> NextActor:
    """Whose turn it is.

    An issue is somebody's to look into, a transfer that fell short is tried again by itself.
    """
    key = key_of(facts)
    if key is Key.DEGRADED:
        return NextActor.VENDOR if facts.issue_title else NextActor.NOBODY
    return _NEXT_ACTORS.get(key, NextActor.NOBODY)


def awaits_sync(facts: Facts) -> bool:
    """It is connected again, but the latest sync is still the one that could not sign in."""
    return key_of(facts) is Key.CONNECTED and facts.sync_state == SIGN_IN_SYNC


def key_of(facts: Facts) -> Key:
    """Decide which headline holds; the order of the lines is the precedence."""
    if facts.removed_at:
        return Key.REMOVED
    if facts.status == "INACTIVE":
        return Key.PAUSED
    if facts.status == "INVALID":
        return Key.RECONNECT_REQUIRED
    if facts.sign_in_failing_since and facts.status == "ACTIVE":
        return Key.SIGN_IN_FAILING
    if facts.setup_status == "INCOMPLETE":
        return Key.SETUP_INCOMPLETE
    if facts.qa_status == "FAILED":
        return Key.QUALITY_CHECK
    if facts.setup_status == "FINAL_SYNC_PENDING":
        return Key.FIRST_SYNC
    if facts.data_expired_at:
        return Key.UPDATING
    if facts.issue_title or facts.sync_state in INCOMPLETE_SYNCS:
        return Key.DEGRADED
    if facts.status == "ACTIVE" and facts.setup_status == "COMPLETED":
        return Key.CONNECTED
    return Key.UNRECOGNISED if facts.status or facts.setup_status else Key.PENDING
