"""The page behind an invitation."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.access import roles
from integrations.access.roles import StaffRole
from integrations.models import AccountSession, AuditEntry, Role, Tenant
from tests.views.browsing import read
from tests.views.conftest import Browser
from tests.views.invited import invited

pytestmark = pytest.mark.django_db
NEW = "new@acme.example"
PASSWORD = "a-long-one-4711"
TYPED = {
    "first_name": "Ann",
    "last_name": "Lee",
    "new_password1": PASSWORD,
    "new_password2": PASSWORD,
}


def test_an_account_is_made_and_signed_in(client: Client, acme: Tenant) -> None:
    path = invited(NEW, Role.MEMBER, tenant=acme).path
    assert NEW in client.get(path).text
    answer = client.post(path, TYPED)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    user = User.objects.get(email=NEW)
    assert user.check_password(PASSWORD)
    assert user.get_full_name() == "Ann Lee"
    assert AccountSession.objects.get().user == user
    shown = client.get("/", follow=True)
    assert shown.redirect_chain[-1][0] == reverse("tenant", args=[acme.public_id])
    assert [entry.what for entry in AuditEntry.objects.order_by("pk")] == [
        "invited",
        "invitation_accepted",
        "signed_in",
    ]
    assert client.get(path).status_code == 404  # it works once


def test_one_of_the_staff_lands_in_the_workspace(client: Client) -> None:
    client.post(invited(NEW, StaffRole.LEAD).path, TYPED)
    assert roles.role_of(User.objects.get(email=NEW)) is StaffRole.LEAD
    assert client.get(reverse("triage")).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"new_password2": "another-one-4711"},
        {"new_password1": "short", "new_password2": "short"},
        {"new_password1": "password1234", "new_password2": "password1234"},
        {"new_password1": NEW, "new_password2": NEW},
        {"first_name": "x" * 151},
    ],
)
def test_passwords_keep_to_the_rules(client: Client, wrong: dict[str, str]) -> None:
    path = invited(NEW).path
    answer = client.post(path, TYPED | wrong)
    assert answer.status_code == 422
    assert read(answer).all("ul", "class", "errorlist")
    assert not User.objects.filter(email=NEW).exists()
    assert client.post(path, TYPED).status_code == 302


def test_what_is_posted_besides_changes_nothing(client: Client) -> None:
    more = {"is_superuser": "1", "username": "root2", "email": "x@example.com", "role": "role:lead"}
    client.post(invited(NEW, StaffRole.VIEWER).path, TYPED | more)
    user = User.objects.get(email=NEW)
    assert (user.username, user.is_superuser) == (NEW, False)
    assert roles.role_of(user) is StaffRole.VIEWER


def test_a_link_that_is_none_is_told_so(client: Client) -> None:
    known = invited(NEW).path
    for path in (known[:-2] + "x/", reverse("join", args=["nothing"])):
        assert client.get(path).status_code == 404
        assert client.post(path, TYPED).status_code == 404
    assert not User.objects.filter(email=NEW).exists()


def test_who_has_an_account_signs_in_to_accept(
    client: Client, browser: Browser, bob: User, alice: User, acme: Tenant
) -> None:
    path = invited(bob.email, Role.MEMBER, tenant=acme).path
    page = client.get(path)
    assert f"{reverse('login')}?next={path}" in page.text
    assert client.post(path, TYPED).status_code == 200
    assert browser("alice").post(path).status_code == 200  # it is not theirs
    assert not bob.memberships.filter(tenant=acme).exists()
    bobs = browser("bob")
    assert read(bobs.get(path)).one("button", "data-kind", "primary")
    assert bobs.post(path)["Location"] == "/"
    assert bob.memberships.filter(tenant=acme, role=Role.MEMBER).exists()
    assert bobs.get(reverse("tenant", args=[acme.public_id])).status_code == 200


def test_an_account_that_came_meanwhile_does_not_become_staff(
    browser: Browser, bob: User, client: Client
) -> None:
    path = invited(NEW, StaffRole.LEAD).path
    User.objects.filter(pk=bob.pk).update(email=NEW)
    for one in (browser("bob"), client):
        assert one.post(path, TYPED).status_code == 404
    bob.refresh_from_db()
    assert not bob.is_staff
