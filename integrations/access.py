"""The only door to tenant-owned objects: what is not yours is not there.

Every function answers the same `Http404` for an unknown id and for somebody else's, after the same queries.
"""

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import FETCH_RAISE, QuerySet
from django.http import Http404

from integrations.models import Integration, Membership, Role, Tenant


@dataclass(frozen=True, slots=True)
class Visit:
    """One person in one tenant, and what they may do there."""

    user: User
    tenant: Tenant
    may_repair: bool
    as_staff: bool

    @property
    def may_resume(self) -> bool:
        return self.as_staff and self.user.has_perm("integrations.resume_integration")


def sees_every_tenant(user: User) -> bool:
    """Staff of the vendor with the permission to view tenants."""
    return user.is_staff and user.has_perm("integrations.view_tenant")


def tenants_of(user: User) -> QuerySet[Tenant]:
    """The tenants a person may visit, by name."""
    if sees_every_tenant(user):
        return Tenant.objects.all()
    return Tenant.objects.filter(memberships__user=user)


def visit(user: User, tenant_id: str) -> Visit:
    """Let a person into the tenant with this public id. Raises Http404."""
    membership = Membership.objects.filter(user=user, tenant__public_id=tenant_id).select_related("tenant").first()
    if membership:
        return Visit(user, membership.tenant, may_repair=membership.role == Role.MEMBER, as_staff=user.is_staff)
    if sees_every_tenant(user) and (tenant := Tenant.objects.filter(public_id=tenant_id).first()):
        return Visit(user, tenant, may_repair=False, as_staff=True)
    raise Http404


def integrations_of(place: Visit) -> QuerySet[Integration]:
    """The tenant's integrations with their snapshots, without the grids; nothing more can be loaded by accident."""
    return (
        Integration.objects.filter(tenant=place.tenant)
        .select_related("tenant", "snapshot")
        .defer("snapshot__coverage")
        .fetch_mode(FETCH_RAISE)
    )


def integration(place: Visit, integration_id: str) -> Integration:
    """One integration of the tenant by its public id. Raises Http404."""
    found = integrations_of(place).filter(public_id=integration_id).first()
    if found is None:
        raise Http404
    return found


def integration_with_grid(place: Visit, integration_id: str) -> Integration:
    """As `integration`, with the coverage grid loaded."""
    found = integrations_of(place).defer(None).filter(public_id=integration_id).first()
    if found is None:
        raise Http404
    return found


def grid_owner(place: Visit, integration_id: str) -> Integration:
    """As `integration_with_grid`, for what shows nothing but the grid. Raises Http404 where none may be shown."""
    found = integration_with_grid(place, integration_id)
    if is_withheld(found) or not found.snapshot.coverage:
        raise Http404
    return found


def is_withheld(integration: Integration) -> bool:
    """The mapping guard: Kombo names another tenant, and nobody has confirmed that this is right."""
    named = integration.snapshot.origin_id
    return named not in {"", integration.tenant.origin_id, integration.confirmed_origin_id}
