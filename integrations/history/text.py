"""An integration's history in words: its days, its incidents, and what happened, for one page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from integrations.domain.bidi import isolate
from integrations.domain.dates import near_date_text, span_text
from integrations.domain.durations import duration
from integrations.domain.headline import Key, severity_of
from integrations.domain.headline_text import badge_text
from integrations.history import entry_titles
from integrations.history.days import state_key
from integrations.models import (
    DisconnectOutcome,
    Entry,
    Incident,
    Kind,
    RepairAct,
    RepairOutcome,
    Source,
)

MOST_NAMED = 12  # datapoints that a line names at once
_RECONNECTED = (RepairAct.RECONNECT, RepairOutcome.DONE)


@dataclass(frozen=True, slots=True)
class EntryText:
    """One thing that happened.

    `severity` gives it its sign; `names` are datapoints, some of `more`.
    """

    at: datetime
    kind: str
    severity: str
    title: str
    detail: str = ""
    names: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True, slots=True)
class IncidentText:
    """One incident; `span` and `length` are in words. While `closed_at` is None, the span is empty
    and the length runs on.
    """

    title: str
    severity: str
    opened_at: datetime
    closed_at: datetime | None
    span: str
    length: str
    detected: str
    ended: str
    relapses: str

    @property
    def notes(self) -> list[str]:
        """Return the sentences on its beginning, its end and its relapses, where there are any."""
        return [text for text in (self.detected, self.ended, self.relapses) if text]


def incident_texts(incidents: Iterable[Incident], now: datetime) -> list[IncidentText]:
    """Return each incident in words, in the active language."""
    return [_incident_text(incident, now) for incident in incidents]


def entry_texts(entries: Iterable[Entry], *, tool: str) -> list[EntryText]:
    """Return each entry in words, in the active language; `tool` is the integration's."""
    return [_entry_text(entry, isolate(tool)) for entry in entries]


def kind_name(kind: str) -> str:
    """Return the label of a filter: a kind of entry, or "" for all."""
    names = {
        "": pgettext("activity", "All"),
        Kind.STATE: _("Status"),
        Kind.REPAIR: _("Reconnections"),
        Kind.ISSUE: _("Issues"),
        Kind.SYNC: _("Failed syncs"),
        Kind.SETTINGS: _("Settings"),
        Kind.COVERAGE: _("Shared data"),
        Kind.DISCONNECT: _("Disconnections"),
    }
    return names[kind]


def _entry_text(entry: Entry, tool: str) -> EntryText:
    tell = {
        Kind.STATE: _state,
        Kind.REPAIR: _repair,
        Kind.ISSUE: _issue,
        Kind.SYNC: _sync,
        Kind.SETTINGS: _settings,
        Kind.COVERAGE: _coverage,
        Kind.DISCONNECT: _disconnect,
    }[Kind(entry.kind)]
    return EntryText(at=entry.at, kind=entry.kind, **tell(entry, tool))


def _state(entry: Entry, tool: str) -> dict[str, Any]:
    key = state_key(entry.what)
    return {
        "severity": severity_of(key),
        "title": badge_text(key),
        "detail": "" if _is_told_beside(entry) else detected(entry.source),
    }


def _is_told_beside(entry: Entry) -> bool:
    """Whether another entry says who did it: there is no removal by a person without one."""
    return (entry.what, entry.source) == (Key.REMOVED, Source.PERSON)


def _repair(entry: Entry, tool: str) -> dict[str, Any]:
    names = {"tool": tool, "who": person_name(entry.actor) if entry.actor else ""}
    outcome = entry.data.get("outcome", "")
    act = "reconnected" if (entry.what, outcome) == _RECONNECTED else entry.what
    if entry.data.get("change"):
        act = "settings"
    titles = entry_titles.repair_titles(is_known=entry.actor is not None)
    detail = {
        RepairOutcome.STARTED: _("No result was reported."),
        RepairOutcome.UNCONFIRMED: _("Finished, but not confirmed yet."),
        RepairOutcome.FAILED: _("It failed."),
    }.get(outcome, "")
    if entry.data.get("replaces"):
        detail = _("It was meant to replace another connection.")
    severity = "attention" if act == "account" else "unknown"
    return {
        "severity": "ok" if outcome == RepairOutcome.DONE else severity,
        "title": titles.get(act, entry.what) % names,
        "detail": detail,
    }


def _disconnect(entry: Entry, tool: str) -> dict[str, Any]:
    outcome = entry.data.get("outcome", "")
    names = {"tool": tool, "who": person_name(entry.actor) if entry.actor else ""}
    details = {
        DisconnectOutcome.STARTED: _("No result was reported."),
        DisconnectOutcome.UNCONFIRMED: _("Kombo didn’t confirm it."),
        DisconnectOutcome.REFUSED: _("It failed. Nothing changed."),
        DisconnectOutcome.GONE: _("It was already disconnected."),
    }
    return {
        "severity": "unknown",
        "title": entry_titles.disconnect_title(outcome, is_known=entry.actor is not None) % names,
        "detail": details.get(outcome, ""),
    }


def disconnected(entry: Entry, at: datetime) -> str:
    """Say who ended a connection and when."""
    who = person_name(entry.actor) if entry.actor else ""
    sentence = (
        _("Disconnected by %(who)s on %(date)s. No more data is synced.")
        if who
        else _("Disconnected on %(date)s. No more data is synced.")
    )
    return sentence % {"who": who, "date": near_date_text(at)}


def person_name(user: User) -> str:
    """Customers know their colleagues by name, and the vendor's staff as the vendor."""
    name = settings.VENDOR_NAME if user.is_staff else user.get_full_name() or user.get_username()
    return isolate(name)


def reconnected(entry: Entry, now: datetime) -> str:
    """Say who brought it back and when, while no sync has shown yet what it did."""
    day = timezone.localtime(entry.at).date()
    names = {"who": person_name(entry.actor) if entry.actor else "", "date": near_date_text(day)}
    if day == timezone.localtime(now).date():
        text = (
            _("Reconnected today by %(who)s. Waiting for the next sync.")
            if entry.actor
            else _("Reconnected today. Waiting for the next sync.")
        )
    else:
        text = (
            _("Reconnected on %(date)s by %(who)s. Waiting for the next sync.")
            if entry.actor
            else _("Reconnected on %(date)s. Waiting for the next sync.")
        )
    return text % names


def _issue(entry: Entry, tool: str) -> dict[str, Any]:
    resolved = entry.what == "resolved"
    sentence = _("Resolved: %(issue)s") if resolved else _("Detected: %(issue)s")
    return {
        "severity": "ok" if resolved else "attention",
        "title": sentence % {"issue": isolate(entry.data.get("title", ""))},
    }


def _sync(entry: Entry, tool: str) -> dict[str, Any]:
    results = {
        "PARTIALLY_FAILED": _("Sync with %(tool)s was incomplete"),
        "TIMED_OUT": _("Sync with %(tool)s timed out"),
        "AUTHENTICATION_FAILED": _("Sync with %(tool)s failed at sign-in"),
    }
    return {
        "severity": "attention",
        "title": results.get(entry.what, _("Sync with %(tool)s failed")) % {"tool": tool},
    }


def _settings(entry: Entry, tool: str) -> dict[str, Any]:
    return {
        "severity": "working",
        "title": _("%(tool)s settings changed") % {"tool": tool},
        "detail": _("The data is synced again after this change."),
    }


def _coverage(entry: Entry, tool: str) -> dict[str, Any]:
    counts: dict[str, int] = entry.data.get("counts", {})
    named = [name for names in entry.data.get("datapoints", {}).values() for name in names]
    return {
        "severity": "working",
        "title": entry_titles.coverage_title(counts),
        "names": tuple(named[:MOST_NAMED]),
        "more": max(sum(counts.values()) - MOST_NAMED, 0),
    }


def _incident_text(incident: Incident, now: datetime) -> IncidentText:
    key = state_key(incident.key)
    relapses = ngettext("Recurred %(n)s time", "Recurred %(n)s times", incident.relapses)
    return IncidentText(
        title=badge_text(key),
        severity=severity_of(key),
        opened_at=incident.opened_at,
        closed_at=incident.closed_at,
        span=capfirst(span_text(incident.opened_at, incident.closed_at))
        if incident.closed_at
        else "",
        length=duration((incident.closed_at or now) - incident.opened_at),
        detected=detected(incident.detected_by),
        ended=_ending(incident) if incident.closed_at else "",
        relapses=relapses % {"n": incident.relapses} if incident.relapses else "",
    )


def detected(source: str) -> str:
    """How we came to know of something; nothing, if another version of ours wrote a word that this
    one lacks.
    """
    words: dict[str, str] = {
        Source.CHECK: _("Detected by a status check"),
        Source.STATE: _("Status change reported by Kombo"),
        Source.ISSUE: _("Issue reported by Kombo"),
        Source.SYNC: _("Detected during a sync"),
        Source.PERSON: _("After a reconnect"),
    }
    return words.get(source, "")


def _ending(incident: Incident) -> str:
    user = incident.repaired_by
    ends = {
        RepairAct.RECONNECT: _("Reconnected by %(who)s") if user else _("Ended by reconnecting"),
        RepairAct.SETUP: _("Setup completed by %(who)s")
        if user
        else _("Ended when the setup was completed"),
        "resume": _("Resumed by %(who)s") if user else _("Ended when it was resumed"),
        "removed": _("Ended when the connection was removed"),
    }
    ending = ends.get(incident.ended_by, _("Resolved automatically"))
    return ending % {"who": person_name(user) if user else ""}
