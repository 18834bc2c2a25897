"""What somebody who was let in to a tenant may know of its connections and of those to come."""

from django.db.models import F, Q, QuerySet
from django.http import Http404

from integrations.access.grants import AccessGrant
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


def connected_to(tenant: Tenant) -> QuerySet[Integration]:
    """Return the integrations of a tenant that somebody was let in to which are there still and
    may be shown to it.
    """
    is_theirs = Q(snapshot__origin_id__in=["", tenant.origin_id]) | Q(
        snapshot__origin_id=F("confirmed_origin_id")
    )
    rows = Integration.objects.filter(is_theirs, tenant=tenant, snapshot__removed_at=None)
    return rows.select_related("snapshot").without_grid()
