"""The only door: what is not yours is not there."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import FieldFetchBlocked
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from integrations.access import grants, mapping_guard, permissions
from integrations.access.embed_sessions import Guest
from integrations.models import Integration, Membership, Snapshot, Tenant
from integrations.tenants import mapping
from tests.conftest import acting

type Find = Callable[[User, str, str], tuple[grants.AccessGrant, Integration]]

GRID = '{"read_models":[]}'
RANDOM = ["", "no-such-id", "AAAAAAAAAAAAAAAA", "../../etc", "%00", "a" * 5000, "1"]


@pytest.fixture
def theirs(acme: Tenant) -> Integration:
    return mapping.create(acme, "personio:1")


def queries(of: Callable[[], object]) -> int:
    """How many queries it takes to be told that there is nothing."""
    with CaptureQueriesContext(connection) as seen, pytest.raises(Http404):
        of()
    return len(seen)


def test_a_member_may_look_and_repair(alice: User, acme: Tenant) -> None:
    grant = permissions.grant_access(alice, acme.public_id)
    assert (grant.tenant, grant.may_repair, grant.as_staff, grant.may_resume) == (
        acme,
        True,
        False,
        False,
    )


def test_a_viewer_may_only_look(vic: User, acme: Tenant) -> None:
    grant = permissions.grant_access(vic, acme.public_id)
    assert (grant.may_repair, grant.as_staff, grant.may_resume) == (False, False, False)


def test_staff_with_the_permission_look_everywhere_and_resume(mia: User, acme: Tenant) -> None:
    grant = permissions.grant_access(mia, acme.public_id)
    assert (grant.may_repair, grant.as_staff, grant.may_resume) == (False, True, True)


def test_staff_who_are_members_repair_as_members_do(mia: User, acme: Tenant) -> None:
    Membership.objects.create(user=mia, tenant=acme)
    grant = permissions.grant_access(mia, acme.public_id)
    assert (grant.may_repair, grant.as_staff) == (True, True)


@pytest.mark.parametrize("is_staff", [True, False])
def test_staff_need_the_permission_and_it_needs_staff(is_staff: bool, acme: Tenant) -> None:
    user = User.objects.create_user("max", is_staff=is_staff)
    if not is_staff:
        user.user_permissions.set(
            Permission.objects.filter(codename__in=["view_tenant", "resume_integration"])
        )
    assert not permissions.sees_every_tenant(user)
    assert not permissions.tenants_of(user)
    with pytest.raises(Http404):
        permissions.grant_access(user, acme.public_id)


def test_the_permission_to_resume_is_staffs_alone(alice: User, acme: Tenant) -> None:
    alice.user_permissions.set(Permission.objects.filter(codename="resume_integration"))
    assert not permissions.grant_access(alice, acme.public_id).may_resume


def test_resuming_takes_a_permission_of_its_own(mia: User, acme: Tenant) -> None:
    mia.user_permissions.set(Permission.objects.filter(codename="view_tenant"))
    assert not permissions.grant_access(mia, acme.public_id).may_resume


def test_who_sees_which_tenants(
    alice: User, bob: User, mia: User, root: User, acme: Tenant, bolt: Tenant
) -> None:
    assert [list(permissions.tenants_of(user)) for user in (alice, bob, mia, root)] == [
        [acme],
        [bolt],
        [acme, bolt],
        [acme, bolt],
    ]


@pytest.mark.parametrize("tenant_id", RANDOM)
def test_a_tenant_that_is_not_there(alice: User, tenant_id: str) -> None:
    with pytest.raises(Http404):
        permissions.grant_access(alice, tenant_id)


def test_a_tenant_is_not_found_by_any_other_id_of_its_own(alice: User, acme: Tenant) -> None:
    for other in (str(acme.pk), acme.origin_id, acme.name):
        with pytest.raises(Http404):
            permissions.grant_access(alice, other)


def test_another_tenant_costs_the_same_queries_as_none(alice: User, bolt: Tenant) -> None:
    for enter in (permissions.grant_access, permissions.integrations):
        foreign = queries(lambda enter=enter: enter(alice, bolt.public_id))  # type: ignore[misc]
        assert foreign == queries(lambda enter=enter: enter(alice, "no-such-id")) <= 2  # type: ignore[misc]


@pytest.mark.parametrize("find", [permissions.integration, permissions.integration_with_grid])
def test_another_tenants_integration_is_not_there(
    find: Find, bob: User, acme: Tenant, bolt: Tenant, theirs: Integration
) -> None:
    for tenant_id in (bolt.public_id, acme.public_id, "no-such-id"):
        for other in (theirs.public_id, *RANDOM, str(theirs.pk), theirs.integration_id):
            assert queries(lambda: find(bob, tenant_id, other)) == 1  # noqa: B023 - called at once


@pytest.mark.parametrize("name", ["mia", "root", "alice"])
def test_an_integration_is_found_only_under_its_own_tenant(
    name: str, mia: User, root: User, alice: User, acme: Tenant, bolt: Tenant, theirs: Integration
) -> None:
    Membership.objects.create(user=alice, tenant=bolt)
    user = User.objects.get(username=name)
    assert permissions.integration(user, acme.public_id, theirs.public_id)[1] == theirs
    with pytest.raises(Http404):
        permissions.integration(user, bolt.public_id, theirs.public_id)


def test_the_role_is_ones_own_among_many_members(
    alice: User, vic: User, acme: Tenant, theirs: Integration
) -> None:
    for user, may_repair in ((alice, True), (vic, False)):
        assert (
            permissions.integration(user, acme.public_id, theirs.public_id)[0].may_repair
            is may_repair
        )
        grant, found = permissions.integrations(user, acme.public_id)
        assert (grant.may_repair, found) == (may_repair, [theirs])


def test_staff_find_what_members_find(mia: User, acme: Tenant, theirs: Integration) -> None:
    for grant in (
        permissions.integration(mia, acme.public_id, theirs.public_id)[0],
        permissions.integrations(mia, acme.public_id)[0],
    ):
        assert (grant.tenant, grant.may_repair, grant.as_staff) == (acme, False, True)


def test_a_tenant_without_integrations_is_there_all_the_same(alice: User, acme: Tenant) -> None:
    grant, found = permissions.integrations(alice, acme.public_id)
    assert (grant.tenant, grant.may_repair, found) == (acme, True, [])


def test_a_list_takes_one_query_and_one_more_for_objects(
    alice: User,
    acme: Tenant,
    theirs: Integration,
    django_assert_num_queries: Callable[[int], CaptureQueriesContext],
) -> None:
    mapping.create(acme, "greenhouse:2")
    with django_assert_num_queries(1):
        grant, rows = permissions.rows(alice, acme.public_id)
        assert (grant.tenant.name, grant.may_repair, len(rows)) == ("Acme GmbH", True, 2)
    with django_assert_num_queries(1):
        first, second = rows.integrations(rows.columns)
        assert (first.tenant.origin_id, first.snapshot.status) == ("acme", "")
        assert rows.integrations([second.pk]) == [second]
    with pytest.raises(FieldFetchBlocked):
        _ = first.snapshot.coverage
    with pytest.raises(FieldFetchBlocked):
        _ = grant.tenant.language


def test_the_grid_comes_only_where_it_is_asked_for(
    alice: User, acme: Tenant, theirs: Integration
) -> None:
    Snapshot.objects.update(coverage=GRID)
    assert (
        permissions.integration_with_grid(alice, acme.public_id, theirs.public_id)[
            1
        ].snapshot.coverage
        == GRID
    )
    with pytest.raises(FieldFetchBlocked):
        _ = permissions.integration(alice, acme.public_id, theirs.public_id)[1].snapshot.coverage


@pytest.mark.parametrize("stored", [{"coverage": ""}, {"coverage": GRID, "origin_id": "bolt"}])
def test_no_grid_before_the_first_answer_nor_behind_the_guard(
    stored: dict[str, str], alice: User, mia: User, acme: Tenant, theirs: Integration
) -> None:
    Snapshot.objects.update(**stored)
    for user in (alice, mia):
        with pytest.raises(Http404):
            permissions.integration_with_grid(user, acme.public_id, theirs.public_id)


@pytest.mark.parametrize(
    ("named", "confirmed", "withheld"),
    [
        ("", "", False),
        ("acme", "", False),
        ("bolt", "", True),
        ("ACME", "", True),
        ("bolt", "bolt", False),
        ("bolt", "cobalt", True),
        ("acme", "bolt", False),
        ("", "bolt", False),
    ],
)
def test_the_mapping_guard(named: str, confirmed: str, withheld: bool, theirs: Integration) -> None:
    theirs.snapshot.origin_id, theirs.confirmed_origin_id = named, confirmed
    assert mapping_guard.is_withheld(theirs) is withheld


def test_another_origin_id_after_confirmation_closes_the_guard(
    root: User, alice: User, acme: Tenant, theirs: Integration
) -> None:
    Snapshot.objects.update(origin_id="bolt")
    theirs.snapshot.refresh_from_db()
    mapping.confirm(theirs, acting(root))
    assert not mapping_guard.is_withheld(
        permissions.integration(alice, acme.public_id, theirs.public_id)[1]
    )
    Snapshot.objects.update(origin_id="cobalt")
    assert mapping_guard.is_withheld(
        permissions.integration(alice, acme.public_id, theirs.public_id)[1]
    )


def test_an_integration_made_without_its_snapshot_gets_one(alice: User, acme: Tenant) -> None:
    Integration.objects.create(tenant=acme, integration_id="personio:bare")
    _place, found = permissions.integrations(alice, acme.public_id)
    assert [one.snapshot.fetched_at for one in found] == [None]


# --- Staff and the customers they take care of


def test_an_account_manager_looks_at_their_customers_as_staff(
    amy: User, acme: Tenant, theirs: Integration
) -> None:
    for grant in (
        permissions.grant_access(amy, acme.public_id),
        permissions.integration(amy, acme.public_id, theirs.public_id)[0],
        permissions.integrations(amy, acme.public_id)[0],
    ):
        assert (grant.tenant, grant.may_repair, grant.as_staff, grant.may_resume) == (
            acme,
            False,
            True,
            False,
        )


def test_who_takes_care_of_whom(
    amy: User, ned: User, mia: User, root: User, acme: Tenant, bolt: Tenant, theirs: Integration
) -> None:
    other = mapping.create(bolt, "hibob:1")
    for user, tenants, integrations in (
        (amy, [acme], [theirs]),
        (ned, [], []),
        (mia, [acme, bolt], [theirs, other]),
        (root, [acme, bolt], [theirs, other]),
    ):
        assert (
            list(permissions.tenants_for_staff(user))
            == list(permissions.tenants_of(user))
            == tenants
        )
        assert {one.pk for one in permissions.summaries_for_staff(user)} == {
            one.pk for one in integrations
        }


def test_a_tenant_is_listed_once_for_a_member_who_manages_it(amy: User, acme: Tenant) -> None:
    Membership.objects.create(user=amy, tenant=acme)
    assert list(permissions.tenants_of(amy)) == [acme]
    assert permissions.grant_access(amy, acme.public_id).may_repair


@pytest.mark.parametrize("name", ["alice", "vic", "bob"])
def test_customers_are_no_staff_whatever_they_own_or_may(
    name: str, alice: User, vic: User, bob: User, acme: Tenant, theirs: Integration
) -> None:
    user = User.objects.get(username=name)
    user.user_permissions.set(Permission.objects.filter(content_type__app_label="integrations"))
    Tenant.objects.update(owner=user)
    for ask in (
        lambda: permissions.require_staff(user),
        lambda: permissions.require_staff(user, "integrations.view_tenant"),
        lambda: permissions.tenants_for_staff(user),
        lambda: permissions.tenant_for_staff(user, acme.public_id),
        lambda: permissions.integration_for_staff(user, acme.public_id, theirs.public_id),
        lambda: permissions.summaries_for_staff(user),
    ):
        with pytest.raises(Http404):
            ask()


def test_a_guest_is_no_staff(acme: Tenant) -> None:
    guest = Guest(pk="embed 1", tenant=acme, may_repair=True)
    for ask in (
        permissions.require_staff,
        permissions.tenants_for_staff,
        permissions.summaries_for_staff,
    ):
        with pytest.raises(Http404):
            ask(guest)


def test_a_permission_that_is_named_is_needed(amy: User, mia: User) -> None:
    assert permissions.require_staff(amy) == amy
    assert permissions.require_staff(mia, "integrations.resume_integration") == mia
    with pytest.raises(Http404):
        permissions.require_staff(amy, "integrations.resume_integration")


@pytest.mark.parametrize("tenant_id", RANDOM)
def test_another_account_managers_customer_is_not_there(
    tenant_id: str, amy: User, bolt: Tenant, theirs: Integration
) -> None:
    other = mapping.create(bolt, "hibob:1")
    assert not permissions.sees_every_tenant(amy)  # a user's permissions are looked up once
    foreign = queries(lambda: permissions.tenant_for_staff(amy, bolt.public_id))
    assert foreign == queries(lambda: permissions.tenant_for_staff(amy, tenant_id))
    foreign = queries(
        lambda: permissions.integration_for_staff(amy, bolt.public_id, other.public_id)
    )
    assert foreign == queries(
        lambda: permissions.integration_for_staff(amy, tenant_id, theirs.public_id)
    )
    assert foreign == queries(
        lambda: permissions.integration_for_staff(amy, theirs.tenant.public_id, other.public_id)
    )


def test_an_onlooker_sees_as_a_customer_and_can_do_nothing(acme: Tenant) -> None:
    grant = permissions.grant_access(
        Guest(pk="1", tenant=acme, may_repair=True, is_preview=True), acme.public_id
    )
    assert (grant.is_read_only, grant.as_guest, grant.as_staff, grant.may_resume) == (
        True,
        False,
        False,
        False,
    )
