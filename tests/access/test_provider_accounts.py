"""Whose account it is that the identity provider vouches for, and what they may do."""

from dataclasses import replace
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User

from integrations.access import hand_offs, provider_accounts
from integrations.access.provider_accounts import NotAdmitted, Person, Reason, admit
from integrations.models import AuditEntry, Integration, Membership, RepairAct, Role, Tenant
from kombo_dashboard.sign_in_settings import Provider
from tests.conftest import acting, allow

ISSUER = "https://login.example.com"
IDA = Person("1", "ida@example.com", is_email_verified=True, groups=frozenset({"staff"}))


@pytest.fixture(autouse=True)
def sso(settings: Any, db: None) -> Any:
    settings.SSO = Provider(
        issuer=ISSUER,
        client_id="dashboard",
        client_secret="secret",
        name="SSO",
        scopes=("openid",),
        groups_claim="groups",
        roles={"staff": "viewer", "leads": "lead"},
        tenants_claim="customers",
        member_role="member",
        trusts_addresses=False,
    )
    return settings


def come(person: Person) -> User:
    return admit(person, "192.0.2.7")


def refusal(person: Person) -> Reason:
    with pytest.raises(NotAdmitted) as refused:
        come(person)
    return refused.value.reason


def linked() -> list[tuple[int, str]]:
    rows = apps.get_model("socialaccount", "SocialAccount").objects.order_by("pk")
    return list(rows.values_list("user", "uid"))


def test_the_second_time_it_is_the_same_account() -> None:
    assert come(IDA) == come(IDA)
    assert User.objects.count() == 1
    assert AuditEntry.objects.filter(what="account_linked").count() == 1


def test_who_changes_their_address_keeps_the_account() -> None:
    first = come(IDA)
    assert come(replace(IDA, email="new@example.com")) == first
    first.refresh_from_db()
    assert first.email == "new@example.com"


def test_a_verified_address_finds_an_account_the_first_time(ned: User) -> None:
    assert come(replace(IDA, email="NED@example.com")) == ned
    assert linked() == [(ned.pk, "1")]
    assert User.objects.count() == 1


def test_an_address_that_is_not_verified_finds_none(ned: User) -> None:
    person = replace(IDA, email=ned.email, is_email_verified=False)
    assert refusal(person) is Reason.ADDRESS_NOT_VERIFIED
    assert linked() == []
    assert User.objects.count() == 1


def test_whose_account_is_linked_is_found_by_no_address(ned: User) -> None:
    """Another person of the provider's who has got the address since."""
    come(replace(IDA, email=ned.email))
    assert refusal(replace(IDA, subject="2", email=ned.email)) is Reason.ADDRESS_TAKEN
    assert linked() == [(ned.pk, "1")]


def test_an_address_of_two_accounts_finds_neither(ned: User, mia: User) -> None:
    User.objects.filter(pk=mia.pk).update(email=ned.email)
    assert refusal(replace(IDA, email=ned.email)) is Reason.ADDRESS_TAKEN


def test_nobody_becomes_a_superuser_by_an_address(root: User) -> None:
    User.objects.filter(pk=root.pk).update(email="root@example.com")
    assert refusal(replace(IDA, email="root@example.com")) is Reason.ADDRESS_TAKEN


def test_a_customers_person_finds_no_account_of_staff(ned: User, acme: Tenant) -> None:
    person = replace(IDA, email=ned.email, groups=frozenset(), tenants=frozenset({"acme"}))
    assert refusal(person) is Reason.ADDRESS_TAKEN
    ned.refresh_from_db()
    assert ned.is_staff


def test_who_has_no_role_changes_nothing_of_an_account(ned: User) -> None:
    Group.objects.create(name="own").user_set.add(ned)
    assert refusal(replace(IDA, email=ned.email, groups=frozenset())) is Reason.NO_ROLE
    ned.refresh_from_db()
    assert (ned.is_staff, ned.groups.count()) == (True, 1)


def test_the_same_name_at_another_provider_is_another(sso: Any) -> None:
    first = come(IDA)
    sso.SSO = replace(sso.SSO, issuer="https://other.example.com")
    assert come(replace(IDA, email="", username="other")) != first
    assert not provider_accounts.is_linked(first)


def test_names_of_accounts_are_never_taken_over(root: User) -> None:
    made = come(replace(IDA, email="", username="ROOT"))
    assert made != root
    assert made.username.startswith("ROOT-")


@pytest.mark.parametrize("name", ["", "a b/c<d>", "x" * 500, "ﬁ\u202e", "--"])
def test_any_name_makes_an_account(name: str) -> None:
    made = come(replace(IDA, email="", username=name))
    made.full_clean(exclude=["password"])


def test_an_address_that_is_not_verified_is_not_kept() -> None:
    assert come(replace(IDA, is_email_verified=False, username="ida")).email == ""


def test_an_address_that_another_has_by_now_is_not_kept(ned: User) -> None:
    come(IDA)
    assert come(replace(IDA, email=ned.email)).email == "ida@example.com"


def test_roles_are_given_and_taken_away() -> None:
    ida = come(replace(IDA, groups=frozenset({"staff", "leads", "others"})))
    assert names(ida) == ["role:lead", "role:viewer"]
    come(IDA)
    assert names(ida) == ["role:viewer"]
    entries = AuditEntry.objects.filter(what="roles_set").order_by("pk")
    assert [one.told for one in entries] == [
        {"added": {"groups": ["role:lead", "role:viewer"]}},
        {"removed": {"groups": ["role:lead"]}},
    ]
    come(IDA)
    assert entries.count() == 2


def names(user: User) -> list[str]:
    return sorted(user.groups.values_list("name", flat=True))


def test_rights_given_by_other_means_are_taken_away(sso: Any) -> None:
    ida = come(IDA)
    allow(ida, "view_tenant")
    User.objects.filter(pk=ida.pk).update(is_superuser=True)
    come(IDA)
    ida.refresh_from_db()
    assert not ida.is_superuser
    assert not ida.user_permissions.exists()


def test_who_has_lost_every_group_has_lost_everything(acme: Tenant) -> None:
    ida = come(replace(IDA, tenants=frozenset({"acme"})))
    assert refusal(replace(IDA, groups=frozenset())) is Reason.NO_ROLE
    ida.refresh_from_db()
    assert (ida.is_staff, names(ida), ida.is_active) == (False, [], True)
    assert not Membership.objects.exists()


def test_who_was_deactivated_stays_so() -> None:
    ida = come(IDA)
    User.objects.filter(pk=ida.pk).update(is_active=False)
    assert refusal(IDA) is Reason.DEACTIVATED
    ida.refresh_from_db()
    assert not ida.is_active
    assert User.objects.count() == 1


def test_who_was_deactivated_is_not_let_in_by_address(ned: User) -> None:
    User.objects.filter(pk=ned.pk).update(is_active=False)
    assert refusal(replace(IDA, email=ned.email)) is Reason.DEACTIVATED
    assert linked() == []


def test_tenants_come_and_go_and_a_role_stays(acme: Tenant, bolt: Tenant) -> None:
    person = replace(IDA, groups=frozenset(), tenants=frozenset({"acme"}))
    ida = come(person)
    Membership.objects.filter(user=ida).update(role=Role.VIEWER)
    come(replace(person, tenants=frozenset({"acme", "bolt"})))
    roles = {one.tenant.origin_id: one.role for one in Membership.objects.all()}
    assert roles == {"acme": Role.VIEWER, "bolt": Role.MEMBER}
    come(replace(person, tenants=frozenset({"bolt"})))
    assert Membership.objects.get().tenant == bolt


def test_links_end_with_the_right_to_make_them(invalid: Integration) -> None:
    person = replace(IDA, groups=frozenset(), tenants=frozenset({"acme"}))
    link = hand_offs.create(invalid, RepairAct.RECONNECT, by=acting(come(person)))
    refusal(replace(person, tenants=frozenset()))
    link.refresh_from_db()
    assert link.revoked_at


def test_memberships_stay_where_no_claim_tells_of_them(sso: Any, acme: Tenant) -> None:
    sso.SSO = replace(sso.SSO, tenants_claim="")
    ida = come(IDA)
    Membership.objects.create(user=ida, tenant=acme)
    come(IDA)
    assert Membership.objects.count() == 1


def test_with_the_account_goes_what_it_signs_in_with() -> None:
    come(IDA).delete()
    assert linked() == []
