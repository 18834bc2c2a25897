"""What the overview tells: how all is now, as the list counts it, how it came to be, as the worker
has counted it, and what to do next.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from integrations.domain.headline import Severity
from integrations.models import ConnectionAttempt, DailyCount, Logo, PeriodCount, Summary
from integrations.tenants import attempts
from integrations.workspace import daily_counts, summaries, triage, triage_counts
from integrations.workspace.daily_counts import DAYS, RANGES
from integrations.workspace.listed import Listed
from integrations.workspace.triage_filter import TriageFilter

MOST_NEXT = 5


@dataclass(frozen=True, slots=True)
class Overview:
    """The integrations of one's own customers, or of all."""

    state: TriageFilter  # whose they are, as the list's address says it
    days: int  # one of RANGES
    today: date
    now: Counter[Severity]
    broken: int  # and awake
    untold: int
    repair: int | None  # median seconds, as last counted
    past: dict[date, DailyCount]  # the earliest first, from the first day that had any to yesterday
    period: PeriodCount | None
    logos: dict[str, str]  # the keys of the tools' logos, by their names
    next: list[Listed]
    stalled: list[ConnectionAttempt]  # to connect a tool

    @property
    def shown(self) -> list[DailyCount]:
        """Return the days before today that are drawn."""
        first = self.today - timedelta(days=self.days)
        return [row for day, row in self.past.items() if day >= first]


def days_of(text: str) -> int:
    """Return the range that an address asks for, or the longest."""
    return next((days for days in RANGES if text == str(days)), DAYS)


def overview(user: User, scope: str, days: int) -> Overview:
    """Return what somebody sees: their own customers', or all with the permission. Raises
    Http404.
    """
    state, rows = triage.scoped(user, TriageFilter(scope=scope))
    counts = triage_counts.count(rows)
    now = Counter({Severity(group): number for group, number in counts.by_group().items()})
    untold = triage.narrow(rows, replace(state, untold="1"))
    untold_count = untold.count() if now[Severity.ACTION_REQUIRED] else 0
    owner = user if state.scope == "mine" else None
    today = daily_counts.today_of(timezone.now())
    counted = DailyCount.objects.filter(owner=owner, day__gte=today - timedelta(days=DAYS))
    past = {row.day: row for row in counted.order_by("day") if row.day <= today}
    current = past.pop(today, None)
    period = PeriodCount.objects.filter(owner=owner, days=days).first()
    tools = [tool for tool, _number, _seconds in period.tools] if period else []
    return Overview(
        state=state,
        days=days,
        today=today,
        now=now,
        broken=counts.broken,
        untold=untold_count,
        repair=getattr(current, f"repair_{days}") if current else None,
        past=_without_empty_start(past),
        period=period,
        logos=dict(Logo.objects.filter(label__in=tools).values_list("label", "key")),
        next=_next(rows, untold if untold_count else rows.none()),
        stalled=_stalled(owner),
    )


def _without_empty_start(past: dict[date, DailyCount]) -> dict[date, DailyCount]:
    """Leave out the days before there was any integration."""
    had_any = [day for day, row in past.items() if any(getattr(row, name) for name in Severity)]
    return {day: row for day, row in past.items() if had_any and day >= had_any[0]}


def _stalled(owner: User | None) -> list[ConnectionAttempt]:
    """What somebody's customers, or all, set out to connect and did not: the latest first."""
    found = attempts.stalled(timezone.now())
    return list((found.filter(tenant__owner=owner) if owner else found)[:MOST_NEXT])


def _next(rows: QuerySet[Summary], untold: QuerySet[Summary]) -> list[Listed]:
    """What needs somebody, the longest first: before all else whose customer was not notified."""
    awake = {"rank__in": summaries.BROKEN}
    ids: list[int] = []
    for each in (untold, rows):
        left = each.filter(**awake).exclude(pk__in=ids).order_by("rank", "since", "pk")
        ids += left.values_list("pk", flat=True)[: MOST_NEXT - len(ids)]
    found = triage.page(rows.filter(pk__in=ids), TriageFilter())
    return sorted(found, key=lambda row: ids.index(row.pk))
