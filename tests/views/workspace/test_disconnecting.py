"""How staff ask for the end of a connection, and approve it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import DisconnectRequest, Integration, Snapshot
from integrations.simulator.app import Simulator
from tests.conftest import allow
from tests.views.browsing import Element, page_at, read, url_of
from tests.views.conftest import Browser

DELETE = ("DELETE", "/v1/integrations/{integration_id}")
FORM = {"reason": "They left.", "confirmation": "personio"}


@pytest.fixture
def amys(amy: User, browser: Browser) -> Client:
    """Amy asks."""
    allow(amy, "disconnect_integration")
    return browser("amy")


def look(client: Client, made: Integration) -> Element:
    return page_at(client, url_of("workspace_disconnect", made))


def ask(client: Client, made: Integration, **form: str) -> Any:
    return client.post(url_of("workspace_disconnect", made), FORM | form)


def act(client: Client, name: str, made: Integration, **form: str) -> Any:
    number = DisconnectRequest.objects.get().pk
    terms = {"request": str(number), "confirmation": "Personio"}
    return client.post(url_of(name, made), terms | form)


def test_one_asks_and_another_one_approves(
    amys: Client, roots: Client, personio: Integration, kombo: Simulator
) -> None:
    technical = page_at(amys, url_of("workspace_technical", personio))
    there = url_of("workspace_disconnect", personio)
    assert technical.one("section", "id", "disconnect").one("a")["href"] == there
    assert ask(amys, personio)["Location"] == there
    page = look(amys, personio)
    assert page.one("section", "data-request")
    assert not page.all("form", "action", url_of("disconnect_approve", personio))
    overview = page_at(roots, reverse("overview"))
    assert overview.one("section", "id", "to-approve").one("a")["href"] == there
    assert not page_at(amys, reverse("overview")).all("section", "id", "to-approve")
    for name in ("workspace_integration", "workspace_technical", "workspace_data"):
        assert page_at(roots, url_of(name, personio)).one("section", "data-request")
    page = look(roots, personio)
    assert FORM["reason"] in page.one("blockquote").text
    form = page.one("form", "action", url_of("disconnect_approve", personio))
    assert form.one("input", "name", "request")["value"] == str(DisconnectRequest.objects.get().pk)
    answer = act(roots, "disconnect_approve", personio)
    assert answer["Location"] == url_of("workspace_integration", personio)
    assert kombo.calls[DELETE] == 1
    page = page_at(roots, answer["Location"])
    assert page.one("", "data-standing", "removed")
    assert not page.all("section", "data-request")
    gone = roots.get(url_of("workspace_disconnect", personio))
    assert gone["Location"] == url_of("workspace_integration", personio)


def test_nobody_approves_their_own(amys: Client, personio: Integration, kombo: Simulator) -> None:
    ask(amys, personio)
    answer = act(amys, "disconnect_approve", personio)
    assert answer.status_code == 409
    assert read(answer).one("p", "data-problem")
    assert kombo.calls[DELETE] == 0


@pytest.mark.parametrize(("form", "wrong"), [
    ({"reason": " "}, "reason"), ({"confirmation": "x"}, "confirmation")
])  # fmt: skip
def test_a_request_needs_a_reason_and_the_name(
    form: dict[str, str], wrong: str, amys: Client, personio: Integration
) -> None:
    answer = ask(amys, personio, **form)
    assert answer.status_code == 422
    [field] = [one for one in read(answer) if one["aria-invalid"] == "true"]
    assert field["name"] == wrong
    assert not DisconnectRequest.objects.exists()


def test_an_approval_needs_the_name(
    amys: Client, roots: Client, personio: Integration, kombo: Simulator
) -> None:
    ask(amys, personio)
    assert act(roots, "disconnect_approve", personio, confirmation="").status_code == 422
    assert kombo.calls[DELETE] == 0


def test_it_is_withdrawn_by_either(
    amys: Client, roots: Client, personio: Integration, kombo: Simulator
) -> None:
    for client in (amys, roots):
        ask(amys, personio)
        waiting = DisconnectRequest.objects.get(ended_at=None).pk
        where = url_of("disconnect_withdraw", personio)
        assert client.post(where, {"request": waiting}).status_code == 302
        assert client.post(where, {"request": waiting}).status_code == 409
        terms = {"request": waiting, "confirmation": "Personio"}
        assert roots.post(url_of("disconnect_approve", personio), terms).status_code == 409
    assert kombo.calls[DELETE] == 0


def test_a_number_that_is_none_is_no_request(
    amys: Client, roots: Client, personio: Integration, kombo: Simulator
) -> None:
    ask(amys, personio)
    for number in ("", "x", "²", "9" * 40, "-1"):
        assert act(roots, "disconnect_approve", personio, request=number).status_code == 409, number
    assert act(roots, "disconnect_withdraw", personio, request="²").status_code == 409
    assert kombo.calls[DELETE] == 0


@pytest.mark.parametrize("fault", ["key_revoked", "rate_limited"])
def test_what_kombo_declines_is_said(
    amys: Client, roots: Client, personio: Integration, kombo: Simulator, fault: str
) -> None:
    ask(amys, personio)
    kombo.set_fault(fault)
    answer = act(roots, "disconnect_approve", personio)
    assert answer.status_code == 409
    assert read(answer).one("p", "data-problem")
    assert Snapshot.objects.get().removed_at is None


def test_what_nobody_confirmed_is_said(
    amys: Client, roots: Client, personio: Integration, kombo: Simulator
) -> None:
    ask(amys, personio)
    kombo.set_fault("truncated")
    there = url_of("workspace_disconnect", personio)
    assert act(roots, "disconnect_approve", personio)["Location"] == there
    kombo.set_fault("none")
    for name in ("disconnect_approve", "disconnect_withdraw"):
        assert act(roots, name, personio)["Location"] == there
    assert look(roots, personio).one("section", "data-attempt", "unconfirmed")
    assert kombo.calls[DELETE] == 1
    roots.post(url_of("workspace_check", personio))
    assert Snapshot.objects.get().removed_at


def test_without_the_permission_it_is_not_there(
    permit: Callable[..., Client], roots: Client, personio: Integration
) -> None:
    client = permit("sync_integration")
    ask(roots, personio)
    page = page_at(client, url_of("workspace_integration", personio))
    notice = page.one("section", "data-request")  # it is to be known, and not to be decided
    assert not notice.all("a")
    technical = page_at(client, url_of("workspace_technical", personio))
    assert not technical.all("section", "id", "disconnect")
    assert client.get(url_of("workspace_disconnect", personio)).status_code == 404
    for name in ("workspace_disconnect", "disconnect_approve", "disconnect_withdraw"):
        assert act(client, name, personio).status_code == 404
