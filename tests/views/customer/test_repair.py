"""Reconnect and continue the setup: whose it is to do, and the way into Kombo Connect and back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import ACTS, HTMX, make_stale, poll_url, read, tenant_url, url_of, visits
from tests.views.conftest import Browser
from tests.views.connect_flow import finish, link_in, token_of

CONNECTS = [("reconnect", "invalid"), ("set_up", "setup_incomplete")]


# --- Whose it is to do ----------------------------------------------------------------------------


def test_an_act_needs_the_forms_token(
    alice: User, invalid: Integration, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for name in ACTS:
        with subtests.test(name=name):
            strict = Client(enforce_csrf_checks=True)
            strict.force_login(alice)
            before = kombo.calls
            for headers in ({}, HTMX):
                response = strict.post(url_of(name, invalid), headers=headers)
                assert response.status_code == 403
                assert copy.THIS_PAGE_HAS_EXPIRED in response.content.decode()
            assert kombo.calls == before


def test_the_pages_own_form_passes(alice: User, invalid: Integration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    card = read(strict.get(url_of("integration", invalid))).one("article")
    [form] = [one for one in card.all("form") if "/reconnect/" in one["action"]]
    fields = {field["name"]: field["value"] for field in form.all("input", "name")}
    assert strict.post(form["action"], fields).status_code == 200


NOT_THEIRS = [("bob", name) for name in ACTS] + [("vic", name) for name in ACTS if name != "check"]


def test_what_is_not_yours_to_do_is_404_and_does_nothing(
    browser: Browser, invalid: Integration, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for person, name in NOT_THEIRS:
        with subtests.test(person=person, name=name):
            before = kombo.calls
            assert browser(person).post(url_of(name, invalid), {"token": "x"}).status_code == 404
            assert kombo.calls == before


# --- Into Kombo Connect ---------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "state"), CONNECTS)
def test_the_plain_form_gives_a_page_with_the_link(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator, name: str, state: str
) -> None:
    made = connect(acme, state=state)
    response = alices.post(url_of(name, made))
    page = read(response)
    link = page.one("a", "rel", "noreferrer")
    assert link["href"].startswith(f"{kombo.public_url}/connect/v1")
    assert link["target"] == "_blank"
    assert link.text == copy.CONTINUE_WITH_TOOL(tool="Personio")
    assert not page.all("iframe")
    assert any(a["href"] == url_of("integration", made) for a in page.all("a"))


@pytest.mark.parametrize(("name", "state"), CONNECTS)
def test_htmx_gets_a_dialog_that_frames_it(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator, name: str, state: str
) -> None:
    made = connect(acme, state=state)
    part = read(alices.post(url_of(name, made), headers=HTMX))
    dialog = part.one("dialog")
    assert not part.all("html")
    assert dialog["data-origin"] == kombo.public_url
    assert dialog["data-card"] == made.public_id
    frame = dialog.one("iframe")
    assert frame["src"].startswith(f"{kombo.public_url}/connect/v1")
    assert parse_qs(urlsplit(frame["src"]).query)["sdkv"]
    assert frame["referrerpolicy"] == "no-referrer"
    assert "allow-top-navigation" not in frame["sandbox"]
    assert frame["title"] == copy.TOOL_CONNECTION(tool="Personio")
    assert dialog.one("button").text == copy.CANCEL
    assert part.one("", "id", dialog["aria-labelledby"])


def test_the_link_lives_an_hour_and_speaks_the_readers_language(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    for code in ("de", "it"):
        link = link_in(alices.post(url_of("reconnect", invalid), headers={"Accept-Language": code}))
        terms = kombo.world.link(token_of(link))
        assert terms
        assert (terms["language"], terms["link_type"]) == (code, "EMBEDDED")


def test_the_link_stands_in_its_one_answer_alone(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    tokens: set[str] = set()
    for headers in ({}, HTMX):
        response = alices.post(url_of("reconnect", invalid), headers=headers)
        assert "no-store" in response["Cache-Control"]
        [token] = kombo.world.store.links.keys() - tokens
        assert response.content.decode().count(token) == 1
        assert token not in str(response.headers)
        tokens.add(token)
    stored = str(list(Snapshot.objects.values())) + str(list(Integration.objects.values()))
    for name, later in visits(alices, invalid):
        for token in tokens:
            assert token not in later.content.decode() + str(later.headers), name
            assert token not in stored


def test_each_click_mints_its_own_link(alices: Client, invalid: Integration) -> None:
    links = {link_in(alices.post(url_of("reconnect", invalid))) for _ in range(3)}
    assert len(links) == 3


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(("name", "state"), CONNECTS)
def test_a_foreign_link_is_refused_in_words(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    name: str,
    state: str,
    headers: dict[str, str],
) -> None:
    made = connect(acme, state=state)
    kombo.set_fault("foreign_link")
    response = alices.post(url_of(name, made), headers=headers)
    assert response.status_code == 200
    assert copy.WE_RECEIVED_AN_UNTRUSTED_LINK.core in read(response).text
    assert "connect.example.net" not in response.content.decode()
    assert not read(response).all("iframe")


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="page"),
        pytest.param(HTMX, id="htmx", marks=pytest.mark.exhaustive),
    ],
)
@pytest.mark.parametrize(
    "fault", ["server_error", "reset", "html", "key_revoked", "rate_limited", "empty"]
)
def test_when_kombo_can_not_it_is_said_and_nothing_changed(
    alices: Client, invalid: Integration, kombo: Simulator, fault: str, headers: dict[str, str]
) -> None:
    kombo.set_fault(fault)
    response = alices.post(url_of("reconnect", invalid), headers=headers)
    assert response.status_code == 200
    assert copy.THE_CONNECTION_COULD_NOT in read(response).text
    assert not read(response).all("a", "rel", "noreferrer")


def test_nothing_left_to_set_up_is_said(alices: Client, acme: Tenant, connect: Connect) -> None:
    response = alices.post(url_of("set_up", connect(acme)))
    assert response.status_code == 200
    assert copy.NO_SETTINGS_TO_CHANGE(tool="Personio") in read(response).text


def test_a_removed_integration_can_not_be_reconnected(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    kombo.set_state(invalid.integration_id, "deleted")
    assert copy.THE_CONNECTION_COULD_NOT in read(alices.post(url_of("reconnect", invalid))).text


def framed(response: Any) -> str:
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    return str(policy.get("frame-src", ""))


def test_only_pages_that_open_connect_may_frame_it(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    opening = {"tenant", "integration", "all open", "results"}
    for name, response in visits(alices, invalid):
        if response.status_code == 200 and not name.endswith("logo"):
            expected = kombo.public_url if name.rpartition(": ")[2] in opening else ""
            assert framed(response) == expected, name
    for name in ("reconnect", "set_up"):
        assert framed(alices.post(url_of(name, invalid))) == kombo.public_url


def test_without_connect_origins_nothing_may_be_framed(
    alices: Client, invalid: Integration, settings: Any
) -> None:
    settings.KOMBO_CONNECT_ORIGINS = []
    assert framed(alices.get(tenant_url(invalid))) == "'none'"
    assert (
        copy.WE_RECEIVED_AN_UNTRUSTED_LINK.core
        in read(alices.post(url_of("reconnect", invalid))).text
    )


# --- Back from Kombo Connect ----------------------------------------------------------------------


def test_after_completing_the_card_is_checked_at_once(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    token = finish(kombo, link_in(alices.post(url_of("reconnect", invalid))))
    make_stale(invalid)
    before = kombo.calls.total()
    response = alices.post(url_of("completed", invalid), {"token": token}, headers=HTMX)
    assert kombo.calls.total() == before + 1, "one call to Kombo, so that no request waits for two"
    card = read(response).one("article")
    assert copy.WE_ARE_CHECKING_THE_CONNECTION in card.text
    assert 0 < float(card["data-poll"]) == float(response["Poll-After"]) <= 2.0
    assert (
        read(alices.get(poll_url(card, invalid), headers=HTMX)).one("article")["data-headline"]
        == "connected"
    )
    assert "Checking" not in read(alices.get(url_of("integration", invalid))).one("article").text


def test_while_kombo_lags_the_card_keeps_looking_fast(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    kombo.set_lag(3600)
    token = finish(kombo, link_in(alices.post(url_of("reconnect", invalid))))
    make_stale(invalid)
    card = read(alices.post(url_of("completed", invalid), {"token": token}, headers=HTMX)).one(
        "article"
    )
    response = alices.get(poll_url(card, invalid), headers=HTMX)
    assert response.status_code == 204
    assert 0 < float(response["Poll-After"]) <= 2.0
    page = read(alices.get(url_of("integration", invalid)))
    assert copy.CHECKING in page.one("article").text
    assert page.one("article")["data-headline"] == "reconnect_required"


def test_completed_without_javascript_leads_back_to_the_page(
    alices: Client, invalid: Integration
) -> None:
    response = alices.post(url_of("completed", invalid), {"token": "unknown"})
    assert response["Location"] == url_of("integration", invalid)


def test_a_token_of_another_integration_changes_nothing(
    alices: Client, acme: Tenant, invalid: Integration, connect: Connect, kombo: Simulator
) -> None:
    other = connect(acme, state="invalid", tool_id="hibob")
    token = finish(kombo, link_in(alices.post(url_of("reconnect", other))))
    card = read(alices.post(url_of("completed", invalid), {"token": token}, headers=HTMX)).one(
        "article"
    )
    assert "Checking" not in card.text
    invalid.snapshot.refresh_from_db()
    assert invalid.snapshot.watch_until is None


@pytest.mark.parametrize("token", ["", "x" * 4097])
def test_what_can_not_be_a_token_asks_nobody(
    alices: Client, invalid: Integration, kombo: Simulator, token: str
) -> None:
    before = kombo.calls
    assert (
        alices.post(url_of("completed", invalid), {"token": token}, headers=HTMX).status_code == 200
    )
    assert kombo.calls == before
