"""The customer's pages: where they lead, what they show, to whom, and what they leave out."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext

from integrations.models import Integration, Membership, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import HTMX, make_stale, poll_url, read, tenant_url, url_of, visits
from tests.views.conftest import Browser


def headlines(response: Any) -> list[str]:
    return [card["data-headline"] for card in read(response).all("article", "data-integration")]


def test_home_leads_a_member_to_their_tenant(alices: Client, acme: Tenant) -> None:
    assert alices.get("/")["Location"] == reverse("tenant", args=[acme.public_id])


def test_home_lets_one_choose_between_own_tenants(
    alices: Client, alice: User, bolt: Tenant, acme: Tenant
) -> None:
    Membership.objects.create(user=alice, tenant=bolt)
    Tenant.objects.create(name="Not hers", origin_id="not hers")
    choices = read(alices.get("/")).all("li", "data-organization")
    assert {one.one("b").text: one.one("a")["href"] for one in choices} == {
        tenant.name: reverse("tenant", args=[tenant.public_id]) for tenant in (acme, bolt)
    }


def test_home_without_a_tenant_says_whom_to_ask(alices: Client, alice: User) -> None:
    alice.memberships.all().delete()
    page = read(alices.get("/"))
    assert copy.YOU_DO_NOT_BELONG in page.text
    assert "Ask Northwind" in page.text


def test_tenant_without_integrations_says_what_will_be_here(alices: Client, acme: Tenant) -> None:
    page = read(alices.get(reverse("tenant", args=[acme.public_id])))
    assert copy.NOTHING_IS_CONNECTED_YET in page.text
    assert not page.all("", "data-integration")


def test_two_connections_to_one_tool_are_told_apart(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    first, _second = connect(acme), connect(acme)
    page = read(alices.get(tenant_url(first)))
    assert page.all("section", "data-twins")
    assert len({one.text for one in page.all("p", "class", "twin")}) == 1  # of the same day
    Snapshot.objects.filter(pk=first.snapshot.pk).update(tool_label="HiBob")
    assert not read(alices.get(tenant_url(first))).all("section", "data-twins")


def test_cards_stand_in_the_order_of_who_must_act(
    alices: Client, every_state: list[Integration]
) -> None:
    cards = read(alices.get(tenant_url(every_state[0]))).all("article")
    assert [card["data-severity"] for card in cards] == [
        *["action_required"] * 2,  # to reconnect, to set up
        *["attention"] * 2,  # removed, paused
        *["unknown"] * 3,  # not fetched, withheld, and a status nobody knows
        *["working"] * 2,  # first sync, updating
        *["ok"] * 2,  # connected, and one that can't be checked just now
    ]


def test_cards_of_one_urgency_stand_in_the_order_of_their_names(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = [connect(acme, tool_id=tool) for tool in ("personio", "hibob", "bamboohr")]
    names = [card.one("h3").text for card in read(alices.get(tenant_url(made[0]))).all("article")]
    assert names == ["BambooHR", "HiBob", "Personio"]


def test_a_card_names_its_integration_and_headline(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    card = read(alices.get(url_of("integration", made))).one("article")
    assert (card["data-integration"], card["data-headline"]) == (made.public_id, "connected")
    assert card["data-severity"] == "ok"


def test_a_card_says_what_since_when_by_whom_and_how_fresh(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(
        acme, created_at="2025-03-14T10:20:30.000Z", creator_email="eve@acme.example", beta=True
    )
    make_stale(made, minutes=7)
    card = read(alices.get(url_of("integration", made))).one("article")
    assert f"14 March 2025 {copy.BY_WHO(who='eve@acme.example')}" in card.text
    assert card.one("span", "class", "tag").text == copy.BETA
    connect(acme)
    row = read(alices.get(url_of("card", made, seen="old"))).one("article")
    assert copy.HR_SYSTEM in row.text
    assert row.one("span", "class", "tag").text == copy.BETA


def test_a_card_says_how_old_what_it_shows_is(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    make_stale(made, minutes=7)
    moment = read(alices.get(url_of("integration", made))).one("time", "data-checked")
    assert moment.text == copy.N_MINUTES_AGO(n=7)
    shown = datetime.fromisoformat(moment["datetime"])
    assert abs(timezone.now() - timedelta(minutes=7) - shown) < timedelta(seconds=30)


def test_no_beta_mark_where_there_is_no_beta(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    assert (
        copy.BETA
        not in read(alices.get(url_of("integration", connect(acme, beta=False))))
        .one("article")
        .text
    )


def test_the_title_counts_those_that_need_the_customer(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    assert read(alices.get(tenant_url(made))).one("title").text == "Integrations · Acme GmbH"
    connect(acme, state="invalid")
    connect(acme, state="setup_incomplete")
    page = read(alices.get(tenant_url(made)))
    assert page.one("title").text == "(2) Integrations · Acme GmbH"
    assert page.one("link", "rel", "icon")["href"].endswith("favicon-alert.svg")


def test_the_title_of_one_integration_counts_it_alone(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    fine, broken = connect(acme), connect(acme, state="invalid", tool_id="hibob")
    assert read(alices.get(url_of("integration", fine))).one("title").text == "Personio · Acme GmbH"
    assert (
        read(alices.get(url_of("integration", broken))).one("title").text == "(1) HiBob · Acme GmbH"
    )


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize(
    "state", ["connected", "inactive", "final_sync_pending", "data_expired", "unknown_status"]
)
def test_no_banner_unless_the_customer_must_act(
    alices: Client, acme: Tenant, connect: Connect, state: str
) -> None:
    banner = read(alices.get(tenant_url(connect(acme, state=state)))).one("div", "id", "banner")
    assert banner.text == ""


def test_the_banner_of_one_says_what_to_do(alices: Client, acme: Tenant, connect: Connect) -> None:
    made = connect(acme, state="invalid")
    banner = read(alices.get(tenant_url(made, "banner")))
    assert banner.one("h2").text == copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Personio")
    assert banner.one("button").text == copy.RECONNECT_TOOL(tool="Personio")
    assert banner.one("title").text == "(1) Integrations · Acme GmbH"


def test_what_the_cards_say_no_banner_says_again(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = [connect(acme, state=state) for state in ("invalid", "setup_incomplete")]
    page = read(alices.get(tenant_url(made[0])))
    assert page.one("div", "id", "banner")["data-acts"] == "2"
    assert not page.one("div", "id", "banner").all("section")
    alone = read(alices.get(tenant_url(made[0], "banner")))  # where there are no cards
    assert alone.one("h2").text == copy.N_CONNECTIONS_NEED_YOUR_ATTENTION(n=2)
    assert {a["href"] for a in alone.all("a")} == {f"#card-{one.public_id}" for one in made}


def test_every_card_stands_in_the_group_of_its_state(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    states = ("invalid", "setup_incomplete", "inactive", "final_sync_pending")
    made = [connect(acme), *(connect(acme, state=state) for state in states), connect(acme)]
    page = read(alices.get(tenant_url(made[0])))
    groups = {
        section["data-group"]: {card["data-integration"] for card in section.all("article")}
        for section in page.all("section", "data-group")
    }
    assert groups == {
        "recent": set(),
        "attention": {made[1].public_id, made[2].public_id},
        "limited": {made[3].public_id},
        "progress": {made[4].public_id},
        "working": {made[0].public_id, made[5].public_id},
    }
    for section in page.all("section", "data-group"):
        members = groups[section["data-group"]]
        assert section.one("span", "data-count").text == str(len(members))
        assert ("hidden" in section.attributes) == (not members)


def test_the_only_integration_comes_with_its_grid(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    page = read(alices.get(tenant_url(made)))
    assert page.one("section", "id", "coverage")
    assert page.one("h1").text == "Personio"
    assert not page.all("nav", "class", "crumbs")
    assert not read(alices.get(url_of("integration", made))).all("nav", "class", "crumbs")
    connect(acme)
    assert not read(alices.get(tenant_url(made))).all("section", "id", "coverage")
    assert read(alices.get(url_of("integration", made))).one("nav", "class", "crumbs")


@pytest.mark.parametrize(
    ("state", "act"), [("invalid", "reconnect"), ("setup_incomplete", "set_up")]
)
def test_who_may_repair_sees_the_button_and_who_may_not_is_told(
    browser: Browser, acme: Tenant, connect: Connect, state: str, act: str
) -> None:
    made = connect(acme, state=state)
    told = {"vic": "You have view-only access", "mia": "Only the customer can do this"}
    for person, may in (("alice", True), ("vic", False), ("mia", False)):
        page = read(browser(person).get(url_of("integration", made)))
        forms = [
            form for form in page.one("article").all("form") if form["action"] == url_of(act, made)
        ]
        assert bool(forms) is may, person
        assert [name for name, words in told.items() if words in page.one("article").text] == [
            person
        ] * (not may)


def test_nothing_to_repair_shows_no_button_and_no_colleague(
    browser: Browser, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    for person in ("alice", "vic"):
        card = read(browser(person).get(url_of("integration", made))).one("article")
        assert "primary" not in {button["data-kind"] for button in card.all("button", "data-kind")}
        assert "colleague" not in card.text


@pytest.mark.parametrize(
    ("person", "may"), [("alice", False), ("vic", False), ("mia", True), ("root", True)]
)
def test_only_staff_with_the_permission_can_resume(
    browser: Browser, acme: Tenant, connect: Connect, person: str, may: bool
) -> None:
    made = connect(acme, state="inactive")
    card = read(browser(person).get(url_of("integration", made))).one("article")
    assert any(form["action"] == url_of("resume", made) for form in card.all("form")) is may
    assert copy.TOOL_CONNECTION(tool="Northwind has paused this") in card.text


def test_staff_without_that_permission_can_not_resume(
    browser: Browser, mia: User, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme, state="inactive")
    mia.user_permissions.remove(*mia.user_permissions.filter(codename="resume_integration"))
    client = browser("mia")
    assert url_of("resume", made) not in client.get(url_of("integration", made)).content.decode()
    assert client.post(url_of("resume", made)).status_code == 404


def test_only_staff_learn_why_a_check_failed(
    browser: Browser, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    kombo.set_fault("key_revoked")
    snapshots.revalidate(made, by_person=True)
    customer, staff = (
        browser(name).get(url_of("integration", made)).content.decode() for name in ("alice", "mia")
    )
    assert copy.KOMBO_REJECTED_OUR_API_KEY in staff
    assert "PLATFORM.AUTHENTICATION_INVALID" in staff
    assert "Kombo rejected" not in customer
    assert "AUTHENTICATION_INVALID" not in customer
    assert (
        copy.WE_CANNOT_CHECK_THE_CONNECTION
        in read(browser("alice").get(url_of("integration", made))).text
    )


# --- Languages ------------------------------------------------------------------------------------


def test_the_page_speaks_the_readers_language(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme, created_at="2025-03-14T10:20:30.000Z")
    assert made.snapshot.connected_at
    for code in ("en", "de", "fr", "es", "it"):
        page = read(alices.get(url_of("integration", made), headers={"Accept-Language": code}))
        with translation.override(code):
            check, day = (
                gettext(copy.CHECK_NOW),
                date_format(made.snapshot.connected_at, "DATE_FORMAT"),
            )
        assert page.one("html")["lang"] == code
        assert page.one("button", "id", f"check-{made.public_id}").text == check
        assert day in page.one("article").text


def test_a_chosen_language_stays(alices: Client, acme: Tenant, connect: Connect) -> None:
    made = connect(acme)
    alices.post(reverse("set_language"), {"language": "de", "next": tenant_url(made)})
    page = read(alices.get(tenant_url(made), headers={"Accept-Language": "fr"}))
    assert page.one("html")["lang"] == "de"
    assert page.one("button", "aria-current")["value"] == "de"


def test_a_language_never_leads_to_another_site(alices: Client) -> None:
    response = alices.post(
        reverse("set_language"), {"language": "de", "next": "https://evil.example/"}
    )
    assert response["Location"] == "/"


# --- No page view calls Kombo ---------------------------------------------------------------------


def test_the_first_page_view_shows_a_skeleton_and_asks_nobody(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme, fetched=False)
    card = read(alices.get(tenant_url(made))).one("article")
    assert not kombo.calls
    assert (card["data-poll"], card["data-headline"], card["aria-busy"]) == (
        "0.0",
        "pending",
        "true",
    )


def test_the_cards_own_request_fetches_and_then_the_page_knows(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme, fetched=False)
    page = read(alices.get(tenant_url(made)))
    fetched = read(alices.get(poll_url(page.one("article"), made), headers=HTMX)).one("article")
    assert kombo.calls.total() == 1
    assert (fetched["data-headline"], "aria-busy" in fetched.attributes) == ("connected", False)
    assert headlines(alices.get(tenant_url(made))) == ["connected"]
    assert kombo.calls.total() == 1


@pytest.mark.parametrize("fetched", [True, False], ids=["stale", "cold"])
def test_no_page_view_ever_asks_kombo(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator, fetched: bool
) -> None:
    made = [connect(acme, fetched=fetched) for _ in range(2)]
    make_stale(*made if fetched else ())
    before = kombo.calls
    for name, response in visits(alices, made[0]):
        if name.endswith(": card"):
            assert kombo.calls != before
            make_stale(*made)
            before = kombo.calls
        else:
            assert kombo.calls == before, name
        assert response.status_code in {200, 302, 404}
