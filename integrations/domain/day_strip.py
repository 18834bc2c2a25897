"""A record of states as days: each shows the gravest it had."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from integrations.domain.headline import Key, Severity, severity_of

type DayKind = Severity | Literal[Key.PAUSED]
"""What a day was like: as grave as its incident, or paused, which is somebody's wish and none."""

DAYS = 90
# The gravest first.
_ORDER: list[DayKind] = [
    Severity.ACTION_REQUIRED,
    Severity.ATTENTION,
    Severity.WORKING,
    Severity.UNKNOWN,
    Key.PAUSED,
    Severity.OK,
]
_INSTANT = datetime.resolution


@dataclass(frozen=True, slots=True)
class Day:
    """One day; None before anything is known."""

    date: date
    severity: DayKind | None


def kind_of(key: Key) -> DayKind | None:
    """Return what a headline makes of a day; None once it is removed, as nothing is known then."""
    match key:
        case Key.REMOVED:
            return None
        case Key.PAUSED:
            return key
    return severity_of(key)


def days(
    states: Sequence[tuple[datetime, DayKind | None]], *, now: datetime, number: int = DAYS
) -> list[Day]:
    """The last days up to today in `now`'s time zone.

    `states` are when each began, oldest first.
    """
    today = now.date()
    severities: dict[date, list[DayKind]] = {}
    for index, (began, severity) in enumerate(states):
        if severity is None:
            continue
        # What holds now holds this very instant too.
        ends = states[index + 1][0] if index + 1 < len(states) else now + _INSTANT
        for day in _covered(
            began.astimezone(now.tzinfo), ends.astimezone(now.tzinfo), today, number
        ):
            severities.setdefault(day, []).append(severity)
    first = today - timedelta(days=number - 1)
    dates = [first + timedelta(days=n) for n in range(number)]
    return [Day(day, _gravest(severities[day]) if day in severities else None) for day in dates]


def _gravest(kinds: list[DayKind]) -> DayKind:
    return min(kinds, key=_ORDER.index)


def _covered(began: datetime, ends: datetime, today: date, number: int) -> Iterable[date]:
    first = max(began.date(), today - timedelta(days=number - 1))
    # Until midnight is not into the next day; what lasted no time at all was on its own day.
    last = min(max((ends - _INSTANT).date(), began.date()), today)
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def tally(strip: Iterable[Day]) -> list[tuple[DayKind | None, int]]:
    """How many days of each kind, the gravest first, those before anything was known last."""
    counts = Counter(day.severity for day in strip)
    return [(kind, counts[kind]) for kind in (*_ORDER, None) if counts[kind]]
