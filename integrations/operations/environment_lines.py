"""How it goes with one environment of Kombo's, in lines."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from integrations.domain.dates import moment_text, number_text, percent_text
from integrations.operations.lines import Line, Severity, problem_of
from integrations.operations.state import EnvironmentState, State
from integrations.upstream.gateway import key_setting, setting

BUDGET_FULL = 0.95


def lines_of(one: EnvironmentState, state: State) -> Iterator[Line]:
    """Return key, calls, budget, latest webhook and oldest check."""
    yield _key(one, state)
    yield _calls(one, state)
    share = percent_text(one.budget_used)
    words = _("%(share)s of %(number)s calls a second used in the last minute") % {
        "share": share,
        "number": number_text(one.calls_per_second),
    }
    if one.budget_used < BUDGET_FULL:
        yield Line("budget", _("Budget"), words)
    else:
        advice = _("Checks wait for their turn. If Kombo allows you more calls, increase %(name)s.")
        names = {"name": setting(one.name, "CALLS_PER_SECOND")}
        yield Line("budget", _("Budget"), words, Severity.ATTENTION, advice % names)
    yield _webhook(one, state)
    if one.oldest_check:
        yield Line("oldest_check", _("Oldest check"), "%(time)s", at=one.oldest_check)
    else:
        yield Line("oldest_check", _("Oldest check"), _("None yet"), Severity.UNKNOWN)


def _key(one: EnvironmentState, state: State) -> Line:
    label = _("API key")
    if not one.has_key:
        advice = _("Set %(name)s and restart site and worker.") % {"name": key_setting(one.name)}
        return Line("key", label, _("Not set"), Severity.RED, advice)
    if problem := problem_of(state, {"key_refused"}, one.name):
        return Line("key", label, problem[0], Severity.RED, problem[1])
    if one.called_at is None:
        return Line("key", label, _("Not used yet"), Severity.UNKNOWN)
    if one.is_open:
        return Line("key", label, _("Last used %(time)s"), Severity.UNKNOWN, at=one.called_at)
    return Line("key", label, _("Accepted, last used %(time)s"), at=one.called_at)


def _calls(one: EnvironmentState, state: State) -> Line:
    label = _("Calls to Kombo")
    if problem := problem_of(state, {"circuit_open"}, one.name):
        return Line("circuit", label, problem[0], Severity.RED, problem[1])
    if one.paused_until:
        words = _("Kombo asked for a pause until %(time)s.")
        words %= {"time": moment_text(one.paused_until)}
        advice = _("Kombo got too many calls. If other programs use this API key, reduce %(name)s.")
        names = {"name": setting(one.name, "CALLS_PER_SECOND")}
        return Line("circuit", label, words, Severity.ATTENTION, advice % names)
    return Line("circuit", label, _("Not paused"))


def _webhook(one: EnvironmentState, state: State) -> Line:
    label = _("Last webhook")
    if not one.expects_webhooks:
        advice = _(
            "Add a webhook in Kombo and set %(name)s. Without webhooks, a failing sign-in is "
            "noticed days later."
        )
        names = {"name": setting(one.name, "WEBHOOK_SECRET")}
        words = _("No webhook secret set")
        return Line("webhook", label, words, Severity.ATTENTION, advice % names)
    if problem := problem_of(state, {"webhooks_never_heard", "webhooks_silent"}, one.name):
        return Line("webhook", label, problem[0], Severity.RED, problem[1])
    if one.heard_at is None:
        return Line("webhook", label, _("None yet"), Severity.UNKNOWN)
    return Line("webhook", label, "%(time)s", at=one.heard_at)
