"""What somebody who was let in to a tenant may know of its connections and of those to come."""

from django.db.models import F, Q, QuerySet
from django.http import Http404

from integrations.access.grants import AccessGrant
from integrations.models import ConnectionAttempt, Integration, Tenant


def attempt(grant: AccessGrant, public_id: str) -> ConnectionAttempt:
    """Return an attempt to connect something to the tenant. Raises Http404."""
    if not public_id.isprintable():  # PostgreSQL can't even look for a NUL
        raise Http404
    rows = ConnectionAttempt.objects.select_related("tenant")
    for known in rows.filter(tenant=grant.tenant, public_id=public_id):
        return known
    raise Http404


def connected_to(tenant: Tenant) -> QuerySet[Integration]:
    """Return the integrations of a tenant that somebody was let in to which are there still and
    may be shown to it.
    """
    is_theirs = Q(snapshot__origin_id__in=["", tenant.origin_id]) | Q(
        snapshot__origin_id=F("confirmed_origin_id")
    )
    rows = Integration.objects.filter(is_theirs, tenant=tenant, snapshot__removed_at=None)
    return rows.select_related("snapshot").without_grid()
