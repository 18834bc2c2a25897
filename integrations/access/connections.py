"""What somebody who was let in to a tenant may know of its connections and of those to come."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import Http404

from integrations.access.grants import AccessGrant
from integrations.database.prepared import Prepared
from integrations.models import ConnectionAttempt, Integration, Tenant


def attempt(grant: AccessGrant, public_id: str) -> ConnectionAttempt:
    """Return an attempt to connect something to the tenant. Raises Http404."""
    return attempt_of(grant.tenant, public_id)


def attempt_of(tenant: Tenant, public_id: str) -> ConnectionAttempt:
    """Return an attempt to connect something to a tenant that somebody was let in to.

    Raises Http404.
    """
    if not public_id.isprintable():  # PostgreSQL can't even look for a NUL
        raise Http404
    rows = ConnectionAttempt.objects.select_related("tenant")
    for known in rows.filter(tenant=tenant, public_id=public_id):
        return known
    raise Http404


def is_connected_since(attempt: ConnectionAttempt) -> bool:
    """Whether the tool was connected after somebody set out to, by the attempt or otherwise."""
    rows = connected_to(attempt.tenant).filter(
        snapshot__category=attempt.category,
        snapshot__tool_id=attempt.tool_id,
        created_at__gte=attempt.created_at,
    )
    return attempt.connected_at is not None or rows.exists()


def has_tool(tenant: Tenant, category: str, tool_id: str) -> bool:
    """Whether a tool is connected to a tenant that somebody was let in to."""
    rows = connected_to(tenant)
    return rows.filter(snapshot__category=category, snapshot__tool_id=tool_id).exists()


def is_alone(integration: Integration) -> bool:
    """Whether the tenant has no other integration."""
    return not _others(integration.tenant_id, integration.pk)


@Prepared
def _others(tenant_pk: int, integration_pk: int) -> QuerySet[Any]:
    others = Integration.objects.filter(tenant=tenant_pk).exclude(pk=integration_pk)
    return others.order_by().values("pk")[:1]


def replaced_by(integration: Integration) -> Integration | None:
    """Return the integration of the same tenant whose place this one was connected to take, if it
    is there still.
    """
    tenant = integration.tenant
    return next(iter(_replaced_by(tenant.pk, tenant.origin_id, integration.pk)), None)


@Prepared
def _replaced_by(tenant_pk: int, origin_id: str, integration_pk: int) -> QuerySet[Integration]:
    former = ConnectionAttempt.objects.filter(integration=integration_pk).values("replaces")
    return _connected_to(tenant_pk, origin_id).filter(pk__in=former).order_by("pk")[:1]


def connected_to(tenant: Tenant) -> QuerySet[Integration]:
    """Return the integrations of a tenant that somebody was let in to which are there still and
    may be shown to it.
    """
    return _connected_to(tenant.pk, tenant.origin_id)


def _connected_to(tenant_pk: int, origin_id: str) -> QuerySet[Integration]:
    is_theirs = Q(snapshot__origin_id="") | Q(snapshot__origin_id=origin_id)
    is_confirmed = Q(snapshot__origin_id=F("confirmed_origin_id"))
    rows = Integration.objects.filter(
        is_theirs | is_confirmed, tenant=tenant_pk, snapshot__removed_at=None
    )
    return rows.select_related("snapshot", "tenant").without_grid()
