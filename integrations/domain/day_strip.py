"""A record of states as days: each shows the gravest it had."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from integrations.domain.headline import Severity

DAYS = 90
# The gravest first.
_ORDER = [
    Severity.ACTION_REQUIRED,
    Severity.ATTENTION,
    Severity.WORKING,
    Severity.UNKNOWN,
    Severity.OK,
]


@dataclass(frozen=True, slots=True)
class Day:
    """One day; None before anything is known."""

    date: date
    severity: Severity | None


def days(
    states: Sequence[tuple[datetime, Severity]], *, now: datetime, number: int = DAYS
) -> list[Day]:
    """The last days up to today in `now`'s time zone.

    `states` are when each began, oldest first.
    """
    today = now.date()
    found: dict[date, list[Severity]] = {}
    for index, (began, severity) in enumerate(states):
        ends = states[index + 1][0] if index + 1 < len(states) else now
        for day in _covered(
            began.astimezone(now.tzinfo), ends.astimezone(now.tzinfo), today, number
        ):
            found.setdefault(day, []).append(severity)
    first = today - timedelta(days=number - 1)
    dates = [first + timedelta(days=n) for n in range(number)]
    return [Day(day, min(found[day], key=_ORDER.index) if day in found else None) for day in dates]


def _covered(began: datetime, ends: datetime, today: date, number: int) -> Iterable[date]:
    first = max(began.date(), today - timedelta(days=number - 1))
    last = min(ends.date(), today)
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def tally(strip: Iterable[Day]) -> list[tuple[Severity | None, int]]:
    """How many days of each kind, the gravest first, those before anything was known last."""
    counts = Counter(day.severity for day in strip)
    return [(kind, counts[kind]) for kind in (*_ORDER, None) if counts[kind]]
