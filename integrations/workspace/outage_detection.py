"""Outages of tools, as the worker finds them, follows them and ends them.

Any number of workers may look: a tool has one open outage at most, and what one adds or ends, the
other finds done. What a look costs grows with what is failing, and not with how many connections
there are: what is usual, which 90 days tell, each process counts once an hour.
"""

import logging
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from integrations.domain import events
from integrations.domain import outages as rule
from integrations.domain.clock import age
from integrations.domain.events import OutageEnded
from integrations.domain.headline import Key, Severity, severity_of
from integrations.domain.outages import Affected, Failure, Usual
from integrations.models import Incident, Outage, Summary, Tenant, Upstream
from integrations.upstream import snapshot_locks

logger = logging.getLogger(__name__)

_FAILS = [Key.RECONNECT_REQUIRED, Key.SIGN_IN_FAILING, Key.DEGRADED]
USUAL_LASTS = timedelta(hours=1)  # 90 days do not become others in it
_usual: dict[str, tuple[datetime, Usual]] = {}  # with when it was counted, by tool
_ALL = ""  # tools together
_WORKS = [key for key in Key if severity_of(key) in {Severity.OK, Severity.WORKING}]


def watch() -> int:
    """Find outages that began, add who is affected, and end those that are over. Return how much
    changed.

    Reads the connections that failed in the last six hours, and what is usual only of a tool of
    which three customers' did within 15 minutes.
    """
    look = _Look(timezone.now())
    changed = sum(_follow(outage, look) for outage in Outage.objects.filter(closed_at=None))
    is_open = set(Outage.objects.filter(closed_at=None).values_list("tool", flat=True))
    for tool, most in rule.suspects(look.failing).items():
        if tool not in is_open and (started_at := _down_since(tool, most, look)):
            _begin(tool, started_at, look)
            changed += 1
    return changed


class _Look:
    """What is known at one instant of all tools, read when it is asked for."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    @cached_property
    def failing(self) -> list[Failure]:
        """What failed of late and still does, as far as we know.

        What is in doubt is left out: where Kombo does not answer, what can't be checked, and who
        failed before the end of their outage.
        """
        silent = Upstream.objects.exclude(silent_until=None, refused_since=None)
        rows = _failing_since(self.now - rule.LATE).filter(integration__snapshot__error_kind="")
        columns = ("tool", "integration__tenant", "failed_at", "relapses", "outage")
        return [
            # Whatever comes and goes during an outage does so for the tool's sake.
            Failure(tool, tenant, at, 0 if outage else relapses)
            for tool, tenant, at, relapses, outage in rows.filter(_is_free(open_too=True))
            .exclude(integration__environment__in=silent.values("pk"))
            .values_list(*columns)
        ]

    def usual_of(self, tool: str) -> Usual:
        """Return what is usual of a tool, or of all together."""
        known = _usual.get(tool)
        if known is None or age(known[0], self.now) >= USUAL_LASTS:
            counted = self._count_all() if tool == _ALL else self._count(tool)
            known = _usual[tool] = (self.now, counted)
        return known[1]

    def _count(self, tool: str) -> Usual:
        _label, working = _working(tool, self)
        tenants = working.aggregate(number=Count("tenant", distinct=True))["number"]
        failing = {failure.tenant for failure in self.failing if failure.tool == tool}
        past = self._past.filter(tool=tool).values_list("tool", "integration__tenant", "failed_at")
        failures = (Failure(*failure) for failure in past)
        return rule.usual(failures, tenants + len(failing), now=self.now, days=self._days)

    def _count_all(self) -> Usual:
        return Usual(Tenant.objects.count(), failures=self._past.count(), days=self._days)

    @property
    def _past(self) -> QuerySet[Any]:
        """What failed in 90 days, but for the last hours, and was part of no outage."""
        span = (self.now - rule.USUAL_OVER, self.now - rule.LATE)
        return Incident.objects.filter(failed_at__range=span, outage=None)

    @property
    def _days(self) -> float:
        """For how many days failures are known: 90 at most."""
        known = Incident.objects.exclude(failed_at=None).order_by("failed_at")
        first = known.values_list("failed_at", flat=True).first() or self.now
        return min(self.now - first, rule.USUAL_OVER) / timedelta(days=1)

    def fail_everywhere(self, tool: str, at: datetime) -> bool:
        """Whether other tools failed at the same time as this one."""
        return rule.fails_everywhere(tool, at, self.failing, self.usual_of(_ALL))


def forget_usual() -> None:
    """Have what is usual counted anew."""
    _usual.clear()


def _down_since(tool: str, most: int, look: _Look) -> datetime | None:
    """Return since when a tool is down, of which so many customers failed in one window, or None if
    it is not.
    """
    usual = look.usual_of(tool)
    if not usual.is_exceeded_by(most):
        return None
    return rule.began_at(tool, look.failing, usual, look.usual_of(_ALL))


def _working(tool: str, look: _Look) -> tuple[str, QuerySet[Summary]]:
    """Return a tool's name, and its connections that work."""
    named = _failing_since(look.now - rule.LATE).filter(tool=tool).order_by("-failed_at")
    label = named.values_list("integration__snapshot__tool_label", flat=True).first() or tool
    return label, Summary.objects.filter(tool=label[:200], headline__in=_WORKS)


def _begin(tool: str, started_at: datetime, look: _Look) -> None:
    """Begin an outage, or go on with one that has just ended."""
    label, working = _working(tool, look)
    with transaction.atomic():
        recent = Outage.objects.filter(tool=tool, closed_at__gt=look.now - rule.SETTLES)
        if not recent.update(closed_at=None):
            # Whoever else finds it at the same time finds it made.
            Outage.objects.get_or_create(
                tool=tool,
                closed_at=None,
                defaults={
                    "tool_label": label,
                    "started_at": started_at,
                    "detected_at": look.now,
                    "total": 0,
                },
            )
        outage = Outage.objects.get(tool=tool, closed_at=None)
        _join(outage)
        affected = Incident.objects.filter(outage=outage, closed_at=None)
        outage.total = working.count() + affected.count()
        outage.save(update_fields=["total"])
    logger.warning("%s is probably down since %s", tool, started_at.isoformat(timespec="minutes"))


def _follow(outage: Outage, look: _Look) -> int:
    """Add who failed since, and end it if it is over, or take it back if it never was one. Return
    how much changed.
    """
    is_recent = outage.started_at > look.now - rule.LATE
    if is_recent and look.fail_everywhere(outage.tool, outage.started_at):
        _take_back(outage)
        return 1
    joined = _join(outage)
    rows = Incident.objects.filter(outage=outage, failed_at__gte=outage.started_at).order_by()
    connections = [
        Affected(tenant, failed_at, works=closed_at is not None)
        for tenant, failed_at, closed_at in rows.values_list(
            "integration__tenant", "failed_at", "closed_at"
        )
        if failed_at
    ]
    if not rule.has_ended(connections, outage.started_at, look.now):
        return joined
    with transaction.atomic():
        Outage.objects.filter(pk=outage.pk, closed_at=None).update(closed_at=look.now)
        events.publish(OutageEnded(outage.pk))
    return joined + 1


def _take_back(outage: Outage) -> None:
    """Let an outage never have been one."""
    with transaction.atomic():
        # Incidents and reminders are written here, as whoever changes a snapshot does.
        snapshot_locks.lock(
            [incident.integration_id for incident in outage.incidents.only("integration")]
        )
        events.publish(OutageEnded(outage.pk))
        outage.delete()


def _failing_since(at: datetime) -> QuerySet[Incident]:
    """Return the open incidents of what failed since, and whose it is without a doubt."""
    return Incident.objects.filter(
        failed_at__gte=at, closed_at=None, integration__summary__headline__in=_FAILS
    )


def _is_free(*, open_too: bool = False) -> Q:
    """Return the condition for incidents that are in no outage, or failed after it was over."""
    free = Q(outage=None) | Q(outage__closed_at__lt=F("failed_at"))
    return free | Q(outage__isnull=False, outage__closed_at=None) if open_too else free


def _join(outage: Outage) -> int:
    """Add the connections that failed since it began. Return how many."""
    found = _failing_since(outage.started_at).filter(_is_free(), tool=outage.tool)
    return found.update(outage=outage)


def prune(before: datetime) -> int:
    """Forget outages that ended before an instant. Return how many."""
    return Outage.objects.filter(closed_at__lt=before).delete()[0]
