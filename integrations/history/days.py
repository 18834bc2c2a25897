"""The last days of an integration, as pictures show them, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from integrations.domain.day_strip import (
    DAYS,
    LIST_DAYS,
    Day,
    DayKind,
    days,
    keys_by_day,
    kind_of,
    tally,
)
from integrations.domain.durations import days_text
from integrations.domain.headline import Key, Severity
from integrations.domain.headline_text import BADGES, badge_text
from integrations.history import record as history_record
from integrations.models import Integration

DAY_WORDS: Mapping[DayKind, Promise] = {
    Severity.ACTION_REQUIRED: gettext_lazy("Action required"),
    Severity.ATTENTION: BADGES[Key.DEGRADED],
    Severity.WORKING: gettext_lazy("In progress"),
    Severity.UNKNOWN: pgettext_lazy("status", "Unknown"),
    Key.PAUSED: BADGES[Key.PAUSED],
    Severity.OK: gettext_lazy("Operational"),
}


@dataclass(frozen=True, slots=True)
class DayStrip:
    """The last days, each with its word, and the same in words: (severity, its name, how many
    days).
    """

    days: list[tuple[Day, str]]
    legend: list[tuple[str, str, str]]


def day_strip(integration: Integration, now: datetime) -> DayStrip:
    """Return the last DAYS days of an integration, each in words, and how many of each kind."""
    states = history_record.states_since(integration, now - timedelta(days=DAYS))
    known = [(at, state_key(state)) for at, state in states]
    row = days([(at, kind_of(key)) for at, key in known], now=now)
    keys = keys_by_day(known, now=now)
    return DayStrip(
        [(day, _day_text(day, keys.get(day.date, []))) for day in row],
        [(kind or "", _day_word(kind), days_text(number)) for kind, number in tally(row)],
    )


def days_of_all(integrations: Iterable[Integration], now: datetime) -> dict[int, list[Day]]:
    """Return the last LIST_DAYS days of each integration by its primary key."""
    states = history_record.states_of_all(integrations, now - timedelta(days=LIST_DAYS))
    return {
        pk: days([(at, kind_of(state_key(key))) for at, key in one], now=now, number=LIST_DAYS)
        for pk, one in states.items()
    }


def _day_text(day: Day, keys: list[Key]) -> str:
    """What a day was: the latest headline as grave as the day, by its badge, as cards have it."""
    named = [key for key in keys if kind_of(key) == day.severity]
    if not named or day.severity is Severity.OK:
        return _day_word(day.severity)
    return badge_text(named[-1])


def _day_word(kind: DayKind | None) -> str:
    return str(DAY_WORDS[kind]) if kind else _("No data")


def state_key(state: str) -> Key:
    """Return a stored state as a headline; UNRECOGNISED for one that only another version knows."""
    return Key(state) if state in Key else Key.UNRECOGNISED
