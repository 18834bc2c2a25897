"""The one sentence on an integration: what is so, and whose step it is.

Status, setup, data expiry, quality check, open issues and removal are independent axes of Kombo's. They are stored
apart and composed here, first match wins, into one of a closed set of headlines.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

# Kombo gives up on a sign-in after three days of failures.
# Source: https://docs.kombo.dev/hris/guides/integration-states
PAUSED_AFTER = timedelta(days=3)


class Severity(StrEnum):
    OK = "ok"
    WORKING = "working"
    ATTENTION = "attention"
    ACTION_REQUIRED = "action_required"
    UNKNOWN = "unknown"


class Step(StrEnum):
    """Whose turn it is."""

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
    removed_at: datetime | None
    status_since: datetime | None
    data_expired_at: datetime | None
    sign_in_failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Headline:
    """A key for programs, and the words for people in the language active when it was made."""

    key: Key
    severity: Severity
    step: Step
    badge: str
    title: str
    sentence: str
    next_step: str

    @property
    def customer_must_act(self) -> bool:
        return self.severity is Severity.ACTION_REQUIRED


# Who comes first on a page: those who must act, then what is broken, unknown, in progress, and fine.
_ORDER = [Severity.ACTION_REQUIRED, Severity.ATTENTION, Severity.UNKNOWN, Severity.WORKING, Severity.OK]


def urgency(headline: Headline) -> int:
    """Sort key: lower must be seen first."""
    return _ORDER.index(headline.severity)


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
    if facts.issue_title:
        return Key.DEGRADED
    if facts.status == "ACTIVE" and facts.setup_status == "COMPLETED":
        return Key.CONNECTED
    return Key.UNRECOGNISED if facts.status or facts.setup_status else Key.PENDING


def compose(facts: Facts, *, vendor: str) -> Headline:
    """Put the headline into words in the active language. `vendor` is the SaaS's own name."""
    return _WORDS[key_of(facts)](facts, facts.tool_label, vendor)


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def _noticed(moment: datetime | None) -> str:
    # Kombo does not say since when; we know only when we first saw it.
    return " " + _("First noticed on %(date)s.") % {"date": _day(moment)} if moment else ""


def _nothing_to_do() -> str:
    return _("There is nothing for you to do.")


def _removed(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return Headline(
        Key.REMOVED,
        Severity.ATTENTION,
        Step.VENDOR,
        badge=_("No longer connected"),
        # Without a name if it was gone before it was ever read.
        title=_("%(tool)s is no longer connected") % names if tool else _("A connection was removed"),
        sentence=_("The connection was removed. Nothing is read through it any more.") + _noticed(facts.removed_at),
        next_step=_("To connect again, ask %(vendor)s for a new connection.") % names,
    )


def _paused(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return Headline(
        Key.PAUSED,
        Severity.ATTENTION,
        Step.VENDOR,
        badge=_("Paused"),
        title=_("%(tool)s is paused") % names,
        sentence=_("%(vendor)s has paused this connection. Nothing is read meanwhile; your access details are kept.")
        % names,
        next_step=_("Ask %(vendor)s when it should continue.") % names,
    )


def _reconnect_required(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return Headline(
        Key.RECONNECT_REQUIRED,
        Severity.ACTION_REQUIRED,
        Step.CUSTOMER,
        badge=_("Reconnect needed"),
        title=_("%(tool)s needs to be reconnected") % names,
        sentence=_("%(tool)s no longer accepts our access. Nothing new comes in; everything read before stays.") % names
        + _noticed(facts.status_since),
        next_step=_("Reconnecting takes about 2 minutes and needs an administrator of %(tool)s.") % names,
    )


def _sign_in_failing(facts: Facts, tool: str, vendor: str) -> Headline:
    since = facts.sign_in_failing_since or timezone.now()
    names = {"tool": tool, "since": _day(since), "until": _day(since + PAUSED_AFTER)}
    return Headline(
        Key.SIGN_IN_FAILING,
        Severity.ACTION_REQUIRED,
        Step.CUSTOMER,
        badge=_("Sign-in failing"),
        title=_("%(tool)s rejects our sign-in") % names,
        sentence=_("Our sign-in to %(tool)s has been failing since %(since)s. We keep trying.") % names,
        next_step=_("Reconnect now, so that data keeps coming in after %(until)s.") % names,
    )


def _setup_incomplete(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool}
    return Headline(
        Key.SETUP_INCOMPLETE,
        Severity.ACTION_REQUIRED,
        Step.CUSTOMER,
        badge=_("Setup not finished"),
        title=_("The setup of %(tool)s is not finished") % names,
        sentence=_("%(tool)s is connected, but a few steps are left. No data comes in before they are done.") % names,
        next_step=_("Continue the setup to finish these steps."),
    )


def _quality_check(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool}
    return Headline(
        Key.QUALITY_CHECK,
        Severity.WORKING,
        Step.VENDOR,
        badge=_("In quality check"),
        title=_("%(tool)s is in a quality check") % names,
        sentence=_("The first data from %(tool)s did not pass a check. It is being looked into.") % names,
        next_step=_nothing_to_do(),
    )


def _first_sync(facts: Facts, tool: str, vendor: str) -> Headline:
    return Headline(
        Key.FIRST_SYNC,
        Severity.WORKING,
        Step.NOBODY,
        badge=_("First data on its way"),
        title=_("The first data from %(tool)s is on its way") % {"tool": tool},
        sentence=_("Setup is done. The first data can take a few hours to arrive."),
        next_step=_nothing_to_do(),
    )


def _updating(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "date": _day(facts.data_expired_at or timezone.now())}
    return Headline(
        Key.UPDATING,
        Severity.WORKING,
        Step.NOBODY,
        badge=_("Updating"),
        title=_("The data from %(tool)s is being updated") % names,
        sentence=_("Settings changed on %(date)s. The data is refreshed the next time it is read.") % names,
        next_step=_nothing_to_do(),
    )


def _degraded(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "issue": facts.issue_title}
    return Headline(
        Key.DEGRADED,
        Severity.ATTENTION,
        Step.VENDOR,
        badge=_("Limited"),
        title=_("%(tool)s works with limits") % names,
        sentence=_("Connected, but not everything works: %(issue)s") % names,
        next_step="",
    )


def _connected(facts: Facts, tool: str, vendor: str) -> Headline:
    return Headline(
        Key.CONNECTED,
        Severity.OK,
        Step.NOBODY,
        badge=_("Connected"),
        title=_("%(tool)s is connected") % {"tool": tool},
        sentence=_("Everything is working."),
        next_step="",
    )


def _unrecognised(facts: Facts, tool: str, vendor: str) -> Headline:
    known = {"", "ACTIVE", "COMPLETED"}
    raw = " / ".join(value for value in (facts.status, facts.setup_status) if value not in known)
    names = {"tool": tool, "vendor": vendor, "value": raw or facts.status}
    return Headline(
        Key.UNRECOGNISED,
        Severity.UNKNOWN,
        Step.VENDOR,
        badge=_("Unknown state"),
        title=_("%(tool)s is in a state we do not know") % names,
        sentence=_("We received a state that this page does not know yet: %(value)s") % names,
        next_step=_("If something looks wrong, ask %(vendor)s.") % names,
    )


def _pending(facts: Facts, tool: str, vendor: str) -> Headline:
    return Headline(
        Key.PENDING,
        Severity.UNKNOWN,
        Step.NOBODY,
        badge=_("Not checked yet"),
        title=_("This connection has not been checked yet"),
        sentence=_("This connection is being checked for the first time."),
        next_step="",
    )


_WORDS = {
    Key.REMOVED: _removed, Key.PAUSED: _paused, Key.RECONNECT_REQUIRED: _reconnect_required,
    Key.SIGN_IN_FAILING: _sign_in_failing, Key.SETUP_INCOMPLETE: _setup_incomplete, Key.QUALITY_CHECK: _quality_check,
    Key.FIRST_SYNC: _first_sync, Key.UPDATING: _updating, Key.DEGRADED: _degraded,
    Key.CONNECTED: _connected, Key.UNRECOGNISED: _unrecognised, Key.PENDING: _pending,
}  # fmt: skip
