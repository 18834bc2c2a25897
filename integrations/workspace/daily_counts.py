"""What the overview shows of the past, counted by the worker, so that no page counts rows.

A day is told by how its integrations were when it ended. Today's end is now, which the list's rows
tell; each day before ends as the one after it did, less what the history tells of that one. So the
latest days are counted anew every hour, as Kombo tells some things late, and a day that was never
counted follows from the one after it: after the worker stood still, and on its first run, one day a
step. Counting twice comes to the same.

The days of an account manager are those of the customers they had when the day was counted last,
which are all they could see then: nobody is shown a total that has customers of others in it.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from integrations.domain.clock import age
from integrations.domain.headline import Severity
from integrations.models import NEVER, DailyCount, PeriodCount
from integrations.workspace import past_totals, periods, repair_lengths
from integrations.workspace.past_totals import Owner, Totals
from integrations.workspace.repair_lengths import Repair

RANGES = (30, 90)  # days that the overview can show
DAYS = max(RANGES)  # how many days are kept, beside today
RECENT = 3  # days before today that are counted anew each time
EVERY = timedelta(hours=1)


def count_due() -> int:
    """Count the latest days if it is time to, else a day that was never counted.

    Return how many days were counted.
    """
    now = timezone.now()
    counted = PeriodCount.objects.filter(owner=None).order_by("counted_at").first()
    if counted is None or age(counted.counted_at, now) >= EVERY:
        return count_recent(now)
    return count_missing(today_of(now))


def today_of(now: datetime) -> date:
    """Return the day in the site's time zone, whatever the reader's is."""
    return timezone.localdate(now, timezone.get_default_timezone())


def count_recent(now: datetime) -> int:
    """Count today, the days just before it, and the periods that end now. Return how many days."""
    today = today_of(now)
    whose = past_totals.whose_now()
    repairs = repair_lengths.within(_start_of(today) - timedelta(days=DAYS + RECENT), now, whose)
    totals = past_totals.totals_now()
    _store(today, totals, past_totals.untold_now(), _medians(repairs, now))
    known = _days_since(today - timedelta(days=RECENT))
    end = _start_of(today + timedelta(days=1))
    for ago in range(1, RECENT + 1):
        day, start = today - timedelta(days=ago), _start_of(today - timedelta(days=ago - 1))
        totals = past_totals.before(totals, start, end)
        # How many were not notified is known best while the day lasts.
        untold = None if day in known else past_totals.untold_at(start)
        _store(day, totals, untold, _medians(repairs, start))
        end = start
    DailyCount.objects.filter(day__lt=today - timedelta(days=DAYS)).delete()
    for days in RANGES:
        made = periods.periods(days, repairs, whose, now)
        with transaction.atomic():
            PeriodCount.objects.filter(days=days).delete()
            PeriodCount.objects.bulk_create(made, ignore_conflicts=True)
    return RECENT + 1


def count_missing(today: date) -> int:
    """Count the latest day that was never counted, from the one after it. Return how many."""
    first = today - timedelta(days=DAYS)
    known = _days_since(first)
    day = max({first + timedelta(days=ago) for ago in range(DAYS)} - known, default=None)
    if day is None:
        return 0
    after = day + timedelta(days=1)
    end = _start_of(after)
    totals: Totals = {
        row.owner_id: Counter({severity: getattr(row, severity) for severity in Severity})
        for row in DailyCount.objects.filter(day=after)
    }
    totals = past_totals.before(totals, end, _start_of(after + timedelta(days=1)))
    repairs = repair_lengths.within(end - timedelta(days=DAYS), end, past_totals.whose_now())
    _store(day, totals, past_totals.untold_at(end), _medians(repairs, end))
    return 1


def count_anew(owners: Collection[int]) -> None:
    """These account managers got or lost customers: forget what their periods tell, and count
    soon.
    """
    PeriodCount.objects.filter(owner__in=owners).delete()
    PeriodCount.objects.filter(owner=None).update(counted_at=NEVER)


def _medians(repairs: list[Repair], end: datetime) -> dict[str, dict[Owner, int]]:
    """The median seconds of the repairs within each range before an instant, by its column."""
    return {
        f"repair_{days}": periods.medians(repairs, end - timedelta(days=days), end)
        for days in RANGES
    }


def _store(
    day: date,
    totals: Totals,
    untold: Counter[Owner] | None,
    medians: dict[str, dict[Owner, int]],
) -> None:
    """Keep a day; without `untold` as many as are known. What is below nothing is nothing: the
    history need not know of everything.
    """
    whose = {None} | {owner for owner, counts in totals.items() if any(counts.values())}
    with transaction.atomic():
        days = DailyCount.objects.filter(day=day)
        known = {row.owner_id: row for row in days.select_for_update()}
        rows = [known.get(owner, DailyCount(day=day, owner_id=owner)) for owner in whose]
        for row in rows:
            counts = totals.get(row.owner_id, Counter())
            for severity in Severity:
                setattr(row, severity, max(counts[severity], 0))
            if untold is not None:
                row.untold = untold[row.owner_id]
            for column, by_owner in medians.items():
                setattr(row, column, by_owner.get(row.owner_id))
        names = [*Severity, "untold", *medians]
        DailyCount.objects.bulk_update([row for row in rows if row.pk], names)
        # Another worker may have made them meanwhile, and the same.
        DailyCount.objects.bulk_create([row for row in rows if not row.pk], ignore_conflicts=True)
        days.exclude(Q(owner=None) | Q(owner__in=whose - {None})).delete()


def _days_since(first: date) -> set[date]:
    return set(DailyCount.objects.filter(owner=None, day__gte=first).values_list("day", flat=True))


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.get_default_timezone())
