"""The page of the vendor's people: roles, invitations, and who may come in."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.access import roles
from integrations.access.roles import StaffRole
from integrations.models import AccountInvitation, AuditEntry, Mail, Tenant
from tests import copy
from tests.views.browsing import SESSION, Element, page_at, read
from tests.views.conftest import Browser
from tests.views.invited import invited

PAGE = "/workspace/people/"


@pytest.fixture
def ada(db: None) -> User:
    user = User.objects.create_user("ada", password="demo", is_staff=True)
    user.groups.add(Group.objects.get(name=StaffRole.ADMINISTRATOR))
    return user


@pytest.fixture
def adas(browser: Browser, ada: User) -> Client:
    return browser("ada")


def row_of(page: Element, name: str) -> Element:
    return page.one("tr", "data-person", name)


def test_it_shows_role_customers_and_last_sign_in(
    adas: Client, ada: User, amy: User, mia: User, root: User, alice: User
) -> None:
    User.objects.filter(pk=amy.pk).update(last_login=timezone.now())
    amy.groups.add(Group.objects.get(name=StaffRole.ACCOUNT_MANAGER))
    page = page_at(adas, PAGE)
    assert {row["data-person"]: row["data-role"] for row in page.all("tr", "data-person")} == {
        "ada": "role:administrator",
        "amy": "role:account_manager",
        "mia": "",
        "root": "",
    }
    cells = {name: row_of(page, name).all("td") for name in ("ada", "amy", "mia", "root")}
    assert [cells[name][1].text for name in cells] == ["All", copy.ASSIGNED_ONLY, "All", "All"]
    assert cells["amy"][2].all("time")
    assert cells["mia"][2].text == "Never"
    # Nothing to press beside oneself and who has more.
    assert [bool(row_of(page, name).all("form")) for name in cells] == [False, True, True, False]


def test_only_roles_that_one_may_give_are_offered(browser: Browser, mia: User, amy: User) -> None:
    mia.groups.add(Group.objects.get(name=StaffRole.LEAD))
    mia.user_permissions.add(*_permissions("manage_people"))
    amy.groups.add(Group.objects.get(name=StaffRole.ADMINISTRATOR))
    page = page_at(browser("mia"), PAGE)
    offered = [one["value"] for one in page.one("select", "name", "role").all("option")]
    assert offered == [StaffRole.VIEWER, StaffRole.ACCOUNT_MANAGER, StaffRole.LEAD]
    assert row_of(page, "amy").all("form") == []


def test_a_role_is_given(adas: Client, amy: User) -> None:
    answer = adas.post(
        reverse("people_role"), {"person": amy.pk, "role": StaffRole.LEAD}, follow=True
    )
    assert copy.ROLE_SAVED in answer.text
    assert row_of(read(answer), "amy")["data-role"] == "role:lead"
    assert AuditEntry.objects.get().told == {
        "account": "amy",
        "changes": {"role": ["", "role:lead"]},
    }


def test_a_refusal_is_told(adas: Client, ada: User, root: User) -> None:
    for person in (ada, root):
        for name, more in (("people_role", {"role": ""}), ("people_status", {"active": "0"})):
            answer = adas.post(reverse(name), {"person": person.pk, **more})
            assert answer.status_code == 409
            told = read(answer).one("p", "data-problem").text
            assert (told == copy.YOU_CAN_NOT_CHANGE_YOUR_OWN) == (person == ada)
    assert roles.role_of(ada) is StaffRole.ADMINISTRATOR
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("wrong", [{"role": "role:owner"}, {"person": "0"}, {"person": "x"}])
def test_what_does_not_exist_is_not_found(
    adas: Client, amy: User, alice: User, wrong: dict[str, str]
) -> None:
    sent: dict[str, Any] = {"person": amy.pk, "role": StaffRole.LEAD, **wrong}
    assert adas.post(reverse("people_role"), sent).status_code == 404
    sent = {"person": alice.pk, "role": StaffRole.LEAD}
    assert adas.post(reverse("people_role"), sent).status_code == 404  # no staff
    assert not amy.groups.exists()


def test_an_account_is_deactivated_and_activated(adas: Client, amy: User) -> None:
    for active, words in (("0", copy.ACCOUNT_DEACTIVATED), ("1", copy.ACCOUNT_ACTIVATED)):
        sent = {"person": amy.pk, "active": active}
        assert words in adas.post(reverse("people_status"), sent, follow=True).text
        amy.refresh_from_db()
        assert amy.is_active == (active == "1")


def test_somebody_is_invited_by_mail(adas: Client) -> None:
    sent = {"email": "new@northwind.example", "role": StaffRole.VIEWER}
    answer = adas.post(reverse("people_invite"), sent, follow=True)
    assert copy.INVITATION_SENT in answer.text
    row = AccountInvitation.objects.get()
    assert row.mail == Mail.objects.get(to="new@northwind.example")
    shown = read(answer).one("li", "data-invitation", row.public_id)
    assert "new@northwind.example" in shown.text
    again = adas.post(reverse("people_revoke"), {"invitation": row.public_id}, follow=True)
    assert copy.INVITATION_REVOKED in again.text
    assert read(again).all("li", "data-invitation") == []
    gone = adas.post(reverse("people_revoke"), {"invitation": row.public_id})
    assert gone.status_code == 409


def test_mistakes_in_an_invitation_are_told(adas: Client, alice: User) -> None:
    for email, role in (
        ("", StaffRole.LEAD),
        ("no address", StaffRole.LEAD),
        (alice.email, StaffRole.LEAD),
        ("new@northwind.example", "role:owner"),
        (f"{'n' * 150}@example.com", StaffRole.LEAD),
    ):
        answer = adas.post(reverse("people_invite"), {"email": email, "role": role})
        assert answer.status_code == 422
        assert read(answer).all("ul", "class", "errorlist")
    assert (
        copy.THERE_IS_ALREADY_AN_ACCOUNT
        in adas.post(reverse("people_invite"), {"email": alice.email, "role": StaffRole.LEAD}).text
    )
    assert not AccountInvitation.objects.exists()


def test_without_a_mail_server_nobody_is_invited(adas: Client, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = ""
    assert page_at(adas, PAGE).all("input", "name", "email") == []
    sent = {"email": "new@northwind.example", "role": StaffRole.VIEWER}
    assert adas.post(reverse("people_invite"), sent).status_code == 404


def test_a_group_that_was_changed_by_hand_is_told(adas: Client) -> None:
    assert copy.NO_LONGER_AS_DOCUMENTED.core not in adas.get(PAGE).text
    Group.objects.get(name=StaffRole.VIEWER).permissions.clear()
    assert copy.NO_LONGER_AS_DOCUMENTED(names="Viewer") in adas.get(PAGE).text


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_for_few_and_many(
    adas: Client, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(number):
        user = User.objects.create_user(f"user{n}", is_staff=True)
        user.groups.add(Group.objects.get(name=list(StaffRole)[n % 4]))
        user.user_permissions.add(*_permissions("export_tenant"))
        invited(f"new{n}@northwind.example")
    # Session and user, their permissions in two; how many people, a page of them, their groups
    # with permissions and types, and their own with types; the roles in three, and what they are
    # by now in two; the invitations; identity, and the installation in two.
    with django_assert_num_queries(SESSION + 2 + 2 + 5 + 3 + 2 + 1 + 1 + 2):
        adas.get(PAGE)


def test_nothing_of_it_is_in_the_menu_of_others(browser: Browser, amy: User, acme: Tenant) -> None:
    assert PAGE not in browser("amy").get(reverse("customers")).text


def _permissions(*names: str) -> list[Permission]:
    return list(Permission.objects.filter(codename__in=names))
