"""Giving and taking roles: nobody gets more by it than whoever gives has, and somebody is left."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.http import Http404
from django.test import Client
from django.urls import reverse

from integrations.access import hand_offs, roles
from integrations.access.audit import COMMAND, Act
from integrations.access.roles import LastAdministrator, OwnAccount, StaffRole, TooMuch
from integrations.models import AuditEntry, HandOff, Integration, Tenant
from tests.conftest import acting, allow

pytestmark = pytest.mark.django_db

type Hire = Callable[[str, StaffRole | None], User]


@pytest.fixture
def hire() -> Hire:
    """Make somebody of the staff with a role, or without."""

    def hire(name: str, role: StaffRole | None) -> User:
        user = User.objects.create_user(name, password="demo", is_staff=True)
        if role:
            user.groups.add(Group.objects.get(name=role))
        return user

    return hire


@pytest.fixture
def ada(hire: Hire) -> User:
    """An administrator."""
    return hire("ada", StaffRole.ADMINISTRATOR)


def fresh(user: User) -> User:
    """An account without the permissions that were remembered."""
    return User.objects.get(pk=user.pk)


def test_a_role_takes_the_place_of_another(ada: User, hire: Hire) -> None:
    kim = hire("kim", StaffRole.LEAD)
    kim.groups.add(Group.objects.create(name="Berlin"))
    allow(kim, "export_tenant")
    roles.change_role(kim, StaffRole.VIEWER, acting(ada))
    assert set(fresh(kim).groups.values_list("name", flat=True)) == {"role:viewer", "Berlin"}
    assert fresh(kim).has_perm("integrations.export_tenant")
    roles.change_role(kim, None, acting(ada))
    assert roles.role_of(fresh(kim)) is None
    told = [entry.told for entry in AuditEntry.objects.filter(what=Act.PERSON_CHANGED)]
    assert sorted(one["changes"]["role"] for one in told) == [
        ["role:lead", "role:viewer"],
        ["role:viewer", ""],
    ]
    assert {one["account"] for one in told} == {"kim"}


def test_nobody_changes_their_own_access(ada: User, root: User) -> None:
    for user in (ada, root):
        with pytest.raises(OwnAccount):
            roles.change_role(user, StaffRole.VIEWER, acting(user))
        with pytest.raises(OwnAccount):
            roles.set_active(user, acting(user), is_active=False)
    assert not AuditEntry.objects.exists()


def test_nobody_gives_what_they_do_not_have(hire: Hire) -> None:
    kim, max_ = hire("kim", StaffRole.LEAD), hire("max", None)
    allow(kim, "manage_people")
    with pytest.raises(TooMuch):
        roles.change_role(max_, StaffRole.ADMINISTRATOR, acting(kim))
    roles.change_role(max_, StaffRole.LEAD, acting(kim))
    assert roles.role_of(fresh(max_)) is StaffRole.LEAD


def test_a_role_that_was_widened_by_hand_is_more_than_it_says(ada: User, hire: Hire) -> None:
    kim = hire("kim", None)
    Group.objects.get(name=StaffRole.VIEWER).permissions.add(
        Permission.objects.get(codename="change_user")
    )
    with pytest.raises(TooMuch):
        roles.change_role(kim, StaffRole.VIEWER, acting(ada))


def test_nobody_takes_from_who_has_more(ada: User, hire: Hire, root: User) -> None:
    kim = hire("kim", StaffRole.VIEWER)
    kim.user_permissions.add(Permission.objects.get(codename="change_user"))
    for user in (kim, root):
        with pytest.raises(TooMuch):
            roles.change_role(user, None, acting(ada))
        with pytest.raises(TooMuch):
            roles.set_active(user, acting(ada), is_active=False)
    roles.set_active(kim, acting(root), is_active=False)
    with pytest.raises(TooMuch):  # nor lets in again who was not
        roles.set_active(kim, acting(ada), is_active=True)


def test_who_may_look_only_can_be_managed(ada: User, hire: Hire) -> None:
    kim = hire("kim", StaffRole.VIEWER)
    assert not fresh(ada).has_perm(roles.LOOK_ONLY)
    roles.change_role(kim, StaffRole.LEAD, acting(ada))
    assert roles.may_act(fresh(kim))


def test_who_has_lost_the_right_changes_nothing_more(ada: User, hire: Hire) -> None:
    kim = hire("kim", None)
    by = acting(fresh(ada))
    assert ada.has_perm(roles.MANAGE)
    ada.groups.clear()
    for actor in (by, COMMAND):
        with pytest.raises(TooMuch):
            roles.change_role(kim, None, actor)


def test_somebody_is_left_who_can_give_roles(ada: User) -> None:
    """Who is not active, or not of the staff, does not count."""
    User.objects.create_user("away", is_superuser=True, is_staff=True, is_active=False)
    outsider = User.objects.create_user("outsider", is_superuser=True, is_staff=False)
    with pytest.raises(LastAdministrator):
        roles.change_role(ada, StaffRole.LEAD, acting(outsider))
    with pytest.raises(LastAdministrator):
        roles.set_active(ada, acting(outsider), is_active=False)
    assert roles.role_of(fresh(ada)) is StaffRole.ADMINISTRATOR
    assert fresh(ada).is_active


def test_who_is_deactivated_is_out_at_once(
    ada: User, hire: Hire, sign_in: Callable[[User], Client]
) -> None:
    kim = hire("kim", StaffRole.LEAD)
    client = sign_in(kim)
    roles.set_active(kim, acting(ada), is_active=False)
    assert client.get(reverse("triage")).status_code == 302
    roles.set_active(kim, acting(ada), is_active=True)
    assert client.get(reverse("triage")).status_code == 302
    assert [entry.told["changes"] for entry in AuditEntry.objects.order_by("pk")] == [
        {"is_active": ["yes", "no"]},
        {"is_active": ["no", "yes"]},
    ]


def test_links_of_who_sees_the_customer_no_more_end(
    ada: User, hire: Hire, invalid: Integration
) -> None:
    kim = hire("kim", StaffRole.LEAD)
    hand_offs.create(invalid, "reconnect", by=acting(kim))
    roles.change_role(kim, StaffRole.ACCOUNT_MANAGER, acting(ada))
    assert HandOff.objects.get().revoked_at


def test_what_all_staff_may_is_not_a_viewers(hire: Hire, root: User, acme: Tenant) -> None:
    kim, amy = hire("kim", StaffRole.VIEWER), hire("amy", None)
    assert [roles.may_act(user) for user in (kim, amy, root)] == [False, True, True]
    with pytest.raises(Http404):
        roles.require_acting(kim)


def test_only_staff_are_people_here(alice: User, amy: User) -> None:
    assert roles.person(str(amy.pk)) == amy
    for key in (str(alice.pk), "0", "", "x", "9" * 30, "²"):
        with pytest.raises(Http404):
            roles.person(key)
