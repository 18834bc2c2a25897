"""The page behind an invitation to connect a tool, from the first look until it is mapped."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import COMMAND, Act
from integrations.models import (
    AuditEntry,
    ConnectionAttempt,
    HandOff,
    Integration,
    RepairAct,
    Tenant,
    ToolNote,
)
from integrations.simulator.app import Simulator
from integrations.tenants import attempts, connecting, mapping
from integrations.tenants.attempts import AttemptStatus
from integrations.webhooks import handlers
from tests import copy
from tests.conftest import acting
from tests.views import to_connect
from tests.views.browsing import HTMX, read
from tests.views.connect_flow import finish, link_in, token_of
from tests.views.hand_off_pages import path_of
from tests.views.public.connecting import created

CREATE = ("POST", "/v1/connect/create-link")
EMAIL = "tom@acme.example"


@pytest.fixture
def attempt(acme: Tenant) -> ConnectionAttempt:
    return to_connect.planned(acme)


@pytest.fixture
def link(attempt: ConnectionAttempt, alice: User) -> HandOff:
    return hand_offs.create(attempt, RepairAct.CONNECT, by=acting(alice))


@pytest.fixture
def way(link: HandOff) -> str:
    return path_of(link)


def pressed(client: Client, way: str, **headers: str) -> Any:
    return client.post(way, {"email": EMAIL}, headers=headers)


def reported(client: Client, way: str, activation: str, attempt: ConnectionAttempt) -> Any:
    told = {"token": activation, "attempt": attempt.public_id}
    return client.post(f"{way}completed/", told)


def status(attempt: ConnectionAttempt) -> AttemptStatus:
    attempt.refresh_from_db()
    return attempts.status_of(attempt, timezone.now())


# --- The page -------------------------------------------------------------------------------------


def test_a_look_tells_what_is_asked_and_does_nothing(
    client: Client, way: str, kombo: Simulator, acme: Tenant
) -> None:
    ToolNote.objects.create(
        tool_id="workday", needed_person="Somebody", text="A note", updated_at=timezone.now()
    )
    before = kombo.calls
    response = client.get(way)
    page, said = read(response), response.content.decode()
    words = page.one("main").text
    assert page.one("h1").text == copy.CONNECT_TOOL_TO_VENDOR(tool="Workday", vendor="Northwind")
    asked = copy.PERSON_ASKS_YOU_TO_CONNECT(
        person="alice", organization="Acme GmbH", tool="Workday"
    )
    for told in (asked, "Somebody", "A note", copy.YOUR_EMAIL_ADDRESS):
        assert told in words
    assert page.one("button", "id", "continue").text == copy.CONTINUE_WITH_TOOL(tool="Workday")
    for secret in (acme.public_id, "alice@"):
        assert secret not in said
    assert kombo.calls == before
    assert HandOff.objects.get().opened_at is None


def test_where_it_was_sent_nobody_is_asked_for_an_address(
    client: Client, attempt: ConnectionAttempt, alice: User, kombo: Simulator
) -> None:
    sent = hand_offs.create(attempt, RepairAct.CONNECT, by=acting(alice), sent_to=EMAIL)
    assert not read(client.get(path_of(sent))).all("input", "name", "email")
    client.post(path_of(sent))
    (terms,) = kombo.world.store.links.values()
    assert terms["details"]["end_user"]["creator_email"] == EMAIL


def test_without_an_address_nothing_begins(
    client: Client, way: str, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for headers in [{}, HTMX]:
        for typed in ["", "nobody", "a@b@c", "x" * 300 + "@acme.example"]:
            with subtests.test(headers=headers, typed=typed):
                response = client.post(way, {"email": typed}, headers=headers)
                assert copy.ENTER_A_VALID_EMAIL_ADDRESS in response.content.decode()
                assert kombo.calls[CREATE] == 0
                assert HandOff.objects.get().begun_at is None


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_the_way_through_kombo_connect_ends_mapped(
    client: Client,
    way: str,
    attempt: ConnectionAttempt,
    kombo: Simulator,
    headers: dict[str, str],
) -> None:
    response = pressed(client, way, **headers)
    url = link_in(response) if not headers else read(response).one("iframe")["src"]
    (terms,) = kombo.world.store.links.values()
    end_user = terms["details"]["end_user"]
    assert (end_user["origin_id"], end_user["creator_email"]) == ("acme", EMAIL)
    assert status(attempt) is AttemptStatus.BEGUN
    ended = reported(client, way, finish(kombo, url), attempt)
    assert copy.TOOL_IS_CONNECTED(tool="Workday") in ended.content.decode()
    made = Integration.objects.get()
    assert made.tenant == attempt.tenant
    assert status(attempt) is AttemptStatus.CONNECTED
    used = HandOff.objects.get()
    assert used.opened_at
    assert used.begun_at
    assert used.used_at
    acts = AuditEntry.objects.order_by("pk").values_list("what", "actor")
    assert list(acts)[1:] == [
        (Act.HAND_OFF_OPENED, "hand-off link"),
        (Act.CONNECT_BEGUN, "hand-off link"),
        (Act.CONNECTED, "hand-off link"),
    ]
    calls = kombo.calls[CREATE]
    assert client.get(way).status_code == pressed(client, way).status_code == 410
    assert kombo.calls[CREATE] == calls


# --- Who else tells, and when ---------------------------------------------------------------------


def test_the_webhook_alone_ends_it(
    client: Client, way: str, attempt: ConnectionAttempt, kombo: Simulator
) -> None:
    """Without JavaScript nobody tells us."""
    finish(kombo, link_in(pressed(client, way)))
    handlers.handle("production", created(kombo), timezone.now())
    assert HandOff.objects.get().used_at
    assert status(attempt) is AttemptStatus.CONNECTED


def test_the_end_may_be_told_after_the_webhook(
    client: Client, way: str, attempt: ConnectionAttempt, kombo: Simulator
) -> None:
    activation = finish(kombo, link_in(pressed(client, way)))
    handlers.handle("production", created(kombo), timezone.now())
    ended = reported(client, way, activation, attempt)
    assert copy.TOOL_IS_CONNECTED(tool="Workday") in ended.content.decode()
    handlers.handle("production", created(kombo), timezone.now())
    assert Integration.objects.count() == 1


def test_two_people_with_one_link_lose_nothing(
    client: Client, way: str, attempt: ConnectionAttempt, kombo: Simulator
) -> None:
    urls = [link_in(pressed(one, way)) for one in (client, Client())]
    for url in urls:
        ended = reported(client, way, finish(kombo, url), attempt)
        assert copy.TOOL_IS_CONNECTED(tool="Workday") in ended.content.decode()
    assert {one.tenant for one in Integration.objects.all()} == {attempt.tenant}
    assert Integration.objects.count() == 2
    assert pressed(client, way).status_code == 410


def test_what_was_connected_otherwise_is_not_connected_twice(
    client: Client, way: str, attempt: ConnectionAttempt, kombo: Simulator
) -> None:
    made = mapping.create(attempt.tenant, "workday:1")
    made.snapshot.__class__.objects.update(tool_id="workday", category="HRIS")
    said = client.get(way)
    assert copy.TOOL_IS_ALREADY_CONNECTED(tool="Workday") in said.content.decode()
    pressed(client, way)
    assert kombo.calls[CREATE] == 0


# --- What does not work ---------------------------------------------------------------------------


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["server_error", "reset", "html", "foreign_link"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_could_not_begin_may_be_tried_again(
    client: Client, way: str, kombo: Simulator, fault: str, headers: dict[str, str]
) -> None:
    kombo.set_fault(fault)
    response = pressed(client, way, **headers)
    assert response.status_code == 200
    assert not read(response).all("iframe")
    assert HandOff.objects.get().begun_at is None
    kombo.set_fault("none")
    assert link_in(pressed(client, way))


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("fault", ["server_error", "reset", "html"])
def test_what_kombo_does_not_confirm_may_be_told_again(
    client: Client, way: str, attempt: ConnectionAttempt, kombo: Simulator, fault: str
) -> None:
    activation = finish(kombo, link_in(pressed(client, way)))
    kombo.set_fault(fault)
    retry = read(reported(client, way, activation, attempt)).one(
        "form", "action", f"{way}completed/"
    )
    assert "hx-post" not in retry.attributes
    assert HandOff.objects.get().used_at is None
    waiting = client.get(way)
    assert copy.CHECKING_THE_CONNECTION in waiting.content.decode()
    assert not read(waiting).all("button", "id", "continue")
    kombo.set_fault("none")
    ended = reported(client, way, activation, attempt)
    assert copy.TOOL_IS_CONNECTED(tool="Workday") in ended.content.decode()
    assert Integration.objects.get().tenant == attempt.tenant


def test_an_unknown_token_says_nothing_of_the_attempt(
    client: Client, way: str, attempt: ConnectionAttempt, kombo: Simulator
) -> None:
    pressed(client, way)
    reported(client, way, "unknown-token-of-somebody", attempt)
    assert status(attempt) is AttemptStatus.BEGUN
    assert link_in(pressed(client, way))


def test_an_end_without_a_beginning_is_none(
    client: Client, way: str, attempt: ConnectionAttempt, kombo: Simulator
) -> None:
    before = kombo.calls
    assert reported(client, way, "x" * 40, attempt).status_code == 404
    assert kombo.calls == before


@pytest.mark.parametrize("how", ["revoked", "expired", "dismissed", "switched off"])
def test_one_that_ended_opens_nothing(
    how: str,
    client: Client,
    way: str,
    link: HandOff,
    attempt: ConnectionAttempt,
    kombo: Simulator,
    settings: Any,
) -> None:
    match how:
        case "revoked":
            hand_offs.revoke(link, COMMAND)
        case "expired":
            HandOff.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
        case "switched off":
            settings.CONNECT_CATEGORIES = ["ATS"]
        case _:
            connecting.dismiss(attempt, COMMAND)
    answers = client.get(way), pressed(client, way), reported(client, way, "x" * 40, attempt)
    assert {answer.status_code for answer in answers} == {410}
    assert kombo.calls[CREATE] == 0


def test_where_its_environment_is_gone_it_says_so(
    client: Client, way: str, attempt: ConnectionAttempt
) -> None:
    ConnectionAttempt.objects.update(environment="gone")
    response = pressed(client, way)
    assert response.status_code == 200
    assert not read(response).all("a", "rel", "noreferrer")
    assert HandOff.objects.get().begun_at is None


def test_dismissed_while_the_link_is_minted(
    client: Client,
    way: str,
    attempt: ConnectionAttempt,
    kombo: Simulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin = connecting.begin

    def overtaken(*arguments: Any, **more: Any) -> Any:
        connecting.dismiss(attempt, COMMAND)
        return begin(*arguments, **more)

    monkeypatch.setattr(connecting, "begin", overtaken)
    response = pressed(client, way)
    assert response.status_code == 410
    assert "/connect/v1" not in response.content.decode()
    assert status(attempt) is AttemptStatus.DISMISSED, "a guest can't take that back"


def test_killed_before_it_was_noted_it_may_be_pressed_again(
    client: Client, way: str, kombo: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(_link: HandOff) -> bool:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(hand_offs, "mark_begun", killed)
        with pytest.raises(Killed):
            pressed(client, way)
    assert HandOff.objects.get().begun_at is None
    assert token_of(link_in(pressed(client, way)))


def test_it_leads_nowhere_else(client: Client, way: str, acme: Tenant) -> None:
    pressed(client, way)
    for path in (f"/t/{acme.public_id}/", f"/t/{acme.public_id}/connect/"):
        assert client.get(path).status_code == 302, "to sign in"
