"""How long incidents took that ended within the last months.

Each hour most of them are those of the hour before: a process keeps what it has read of days that
are over, as numbers, and reads a day again if other incidents ended on it by now. Whose they are,
and of which tool, is looked up each time.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Count, QuerySet, Sum

from integrations.models import Incident
from integrations.workspace.past_totals import Owner, Whose

SETTLED = timedelta(days=5)  # by then no incident of a day goes on, and news of it has come
_DAY = timedelta(days=1)


class Repair(NamedTuple):
    """An incident that ended, when, in seconds, and how many it took."""

    seconds: float
    ended: float
    owner: Owner
    tool: str


@dataclass(frozen=True, slots=True)
class _Ended:
    """What ended on a day in UTC: `told` says which incidents these were, removals included."""

    told: tuple[int, int]
    integrations: array[int]
    ended: array[float]
    seconds: array[float]


_known: dict[date, _Ended] = {}


def within(start: datetime, end: datetime, whose: Whose) -> list[Repair]:
    """Return the incidents that ended within a time, the shortest first; what was removed was not
    repaired.
    """
    first, last = start.timestamp(), end.timestamp()
    found = [
        Repair(seconds, ended, *whose[pk])
        for day in _days(start, end)
        for pk, ended, seconds in zip(day.integrations, day.ended, day.seconds, strict=True)
        if first < ended <= last and pk in whose
    ]
    found.sort(key=lambda repair: repair.seconds)
    return found


def forget() -> None:
    """Have all days read anew."""
    _known.clear()


def _days(start: datetime, end: datetime) -> Iterator[_Ended]:
    """Return the days that a time touches, and forget those that are older."""
    day, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    for old in [one for one in _known if one < day - timedelta(days=(last - day).days)]:
        del _known[old]
    while day <= last:
        begins = datetime.combine(day, time(), UTC)
        rows = Incident.objects.filter(closed_at__gte=begins, closed_at__lt=begins + _DAY)
        sums = rows.aggregate(number=Count("*"), which=Sum("pk"))
        told = (sums["number"], sums["which"] or 0)
        known = _known.get(day)
        if known is None or known.told != told:
            known = _read(rows, told)
            if end - begins > SETTLED:
                _known[day] = known
        yield known
        day += _DAY


def _read(rows: QuerySet[Incident], told: tuple[int, int]) -> _Ended:
    read = _Ended(told, array("q"), array("d"), array("d"))
    repaired = rows.exclude(ended_by="removed").order_by()
    columns = ("integration", "opened_at", "closed_at")
    for pk, opened_at, closed_at in repaired.values_list(*columns).iterator(chunk_size=5000):
        if closed_at:
            read.integrations.append(pk)
            read.ended.append(closed_at.timestamp())
            read.seconds.append((closed_at - opened_at).total_seconds())
    return read
