"""The headline's words, in the language that is active."""

from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.domain.bidi import isolate
from integrations.domain.dates import near_date_text
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

BADGES: Mapping[Key, Promise] = {
    Key.REMOVED: gettext_lazy("Disconnected"),
    Key.PAUSED: gettext_lazy("Paused"),
    Key.RECONNECT_REQUIRED: gettext_lazy("Reconnect required"),
    Key.SIGN_IN_FAILING: gettext_lazy("Sign-in failing"),
    Key.SETUP_INCOMPLETE: gettext_lazy("Setup incomplete"),
    Key.QUALITY_CHECK: gettext_lazy("Quality check"),
    Key.FIRST_SYNC: gettext_lazy("First sync in progress"),
    Key.UPDATING: gettext_lazy("Updating"),
    Key.DEGRADED: gettext_lazy("Limited"),
    Key.CONNECTED: gettext_lazy("Connected"),
    Key.UNRECOGNISED: gettext_lazy("Unknown status"),
    Key.PENDING: gettext_lazy("Not checked yet"),
}


def headline_of(facts: Facts, *, vendor: str) -> Headline:
    """Put the headline into words in the active language. `vendor` is the SaaS's own name."""
    return _WORDS[key_of(facts)](facts, isolate(facts.tool_label), isolate(vendor))


def badge_text(key: Key) -> str:
    """The one or two words that name a headline."""
    return str(BADGES[key])


def _headline(
    facts: Facts, *, title: str, explanation: str, next_step: str, dates: str = ""
) -> Headline:
    key = key_of(facts)
    return Headline(
        key=key,
        severity=severity_of(key),
        next_actor=next_actor_of(facts),
        badge=badge_text(key),
        title=title,
        sentence=explanation + dates,
        next_step=next_step,
        explanation=explanation,
    )


def _noticed(moment: datetime | None) -> str:
    # Kombo does not say since when; we know only when we first saw a sign of it.
    return (
        " " + _("First detected on %(date)s.") % {"date": near_date_text(moment)} if moment else ""
    )


def _last_complete(facts: Facts) -> str:
    return (
        " "
        + _("The last complete sync was on %(date)s.") % {"date": near_date_text(facts.complete_at)}
        if facts.complete_at
        else ""
    )


def _nothing_to_do() -> str:
    return _("You don’t need to do anything.")


def _removed(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return _headline(
        facts,
        # Without a name if it was gone before it was ever read.
        title=_("%(tool)s is disconnected") % names if tool else _("A connection was removed"),
        explanation=_("The connection was removed. No more data is synced."),
        dates=_noticed(facts.removed_at),
        next_step=_("To connect again, ask %(vendor)s to set up a new connection.") % names,
    )


def _paused(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return _headline(
        facts,
        title=_("%(tool)s is paused") % names,
        explanation=_(
            "%(vendor)s has paused this connection. No data is synced while it’s paused. "
            "Your credentials are kept."
        )
        % names,
        next_step=_("Contact %(vendor)s to resume it.") % names,
    )


def _reconnect_required(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor}
    return _headline(
        facts,
        title=_("%(tool)s needs to be reconnected") % names,
        explanation=_(
            "%(tool)s no longer accepts the saved credentials. No new data is synced. Data "
            "already synced is kept."
        )
        % names,
        dates=_noticed(facts.trouble_since) + _last_complete(facts),
        next_step=_("Reconnecting takes about 2 minutes and requires admin access to %(tool)s.")
        % names,
    )


def _sign_in_failing(facts: Facts, tool: str, vendor: str) -> Headline:
    failing = facts.sign_in_failing_since or timezone.now()
    # An incident may have begun with something else, or later if we were told late.
    since = max(failing, facts.trouble_since or failing)
    names = {
        "tool": tool,
        "since": near_date_text(since),
        "until": near_date_text(failing + PAUSED_AFTER),
    }
    return _headline(
        facts,
        title=_("%(tool)s sign-in is failing") % names,
        explanation=_("Signing in to %(tool)s has failed since %(since)s.") % names,
        dates=_last_complete(facts),
        next_step=_("Reconnect now. Sign-in is retried automatically only until %(until)s.")
        % names,
    )


def _setup_incomplete(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool}
    return _headline(
        facts,
        title=_("%(tool)s setup is incomplete") % names,
        explanation=_(
            "%(tool)s is connected, but some setup steps are left. No data is synced until "
            "they’re done."
        )
        % names,
        next_step=_("Continue setup to finish the remaining steps."),
    )


def _quality_check(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool}
    return _headline(
        facts,
        title=_("Data from %(tool)s is being checked") % names,
        explanation=_(
            "The first data from %(tool)s didn’t pass a quality check. This is being investigated."
        )
        % names,
        next_step=_nothing_to_do(),
    )


def _first_sync(facts: Facts, tool: str, vendor: str) -> Headline:
    return _headline(
        facts,
        title=_("First sync with %(tool)s in progress") % {"tool": tool},
        explanation=_("Setup is complete. The first data can take a few hours to arrive."),
        next_step=_nothing_to_do(),
    )


def _updating(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "date": near_date_text(facts.data_expired_at or timezone.now())}
    return _headline(
        facts,
        title=_("The data from %(tool)s is being updated") % names,
        explanation=_("Settings changed on %(date)s. The data updates with the next sync.") % names,
        next_step=_nothing_to_do(),
    )


def _degraded(facts: Facts, tool: str, vendor: str) -> Headline:
    names = {"tool": tool, "vendor": vendor, "issue": isolate(facts.issue_title)}
    if facts.issue_title:
        sentence = _("Connected, but there’s an issue: %(issue)s") % names
        next_step = _("%(vendor)s takes care of it. The details say whether you can help.") % names
    else:
        next_step = _("The sync is retried automatically. You don’t need to do anything.")
        sentence = _("Connected, but the last sync with %(tool)s was incomplete.") % names
    if not sentence.endswith((".", "!", "?")):
        sentence += "."  # an issue's title is a phrase more often than a sentence
    return _headline(
        facts,
        title=_("%(tool)s works with limitations") % names,
        explanation=sentence,
        dates=_last_complete(facts),
        next_step=next_step,
    )


def _connected(facts: Facts, tool: str, vendor: str) -> Headline:
    return _headline(
        facts,
        title=_("%(tool)s is connected") % {"tool": tool},
        explanation=_("Sign-in works again. Waiting for the next sync.")
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
        title=_("%(tool)s has an unknown status") % names,
        explanation=_("Kombo reported an unrecognized status: %(value)s") % names,
        next_step=_("If something looks wrong, contact %(vendor)s.") % names,
    )


def _pending(facts: Facts, tool: str, vendor: str) -> Headline:
    return _headline(
        facts,
        title=_("Connection not checked yet"),
        explanation=_("This connection is being checked for the first time."),
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
