"""Sending a colleague a link by which they connect a tool."""

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
    CatalogueTool,
    ConnectionAttempt,
    HandOff,
    Mail,
    MailKind,
    RepairAct,
    Tenant,
)
from integrations.tenants import attempts
from tests import copy
from tests.conftest import Connect, acting
from tests.views import to_connect
from tests.views.browsing import HTMX, read
from tests.views.hand_off_pages import shown

TO = "tom@acme.example"


@pytest.fixture(autouse=True)
def workday(settings: Any, db: None) -> CatalogueTool:
    settings.EMAIL_HOST_NAME = "mail.example"
    return to_connect.offered()


@pytest.fixture
def url(acme: Tenant) -> str:
    return reverse("connect_invite", args=[acme.public_id, "hris", "workday"])


def again(attempt: ConnectionAttempt) -> str:
    ids = [attempt.tenant.public_id, attempt.public_id]
    return reverse("connect_attempt_invite", args=ids)


def test_the_tools_page_offers_it(alices: Client, acme: Tenant, url: str) -> None:
    page = read(alices.get(reverse("connect_tool", args=[acme.public_id, "hris", "workday"])))
    button = page.one("a", "id", "invite")
    assert (button["href"], button["hx-get"]) == (url, url)


def test_a_look_stores_nothing(alices: Client, url: str) -> None:
    for headers in ({}, HTMX):
        assert alices.get(url, headers=headers).status_code == 200
    alices.post(url, {"way": "preview", "message": "Hi Tom"})
    assert not ConnectionAttempt.objects.exists()
    assert not HandOff.objects.exists()


def test_a_preview_shows_page_and_mail(alices: Client, url: str) -> None:
    page = read(alices.post(url, {"way": "preview", "message": "Hi Tom"}))
    said = page.one("section", "class", "previews").text
    asked = copy.PERSON_ASKS_YOU_TO_CONNECT(
        person="alice", organization="Acme GmbH", tool="Workday"
    )
    assert said.count("Hi Tom") == said.count(asked) == 2


def test_what_is_sent_is_an_attempt_a_link_and_a_mail(
    alices: Client, alice: User, acme: Tenant, url: str
) -> None:
    page = read(alices.post(url, {"way": "email", "send_to": TO, "message": "Hi Tom"}))
    attempt, link = ConnectionAttempt.objects.get(), HandOff.objects.get()
    assert (attempt.tenant, attempt.created_by) == (acme, alice)
    assert attempts.status_of(attempt, timezone.now()) == "invited"
    assert (link.attempt, link.act, link.sent_to) == (attempt, RepairAct.CONNECT, TO)
    mail = Mail.objects.get()
    assert (mail.kind, mail.to, mail.integration) == (MailKind.INVITATION, TO, None)
    assert (mail.tenant, mail.hand_off) == (acme, link)
    assert shown(page) == hand_offs.url_of(link)
    assert page.one("li", "data-hand-off")["data-state"] == "open"
    acts = AuditEntry.objects.filter(tenant_id=acme.pk).values_list("what", flat=True)
    assert {Act.HAND_OFF_CREATED, Act.HAND_OFF_REVEALED} <= set(acts)


def test_more_links_are_of_one_attempt(alices: Client, url: str) -> None:
    for _ in range(2):
        alices.post(url, {"way": "link"})
    assert HandOff.objects.count() == 2
    assert ConnectionAttempt.objects.count() == 1


@pytest.mark.parametrize(
    "wrong", [{"way": "email", "send_to": "nobody"}, {"way": "link", "message": "www.evil.example"}]
)
def test_a_refusal_stores_nothing(alices: Client, url: str, wrong: dict[str, str]) -> None:
    assert alices.post(url, wrong).status_code == 409
    assert not ConnectionAttempt.objects.exists()


def test_the_attempts_row_sends_it_again(alices: Client, acme: Tenant, url: str) -> None:
    alices.post(url, {"way": "email", "send_to": TO})
    attempt = ConnectionAttempt.objects.get()
    page = read(alices.get(reverse("tenant", args=[acme.public_id])))
    assert page.one("a", "id", f"invite-{attempt.public_id}")["href"] == again(attempt)
    form = read(alices.get(again(attempt), headers=HTMX))
    assert form.one("input", "id", "hand-off-to")["value"] == TO
    alices.post(again(attempt), {"way": "email", "send_to": TO})
    assert Mail.objects.filter(kind=MailKind.INVITATION).count() == 2
    for link in HandOff.objects.all():
        alices.post(again(attempt), {"do": "revoke", "hand_off": link.public_id})
    assert not HandOff.objects.filter(revoked_at=None).exists()


def test_staffs_links_are_not_the_customers(
    alices: Client, alice: User, mia: User, acme: Tenant
) -> None:
    attempt = to_connect.planned(acme)
    own, staffs = (
        hand_offs.create(attempt, RepairAct.CONNECT, by=acting(who)) for who in (alice, mia)
    )
    page = read(alices.get(again(attempt)))
    assert [row["data-hand-off"] for row in page.all("li", "data-hand-off")] == [own.public_id]
    for what in ("show", "revoke"):
        named = {"do": what, "hand_off": staffs.public_id}
        assert alices.post(again(attempt), named).status_code == 404


@pytest.mark.parametrize("column", ["finished_at", "dismissed_at", "connected_at"])
def test_what_ended_is_not_asked_for(alices: Client, acme: Tenant, column: str) -> None:
    attempt = to_connect.planned(acme)
    ConnectionAttempt.objects.update(**{column: timezone.now()})
    for answer in (alices.get(again(attempt)), alices.post(again(attempt), {"way": "link"})):
        assert answer["Location"] == reverse("tenant", args=[acme.public_id])
    assert not HandOff.objects.exists()


def test_what_is_connected_is_not_asked_for(
    alices: Client, acme: Tenant, url: str, connect: Connect
) -> None:
    connect(acme, tool_id="workday")
    for answer in (alices.get(url), alices.post(url, {"way": "link"})):
        assert answer.status_code == 302
    assert not HandOff.objects.exists()
