"""The headline's words, in the language that is active."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from integrations.domain.bidi import isolate
from integrations.domain.headline import (
    PAUSED_AFTER,
    Facts,
    Headline,
    Key,
    awaits_sync,
    key_of,
    next_actor_of,
    severity_of,
)


def headline_of(facts: Facts, *, vendor: str) -> Headline:
    """Put the headline into words in the active language. `vendor` is the SaaS's own name."""
    return _WORDS[key_of(facts)](facts, isolate(facts.tool_label), isolate(vendor))


def badge_text(key: Key) -> str:
    """The one or two words that name a headline."""
    return {
        Key.REMOVED: _("No longer connected"),
        Key.PAUSED: _("Paused"),
        Key.RECONNECT_REQUIRED: _("Reconnect needed"),
        Key.SIGN_IN_FAILING: _("Sign-in failing"),
        Key.SETUP_INCOMPLETE: _("Setup not finished"),
        Key.QUALITY_CHECK: _("In quality check"),
        Key.FIRST_SYNC: _("First data on its way"),
        Key.UPDATING: _("Updating"),
        Key.DEGRADED: _("Limited"),
        Key.CONNECTED: _("Connected"),
        Key.UNRECOGNISED: _("Unknown state"),
        Key.PENDING: _("Not checked yet"),
    }[key]


def _headline(facts: Facts, *, title: str, sentence: str, next_step: str) -> Headline:
    key = key_of(facts)
    return Headline(
        key, severity_of(key), next_actor_of(facts), badge_text(key), title, sentence, next_step
    )


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT")


def _noticed(moment: datetime | None) -> str:
    # Kombo does not say since when; we know only when we first saw a sign of it.
    return " " + _("First noticed on %(date)s.") % {"date": _day(moment)} if moment else ""


def _last_complete(facts: Facts) -> str:
    return (
        " " + _("The last complete data is from %(date)s.") % {"date": _day(facts.complete_at)}
        if facts.complete_at
        else ""
    )


def _nothing_to_do() -> str:
    return _("There is nothing for you to do.")


def _removed(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return _headline(
        facts,
        # Without a name if it was gone before it was ever read.
        title=_("%(tool)s is no longer connected") % names
        if tool
        else _("A connection was removed"),
        sentence=_("The connection was removed. Nothing is read through it any more.")
        + _noticed(facts.removed_at),
        next_step=_("To connect again, ask %(vendor)s for a new connection.") % names,
    )


def _paused(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return _headline(
        facts,
        title=_("%(tool)s is paused") % names,
        sentence=_(
            "%(vendor)s has paused this connection. Nothing is read meanwhile; your access "
            "details are kept."
        )
        % names,
        next_step=_("Ask %(vendor)s when it should continue.") % names,
    )


def _reconnect_required(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return _headline(
        facts,
        title=_("%(tool)s needs to be reconnected") % names,
        sentence=_(
            "%(tool)s no longer accepts our access. Nothing new comes in; everything read "
            "before stays."
        )
        % names
        + _noticed(facts.trouble_since)
        + _last_complete(facts),
        next_step=_("Reconnecting takes about 2 minutes and needs an administrator of %(tool)s.")
        % names,
    )


def _sign_in_failing(facts: Facts, tool: str, vendor: str) -> Headline:
    failing = facts.sign_in_failing_since or timezone.now()
    # An incident may have begun with something else, or later if we were told late.
    since = max(failing, facts.trouble_since or failing)
    names = {"tool": tool, "since": _day(since), "until": _day(failing + PAUSED_AFTER)}
    return _headline(
        facts,
        title=_("%(tool)s rejects our sign-in") % names,
        sentence=_("Our sign-in to %(tool)s has been failing since %(since)s. We keep trying.")
        % names
        + _last_complete(facts),
        next_step=_("Reconnect now, so that data keeps coming in after %(until)s.") % names,
    )


def _setup_incomplete(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool}
    return _headline(
        facts,
        title=_("The setup of %(tool)s is not finished") % names,
        sentence=_(
            "%(tool)s is connected, but a few steps are left. No data comes in before they are "
            "done."
        )
        % names,
        next_step=_("Continue the setup to finish these steps."),
    )


def _quality_check(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool}
    return _headline(
        facts,
        title=_("%(tool)s is in a quality check") % names,
        sentence=_("The first data from %(tool)s did not pass a check. It is being looked into.")
        % names,
        next_step=_nothing_to_do(),
    )


def _first_sync(facts: Facts, tool: str, vendor: str) -> Headline:
    return _headline(
        facts,
        title=_("The first data from %(tool)s is on its way") % {"tool": tool},
        sentence=_("Setup is done. The first data can take a few hours to arrive."),
        next_step=_nothing_to_do(),
    )


def _updating(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "date": _day(facts.data_expired_at or timezone.now())}
    return _headline(
        facts,
        title=_("The data from %(tool)s is being updated") % names,
        sentence=_("Settings changed on %(date)s. The data is refreshed the next time it is read.")
        % names,
        next_step=_nothing_to_do(),
    )


def _degraded(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "issue": isolate(facts.issue_title)}
    if facts.issue_title:
        sentence = _("Connected, but not everything works: %(issue)s") % names
        next_step = ""
    else:
        next_step = _("It is tried again by itself. There is nothing for you to do.")
        sentence = (
            _("Connected, but the last transfer from %(tool)s did not bring everything.") % names
        )
    if facts.complete_at and not sentence.endswith((".", "!", "?")):
        sentence += "."  # an issue's title is a phrase more often than a sentence
    return _headline(
        facts,
        title=_("%(tool)s works with limits") % names,
        sentence=sentence + _last_complete(facts),
        next_step=next_step,
    )


def _connected(facts: Facts, tool: str, vendor: str) -> Headline:
    return _headline(
        facts,
        title=_("%(tool)s is connected") % {"tool": tool},
        sentence=_("Signing in works again; waiting for the next sync.")
        if awaits_sync(facts)
        else _("Everything is working."),
        next_step="",
    )


def _unrecognised(facts: Facts, tool: str, vendor: str) -> Headline:
    known = {"", "ACTIVE", "COMPLETED"}
    raw = " / ".join(value for value in (facts.status, facts.setup_status) if value not in known)
    names = {"tool": tool, "vendor": vendor, "value": raw or facts.status}
    return _headline(
        facts,
        title=_("%(tool)s is in a state we do not know") % names,
        sentence=_("We received a state that this page does not know yet: %(value)s") % names,
        next_step=_("If something looks wrong, ask %(vendor)s.") % names,
    )


def _pending(facts: Facts, tool: str, vendor: str) -> Headline:
    return _headline(
        facts,
        title=_("This connection has not been checked yet"),
        sentence=_("This connection is being checked for the first time."),
        next_step="",
    )


_WORDS = {
    Key.REMOVED: _removed,
    Key.PAUSED: _paused,
    Key.RECONNECT_REQUIRED: _reconnect_required,
    Key.SIGN_IN_FAILING: _sign_in_failing,
    Key.SETUP_INCOMPLETE: _setup_incomplete,
    Key.QUALITY_CHECK: _quality_check,
    Key.FIRST_SYNC: _first_sync,
    Key.UPDATING: _updating,
    Key.DEGRADED: _degraded,
    Key.CONNECTED: _connected,
    Key.UNRECOGNISED: _unrecognised,
    Key.PENDING: _pending,
}
