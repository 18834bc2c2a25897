"""A record of states as days: each shows the gravest it had."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

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


class Day(NamedTuple):
    """A day and the gravest that it was; `severity` is None before anything is known."""

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
    """Return the last `number` days up to today in `now`'s time zone, the oldest first.

    `states` are (when it began, what it was), the oldest first.
    """
    today = now.date()
    dates = _dates(today, number)
    if len(states) == 1 and states[0][0].astimezone(now.tzinfo).date() <= dates[0]:
        return [Day(day, states[0][1]) for day in dates]  # as it is of most
    severities = _by_day(states, now, number)
    return [Day(day, _gravest(severities[day]) if day in severities else None) for day in dates]


@lru_cache(maxsize=16)
def _dates(today: date, number: int) -> tuple[date, ...]:
    return tuple(today - timedelta(days=ago) for ago in reversed(range(number)))


def keys_by_day(
    states: Sequence[tuple[datetime, Key]], *, now: datetime, number: int = DAYS
) -> dict[date, list[Key]]:
    """The headlines that a day had, in their order; `states` are as in `days`."""
    return _by_day(states, now, number)


def _by_day[T](
    states: Sequence[tuple[datetime, T]], now: datetime, number: int
) -> dict[date, list[T]]:
    held: dict[date, list[T]] = {}
    for index, (began, state) in enumerate(states):
        # What holds now holds this very instant too.
        ends = states[index + 1][0] if index + 1 < len(states) else now + _INSTANT
        for day in _covered(
            began.astimezone(now.tzinfo), ends.astimezone(now.tzinfo), now.date(), number
        ):
            held.setdefault(day, []).append(state)
    return held


def _gravest(kinds: Iterable[DayKind | None]) -> DayKind | None:
    known = [kind for kind in kinds if kind is not None]
    return min(known, key=_ORDER.index, default=None)


def _covered(began: datetime, ends: datetime, today: date, number: int) -> Iterable[date]:
    first = max(began.date(), today - timedelta(days=number - 1))
    # Until midnight is not into the next day; what lasted no time at all was on its own day.
    last = min(max((ends - _INSTANT).date(), began.date()), today)
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


LIST_DAYS = 30  # in a row of a list
# Of a picture of days: what one takes, the gap after it, and how tall each kind is, the graver the
# taller. Nothing known is a dot.
_WIDTH, _GAP, _HEIGHT = 5, 1, 20
_TALL = {
    Severity.ACTION_REQUIRED: 20.0,
    Severity.ATTENTION: 16.4,
    Severity.WORKING: 12.4,
    Severity.UNKNOWN: 12.4,
    Key.PAUSED: 12.4,
    Severity.OK: 8.4,
    None: 2.4,
}


def picture_width(number: int) -> int:
    """Return the width of a picture of so many days, whose height is always the same."""
    return number * (_WIDTH + _GAP) - _GAP


@lru_cache(maxsize=1024)
def paths(kinds: tuple[DayKind | None, ...]) -> list[tuple[DayKind | None, str]]:
    """Return a picture of days of these kinds: for each that there is, the `d` of one SVG path."""
    shapes: dict[DayKind | None, list[str]] = {}
    for number, kind in enumerate(kinds):
        tall = _TALL[kind]
        bar = f"M{number * (_WIDTH + _GAP)} {_HEIGHT - tall:g}h{_WIDTH}v{tall:g}h-{_WIDTH}z"
        shapes.setdefault(kind, []).append(bar)
    return [(kind, "".join(bars)) for kind, bars in shapes.items()]


def tally(strip: Iterable[Day]) -> list[tuple[DayKind | None, int]]:
    """How many days of each kind, the gravest first, those before anything was known last."""
    counts = Counter(day.severity for day in strip)
    return [(kind, counts[kind]) for kind in (*_ORDER, None) if counts[kind]]
