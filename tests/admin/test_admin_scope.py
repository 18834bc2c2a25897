"""Staff find and change in the administration only the tenants in their care."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.models import Entry, Event, Incident, Integration, Kind, Membership, Tenant
from tests.admin.pages import page, post_integration, saved
from tests.conftest import Connect


def test_who_looks_after_some_tenants_finds_no_other_here(
    acme: Tenant, bolt: Tenant, alice: User, connect: Connect, sign_in: Callable[[User], Client]
) -> None:
    amy = User.objects.create_user("amy-in-admin", is_staff=True)
    kinds = ("tenant", "membership", "integration", "snapshot", "event", "incident", "entry")
    names = [f"{act}_{kind}" for kind in kinds for act in ("view", "change", "delete")]
    names.remove("view_tenant")
    amy.user_permissions.set(Permission.objects.filter(codename__in=names))
    Tenant.objects.filter(pk=acme.pk).update(owner=amy)
    Membership.objects.create(user=amy, tenant=bolt)
    mine, other = connect(acme), connect(bolt)
    staff = sign_in(amy)
    for kind, own, strange in (
        ("tenant", acme, bolt),
        ("membership", alice.memberships.get(), bolt.memberships.get()),
        ("integration", mine, other),
        ("snapshot", mine.snapshot, other.snapshot),
    ):
        listed = staff.get(page(f"{kind}_changelist")).content.decode()
        assert reverse(f"admin:integrations_{kind}_change", args=[own.pk]) in listed
        assert reverse(f"admin:integrations_{kind}_change", args=[strange.pk]) not in listed
        assert staff.get(page(f"{kind}_change", own.pk)).status_code == 200
        assert staff.get(page(f"{kind}_change", strange.pk)).status_code == 302
        assert staff.post(page(f"{kind}_delete", strange.pk), {"post": "yes"}).status_code in {
            302,
            403,
        }
    assert Integration.objects.filter(pk=other.pk).exists()
    assert Membership.objects.filter(tenant=bolt).exists()
    for one in (mine, other):
        Entry.objects.create(integration=one, at=timezone.now(), kind=Kind.STATE, what="connected")
        Incident.objects.create(integration=one, key="degraded", opened_at=timezone.now())
        Event.objects.create(integration=one, event_id=one.public_id, received_at=timezone.now())
    for kind in ("event", "incident", "entry"):
        listed = staff.get(page(f"{kind}_changelist")).content.decode()
        assert mine.integration_id in listed
        assert other.integration_id not in listed


def test_nothing_moves_to_a_tenant_that_is_not_theirs(
    acme: Tenant, bolt: Tenant, alice: User, connect: Connect, sign_in: Callable[[User], Client]
) -> None:
    amy = User.objects.create_user("amy-in-admin", is_staff=True)
    names = ["change_integration", "change_membership"]
    amy.user_permissions.set(Permission.objects.filter(codename__in=names))
    Tenant.objects.filter(pk=acme.pk).update(owner=amy)
    made, staff = connect(acme), sign_in(amy)
    saved(staff, made, tenant=acme.pk, integration_id=made.integration_id)  # which is theirs to do
    refused = post_integration(staff, made, tenant=bolt.pk, integration_id=made.integration_id)
    assert refused.status_code == 200
    assert set(refused.context["adminform"].form.errors) == {"tenant"}
    assert Integration.objects.get(pk=made.pk).tenant == acme
    membership = alice.memberships.get()
    address = page("membership_change", membership.pk)
    values = {"user": alice.pk, "role": membership.role, "tenant": acme.pk}
    assert staff.post(address, values).status_code == 302
    refused = staff.post(address, {**values, "tenant": bolt.pk})
    assert refused.status_code == 200
    assert set(refused.context["adminform"].form.errors) == {"tenant"}
    assert alice.memberships.get().tenant == acme


@pytest.mark.parametrize("may_assign", [False, True])
def test_an_account_manager_is_assigned_with_the_permission_only(
    acme: Tenant, root: User, sign_in: Callable[[User], Client], may_assign: bool
) -> None:
    amy = User.objects.create_user("amy-in-admin", is_staff=True)
    names = ["change_tenant", *(["assign_tenant"] if may_assign else [])]
    amy.user_permissions.set(Permission.objects.filter(codename__in=names))
    Tenant.objects.filter(pk=acme.pk).update(owner=amy)
    values = {"name": acme.name, "origin_id": acme.origin_id, "owner": root.pk}
    assert sign_in(amy).post(page("tenant_change", acme.pk), values).status_code == 302
    assert Tenant.objects.get(pk=acme.pk).owner == (root if may_assign else amy)
