"""Two pairs of eyes before the staff disconnect an integration: one asks and says why, another one
approves within a week, or it comes to nothing.
"""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from integrations.access import audit, permissions
from integrations.access.audit import Act, Actor
from integrations.history import disconnections
from integrations.models import DisconnectRequest, Integration, RequestOutcome
from integrations.upstream import disconnecting, snapshot_locks
from integrations.upstream.disconnecting import NotThere, UnderWay

LIVES = timedelta(days=7)
PERMISSION = "integrations.disconnect_integration"
MOST = 10  # on the overview


class NotOpen(Exception):
    """It was withdrawn, is too old, or is another one now."""


class OwnRequest(Exception):
    """Nobody approves what they asked for themselves."""


class NotValid(Exception):
    """Whoever asked may not ask any more."""


def open_of(integration: Integration) -> DisconnectRequest | None:
    """Return the request that waits for approval, with who made it; None if there is none."""
    if integration.snapshot.removed_at:
        return None
    return _open().filter(integration=integration).first()


def waiting_for(user: User) -> list[DisconnectRequest]:
    """Return what somebody of the staff can approve, the oldest first; one query, or none without
    the permission.
    """
    if not user.has_perm(PERMISSION):
        return []
    theirs = permissions.tenants_for_staff(user)
    rows = _open().filter(
        integration__tenant__in=theirs, integration__snapshot__removed_at__isnull=True
    )
    rows = rows.exclude(requested_by=user).select_related("integration__tenant")
    shown = rows.select_related("integration__snapshot").defer("integration__snapshot__coverage")
    return list(shown.order_by("requested_at", "pk")[:MOST])


def ends_at(request: DisconnectRequest) -> datetime:
    """Return until when a request can be approved."""
    return request.requested_at + LIVES


def ask(integration: Integration, reason: str, by: Actor) -> DisconnectRequest:
    """Ask for an approval, or return the request that waits for one already. Raises NotThere."""
    with transaction.atomic():
        row = snapshot_locks.locked(integration.pk)
        if row is None or row.removed_at:
            raise NotThere
        if waiting := _open().filter(integration=integration).first():
            return waiting
        now = timezone.now()
        _unended().filter(integration=integration).update(
            ended_at=now, outcome=RequestOutcome.EXPIRED
        )
        asked = DisconnectRequest.objects.create(
            integration=integration, requested_at=now, requested_by=by.user, reason=reason
        )
        audit.record(by, Act.DISCONNECT_REQUESTED, integration=integration)
    return asked


def withdraw(integration: Integration, number: int, by: Actor) -> None:
    """Let a request come to nothing. Raises NotOpen, UnderWay."""
    with transaction.atomic():
        row = snapshot_locks.locked(integration.pk)
        if row and not row.removed_at and disconnections.under_way(row):
            raise UnderWay
        if not _end(_of(integration, number), RequestOutcome.WITHDRAWN, by):
            raise NotOpen
        audit.record(by, Act.DISCONNECT_WITHDRAWN, integration=integration)


def approve(integration: Integration, number: int, by: Actor) -> None:
    """Do what another one of the staff asked for. It stays open if Kombo declines.

    Raises NotOpen, OwnRequest, NotValid, and as `disconnecting.disconnect`.
    """

    def check() -> None:
        asked = _of(integration, number).select_for_update(of=("self",)).first()
        if asked is None:
            raise NotOpen
        if asked.requested_by and by.user and asked.requested_by.pk == by.user.pk:
            raise OwnRequest
        if not _may_ask(asked.requested_by, integration):
            raise NotValid
        audit.record(by, Act.DISCONNECT_APPROVED, integration=integration)

    disconnecting.disconnect(integration, by=by, check=check)
    _end(_of(integration, number), RequestOutcome.APPROVED, by)


def prune(before: datetime) -> int:
    """Forget requests from before an instant. Return how many."""
    return DisconnectRequest.objects.filter(requested_at__lt=before).delete()[0]


def _may_ask(user: User | None, integration: Integration) -> bool:
    """Return whether somebody is of the staff, takes care of the customer, and has the
    permission.
    """
    if user is None or not (user.is_active and user.is_staff and user.has_perm(PERMISSION)):
        return False
    return permissions.tenants_for_staff(user).filter(pk=integration.tenant_id).exists()


def _unended() -> QuerySet[DisconnectRequest]:
    return DisconnectRequest.objects.filter(ended_at__isnull=True).select_related("requested_by")


def _open() -> QuerySet[DisconnectRequest]:
    return _unended().filter(Q(requested_at__gt=timezone.now() - LIVES))


def _of(integration: Integration, number: int) -> QuerySet[DisconnectRequest]:
    return _open().filter(integration=integration, pk=number)


def _end(rows: QuerySet[DisconnectRequest], outcome: RequestOutcome, by: Actor) -> bool:
    return bool(rows.update(ended_at=timezone.now(), ended_by=by.user, outcome=outcome))
