"""How long incidents took that ended within the last months.

Each hour most of them are those of the hour before: a process keeps what it has read of days that
are over, as numbers, and reads a day again if other incidents ended on it by now. Whose they are,
and of which tool, is looked up each time.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count, Sum
from django.db.models.functions import TruncDate
from django.db.models.sql.compiler import SQLCompiler

from integrations.models import Incident
from integrations.workspace.past_totals import Owner, Whose

SETTLED = timedelta(days=5)  # by then no incident of a day goes on, and news of it has come
_DAY = timedelta(days=1)


class _UTCDate(TruncDate):
    """The day of an instant in UTC, which SQLite reads from how it is kept: its own way calls
    Python for each row.
    """

    def __init__(self, column: str) -> None:
        super().__init__(column, tzinfo=UTC)

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        sql, params = compiler.compile(self.lhs)
        return f"substr({sql}, 1, 10)", tuple(params)


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
    """Return the days of a time on which incidents ended, and forget those that are older."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    for old in [one for one in _known if one < first - (last - first)]:
        del _known[old]
    incidents = Incident.objects.filter(
        closed_at__gte=_beginning(first), closed_at__lt=_beginning(last + _DAY)
    )
    by_day = incidents.order_by().values_list(_UTCDate("closed_at"))
    for day, number, which in by_day.annotate(number=Count("*"), which=Sum("pk")):
        known = _known.get(day)
        if known is None or known.told != (number, which):
            known = _read(day, (number, which))
            if end - _beginning(day) > SETTLED:
                _known[day] = known
        yield known


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _read(day: date, told: tuple[int, int]) -> _Ended:
    read = _Ended(told, array("q"), array("d"), array("d"))
    ended = Incident.objects.filter(
        closed_at__gte=_beginning(day), closed_at__lt=_beginning(day + _DAY)
    )
    repaired = ended.exclude(ended_by="removed").order_by()
    columns = ("integration", "opened_at", "closed_at")
    for pk, opened_at, closed_at in repaired.values_list(*columns).iterator(chunk_size=5000):
        if closed_at:
            read.integrations.append(pk)
            read.ended.append(closed_at.timestamp())
            read.seconds.append((closed_at - opened_at).total_seconds())
    return read
