"""Inviting a customer's people from the customer's page."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import AccountInvitation, AuditEntry, Role, Tenant
from tests import copy
from tests.conftest import allow
from tests.views.browsing import page_at, read
from tests.views.conftest import Browser
from tests.views.invited import invited

NEW = "new@acme.example"


@pytest.fixture
def amys(browser: Browser, amy: User) -> Client:
    """The account manager's, who may invite."""
    allow(amy, "add_membership")
    return browser("amy")


def address(name: str, tenant: Tenant) -> str:
    return reverse(name, args=[tenant.public_id])


def test_a_member_is_invited(amys: Client, acme: Tenant) -> None:
    sent = {"email": NEW, "role": Role.VIEWER}
    answer = amys.post(address("member_invite", acme), sent, follow=True)
    assert copy.INVITATION_SENT in answer.text
    row = AccountInvitation.objects.get()
    assert (row.tenant, row.role, row.mail and row.mail.to) == (acme, Role.VIEWER, NEW)
    assert read(answer).one("li", "data-invitation", row.public_id)
    entry = AuditEntry.objects.get()
    assert (entry.what, entry.tenant, entry.told) == (
        "invited",
        acme.name,
        {"role": "viewer", "to": NEW},
    )
    gone = amys.post(address("member_revoke", acme), {"invitation": row.public_id}, follow=True)
    assert copy.INVITATION_REVOKED in gone.text
    assert read(gone).all("li", "data-invitation") == []


def test_mistakes_are_told_where_they_were_made(amys: Client, acme: Tenant, alice: User) -> None:
    for email, role in ((alice.email, Role.MEMBER), ("x", Role.MEMBER), (NEW, "role:lead")):
        answer = amys.post(address("member_invite", acme), {"email": email, "role": role})
        assert answer.status_code == 422
        assert read(answer).all("ul", "class", "errorlist")
    assert not AccountInvitation.objects.exists()


def test_another_customers_invitation_can_not_be_revoked(
    amys: Client, acme: Tenant, bolt: Tenant
) -> None:
    row = invited("new@bolt.example", Role.MEMBER, tenant=bolt).row
    sent = {"invitation": row.public_id}
    assert amys.post(address("member_revoke", acme), sent).status_code == 409
    assert amys.post(address("member_revoke", bolt), sent).status_code == 404
    row.refresh_from_db()
    assert row.revoked_at is None
    assert row.public_id not in amys.get(address("workspace_tenant", acme)).text


def test_without_the_permission_nothing_is_offered(
    browser: Browser, amy: User, acme: Tenant
) -> None:
    row = invited(NEW, Role.MEMBER, tenant=acme).row
    page = page_at(browser("amy"), address("workspace_tenant", acme))
    assert page.all("form", "action", address("member_invite", acme)) == []
    assert row.email not in page.text


def test_without_a_mail_server_nobody_is_invited(amys: Client, acme: Tenant, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = ""
    page = page_at(amys, address("workspace_tenant", acme))
    assert page.all("form", "action", address("member_invite", acme)) == []
    sent = {"email": NEW, "role": Role.MEMBER}
    assert amys.post(address("member_invite", acme), sent).status_code == 404
