"""Invitations: to what, by whom, for how long, and once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, User
from time_machine import TimeMachineFixture

from integrations.access import hand_off_tokens, invitations, roles
from integrations.access.invitations import KnownAddress, NotOpen
from integrations.access.roles import StaffRole, TooMuch
from integrations.models import AccountInvitation, AuditEntry, Membership, Role, Tenant
from tests.conftest import acting, allow
from tests.views.invited import invited

pytestmark = pytest.mark.django_db
NEW = "Ann.Lee@Example.com"


def token_of(row: AccountInvitation) -> str:
    return invitations.url_of(row).rstrip("/").rpartition("/")[2]


def accept(row: AccountInvitation) -> User:
    user = invitations.draft(row)
    invitations.accept(row, user, "192.0.2.1")
    return user


def test_one_of_the_staff_gets_the_role(root: User) -> None:
    row = invitations.invite(NEW, StaffRole.LEAD, acting(root))
    user = accept(row)
    assert (user.username, user.email, user.is_staff) == (NEW.lower(), NEW.lower(), True)
    assert not user.is_superuser
    assert roles.role_of(user) is StaffRole.LEAD
    assert [(one.what, one.actor, one.told) for one in AuditEntry.objects.order_by("pk")] == [
        ("invited", "root", {"role": "role:lead", "to": NEW.lower()}),
        ("invitation_accepted", NEW.lower(), {"role": "role:lead"}),
    ]


def test_a_member_gets_the_customer_alone(root: User, acme: Tenant) -> None:
    user = accept(invitations.invite(NEW, Role.VIEWER, acting(root), tenant=acme))
    assert not user.is_staff
    assert not user.groups.exists()
    assert list(Membership.objects.values_list("user", "tenant", "role")) == [
        (user.pk, acme.pk, Role.VIEWER)
    ]


def test_a_link_works_once_and_for_a_week(root: User, clock: TimeMachineFixture) -> None:
    row = invitations.invite(NEW, StaffRole.VIEWER, acting(root))
    clock.shift(timedelta(days=7) - timedelta(seconds=1))
    assert invitations.find(token_of(row)) == row
    clock.shift(timedelta(seconds=1))
    assert invitations.find(token_of(row)) is None
    with pytest.raises(NotOpen):
        accept(row)
    assert not User.objects.filter(email=NEW.lower()).exists()
    again = invitations.invite(NEW, StaffRole.VIEWER, acting(root))
    accept(again)
    assert invitations.find(token_of(again)) is None
    with pytest.raises(NotOpen):
        invitations.accept(again, User(username="second", email="second@example.com"), "")


def test_only_our_own_signature_opens(root: User) -> None:
    row = invitations.invite(NEW, StaffRole.VIEWER, acting(root))
    token = token_of(row)
    assert invitations.find(token[:-1] + ("0" if token[-1] != "0" else "1")) is None
    assert invitations.find(hand_off_tokens.sign(row.public_id)) is None  # of another kind
    assert invitations.find(row.public_id) is None
    assert hand_off_tokens.public_id_in(token) == ""


def test_a_link_can_be_revoked(root: User, acme: Tenant, bolt: Tenant) -> None:
    row = invitations.invite(NEW, Role.MEMBER, acting(root), tenant=acme)
    for tenant in (bolt, None):
        assert not invitations.revoke(row.public_id, acting(root), tenant=tenant)
    assert invitations.revoke(row.public_id, acting(root), tenant=acme)
    assert not invitations.revoke(row.public_id, acting(root), tenant=acme)
    assert invitations.find(token_of(row)) is None
    assert not invitations.open_ones(acme)


def test_a_second_invitation_ends_the_first(root: User) -> None:
    first = invitations.invite(NEW, StaffRole.VIEWER, acting(root))
    second = invitations.invite(NEW.upper(), StaffRole.LEAD, acting(root))
    assert invitations.find(token_of(first)) is None
    assert invitations.find(token_of(second))
    assert list(invitations.open_ones()) == [second]


def test_nobody_invites_to_more_than_they_have(mia: User, ned: User, acme: Tenant) -> None:
    allow(mia, "manage_people")
    with pytest.raises(TooMuch):
        invitations.invite(NEW, StaffRole.LEAD, acting(mia))
    for by, role, tenant in (
        (mia, "superuser", None),
        (mia, Role.MEMBER, None),
        (mia, Role.MEMBER, acme),  # without the permission
        (ned, StaffRole.VIEWER, None),
    ):
        with pytest.raises(TooMuch):
            invitations.invite(NEW, role, acting(by), tenant=tenant)
    allow(ned, "add_membership")
    with pytest.raises(TooMuch):  # whose customer it is not
        invitations.invite(NEW, Role.MEMBER, acting(User.objects.get(pk=ned.pk)), tenant=acme)


def test_a_link_ends_with_its_makers_right(root: User, amy: User, acme: Tenant) -> None:
    allow(amy, "add_membership")
    row = invitations.invite(NEW, Role.MEMBER, acting(amy), tenant=acme)
    assert invitations.find(token_of(row))
    Tenant.objects.filter(pk=acme.pk).update(owner=root)
    assert invitations.find(token_of(row)) is None
    with pytest.raises(NotOpen):
        accept(row)
    row.refresh_from_db()
    assert row.used_at is None
    Tenant.objects.filter(pk=acme.pk).update(owner=amy)
    User.objects.filter(pk=amy.pk).update(is_active=False)
    assert invitations.find(token_of(row)) is None
    amy.delete()
    assert invitations.find(token_of(row)) is None


def test_a_demoted_administrators_invitation_ends() -> None:
    ada = User.objects.create_user("ada", is_staff=True)
    ada.groups.add(Group.objects.get(name=StaffRole.ADMINISTRATOR))
    row = invitations.invite(NEW, StaffRole.ADMINISTRATOR, acting(ada))
    ada.groups.set([Group.objects.get(name=StaffRole.LEAD)])
    assert invitations.find(token_of(row)) is None


def test_who_has_an_account_is_not_invited_to_another(
    root: User, alice: User, bob: User, amy: User, acme: Tenant
) -> None:
    for email, role, tenant in (
        (alice.email.upper(), StaffRole.VIEWER, None),
        (amy.email, StaffRole.VIEWER, None),
        (alice.email, Role.MEMBER, acme),
        (amy.email, Role.MEMBER, acme),
    ):
        with pytest.raises(KnownAddress):
            invitations.invite(email, role, acting(root), tenant=tenant)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(KnownAddress):
        invitations.invite(bob.email, Role.MEMBER, acting(root), tenant=acme)


def test_a_member_of_another_customer_joins_with_their_account(
    root: User, bob: User, alice: User, acme: Tenant
) -> None:
    row = invited(bob.email, Role.VIEWER, tenant=acme).row
    assert invitations.has_account(row)
    assert [invitations.is_for(row, user) for user in (bob, alice, root)] == [True, False, False]
    invitations.accept(row, bob, "")
    assert bob.memberships.get(tenant=acme).role == Role.VIEWER


def test_an_account_that_came_meanwhile_is_not_made_twice(root: User) -> None:
    row = invitations.invite(NEW, StaffRole.VIEWER, acting(root))
    User.objects.create_user("other", email=NEW)
    with pytest.raises(KnownAddress):
        accept(row)
    row.refresh_from_db()
    assert row.used_at is None


def test_ended_ones_are_forgotten(root: User, clock: TimeMachineFixture) -> None:
    row = invitations.invite(NEW, StaffRole.VIEWER, acting(root))
    assert invitations.prune(row.expires_at) == 0
    assert invitations.prune(row.expires_at + timedelta(seconds=1)) == 1
