"""A customer asks for a sync: once in a while for each tool, and learns what became of it."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from time_machine import TimeMachineFixture

from integrations.access import rate_limits
from integrations.kombo.errors import Refused
from integrations.models import AuditEntry, Entry, Integration, Membership, Snapshot, Tenant
from integrations.simulator import operations
from integrations.simulator.app import Simulator
from integrations.simulator.faults import TITLES
from integrations.upstream import gateway
from integrations.views.customer.syncing import refusal
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import HTMX, Element, read, tenant_url, url_of
from tests.views.conftest import Browser

SYNC = ("POST", "/v1/force-sync")


def ask(client: Client, made: Integration, **headers: str) -> str:
    response = client.post(url_of("sync_now", made), headers=headers)
    assert response.status_code == 200
    return read(response).one("p", "data-sync")["data-sync"]


def button(page: Element, made: Integration) -> list[Element]:
    return page.all("form", "action", url_of("sync_now", made))


def look(client: Client, made: Integration) -> Element:
    return read(client.get(url_of("integration", made)))


def test_it_is_asked_for_once(
    alices: Client, personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    form = button(look(alices, personio), personio)[0]
    assert form.one("button")["data-kind"] == "quiet"
    assert [ask(alices, personio, **HTMX), ask(alices, personio, **HTMX)] == ["queued", "limited"]
    assert kombo.calls[SYNC] == 1
    assert AuditEntry.objects.filter(what="synced", actor="alice").count() == 1
    page = look(alices, personio)
    assert not button(page, personio)
    assert page.one("p", "data-sync", "limited")
    clock.shift(rate_limits.SYNC.seconds + 1)
    assert button(look(alices, personio), personio)


def test_it_says_when_it_can_be_asked_again(
    alices: Client, personio: Integration, clock: TimeMachineFixture
) -> None:
    said = [
        read(alices.post(url_of("sync_now", personio), headers=HTMX)).one("p").text for _ in "12"
    ]
    assert all("12:15" in text for text in said)
    assert "12:15" in look(alices, personio).one("p", "data-sync").text


def test_the_limit_is_the_integrations_and_not_a_persons(
    alices: Client,
    personio: Integration,
    acme: Tenant,
    connect: Connect,
    bob: User,
    browser: Browser,
    settings: Any,
) -> None:
    Membership.objects.create(user=bob, tenant=acme)
    other = connect(acme, tool_id="hibob")
    assert ask(alices, personio) == "queued"
    assert ask(browser("bob"), personio) == "limited"
    assert ask(browser("bob"), other) == "queued"


def test_a_fragment_has_the_focus_and_a_page_leads_back(
    alices: Client, personio: Integration
) -> None:
    said = read(alices.post(url_of("sync_now", personio), headers=HTMX))
    assert not said.all("main")
    assert "autofocus" in said.one("p", "role", "status").attributes
    page = read(alices.post(url_of("sync_now", personio)))
    assert page.one("main").all("a", "href", url_of("integration", personio))


def test_what_is_queued_already_is_said(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    kombo.world.sync(personio.integration_id)
    assert ask(alices, personio) == "running"


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("code", [code for code in TITLES if code.startswith("INTEGRATION.")])
def test_what_kombo_refuses_is_said_and_looked_into(
    code: str,
    alices: Client,
    personio: Integration,
    kombo: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(operations, "_sync_refusal", lambda _details: code)
    assert ask(alices, personio) == "refused"
    assert Snapshot.objects.get(pk=personio.pk).outdated_at
    assert not AuditEntry.objects.filter(what="synced").exists()
    assert rate_limits.SYNC.ends_at(personio.pk) is None, "nothing was asked for"


def test_each_reason_has_words_of_its_own() -> None:
    codes = [code for code in TITLES if code.startswith("INTEGRATION.")]
    known = {refusal(Refused(code=code)) for code in [*codes, "INTEGRATION.TOMORROWS"]}
    assert len(known) == len(codes) + 1
    assert not refusal(Refused(code="PLATFORM.INPUT_INVALID"))


@pytest.mark.parametrize(
    ("fault", "outcome", "is_spent"),
    [
        ("rate_limited", "failed", False),
        ("key_revoked", "failed", False),
        ("server_error", "unconfirmed", True),
        ("truncated", "unconfirmed", True),
    ],
)
def test_a_failure_says_what_is_true(
    alices: Client,
    personio: Integration,
    kombo: Simulator,
    fault: str,
    outcome: str,
    is_spent: bool,
) -> None:
    kombo.set_fault(fault)
    assert ask(alices, personio) == outcome
    assert kombo.calls[SYNC] <= 1
    assert (rate_limits.SYNC.ends_at(personio.pk) is not None) == is_spent
    card = read(alices.get(url_of("integration", personio))).one("article")
    assert Snapshot.objects.get(pk=personio.pk).repaired_at is None, "nobody repaired anything"
    assert card["data-headline"] == "connected"


@pytest.mark.parametrize("state", ["invalid", "inactive", "setup_incomplete"])
def test_where_it_makes_no_sense_it_is_not_offered(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator, state: str
) -> None:
    made = connect(acme, state=state)
    assert not button(look(alices, made), made)
    assert ask(alices, made) == "refused"
    assert kombo.calls[SYNC] == 0


def test_in_a_list_nobody_is_offered_it(
    alices: Client, personio: Integration, acme: Tenant, connect: Connect
) -> None:
    connect(acme, tool_id="hibob")
    page = read(alices.get(tenant_url(personio)))
    assert not button(page, personio)


def test_another_tab_learns_of_it(alices: Client, personio: Integration) -> None:
    ask(alices, personio)
    answer = alices.post(url_of("check", personio), {"only": personio.public_id}, headers=HTMX)
    assert not button(read(answer), personio)
    assert read(answer).one("p", "data-sync")


def test_nobody_else_may(
    browser: Browser, personio: Integration, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for person in ["vic", "bob", "amy", "mia", "root"]:
        with subtests.test(person=person):
            assert browser(person).post(url_of("sync_now", personio)).status_code == 404
            assert kombo.calls[SYNC] == 0


def test_the_vendor_can_turn_it_off(
    alices: Client, personio: Integration, settings: Any, kombo: Simulator
) -> None:
    settings.CUSTOMER_SYNC = False
    assert not button(look(alices, personio), personio)
    assert alices.post(url_of("sync_now", personio)).status_code == 404
    assert kombo.calls[SYNC] == 0


@pytest.mark.parametrize(("claims", "status"), [({}, 200), ({"scope": ["view"]}, 404)])
def test_in_a_frame_a_session_that_may_repair_may_sync(
    settings: Any, personio: Integration, kombo: Simulator, claims: dict[str, Any], status: int
) -> None:
    turn_on(settings)
    frame = enter(Client(), view="integration", integration=personio.integration_id, **claims)
    where = f"/embed{url_of('sync_now', personio)}"
    assert frame.do("POST", where).status_code == status
    assert kombo.calls[SYNC] == (status == 200)


def test_it_needs_the_form(alice: User, personio: Integration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(url_of("sync_now", personio)).status_code == 403
    assert not Entry.objects.filter(kind="repair").exists()
    assert gateway.pause_left("production") == 0
