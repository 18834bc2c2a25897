"""Out of the frame: the page of its own on which one integration is repaired once."""

import logging
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from time_machine import TimeMachineFixture

from integrations.access import embed_sessions, permissions, rate_limits, repair_handles
from integrations.models import Entry, Integration, Kind, RepairHandle, Tenant
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect
from tests.embed import Frame, bearer, enter, exchange, token, turn_on
from tests.logged import logged
from tests.views.browsing import HTMX, read
from tests.views.connect_flow import finish, link_in, token_of

RELINK, SETUP = (
    ("POST", "/v1/integrations/{integration_id}/relink"),
    ("POST", "/v1/integrations/{integration_id}/setup-link"),
)


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    turn_on(settings)


def way_out(integration: Integration, act: str = "reconnect") -> str:
    """The address that a button in a frame leads to."""
    frame = enter()
    answer = read(frame.post(frame.on(act, integration.public_id)))
    address = answer.one("section")["data-leave"]
    link = answer.one("a")
    assert (link["href"], link["target"], link["rel"]) == (address, "_blank", "noopener")
    assert re.fullmatch(r"/go/[\w-]{32}/\?lang=en", address)
    return address.partition("?")[0]


@pytest.fixture
def way(invalid: Integration) -> str:
    return way_out(invalid)


def is_over(response: Any) -> bool:
    said = response.content.decode()
    assert not [name for name in ("Acme", "Personio") if name in said]
    return response.status_code == 404 and copy.THIS_LINK_HAS_EXPIRED in said


def test_a_look_names_tenant_and_tool_and_does_nothing(
    client: Client, way: str, kombo: Simulator
) -> None:
    before = kombo.calls
    for _ in range(3):  # and uses nothing up, as a link preview may look too
        response = client.get(way)
        page = read(response)
        assert response.status_code == 200
        assert "Acme GmbH" in page.one("main").text
        assert page.one("h1").text == copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Personio")
        assert page.one("button", "id", "continue").text == copy.CONTINUE_WITH_TOOL(tool="Personio")
        assert not page.all("iframe")
    assert kombo.calls == before
    assert RepairHandle.objects.get().used_at is None
    assert not Entry.objects.filter(kind=Kind.REPAIR).exists()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("act", "state", "call"),
    [("reconnect", "invalid", RELINK), ("set_up", "setup_incomplete", SETUP)],
)
def test_a_press_opens_kombo_connect_once(
    client: Client, acme: Tenant, connect: Connect, kombo: Simulator,
    act: str, state: str, call: tuple[str, str], headers: dict[str, str],
) -> None:  # fmt: skip
    way = way_out(connect(acme, state=state), act)
    before = kombo.calls
    response = client.post(way, headers=headers)
    assert response.status_code == 200
    assert f"{kombo.public_url}/connect/v1" in response.content.decode()
    assert f"frame-src {kombo.public_url}" in response["Content-Security-Policy"]
    assert bool(read(response).all("html")) == (not headers)
    assert is_over(client.post(way, headers=headers))
    assert is_over(client.get(way))
    assert dict(kombo.calls - before) == {call: 1}
    assert "/embed/" not in response.content.decode()


def test_it_goes_on_in_the_language_of_the_frame(
    client: Client, invalid: Integration, kombo: Simulator
) -> None:
    frame = enter()
    left = frame.post(frame.on("reconnect", invalid.public_id), **{"Accept-Language": "de"})
    page = read(
        client.get(read(left).one("section")["data-leave"], headers={"Accept-Language": "fr"})
    )
    assert page.one("html")["lang"] == "de"
    action = next(
        form["action"] for form in page.all("form") if form.all("button", "id", "continue")
    )
    terms = kombo.world.link(
        token_of(link_in(client.post(action, headers={"Accept-Language": "fr"})))
    )
    assert terms
    assert terms["language"] == "de"


def test_nobody_presses_it_from_another_site(way: str, kombo: Simulator) -> None:
    strict, before = Client(enforce_csrf_checks=True), kombo.calls
    for address in (way, f"{way}completed/"):
        assert strict.post(address, {"token": "x"}).status_code == 403
    assert kombo.calls == before
    form = read(strict.get(way)).one("form", "action", f"{way}?lang=en")
    assert strict.cookies["csrftoken"]["samesite"] == "Lax"
    fields = {field["name"]: field["value"] for field in form.all("input")}
    assert strict.post(way, fields).status_code == 200


def test_it_is_open_for_ten_minutes(
    client: Client, way: str, kombo: Simulator, time_machine: TimeMachineFixture
) -> None:
    before, made = kombo.calls, RepairHandle.objects.get().created_at
    time_machine.move_to(made + repair_handles.LIVES)
    assert is_over(client.get(way))
    assert is_over(client.post(way))
    assert kombo.calls == before


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("handle", ["A" * 32, "x", "a" * 500, "None", "completed"])
def test_a_forged_one_leads_nowhere(
    client: Client, way: str, handle: str, kombo: Simulator
) -> None:
    before = kombo.calls
    digest = RepairHandle.objects.get().digest
    for forged in (handle, digest, way.split("/")[2][:-1], way.split("/")[2].swapcase()):
        for response in (
            client.get(f"/go/{forged}/"),
            client.post(f"/go/{forged}/"),
            client.post(f"/go/{forged}/completed/"),
        ):
            assert is_over(response)
    assert kombo.calls == before


def test_a_revoked_tenant_has_no_way_out(client: Client, way: str, acme: Tenant) -> None:
    embed_sessions.revoke(acme)
    assert is_over(client.get(way))
    assert is_over(client.post(way))


def test_nothing_leads_to_an_integration_that_is_withheld(
    client: Client, way: str, invalid: Integration, kombo: Simulator
) -> None:
    frame = enter()
    invalid.snapshot.origin_id = "somebody else"
    invalid.snapshot.save()
    before = kombo.calls
    assert frame.post(frame.on("reconnect", invalid.public_id)).status_code == 404
    for response in (
        client.get(way),
        client.post(way),
        client.post(f"{way}completed/", {"token": "x"}),
    ):
        assert is_over(response)
    assert kombo.calls == before


@pytest.mark.parametrize("fault", ["server_error", "foreign_link"])
def test_what_could_not_begin_may_be_tried_again(
    client: Client, way: str, kombo: Simulator, fault: str
) -> None:
    kombo.set_fault(fault)
    said = client.post(way).content.decode()
    assert copy.NO_CHANGES_WERE_MADE in said
    assert "/connect/v1" not in said
    kombo.set_fault("none")
    assert link_in(client.post(way))
    assert is_over(client.post(way))


def test_of_two_presses_at_once_one_counts(
    client: Client, way: str, kombo: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    find, before = permissions.by_repair_handle, kombo.calls

    def overtaken(handle: str) -> Any:
        entered = find(handle)
        assert entered
        assert repair_handles.use(entered[0])
        return entered

    monkeypatch.setattr(permissions, "by_repair_handle", overtaken)
    assert is_over(client.post(way))
    assert kombo.calls == before


@pytest.mark.usefixtures("few_tries")
def test_it_is_not_tried_again_without_end(client: Client, way: str, kombo: Simulator) -> None:
    kombo.set_fault("foreign_link")
    times = rate_limits.REPAIR.times
    assert [client.post(way).status_code for _ in range(times + 1)] == [200] * times + [429]


def test_where_nothing_is_left_to_set_up_it_says_so(
    client: Client, acme: Tenant, connect: Connect
) -> None:
    assert (
        copy.NO_SETTINGS_TO_CHANGE(tool="Personio")
        in client.post(way_out(connect(acme), "set_up")).content.decode()
    )


def test_the_end_is_recorded_and_the_frame_sees_it(
    client: Client, way: str, invalid: Integration, kombo: Simulator
) -> None:
    frame = enter()
    activation = finish(kombo, link_in(client.post(way)))
    for headers, is_page in ({}, True), (HTMX, False):
        done = client.post(f"{way}completed/", {"token": activation}, headers=headers)
        assert "You can close this window." in done.content.decode()
        assert bool(read(done).all("html")) == is_page
    entry = Entry.objects.filter(kind=Kind.REPAIR).latest("pk")
    assert (entry.what, entry.actor, entry.data["outcome"]) == ("reconnect", None, "done")
    card = read(frame.post(frame.on("check", invalid.public_id), **HTMX)).one("article")
    assert card["data-headline"] == "connected"


def test_an_end_without_a_beginning_is_none(client: Client, way: str, kombo: Simulator) -> None:
    before = kombo.calls
    assert is_over(client.post(f"{way}completed/", {"token": "x"}))
    assert client.get(f"{way}completed/").status_code == 405
    assert kombo.calls == before
    client.post(way)
    for nothing in ("", "x" * 4097):
        assert client.post(f"{way}completed/", {"token": nothing}).status_code == 200
    assert dict(kombo.calls - before) == {RELINK: 1}


def test_an_end_is_not_told_without_end(client: Client, way: str) -> None:
    client.post(way)
    answers = [
        client.post(f"{way}completed/", {"token": "x"}).status_code
        for _ in range(rate_limits.REPAIR.times)
    ]
    assert answers == [200] * (rate_limits.REPAIR.times - 1) + [429]


def test_no_page_that_it_leads_to_learns_the_address(client: Client, way: str) -> None:
    answers = [
        client.get(way),
        client.post(way),
        client.post(way),
        client.post(f"{way}completed/", {"token": "x"}),
    ]
    answers += [client.get("/go/forged/"), client.post("/go/forged/completed/")]
    assert [one.status_code for one in answers] == [200, 200, 404, 200, 404, 404]
    for response in answers:
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]


def walk(frame: Frame, integration: Integration, kombo: Simulator) -> list[Any]:
    """All the way from the frame through a repair and back, and some wrong turns."""
    client, strict = Client(), Client(enforce_csrf_checks=True)
    left = frame.post(frame.on("reconnect", integration.public_id))
    way = read(left).one("section")["data-leave"].partition("?")[0]
    other = (
        client.generic("HEAD", way),
        client.generic("PUT", way),
        strict.post(way),
        strict.post(f"{way}completed/"),
    )
    opened = client.post(way)
    done = client.post(f"{way}completed/", {"token": finish(kombo, link_in(opened))})
    late = (
        client.get(way),
        client.post(way),
        client.get(f"{way}completed/"),
        client.get(way.rstrip("/")),
    )
    inside = (
        frame.get(frame.on("card", integration.public_id)),
        frame.get("/embed/nowhere/"),
        frame.post("/embed/"),
    )
    return [left, client.get(way), *other, opened, done, *late, *inside]


def test_no_token_no_key_and_no_handle_reaches_a_log_or_a_header(
    invalid: Integration, kombo: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    for name in (None, "integrations", "django.db.backends", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, name)
    good = token()
    with CaptureQueriesContext(connection):  # so that the queries are logged too
        answer = exchange(Client(), good)
        again = exchange(Client(), good)
        frame = Frame(
            Client(), *(answer.json()[name] for name in ("key", "tenant", "content", "address"))
        )
        answers = [answer, again, *walk(frame, invalid, kombo)]
        answers.append(Client().get(frame.on("tenant"), headers=bearer(frame.key[::-1])))
    way = read(answers[2]).one("section")["data-leave"].split("/")[2]
    secrets = {"token": good, "signature": good.split(".")[2], "key": frame.key, "handle": way}
    secrets["link"] = token_of(
        link_in(next(one for one in answers if b"/connect/v1" in one.content))
    )
    said = logged(caplog)
    for kind in (
        "django.request 405 Method Not Allowed HEAD go/<",
        "django.security.csrf 403 Forbidden",
        "INSERT INTO",
    ):
        assert kind in said
    assert [name for name, secret in secrets.items() if secret in said] == []
    for response in answers:
        headers = {name: value for name, value in response.headers.items() if name != "Location"}
        assert [name for name, secret in secrets.items() if secret in f"{headers}"] == []
    assert frame.key not in answers[0].json()["content"]
    assert [one for one in answers[1:] if frame.key in one.content.decode()] == []
    assert [one for one in answers if good in one.content.decode()] == []
