"""The headline of a card, with what is true besides it."""

from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from integrations.domain import freshness
from integrations.domain.bidi import isolate
from integrations.domain.headline import (
    REPAIRABLE,
    Headline,
    Key,
    NextActor,
    Severity,
    awaits_sync,
)
from integrations.domain.headline_text import headline_of
from integrations.history import text as history_text
from integrations.history.incident_record import WELL
from integrations.models import Entry, Outage, Snapshot

# After a setup the first data is yet to come: it is not connected again.
_CONNECTED_AGAIN = {Key.CONNECTED, Key.UPDATING}


def is_being_checked(snapshot: Snapshot, headline: Headline, now: datetime) -> bool:
    """A repair was made just now, and Kombo may not have noticed yet."""
    return freshness.is_watched(snapshot, now) and headline.key in REPAIRABLE


def headline_for(
    snapshot: Snapshot, act: Entry | None, outage: Outage | None, now: datetime
) -> Headline:
    """The headline, with what is true besides it in its sentence.

    `act` is who reconnected what waits for its next sync, or who disconnected what is gone.
    """
    headline = headline_of(snapshot, vendor=settings.VENDOR_NAME)
    if act and snapshot.removed_at:
        return _saying(headline, history_text.disconnected(act, snapshot.removed_at))
    failing = freshness.is_failing(snapshot)
    if is_being_checked(snapshot, headline, now):
        return _being_checked(headline, snapshot)
    if outage:
        return _during_outage(headline, outage)
    if headline.key is Key.PENDING and failing:
        return _saying(headline, _no_data_yet())
    if act and snapshot.synced_at and act.at > snapshot.synced_at:
        headline = _saying(headline, history_text.reconnected(act, now))
    elif headline.key is Key.CONNECTED and failing and not awaits_sync(snapshot):
        headline = _saying(headline, _("Everything was working at the last check."))
    if is_back(snapshot, headline, now) and headline.key in _CONNECTED_AGAIN:
        tool = isolate(snapshot.tool_label)
        return replace(headline, title=_("%(tool)s is connected again") % {"tool": tool})
    return headline


def is_back(snapshot: Snapshot, headline: Headline, now: datetime) -> bool:
    """A repair was made a few minutes ago, and it worked."""
    return freshness.is_just_repaired(snapshot, now) and headline.key in WELL


def _saying(headline: Headline, sentence: str) -> Headline:
    return replace(headline, sentence=sentence, explanation=sentence)


def _being_checked(headline: Headline, snapshot: Snapshot) -> Headline:
    """Right after a repair the old state may still be what Kombo says; nobody is asked to repair
    again.
    """
    checking = _("We’re checking the connection. This can take a minute.")
    return replace(
        headline,
        severity=Severity.WORKING,
        badge=_("Checking…"),
        title=_("Checking %(tool)s") % {"tool": isolate(snapshot.tool_label)},
        sentence=checking,
        explanation=checking,
        next_step="",
    )


def _during_outage(headline: Headline, outage: Outage) -> Headline:
    """While the tool itself is down, nobody is asked to repair what is not theirs to mend."""
    names = {"tool": isolate(outage.tool_label)}
    waiting = _("Data may be incomplete until %(tool)s works again. Data already synced is kept.")
    return replace(
        _saying(headline, waiting % names),
        severity=Severity.WORKING,
        next_actor=NextActor.NOBODY,
        title=_("%(tool)s probably has a problem") % names,
        next_step="",
    )


def _no_data_yet() -> str:
    return _(
        "We have no data yet and can’t check the connection right now. We’ll keep trying. "
        "You don’t need to do anything."
    )
