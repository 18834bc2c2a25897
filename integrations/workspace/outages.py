"""Outages of tools, as staff and customers are told of them.

Who is part of one is its incidents' to say. While it is open, and for an hour after, reminders of
those incidents wait; staff may release them.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.database.prepared import Prepared
from integrations.domain import events
from integrations.domain import outages as rule
from integrations.domain.events import OutageEnded
from integrations.models import Incident, Integration, Outage, Summary

# Django leaves a model's own order out of what is grouped.
LATEST_FIRST = ("-started_at", "-pk")
LOOK_AGAIN = timedelta(hours=1)  # at what waits, if nobody tells that it is over


@dataclass(frozen=True, slots=True)
class OpenOutage:
    """An outage as staff see it, with how many connections failed until when, of how many."""

    id: str
    tool: str
    started_at: datetime
    latest_at: datetime
    affected: int
    total: int
    is_released: bool


def open_outages() -> list[OpenOutage]:
    """Return the outages that are open now, for staff, the latest first; one query."""
    return [
        OpenOutage(
            id=row.public_id,
            tool=row.tool_label,
            started_at=row.started_at,
            latest_at=row.latest_at or row.started_at,
            affected=row.affected,
            total=max(row.total, row.affected),
            is_released=row.released_at is not None,
        )
        for row in _open_outages()
    ]


@Prepared
def _open_outages() -> QuerySet[Any]:
    counted = Outage.objects.filter(closed_at__isnull=True).annotate(
        affected=Count("incidents"), latest_at=Max("incidents__failed_at")
    )
    return counted.order_by(*LATEST_FIRST)


def affecting(rows: QuerySet[Summary]) -> list[tuple[Outage, int]]:
    """Return the open outages that nobody released and how many of these connections are affected,
    the latest first and those without any left out; one query.
    """
    here = Q(incidents__closed_at=None, incidents__integration__in=rows.values("pk"))
    open_here = Outage.objects.filter(closed_at=None, released_at=None)
    counted = open_here.annotate(number=Count("incidents", filter=here)).filter(number__gt=0)
    return [(outage, outage.number) for outage in counted.order_by(*LATEST_FIRST)]


def waiting_integrations() -> QuerySet[Any]:
    """Return the primary keys of the integrations whose reminders wait for an open outage."""
    return Incident.objects.during_outage().values("integration")


def outage_of(integrations: Collection[Integration]) -> dict[int, Outage]:
    """Return the open outage that each of these is affected by, by the integration's primary key,
    unless staff have released it; one query, or none if nothing here fails.
    """
    failing = [one.pk for one in integrations if rule.is_suspect(one.snapshot)]
    if not failing:
        return {}
    here = Incident.objects.during_outage().filter(integration__in=failing)
    return {
        incident.integration_id: incident.outage
        for incident in here.select_related("outage")
        if incident.outage
    }


def affected(public_id: str) -> QuerySet[Incident]:
    """Return the incidents of an outage, or of all that are open if the id is "any"."""
    if public_id == "any":
        return Incident.objects.filter(outage__isnull=False, outage__closed_at__isnull=True)
    return Incident.objects.filter(outage__public_id=public_id)


def held_until(integration_id: int, now: datetime) -> datetime | None:
    """Return until when nobody is to be reminded of an integration for an outage's sake, or None.

    While the outage is open that is when to ask again: `OutageEnded` tells before.
    """
    outage = Outage.objects.filter(
        released_at=None, incidents__integration=integration_id, incidents__closed_at=None
    ).first()
    if outage is None:
        return None
    ended_at = outage.closed_at
    until = ended_at + rule.SETTLES if ended_at else now + LOOK_AGAIN
    return until if until > now else None


def release(public_id: str, by: Actor) -> str:
    """Have the customers of an open outage reminded and asked to act as in any other incident.

    Return the tool's name, or an empty text if there is no such outage, or nothing waits.
    """
    with transaction.atomic():
        waiting = Outage.objects.select_for_update().filter(
            public_id=public_id, closed_at__isnull=True, released_at__isnull=True
        )
        outage = waiting.first()
        if outage is None:
            return ""
        outage.released_at = timezone.now()
        outage.released_by = by.user
        outage.save(update_fields=["released_at", "released_by"])
        audit.record(by, Act.REMINDERS_RELEASED, tool=outage.tool_label)
        events.publish(OutageEnded(outage.pk))
    return outage.tool_label
