"""The only door to tenant-owned objects: what is not yours is not there.

Every function answers the same `Http404` for an unknown id and for somebody else's, after the same
queries.
"""

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import Http404

from integrations.access import hand_offs, listing, loading, repair_handles
from integrations.access.embed_sessions import Guest
from integrations.access.grants import AccessGrant, Person
from integrations.access.listing import ALL, Organization, Part
from integrations.access.loading import Rows
from integrations.access.mapping_guard import is_withheld
from integrations.models import (
    ConnectionAttempt,
    HandOff,
    Integration,
    Mail,
    MailKind,
    Membership,
    RepairHandle,
    Role,
    Summary,
    Tenant,
)


def sees_every_tenant(user: Person) -> bool:
    """Whether a person is staff with the permission to view all tenants."""
    return user.is_staff and user.has_perm("integrations.view_tenant")


def may_add_tenants(user: Person) -> bool:
    """Staff with the permission who see every tenant: who does not would learn from what can't be
    added which ones there are.
    """
    return sees_every_tenant(user) and user.has_perm("integrations.add_tenant")


def require_staff(user: Person, permission: str = "") -> User:
    """Let the vendor's staff in, who have a permission if one is named.

    Raises Http404: for others, it is not there.
    """
    if not (isinstance(user, User) and user.is_staff):
        raise Http404
    if permission and not user.has_perm(permission):
        raise Http404
    return user


def tenants_for_staff(user: Person) -> QuerySet[Tenant]:
    """The tenants that somebody of the staff takes care of, or all with the permission.

    Raises Http404.
    """
    return Tenant.objects.filter(_is_theirs(require_staff(user)))


def tenant_for_staff(user: Person, tenant_id: str) -> Tenant:
    """Return a tenant that staff may see, with its account manager. Raises Http404."""
    for tenant in tenants_for_staff(user).select_related("owner").filter(public_id=tenant_id):
        return tenant
    raise Http404


def members_of(tenant: Tenant) -> QuerySet[Membership]:
    """Return who has access to a tenant that somebody was let in to, by name."""
    return (
        Membership.objects.filter(tenant=tenant).select_related("user").order_by("user__username")
    )


def integration_for_staff(
    user: Person, tenant_id: str, integration_id: str, *, with_grid: bool = True
) -> Integration:
    """One integration of these with all that is known of it, for staff. Raises Http404."""
    here = Integration.objects.filter(public_id=integration_id, tenant__in=tenants_for_staff(user))
    rows = here.filter(tenant__public_id=tenant_id).select_related(
        "tenant__owner", "snapshot", "summary"
    )
    for integration in rows if with_grid else rows.without_grid():
        return loading.with_snapshot(integration)
    raise Http404


def preview_guest(user: Person, tenant: Tenant) -> Guest:
    """Somebody of the staff, as a member of the tenant who sees everything and can't change it."""
    return Guest(pk=f"preview {user.pk}", tenant=tenant, may_repair=True, is_preview=True)


def summaries_for_staff(user: Person) -> QuerySet[Summary]:
    """The short rows of all their integrations. Raises Http404."""
    known = require_staff(user)
    return (
        Summary.objects.all() if sees_every_tenant(known) else Summary.objects.filter(owner=known)
    )


def mails_for_staff(user: Person) -> QuerySet[Mail]:
    """The mails about these tenants, and the digests to themselves; to who sees all tenants, all.
    Raises Http404.
    """
    mails = require_staff(user)
    own = Q(tenant__in=tenants_for_staff(mails)) | Q(kind=MailKind.DIGEST, to=mails.email)
    return Mail.objects.all() if sees_every_tenant(mails) else Mail.objects.filter(own)


def tenants_of(user: Person) -> QuerySet[Tenant]:
    """The tenants a person may visit, by name."""
    if isinstance(user, Guest):
        return Tenant.objects.filter(pk=user.tenant.pk)
    if sees_every_tenant(user):
        return Tenant.objects.all()
    own = Q(memberships__user=user)
    return (
        Tenant.objects.filter(own | Q(owner=user)).distinct()
        if user.is_staff
        else Tenant.objects.filter(own)
    )


def grant_access(user: Person, tenant_id: str) -> AccessGrant:
    """Let a person into the tenant with this public id. Raises Http404."""
    if isinstance(user, Guest):
        return _grant_to_guest(user, tenant_id)
    rows = Membership.objects.filter(user=user, tenant__public_id=tenant_id).select_related(
        "tenant"
    )
    for membership in rows:
        return _grant(user, membership.tenant, membership.role)
    if user.is_staff and (
        tenant := Tenant.objects.filter(_is_theirs(user), public_id=tenant_id).first()
    ):
        return _grant(user, tenant, None)
    raise Http404


def organizations(user: Person) -> list[Organization]:
    """The tenants that a customer's person belongs to, by name, with how each is; of the vendor's
    staff, whose tenants the workspace lists, none.
    """
    if not user.is_authenticated or user.is_staff or isinstance(user, Guest):
        return []
    return listing.organizations(user)


def integrations(
    user: Person, tenant_id: str, part: Part = ALL
) -> tuple[AccessGrant, list[Integration]]:
    """As `rows`, with the object of each."""
    grant, found = rows(user, tenant_id, part)
    return grant, found.integrations(found.columns)


def rows(user: Person, tenant_id: str, part: Part = ALL) -> tuple[AccessGrant, Rows]:
    """Let a person into a tenant and to its integrations, or a part of them, in one query for a
    member where there are any.
    """
    if isinstance(user, Guest):
        return _grant_to_guest(user, tenant_id), loading.of_tenant(user.tenant, part)
    own = loading.of_member(user.pk, tenant_id, part)
    if own:
        return _grant(user, own.tenant, own.role), own
    grant = grant_access(user, tenant_id)
    return grant, loading.of_tenant(grant.tenant, part)


def integration(
    user: Person, tenant_id: str, integration_id: str, *, with_grid: bool = False
) -> tuple[AccessGrant, Integration]:
    """Let a person in and to one integration by its public id, in one query for a member.

    Raises Http404.
    """
    ids = (tenant_id, integration_id)
    if isinstance(user, Guest):
        for known in loading.one_of_tenant(user.tenant, *ids, with_grid=with_grid):
            return _grant_to_guest(user, tenant_id), known
        raise Http404
    for own in loading.one_of_member(user.pk, *ids, with_grid=with_grid):
        return _grant(user, own.tenant, _role(own)), own
    if user.is_staff:
        here = Integration.objects.filter(public_id=integration_id, tenant__public_id=tenant_id)
        theirs = here.filter(tenant__in=tenants_for_staff(user))
        for other in loading.with_snapshots(theirs, with_grid=with_grid):
            return _grant(user, other.tenant, None), other
    raise Http404


def integration_with_grid(
    user: Person, tenant_id: str, integration_id: str
) -> tuple[AccessGrant, Integration]:
    """As `integration`, for what shows nothing but the grid.

    Raises Http404 too where none may be shown.
    """
    grant, row = integration(user, tenant_id, integration_id, with_grid=True)
    if is_withheld(row) or not row.snapshot.coverage:
        raise Http404
    return grant, row


def integration_by_any_id(tenant: Tenant, name: str) -> Integration:
    """A tenant's integration by Kombo's id or by ours, as a host page may know either.

    Raises Http404.
    """
    if not name.isprintable():  # PostgreSQL can't even look for a NUL
        raise Http404
    either = Q(integration_id=name) | Q(public_id=name)
    for integration in Integration.objects.filter(either, tenant=tenant).order_by("pk")[:1]:
        return integration
    raise Http404


def by_repair_handle(
    handle: str, *, used: bool = False
) -> tuple[RepairHandle, AccessGrant, Integration] | None:
    """Let whoever holds a way out of a frame to the one integration it leads to; None if it leads
    nowhere any more.
    """
    found = repair_handles.find(handle, used=used)
    if found is None or found.integration is None or is_withheld(found.integration):
        return None
    grant = _grant_by_link(f"handle {found.pk}", found.integration.tenant)
    return found, grant, found.integration


def to_connect_by_handle(
    handle: str, *, used: bool = False
) -> tuple[RepairHandle, AccessGrant, ConnectionAttempt] | None:
    """Let whoever holds a way out of a frame to the one attempt to connect a tool that it leads to;
    None if it leads nowhere any more.
    """
    found = repair_handles.find(handle, used=used)
    if found is None or found.attempt is None:
        return None
    return found, _grant_by_link(f"handle {found.pk}", found.attempt.tenant), found.attempt


def by_hand_off(token: str) -> tuple[HandOff, AccessGrant] | None:
    """Let whoever holds a hand-off's link, dead or alive, to what it is for; None if there is no
    such thing.
    """
    link = hand_offs.find(token)
    if link is None or (link.integration and is_withheld(link.integration)):
        return None
    return link, _grant_by_link(f"hand-off {link.pk}", link.subject.tenant)


def _is_theirs(user: User) -> Q:
    """Of a tenant: it is in the care of somebody of the staff, or they may see all."""
    return Q() if sees_every_tenant(user) else Q(owner=user)


def _role(integration: Integration) -> str:
    """Return the member's role, which the query annotated."""
    return str(integration.role)  # type: ignore[attr-defined]


def _grant_by_link(link: str, tenant: Tenant) -> AccessGrant:
    """Return the grant of somebody known by a link alone, which is to one thing of a tenant."""
    guest = Guest(pk=link, tenant=tenant, may_repair=True)
    return _grant_to_guest(guest, guest.tenant.public_id)


def _grant_to_guest(guest: Guest, tenant_id: str) -> AccessGrant:
    if guest.tenant.public_id != tenant_id:
        raise Http404
    return AccessGrant(guest, guest.tenant, may_repair=guest.may_repair, as_staff=False)


def _grant(user: User, tenant: Tenant, role: str | None) -> AccessGrant:
    """Return the grant of a user; without a role in the tenant they may look only, as staff."""
    return AccessGrant(user, tenant, may_repair=role == Role.MEMBER, as_staff=user.is_staff)
