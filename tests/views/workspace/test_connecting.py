"""Staff have a customer connect a tool: they choose it, invite somebody, and see how far it is."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import Act
from integrations.models import (
    AuditEntry,
    ConnectionAttempt,
    HandOff,
    Mail,
    MailKind,
    RepairAct,
    Tenant,
)
from integrations.tenants import attempts
from tests.conftest import acting
from tests.views import to_connect
from tests.views.browsing import read
from tests.views.conftest import Browser
from tests.views.hand_off_pages import shown

TO = "hr@acme.example"


@pytest.fixture
def amys(browser: Browser, settings: Any, acme: Tenant) -> Client:
    settings.EMAIL_HOST_NAME = "mail.example"
    Tenant.objects.update(contact_email=TO)
    for tool_id in ("workday", "hibob", "lever"):
        to_connect.offered(tool_id, tool_id.title())
    return browser("amy")


@pytest.fixture
def url(acme: Tenant) -> str:
    return reverse("workspace_invite", args=[acme.public_id, "hris", "workday"])


def at(name: str, attempt: ConnectionAttempt) -> str:
    return reverse(name, args=[attempt.tenant.public_id, attempt.public_id])


def test_from_the_customers_page_to_a_tool(amys: Client, acme: Tenant, url: str) -> None:
    tools = reverse("workspace_connect", args=[acme.public_id])
    page = read(amys.get(reverse("workspace_tenant", args=[acme.public_id])))
    assert page.all("a", "href", tools)
    found = read(amys.get(tools, {"q": "work"})).all("li", "data-tool")
    assert [row["data-tool"] for row in found] == ["workday"]
    assert read(amys.get(tools)).all("a", "href", url)
    assert read(amys.get(tools, {"q": "nothing"})).all("div", "data-empty", "no-match")


def test_an_invitation_goes_to_the_contact(amys: Client, amy: User, acme: Tenant, url: str) -> None:
    form = read(amys.get(url))
    assert form.one("input", "id", "hand-off-to")["value"] == TO
    assert not ConnectionAttempt.objects.exists()
    page = read(amys.post(url, {"way": "email", "send_to": TO, "days": "7"}))
    attempt, link, mail = ConnectionAttempt.objects.get(), HandOff.objects.get(), Mail.objects.get()
    assert attempt.created_by == amy
    assert shown(page) == hand_offs.url_of(link)
    assert (link.expires_at - link.created_at).days == 7
    assert (mail.kind, mail.to) == (MailKind.INVITATION, TO)
    row = AuditEntry.objects.get(what=Act.HAND_OFF_CREATED)
    assert (row.tenant_id, row.actor_id) == (acme.pk, amy.pk)


def test_a_refusal_and_a_preview_store_nothing(amys: Client, url: str) -> None:
    assert amys.post(url, {"way": "preview"}).status_code == 200
    assert amys.post(url, {"way": "email", "send_to": "nobody"}).status_code == 409
    assert amys.post(url, {"way": "link", "days": "99"}).status_code == 409
    assert amys.post(url, {"do": "nothing"}).status_code == 404
    assert not ConnectionAttempt.objects.exists()


def test_the_customers_page_tells_how_far_it_is(amys: Client, acme: Tenant, alice: User) -> None:
    attempt = to_connect.planned(acme)
    now = timezone.now()
    ConnectionAttempt.objects.update(created_by=alice, begun_at=now, failed_at=now)
    page = read(amys.get(reverse("workspace_tenant", args=[acme.public_id])))
    row = page.one("li", "data-attempt", attempt.public_id)
    assert row["data-attempt-status"] == "failed"
    assert "alice" in row.text
    again = at("workspace_remind", attempt)
    assert row.all("a", "href", again)
    amys.post(again, {"way": "email", "send_to": TO})
    assert HandOff.objects.get().attempt == attempt
    assert read(amys.get(again)).one("li", "data-hand-off")["data-state"] == "open"


def test_the_list_of_customers_tells_of_it(amys: Client, acme: Tenant) -> None:
    assert not read(amys.get(reverse("customers"))).all("span", "data-attempts")
    to_connect.planned(acme)
    assert not read(amys.get(reverse("customers"))).all("span", "data-attempts"), "nobody began"
    ConnectionAttempt.objects.update(begun_at=timezone.now())
    row = read(amys.get(reverse("customers"))).one("tr", "data-tenant", acme.public_id)
    assert row.one("span", "data-attempts")["data-attempts"] == "1"


def test_links_of_anybody_are_shown_and_revoked(amys: Client, acme: Tenant, alice: User) -> None:
    attempt = to_connect.planned(acme)
    link = hand_offs.create(attempt, RepairAct.CONNECT, by=acting(alice))
    again, named = at("workspace_remind", attempt), {"hand_off": link.public_id}
    assert shown(read(amys.post(again, {"do": "show"} | named))) == hand_offs.url_of(link)
    assert amys.post(again, {"do": "revoke"} | named)["Location"] == again
    link.refresh_from_db()
    assert link.revoked_at


def test_dismissing_ends_the_links(amys: Client, acme: Tenant, alice: User) -> None:
    attempt = to_connect.planned(acme)
    link = hand_offs.create(attempt, RepairAct.CONNECT, by=acting(alice))
    amys.post(at("workspace_dismiss", attempt))
    attempt.refresh_from_db()
    link.refresh_from_db()
    assert attempt.dismissed_at
    assert link.revoked_at
    assert not attempts.unfinished(timezone.now()).exists()
    assert amys.post(at("workspace_remind", attempt), {"way": "link"}).status_code == 302


def test_another_customers_attempt_is_not_there(amys: Client, acme: Tenant, bolt: Tenant) -> None:
    theirs = to_connect.planned(bolt)
    for name in ("workspace_remind", "workspace_dismiss"):
        for tenant in (acme, bolt):
            url = reverse(name, args=[tenant.public_id, theirs.public_id])
            assert amys.post(url, {"way": "link"}).status_code == 404
    assert not HandOff.objects.exists()


def test_where_nothing_can_be_connected_it_is_not_there(
    amys: Client, acme: Tenant, url: str, settings: Any
) -> None:
    settings.CONNECT_CATEGORIES = []
    assert amys.get(url).status_code == 404
    page = read(amys.get(reverse("workspace_tenant", args=[acme.public_id])))
    assert not page.all("a", "href", reverse("workspace_connect", args=[acme.public_id]))
