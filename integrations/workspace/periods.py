"""What happened to integrations in a period: how long repairs took, which tools had incidents, and
how far reminders led.
"""

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from statistics import median

from django.db.models import Count, Q

from integrations.domain.headline import Key
from integrations.models import Incident, Mail, MailKind, PeriodCount
from integrations.workspace.past_totals import Owner, Whose
from integrations.workspace.repair_lengths import Repair

MOST_TOOLS = 6  # that a period names, those with most incidents
USUAL_DAYS = 90  # in which what is usual can be seen
LEAST_USUAL = 5  # incidents


def medians(repairs: list[Repair], start: datetime, end: datetime) -> dict[Owner, int]:
    """Return the median seconds of the repairs that ended within a time, for all and for each
    account manager; of repairs in the order of their lengths.
    """
    first, last = start.timestamp(), end.timestamp()
    lengths: dict[Owner, list[float]] = defaultdict(list)
    for seconds, ended, owner, _tool in repairs:
        if first < ended <= last:
            lengths[None].append(seconds)
            if owner is not None:
                lengths[owner].append(seconds)
    return {whose: int(median(each)) for whose, each in lengths.items()}


def periods(days: int, repairs: list[Repair], whose: Whose, now: datetime) -> list[PeriodCount]:
    """Return what happened within `days` days, for all and for each account manager, unsaved."""
    start = now - timedelta(days=days)
    incidents, steps = _incidents(start, whose), _reminder_steps(start)
    lengths: dict[tuple[Owner, str], list[float]] = defaultdict(list)
    first = start.timestamp()
    for seconds, ended, owner, tool in repairs:
        if ended > first:
            lengths[None, tool].append(seconds)
            if owner is not None:
                lengths[owner, tool].append(seconds)
    made = []
    for owner in {None, *incidents, *steps}:
        tools = sorted(incidents[owner].items(), key=lambda pair: (-pair[1], pair[0]))
        named = [
            [tool, number, int(median(each)) if (each := lengths.get((owner, tool))) else None]
            for tool, number in tools[:MOST_TOOLS]
        ]
        period = PeriodCount(owner_id=owner, days=days, counted_at=now, tools=named)
        for step, number in steps[owner].items():
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


def _incidents(start: datetime, whose: Whose) -> dict[Owner, Counter[str]]:
    """How many incidents each tool had since an instant."""
    rows = Incident.objects.filter(opened_at__gt=start).order_by().values_list("integration")
    incidents: dict[Owner, Counter[str]] = defaultdict(Counter)
    # One index tells it by integration; joined with whose they are, it would cost much more.
    for pk, number in rows.annotate(number=Count("*")):
        if pk in whose:
            owner, tool = whose[pk]
            for each in {None, owner}:
                incidents[each][tool] += number
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
