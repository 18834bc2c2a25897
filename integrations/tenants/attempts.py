"""Attempts to connect a tool: how far each is, and which are not over."""

from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.access.audit import Actor
from integrations.database.prepared import Prepared
from integrations.models import CatalogueTool, ConnectionAttempt, HandOff, Integration, Tenant

# Of its beginning: Kombo's link lives one hour, and people take their time. What Kombo Connect said
# is done and nobody has confirmed for so long, nobody will.
ENDS_WITHIN = timedelta(hours=2)
LEFT_AFTER = timedelta(hours=1)
SHOWN_FOR = timedelta(days=30)  # an attempt of which nothing came
MOST = 10  # of a tenant that a page shows
OPEN = Q(connected_at=None, dismissed_at=None)


class AttemptStatus(StrEnum):
    """How far an attempt to connect is."""

    INVITED = "invited"  # nobody has opened Kombo Connect yet
    BEGUN = "begun"
    LEFT = "left"
    FAILED = "failed"
    UNCONFIRMED = "unconfirmed"  # Kombo Connect says it is done, Kombo has not said so yet
    UNKNOWN = "unknown"  # nor did it for so long that nobody need wait for it
    CONNECTED = "connected"
    DISMISSED = "dismissed"


def status_of(attempt: ConnectionAttempt, now: datetime) -> AttemptStatus:
    """Return how far an attempt is."""
    if attempt.connected_at:
        return AttemptStatus.CONNECTED
    if attempt.dismissed_at:
        return AttemptStatus.DISMISSED
    if attempt.finished_at:
        is_awaited = attempt.finished_at > now - ENDS_WITHIN
        return AttemptStatus.UNCONFIRMED if is_awaited else AttemptStatus.UNKNOWN
    if attempt.failed_at:
        return AttemptStatus.FAILED
    if attempt.begun_at is None:
        return AttemptStatus.INVITED
    is_left = attempt.left_at is not None or attempt.begun_at < now - LEFT_AFTER
    return AttemptStatus.LEFT if is_left else AttemptStatus.BEGUN


def may_continue(attempt: ConnectionAttempt, now: datetime) -> bool:
    """Whether somebody may still be asked to connect what an attempt is about."""
    return status_of(attempt, now) not in {
        AttemptStatus.CONNECTED,
        AttemptStatus.DISMISSED,
        AttemptStatus.UNCONFIRMED,
    }


def is_under_way(attempt: ConnectionAttempt) -> bool:
    """Return whether a link was made for it by which it may be ending now."""
    return attempt.begun_at is not None and attempt.begun_at > timezone.now() - ENDS_WITHIN


def unfinished(now: datetime) -> QuerySet[ConnectionAttempt]:
    """Return the attempts of all tenants that somebody began, or was asked to, and of which nothing
    came yet, the latest first, each for a month after it was last worked on.
    """
    invitations = HandOff.objects.filter(attempt=OuterRef("pk"))
    shown = _recent(now).filter(Q(begun_at__isnull=False) | Exists(invitations))
    return shown.select_related("created_by", "tenant")


def stalled(now: datetime) -> QuerySet[ConnectionAttempt]:
    """Return those among them that somebody left, that the tool refused, or that were never
    confirmed.
    """
    is_closed = Q(left_at__isnull=False) | Q(begun_at__lt=now - LEFT_AFTER)
    is_left = is_closed | Q(failed_at__isnull=False)
    is_unknown = Q(finished_at__lte=now - ENDS_WITHIN)
    return unfinished(now).filter(is_left & Q(finished_at=None) | is_unknown)


@Prepared
def unfinished_of(tenant_pk: int, now: datetime) -> QuerySet[ConnectionAttempt]:
    """Return the latest of them of one tenant, as many as a page shows."""
    return unfinished(now).filter(tenant=tenant_pk)[:MOST]


def open_one(attempt: ConnectionAttempt) -> QuerySet[ConnectionAttempt]:
    """Return the row of an attempt, if nothing came of it yet."""
    return ConnectionAttempt.objects.filter(OPEN, pk=attempt.pk)


def plan(
    tenant: Tenant,
    tool: CatalogueTool,
    *,
    by: Actor,
    replaces: Integration | None = None,
) -> ConnectionAttempt:
    """Return the attempt to connect a tool to a tenant: the unfinished one, if there is one, else
    a new one.

    `replaces` is the integration that it is to take the place of.
    """
    return store(draft(tenant, tool, by=by, replaces=replaces))


def draft(
    tenant: Tenant,
    tool: CatalogueTool,
    *,
    by: Actor,
    replaces: Integration | None = None,
) -> ConnectionAttempt:
    """Return the same as `plan`, where a new one is not stored yet."""
    new = ConnectionAttempt(
        tenant=tenant,
        environment=tool.catalogue.environment,
        category=tool.catalogue.category,
        tool_id=tool.tool_id,
        tool_label=tool.label,
        logo=tool.logo,
        replaces=replaces,
        created_at=timezone.now(),
        created_by=by.user,
    )
    return _like(new) or new


def store(drafted: ConnectionAttempt) -> ConnectionAttempt:
    """Return a drafted attempt, stored; if somebody else stored one like it meanwhile, theirs."""
    if drafted.pk:
        return drafted
    with transaction.atomic():
        # Whoever sets out at the same time waits here, and finds it.
        Tenant.objects.select_for_update().get(pk=drafted.tenant_id)
        if known := _like(drafted):
            return known
        drafted.save()
    return drafted


def prune(before: datetime) -> int:
    """Forget attempts that nobody has worked on since an instant. Return how many."""
    idle = Q(begun_at=None) | Q(begun_at__lt=before)
    return ConnectionAttempt.objects.filter(idle, created_at__lt=before).delete()[0]


def _like(new: ConnectionAttempt) -> ConnectionAttempt | None:
    """Return the latest unfinished attempt of the same to the same, unless Kombo is about to
    confirm it.
    """
    same = ("tenant", "environment", "category", "tool_id", "replaces")
    now = timezone.now()
    known = _recent(now).filter(**{name: getattr(new, name) for name in same})
    is_awaited = Q(finished_at__gt=now - ENDS_WITHIN)
    return known.exclude(is_awaited).select_related("created_by", "tenant").first()


def _recent(now: datetime) -> QuerySet[ConnectionAttempt]:
    since = now - SHOWN_FOR
    return ConnectionAttempt.objects.filter(Q(created_at__gt=since) | Q(begun_at__gt=since), OPEN)
