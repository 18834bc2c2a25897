"""What helps somebody who repairs a connection or makes one: instructions, who is needed, how long
others took, and what went wrong before.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from django.utils import timezone

from integrations.domain.headline import Key
from integrations.history import record as history_record
from integrations.models import (
    CatalogueTool,
    ConnectionAttempt,
    Incident,
    Integration,
    RepairAct,
    RepairTime,
    ToolNote,
)

COUNTED_DAYS = timedelta(days=90)
COUNTED_EVERY = timedelta(hours=1)
FEWEST = 3  # repairs from which on it is said how long they take
LONGEST = timedelta(hours=2)  # whoever took longer did something else meanwhile
_SIGN_IN = [Key.RECONNECT_REQUIRED, Key.SIGN_IN_FAILING]
REGULARLY = 0.1  # by which part the times between failures may differ
SHORTEST_TERM = timedelta(days=7)  # of a password


@dataclass(frozen=True, slots=True)
class RepairGuide:
    """What helps with one tool; each part may be missing.

    `minutes` is the median of what others needed. Of one integration: when its sign-in failed
    `before`, the latest first, and after how many days it does so again and again.
    """

    guide_url: str = ""
    needed_person: str = ""
    note: str = ""
    minutes: int = 0
    before: tuple[datetime, ...] = ()
    every_days: int = 0


def of_integrations(integrations: Iterable[Integration]) -> dict[int, RepairGuide]:
    """Return what helps with the sign-in to each of some integrations, by primary key, in four
    queries for any number of them.
    """
    known = list(integrations)
    tools = {one.snapshot.tool_id for one in known} - {""}
    if not tools:
        return {}
    urls = {
        (row.catalogue.environment, row.catalogue.category, row.tool_id): row.guide_url
        for row in CatalogueTool.objects.filter(tool_id__in=tools)
        .select_related("catalogue")
        .only("tool_id", "guide_url", "catalogue__environment", "catalogue__category")
    }
    notes, minutes = notes_of(tools), minutes_of(tools, RepairAct.RECONNECT)
    failures = _failures(known)
    guides = {}
    for one in known:
        tool_id = one.snapshot.tool_id
        note = notes.get(tool_id) or ToolNote()
        before, every_days = _before(failures[one.pk])
        guides[one.pk] = RepairGuide(
            guide_url=urls.get((one.environment, one.snapshot.category, tool_id), ""),
            needed_person=note.needed_person,
            note=note.text,
            minutes=minutes.get(tool_id, 0),
            before=before,
            every_days=every_days,
        )
    return guides


def of_tool(tool: CatalogueTool) -> RepairGuide:
    """Return what helps somebody who connects a tool."""
    note = notes_of([tool.tool_id]).get(tool.tool_id) or ToolNote()
    return RepairGuide(
        guide_url=tool.guide_url,
        needed_person=note.needed_person,
        note=note.text,
        minutes=minutes_of([tool.tool_id], RepairAct.CONNECT).get(tool.tool_id, 0),
    )


def notes_of(tool_ids: Collection[str]) -> dict[str, ToolNote]:
    """Return the vendor's own words for tools, by tool."""
    return ToolNote.objects.in_bulk(list(tool_ids))


def minutes_of(tool_ids: Collection[str], act: RepairAct) -> dict[str, int]:
    """Return about how many minutes an act takes, by tool, where enough did it of late."""
    rows = RepairTime.objects.filter(tool_id__in=tool_ids, act=act, number__gte=FEWEST)
    return {row.tool_id: max(1, round(row.seconds / 60)) for row in rows}


def count_due() -> int:
    """Count how long people needed, once an hour. Return how many tools were counted."""
    now = timezone.now()
    latest = RepairTime.objects.order_by("-counted_at").values_list("counted_at", flat=True)
    if (known := latest.first()) and now - COUNTED_EVERY < known <= now:
        return 0
    since = now - COUNTED_DAYS
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for act, tool_id, seconds in history_record.repair_times(since):
        times[tool_id, act].append(seconds)
    connected = ConnectionAttempt.objects.filter(connected_at__gt=since, begun_at__isnull=False)
    for tool_id, begun_at, connected_at in connected.values_list(
        "tool_id", "begun_at", "connected_at"
    ).iterator():
        if begun_at and connected_at:
            lasted = connected_at - begun_at
            times[tool_id, RepairAct.CONNECT].append(lasted.total_seconds())
    return _store(times, now)


def _store(times: Mapping[tuple[str, str], list[float]], now: datetime) -> int:
    rows = []
    for (tool_id, act), each in times.items():
        usual = [seconds for seconds in each if 0 < seconds <= LONGEST.total_seconds()]
        if tool_id and usual:
            rows.append(
                RepairTime(
                    tool_id=tool_id,
                    act=act,
                    seconds=int(median(usual)),
                    number=len(usual),
                    counted_at=now,
                )
            )
    RepairTime.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["tool_id", "act"],
        update_fields=["seconds", "number", "counted_at"],
    )
    RepairTime.objects.filter(counted_at__lt=now).delete()
    return len(rows)


def _failures(integrations: list[Integration]) -> dict[int, list[Incident]]:
    """Return the incidents in which each one's sign-in failed, the latest first."""
    found: dict[int, list[Incident]] = {one.pk: [] for one in integrations}
    rows = Incident.objects.filter(integration__in=integrations, key__in=_SIGN_IN)
    for incident in rows.only("integration_id", "opened_at", "closed_at").order_by("-opened_at"):
        found[incident.integration_id].append(incident)
    return found


def _before(incidents: list[Incident]) -> tuple[tuple[datetime, ...], int]:
    """Return when a sign-in failed before the failure that goes on, and after how many days it
    does so each time, 0 if it does not.
    """
    before = tuple(one.opened_at for one in incidents if one.closed_at)
    spans = [
        later.opened_at - earlier.closed_at
        for later, earlier in pairwise(incidents)
        if earlier.closed_at
    ]
    if len(spans) < 2 or min(spans) < SHORTEST_TERM:
        return before, 0
    is_regular = max(spans) - min(spans) <= REGULARLY * max(spans)
    days = median(span / timedelta(days=1) for span in spans)
    return before, round(days) if is_regular else 0
