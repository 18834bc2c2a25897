"""What happened to integrations in a period: how long repairs took, which tools had incidents, and
how far reminders led.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Q

from integrations.domain.headline import Key
from integrations.models import Incident, Mail, MailKind, PeriodCount
from integrations.workspace.past_totals import Owner

MOST_TOOLS = 6  # that a period names, those with most incidents
USUAL_DAYS = 90  # in which what is usual can be seen
LEAST_USUAL = 5  # incidents


@dataclass(frozen=True, slots=True)
class Repair:
    """An incident that ended."""

    owner: Owner
    tool: str
    closed_at: datetime
    seconds: float


def repairs_within(start: datetime, end: datetime) -> list[Repair]:
    """The incidents that ended within a time; what was removed was not repaired."""
    ended = Incident.objects.filter(closed_at__gt=start, closed_at__lte=end)
    ended = ended.exclude(ended_by="removed").filter(integration__summary__isnull=False)
    rows = ended.order_by().values_list(
        "integration__summary__owner", "integration__summary__tool", "opened_at", "closed_at"
    )
    return [
        Repair(owner, tool, closed_at, (closed_at - opened_at).total_seconds())
        for owner, tool, opened_at, closed_at in rows.iterator(chunk_size=5000)
        if closed_at
    ]


def medians(repairs: list[Repair], start: datetime, end: datetime) -> dict[Owner, int]:
    """Return the median seconds of the repairs that ended within a time, for all and for each
    account manager.
    """
    lengths: dict[Owner, list[float]] = defaultdict(list)
    for repair in repairs:
        if start < repair.closed_at <= end:
            for whose in {None, repair.owner}:
                lengths[whose].append(repair.seconds)
    return {whose: int(median(each)) for whose, each in lengths.items()}


def periods(days: int, repairs: list[Repair], now: datetime) -> list[PeriodCount]:
    """Return what happened within `days` days, for all and for each account manager, unsaved."""
    start = now - timedelta(days=days)
    incidents, steps = _incidents(start), _reminder_steps(start)
    lengths: dict[tuple[Owner, str], list[float]] = defaultdict(list)
    for repair in repairs:
        if repair.closed_at > start:
            for whose in {None, repair.owner}:
                lengths[whose, repair.tool].append(repair.seconds)
    made = []
    for whose in {None, *incidents, *steps}:
        tools = sorted(incidents[whose].items(), key=lambda pair: (-pair[1], pair[0]))
        named = [
            [tool, number, int(median(each)) if (each := lengths.get((whose, tool))) else None]
            for tool, number in tools[:MOST_TOOLS]
        ]
        period = PeriodCount(owner_id=whose, days=days, counted_at=now, tools=named)
        for step, number in steps[whose].items():
            setattr(period, step, number)
        made.append(period)
    return made


def usual_length(tool: str, owner: Owner) -> timedelta | None:
    """Return the median time that a tool's incidents took, as last counted; None if it had too few
    to say what is usual.
    """
    period = PeriodCount.objects.filter(owner=owner, days=USUAL_DAYS).first()
    for name, number, seconds in period.tools if period else []:
        if name == tool and number >= LEAST_USUAL and seconds is not None:
            return timedelta(seconds=seconds)
    return None


def _incidents(start: datetime) -> dict[Owner, Counter[str]]:
    """How many incidents each tool had since an instant."""
    rows = Incident.objects.filter(opened_at__gt=start, integration__summary__isnull=False)
    by_tool = rows.values_list("integration__summary__owner", "integration__summary__tool")
    incidents: dict[Owner, Counter[str]] = defaultdict(Counter)
    for owner, tool, number in by_tool.annotate(number=Count("*")).order_by():
        for whose in {None, owner}:
            incidents[whose][tool] += number
    return incidents


def _reminder_steps(start: datetime) -> dict[Owner, Counter[str]]:
    """How far those came who were reminded since an instant, each incident counted once."""
    written = Mail.objects.filter(
        kind=MailKind.REMINDER,
        created_at__gt=start,
        reminder__isnull=False,
        integration__summary__isnull=False,
    )
    is_well = Q(reminder__closed_at__isnull=False) & ~Q(integration__summary__headline=Key.REMOVED)
    steps = {
        "reminded": Count("reminder", distinct=True),
        "opened": Count("reminder", distinct=True, filter=Q(hand_off__opened_at__isnull=False)),
        "begun": Count("reminder", distinct=True, filter=Q(hand_off__begun_at__isnull=False)),
        "recovered": Count("reminder", distinct=True, filter=is_well),
    }
    rows = written.values_list("integration__summary__owner").annotate(**steps).order_by()
    by_owner: dict[Owner, Counter[str]] = defaultdict(Counter)
    for owner, *numbers in rows:
        for whose in {None, owner}:
            by_owner[whose].update(dict(zip(steps, numbers, strict=True)))
    return by_owner
