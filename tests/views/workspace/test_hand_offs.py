"""Handing a repair to a colleague: the page that the link leads to, and those who make, see and
revoke links.
"""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access import hand_offs, permissions, rate_limits
from integrations.access.audit import COMMAND, Act
from integrations.mail import compose
from integrations.models import (
    AuditEntry,
    Entry,
    HandOff,
    Integration,
    Kind,
    Mail,
    Membership,
    Snapshot,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import snapshots
from tests.conftest import Connect, acting
from tests.embed import enter, turn_on
from tests.views import test_markup
from tests.views.browsing import HTMX, Element, read, url_of
from tests.views.conftest import Browser
from tests.views.customer.test_repair import finish, link_in, token_of

RELINK, SETUP = (
    ("POST", "/v1/integrations/{integration_id}/relink"),
    ("POST", "/v1/integrations/{integration_id}/setup-link"),
)
RULES = (
    test_markup.inline_code,
    test_markup.repeated_ids,
    test_markup.forms_without_token,
    test_markup.htmx_that_needs_javascript,
    test_markup.inputs_without_label,
    test_markup.dangling_references,
    test_markup.buttons_and_links_without_name,
    test_markup.pages_without_language_title_or_heading,
)


def handed(integration: Integration, act: str = "reconnect", **more: Any) -> str:
    """The address of a new hand-off."""
    return path_of(hand_offs.create(integration, act, by=COMMAND, **more))


def path_of(link: HandOff) -> str:
    return hand_offs.url_of(link).removeprefix("http://localhost")


@pytest.fixture
def way(invalid: Integration) -> str:
    return handed(invalid)


def told(*, since: int = 0) -> list[tuple[str, str, str]]:
    found = AuditEntry.objects.filter(pk__gt=since).order_by("pk")
    return list(found.values_list("what", "actor", "address"))


def refused(response: Any, status: int, *words: str) -> bool:
    """Refused in words of its own, which name nobody and lead nowhere."""
    said = response.content.decode()
    page = read(response)
    assert response.status_code == status, said
    assert not [name for name in ("Acme", "Personio", "creator@", "/connect/v1") if name in said]
    assert not [form for form in page.all("form") if form["method"] == "post"]
    assert not page.all("iframe")
    assert "no-store" in response["Cache-Control"]
    return all(word in page.one("main").text for word in words)


def said_to(page: Element) -> str:
    """Why it was refused; the page's own place for trouble is there too, and empty."""
    [found] = [one for one in page.all("p", "role", "alert") if one["id"] != "trouble"]
    return found.text


# --- The page -------------------------------------------------------------------------------------


def test_a_look_tells_what_is_wrong_and_does_nothing(
    client: Client, way: str, kombo: Simulator
) -> None:
    before = kombo.calls
    for _ in range(3):  # as mail scanners do
        page = read(client.get(way))
        said = page.one("main").text
        assert page.one("h1").text == "Personio needs to be reconnected"
        for words in (
            "Acme GmbH",
            "Personio and Northwind",
            "First noticed on",
            "an administrator’s access to Personio",
        ):
            assert words in said
        assert f"({timezone.localtime():%Z}), or until it is done" in said, "in whose time"
        assert page.one("button", "id", "continue").text == "Continue with Personio"
        assert not page.all("iframe")
        assert not page.all("a", "rel", "noreferrer")
    assert kombo.calls == before
    link = HandOff.objects.get()
    assert (link.begun_at, link.used_at) == (None, None)
    assert not Entry.objects.filter(kind=Kind.REPAIR).exists()


def test_the_first_look_is_noted_with_where_from(client: Client, way: str) -> None:
    before = AuditEntry.objects.latest("pk").pk
    client.head(way)
    assert told(since=before) == []
    for number in (1, 2):
        client.get(way, REMOTE_ADDR=f"192.0.2.{number}")
    assert told(since=before) == [(Act.HAND_OFF_OPENED, "hand-off link", "192.0.2.1")]
    opened = HandOff.objects.get().opened_at
    assert opened
    assert timezone.now() - opened < timedelta(minutes=1)


@pytest.mark.parametrize(
    "headers", [{"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}]
)
def test_looking_ahead_is_no_look(client: Client, way: str, headers: dict[str, str]) -> None:
    assert client.get(way, headers=headers).status_code == 200
    assert HandOff.objects.get().opened_at is None
    client.get(way)
    assert HandOff.objects.get().opened_at


@pytest.mark.parametrize(("person", "is_seen"), [("ned", False), ("root", False), ("vic", True)])
def test_the_vendors_own_look_is_not_the_colleagues(
    browser: Browser, person: str, is_seen: bool, way: str
) -> None:
    browser(person).get(way)
    assert bool(HandOff.objects.get().opened_at) == is_seen


def test_nothing_else_of_the_customer_stands_there(
    client: Client, acme: Tenant, alice: User, invalid: Integration, connect: Connect
) -> None:
    other = connect(acme, tool_id="hibob")
    said = client.get(
        path_of(hand_offs.create(invalid, "reconnect", by=acting(alice)))
    ).content.decode()
    for secret in (
        "creator@",
        "alice",
        other.snapshot.tool_label,
        acme.public_id,
        acme.origin_id + '"',
    ):
        assert secret not in said
    assert invalid.integration_id not in said


def test_since_when_a_setup_waits_is_said(client: Client, acme: Tenant, connect: Connect) -> None:
    page = read(client.get(handed(connect(acme, state="setup_incomplete"), "setup")))
    assert page.one("h1").text == "The setup of Personio is not finished"
    assert page.one("dl").one("time")["datetime"]


def test_whoever_is_signed_in_is_nobody_special_there(browser: Browser, way: str) -> None:
    for person in ("nobody", "alice", "vic", "bob", "root"):
        response = browser(person).get(way)
        assert response.status_code == 200
        assert f">{person}<" not in response.content.decode()


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize(
    ("act", "state", "call"),
    [("reconnect", "invalid", RELINK), ("setup", "setup_incomplete", SETUP)],
)
def test_each_press_opens_kombo_connect_until_it_is_done(
    client: Client, acme: Tenant, connect: Connect, kombo: Simulator,
    act: str, state: str, call: tuple[str, str], headers: dict[str, str],
) -> None:  # fmt: skip
    way = handed(connect(acme, state=state), act)
    before, earlier = kombo.calls, AuditEntry.objects.latest("pk").pk
    for _ in range(2):  # the password may have to be fetched first
        response = client.post(way, headers=headers, REMOTE_ADDR="192.0.2.7")
        assert response.status_code == 200
        assert response.content.decode().count("/connect/v1") == 1
        assert f"frame-src {kombo.public_url}" in response["Content-Security-Policy"]
        assert bool(read(response).all("html")) == (not headers)
    assert dict(kombo.calls - before) == {call: 2}
    assert HandOff.objects.get().begun_at
    assert told(since=earlier) == [(f"{act}_begun", "hand-off link", "192.0.2.7")] * 2


def test_without_javascript_the_way_back_is_the_links_own_page(client: Client, way: str) -> None:
    page = read(client.post(way))
    assert [a["href"] for a in page.one("main").all("a") if a["rel"] != "noreferrer"] == [way]
    assert not page.all("form")


def test_nobody_presses_it_from_another_site(way: str, kombo: Simulator) -> None:
    strict, before = Client(enforce_csrf_checks=True), kombo.calls
    for address in (way, f"{way}completed/"):
        assert strict.post(address, {"token": "x"}).status_code == 403
    assert kombo.calls == before
    for name, form in (("continue", way), ("completed", f"{way}completed/")):
        fields = {
            f["name"]: f["value"]
            for f in read(strict.get(way)).one("form", "action", f"{form}?lang=en").all("input")
        }
        assert "csrfmiddlewaretoken" in fields, name
        assert strict.post(form, fields).status_code == 200


@pytest.mark.parametrize("fault", ["server_error", "foreign_link", "key_revoked"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_could_not_begin_is_said_and_may_be_tried_again(
    client: Client, way: str, kombo: Simulator, fault: str, headers: dict[str, str]
) -> None:
    kombo.set_fault(fault)
    said = client.post(way, headers=headers).content.decode()
    assert "Nothing was changed." in said
    assert "/connect/v1" not in said
    assert HandOff.objects.get().begun_at is None
    kombo.set_fault("none")
    assert link_in(client.post(way))


def test_it_is_not_pressed_without_end(client: Client, way: str, invalid: Integration) -> None:
    times = rate_limits.REPAIR.times
    assert [client.post(way).status_code for _ in range(times + 1)] == [200] * times + [429]
    assert client.post(f"{way}completed/", {"token": "x"}).status_code == 429
    assert client.get(way).status_code == 200
    assert client.post(handed(invalid)).status_code == 200, "each link counts on its own"


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_there_is_no_other_way_to_use_it(client: Client, way: str, method: str) -> None:
    for address in (way, f"{way}completed/"):
        response = client.generic(method, address)
        assert response.status_code == 405
        assert response["Referrer-Policy"] == "strict-origin"
    assert client.get(f"{way}completed/").status_code == 405


# --- Its language ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tenants", "asked", "spoken"),
    [
        ("", "", "fr"),
        ("de", "", "de"),
        ("de", "it", "it"),
        ("de", "xx", "de"),
        ("", "es", "es"),
    ],
)
def test_it_speaks_the_customers_language_unless_another_is_asked_for(
    client: Client, acme: Tenant, way: str, kombo: Simulator, tenants: str, asked: str, spoken: str
) -> None:
    acme.language = tenants
    acme.save()
    page = read(
        client.get(way, {"lang": asked} if asked else {}, headers={"Accept-Language": "fr"})
    )
    assert page.one("html")["lang"] == spoken
    action = next(
        form["action"] for form in page.all("form") if form.all("button", "id", "continue")
    )
    terms = kombo.world.link(
        token_of(link_in(client.post(action, headers={"Accept-Language": "fr"})))
    )
    assert terms
    assert terms["language"] == spoken
    HandOff.objects.update(revoked_at=timezone.now())
    gone = read(
        client.get(way, {"lang": asked} if asked else {}, headers={"Accept-Language": "fr"})
    )
    assert gone.one("html")["lang"] == spoken


def test_another_language_can_be_chosen_there(client: Client, way: str) -> None:
    for _ in range(2):
        form = read(client.get(way)).one("form", "method", "get")
        assert form["action"] == way
        assert form.one("select")["name"] == "lang"
        assert len(form.all("option")) == 5
        HandOff.objects.update(revoked_at=timezone.now())


# --- Refused --------------------------------------------------------------------------------------


def every_way(client: Client, way: str, status: int, *words: str) -> bool:
    """Refused by look, press and report alike."""
    answers = client.get(way), client.post(way), client.post(f"{way}completed/", {"token": "x"})
    return all(refused(response, status, *words) for response in answers)


def test_a_forged_one_leads_nowhere(
    client: Client, way: str, invalid: Integration, kombo: Simulator
) -> None:
    token, before = way.split("/")[2], kombo.calls
    flipped = [
        token[:at] + ("A" if one != "A" else "B") + token[at + 1 :] for at, one in enumerate(token)
    ]
    other = handed(invalid).split("/")[2]
    swapped = token[: -hand_offs.SIGNATURE] + other[-hand_offs.SIGNATURE :]
    shapes = [
        token[:-1],
        token[1:],
        token + "0",
        token.swapcase(),
        swapped,
        "x",
        "A" * 40,
        "a" * 10_000,
        "completed",
    ]
    for forged in (*flipped, *shapes):
        assert refused(client.get(f"/hand-off/{forged}/"), 404, "This link is not valid")
    for forged in shapes:
        assert every_way(
            client,
            f"/hand-off/{forged}/",
            404,
            "This link is not valid",
            "ask whoever sent it to you",
        )
    for shapeless in ("%00", f"{token}%00", f"{token[:-1]}%0a", "é", "..%2f"):
        assert client.get(f"/hand-off/{shapeless}/").status_code in {301, 404}
    assert kombo.calls == before
    assert not HandOff.objects.filter(opened_at__isnull=False).exists()


def test_an_expired_one_says_until_when_and_whom_to_ask(
    client: Client, way: str, kombo: Simulator, time_machine: TimeMachineFixture
) -> None:
    before = kombo.calls
    time_machine.move_to(HandOff.objects.get().expires_at)
    words = (
        "This link has expired",
        "It worked until",
        "ask whoever sent it to you, or Northwind, for a new one",
    )
    assert every_way(client, way, 410, *words)
    assert kombo.calls == before


def test_a_revoked_one_says_so(client: Client, way: str, kombo: Simulator) -> None:
    client.post(way)
    before = kombo.calls
    hand_offs.revoke(HandOff.objects.get(), COMMAND)
    assert every_way(client, way, 410, "This link was taken back", "ask whoever sent it to you")
    assert kombo.calls == before


def test_a_used_one_says_so(client: Client, way: str, kombo: Simulator) -> None:
    client.post(way)
    HandOff.objects.update(used_at=timezone.now(), begun_at=timezone.now() - timedelta(hours=3))
    before = kombo.calls
    assert every_way(client, way, 410, "This link has done its work")
    assert kombo.calls == before


def test_revoked_between_look_and_press(client: Client, way: str, kombo: Simulator) -> None:
    assert client.get(way).status_code == 200
    hand_offs.revoke(HandOff.objects.get(), COMMAND)
    before = kombo.calls
    assert refused(client.post(way), 410, "This link was taken back")
    assert kombo.calls == before


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_revoked_while_the_link_is_minted(
    client: Client,
    way: str,
    kombo: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    headers: dict[str, str],
) -> None:
    begin = hand_offs.mark_begun

    def overtaken(link: HandOff) -> bool:
        hand_offs.revoke(link, COMMAND)
        return begin(link)

    monkeypatch.setattr(hand_offs, "mark_begun", overtaken)
    assert refused(client.post(way, headers=headers), 410, "This link was taken back")


def test_nothing_leads_to_what_is_withheld(client: Client, way: str, kombo: Simulator) -> None:
    Snapshot.objects.update(origin_id="somebody else")
    before = kombo.calls
    assert every_way(client, way, 404, "This link is not valid")
    assert kombo.calls == before


def test_nothing_leads_to_what_was_removed(client: Client, way: str, kombo: Simulator) -> None:
    Snapshot.objects.update(removed_at=timezone.now())
    before = kombo.calls
    for response in (client.get(way), client.post(way)):
        assert refused(response, 410, "This connection was removed", "ask Northwind")
    assert kombo.calls == before


def test_nothing_leads_to_what_is_another_tenants_now(
    client: Client, way: str, invalid: Integration, bolt: Tenant, kombo: Simulator
) -> None:
    client.post(way)
    before = kombo.calls
    mapping.import_rows(
        [mapping.MappingRow(2, "bolt", bolt.name, invalid.integration_id, "production")],
        dry_run=False,
    )
    Snapshot.objects.update(origin_id="bolt")
    assert every_way(client, way, 410, "This link was taken back")
    assert kombo.calls == before
    assert "Bolt" not in client.get(way).content.decode()


# --- For its one purpose --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("becomes", "words"),
    [
        ("connected", "Personio is already working again"),
        ("data_expired", "There is nothing to do here right now."),
        ("inactive", "There is nothing to do here right now."),
        ("final_sync_pending", "There is nothing to do here right now."),
    ],
)
def test_where_nothing_is_needed_it_says_so_and_does_nothing(
    client: Client, way: str, invalid: Integration, kombo: Simulator, becomes: str, words: str
) -> None:
    kombo.set_state(invalid.integration_id, becomes)
    snapshots.revalidate(invalid, by_person=True)
    before = kombo.calls
    for response in (client.get(way), client.post(way)):
        assert response.status_code == 200
        assert words in read(response).one("main").text
        assert not read(response).all("button", "id", "continue")
    dialog = client.post(way, headers=HTMX)
    assert words in read(dialog).one("dialog").text
    assert dialog["HX-Retarget"] == "#connect"
    assert kombo.calls == before
    assert HandOff.objects.get().used_at is None, "it may break again"


@pytest.mark.parametrize(
    ("act", "state"), [("reconnect", "setup_incomplete"), ("setup", "invalid")]
)
def test_it_is_for_its_own_act_only(
    client: Client, acme: Tenant, connect: Connect, kombo: Simulator, act: str, state: str
) -> None:
    way = handed(connect(acme, state=state), act)
    before = kombo.calls
    for response in (client.get(way), client.post(way), client.post(way, headers=HTMX)):
        assert response.status_code == 409
        assert (
            "This link is for something else than what Personio needs now."
            in read(response).one("main").text
        )
        assert not read(response).all("button", "id", "continue")
    assert kombo.calls == before


def test_it_opens_no_other_page(client: Client, way: str, invalid: Integration) -> None:
    client.get(way)
    client.post(way)
    for name in ("integration", "card", "reconnect", "completed", "hand_off_offer", "history"):
        for response in (client.get(url_of(name, invalid)), client.post(url_of(name, invalid))):
            assert response.status_code == 302
            assert response["Location"].startswith(reverse("login"))


def test_while_a_repair_is_checked_nobody_is_asked_to_do_it_again(
    client: Client, way: str, invalid: Integration
) -> None:
    snapshots.watch(invalid)
    assert "A repair is being checked" in read(client.get(way)).one("h1").text
    assert "We are checking whether that worked." in client.post(way).content.decode()
    assert HandOff.objects.get().begun_at is None


# --- The end --------------------------------------------------------------------------------------


def test_what_kombo_confirms_uses_it(
    client: Client, way: str, invalid: Integration, kombo: Simulator
) -> None:
    activation = finish(kombo, link_in(client.post(way)))
    done = client.post(f"{way}completed/", {"token": activation}, headers=HTMX)
    assert "Done, thank you" in done.content.decode()
    assert not read(done).all("html")
    assert HandOff.objects.get().used_at
    entry = Entry.objects.filter(kind=Kind.REPAIR).latest("pk")
    assert (entry.what, entry.actor, entry.data["outcome"]) == ("reconnect", None, "done")
    assert AuditEntry.objects.get(what=Act.RECONNECTED).actor == "hand-off link"
    assert refused(client.get(way), 410, "This link has done its work")
    assert refused(client.post(way), 410, "This link has done its work")
    assert (
        "Done, thank you" in client.post(f"{way}completed/", {"token": activation}).content.decode()
    ), "told twice"


def test_the_end_may_be_told_after_a_webhook_was_quicker(
    client: Client, way: str, invalid: Integration, kombo: Simulator
) -> None:
    activation = finish(kombo, link_in(client.post(way)))
    snapshots.revalidate(invalid, by_person=True)
    assert HandOff.objects.get().used_at
    assert (
        "Done, thank you" in client.post(f"{way}completed/", {"token": activation}).content.decode()
    )


def test_the_end_may_be_told_after_the_link_expired(
    client: Client, way: str, kombo: Simulator, time_machine: TimeMachineFixture
) -> None:
    ends = HandOff.objects.get().expires_at
    time_machine.move_to(ends - timedelta(minutes=5))
    activation = finish(kombo, link_in(client.post(way)))
    time_machine.move_to(ends + timedelta(minutes=5))
    assert (
        "Done, thank you" in client.post(f"{way}completed/", {"token": activation}).content.decode()
    )


def test_without_javascript_the_next_look_sees_the_end(
    client: Client, way: str, kombo: Simulator, time_machine: TimeMachineFixture
) -> None:
    finish(kombo, link_in(client.post(way)))
    time_machine.move_to(timezone.now() + timedelta(minutes=2))
    assert "is already working again" in client.get(way).content.decode()
    assert HandOff.objects.get().used_at
    assert refused(client.get(way), 410, "This link has done its work")


@pytest.mark.parametrize(
    "token", ["unknown", "", "x" * 4097, "\ud800".encode("utf-8", "surrogatepass")]
)
def test_what_kombo_does_not_confirm_uses_nothing(client: Client, way: str, token: Any) -> None:
    client.post(way)
    said = client.post(f"{way}completed/", {"token": token})
    assert said.status_code == 200
    assert "another connection" not in said.content.decode()
    assert HandOff.objects.get().used_at is None


def test_an_end_without_a_token_is_not_known(client: Client, way: str, kombo: Simulator) -> None:
    client.post(way)
    before = kombo.calls
    for typed in ({}, {"token": ""}):
        page = read(client.post(f"{way}completed/", typed))
        assert page.one("h1").text == "Not known yet"
        assert "We were not told how it ended." in page.one("main").text
    assert kombo.calls == before
    assert Snapshot.objects.get().watch_until is None


def test_another_connections_end_uses_nothing(
    client: Client, way: str, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    other = connect(acme, state="invalid", tool_id="hibob")
    elsewhere = handed(other)
    client.post(way)
    activation = finish(kombo, link_in(client.post(elsewhere)))
    assert (
        "That did not work"
        in client.post(f"{way}completed/", {"token": activation}).content.decode()
    )
    assert not HandOff.objects.filter(used_at__isnull=False).exists()
    assert Snapshot.objects.filter(watch_until=None).count() == 2


def test_an_end_without_a_beginning_is_none(client: Client, way: str, kombo: Simulator) -> None:
    before = kombo.calls
    assert refused(client.post(f"{way}completed/", {"token": "x"}), 404)
    assert kombo.calls == before


# --- Nothing leaks --------------------------------------------------------------------------------


def test_no_page_that_it_leads_to_learns_the_address(client: Client, way: str) -> None:
    answers = [client.get(way), client.post(way), client.post(f"{way}completed/", {"token": "x"})]
    HandOff.objects.update(revoked_at=timezone.now())
    answers += [client.get(way), client.post(way), client.get("/hand-off/forged/"), client.put(way)]
    assert [one.status_code for one in answers] == [200, 200, 200, 410, 410, 404, 405]
    for response in answers:
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
        assert "no-store" in response["Cache-Control"]


def stored() -> str:
    """All that the database holds, as text."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of our own tables
            found.append(repr(cursor.fetchall()))
    assert len(found) >= len(apps.get_models())
    return "\n".join(found)


def test_no_link_and_no_key_reaches_a_log_a_row_a_mail_or_a_header(
    browser: Browser,
    invalid: Integration,
    kombo: Simulator,
    caplog: pytest.LogCaptureFixture,
    mia: User,
) -> None:
    for name in (None, "integrations", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, name)
    address = "colleague@acme.example"
    staff, client, strict = browser("mia"), Client(), Client(enforce_csrf_checks=True)
    create = reverse("hand_off_create", args=[invalid.tenant.public_id, invalid.public_id])
    link = read(staff.post(create, {"days": "3", "send_to": address})).one(
        "input", "id", "hand-off-link"
    )["value"]
    way = link.removeprefix("http://localhost")
    kombo.set_fault("foreign_link")
    answers = [client.get(way), client.post(way)]
    kombo.set_fault("none")
    wrong = (
        client.put(way),
        strict.post(way),
        strict.post(f"{way}completed/"),
        client.get(f"{way}completed/"),
    )
    opened = client.post(way), client.post(way, headers=HTMX)
    tokens = list(kombo.world.store.links)
    finished = client.post(f"{way}completed/", {"token": finish(kombo, link_in(opened[0]))})
    answers += [
        *wrong,
        *opened,
        finished,
        client.get(way),
        client.post(way),
        client.get(way.rstrip("/")),
    ]
    key = way.split("/")[2]
    said = "\n".join(
        logging.Formatter("%(name)s %(message)s").format(record) for record in caplog.records
    )
    for kind in (
        "django.request Method Not Allowed (PUT): /hand-off/…",
        "django.security.csrf Forbidden",
        "Gone: /hand-off/…",
    ):
        assert kind in said
    assert len(tokens) >= 2
    in_rows = stored()
    assert Mail.objects.count() == 1
    assert HandOff.objects.get().public_id in in_rows, "it reads what there is"
    for secret in (*tokens, key, key[-hand_offs.SIGNATURE :], "/connect/v1", "@acme.example"):
        assert secret not in said
    for secret in (*tokens, key, key[-hand_offs.SIGNATURE :]):
        assert secret not in in_rows
    for response in answers:
        headers = {name: value for name, value in response.headers.items() if name != "Location"}
        assert not [secret for secret in (*tokens, key) if secret in f"{headers}{response.cookies}"]
    for response in {id(one): one for one in answers if one not in opened}.values():
        assert not [token for token in tokens if token in response.content.decode()]


def test_every_page_of_it_keeps_the_rules_of_markup(
    browser: Browser,
    invalid: Integration,
    way: str,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
) -> None:
    client, alice, mia = Client(), browser("alice"), browser("mia")
    create = reverse("hand_off_create", args=[acme.public_id, invalid.public_id])
    answers = [
        client.get(way),
        client.post(way),
        client.post(way, headers=HTMX),
        client.get("/hand-off/x/"),
    ]
    answers += [client.get(way), client.post(f"{way}completed/", {"token": "x"}), client.get(way)]
    for sender, address in ((alice, url_of("hand_off_offer", invalid)), (mia, create)):
        answers += [sender.post(address), sender.post(address, {"days": "9", "send_to": "<b>"})]
    hand_offs.revoke(HandOff.objects.earliest("pk"), COMMAND)
    HandOff.objects.filter(created_by__username="alice").update(expires_at=timezone.now())
    answers += [client.get(way), alice.get(url_of("hand_off_offer", invalid)), mia.post(create)]
    for response in answers:
        page = read(response)
        assert not [(rule.__name__, found) for rule in RULES if (found := list(rule(page)))]
        assert not test_markup.elsewhere(page, kombo)


# --- Staff ----------------------------------------------------------------------------------------


def staffs(name: str, integration: Integration, *more: str) -> str:
    return reverse(name, args=[integration.tenant.public_id, integration.public_id, *more])


def shown(page: Element) -> str:
    return page.one("input", "id", "hand-off-link")["value"]


@pytest.mark.parametrize(
    ("state", "act"), [("invalid", "reconnect"), ("setup_incomplete", "setup")]
)
@pytest.mark.parametrize("days", [1, 7])
def test_staff_make_a_link_and_see_it_once(
    browser: Browser, amy: User, acme: Tenant, connect: Connect, state: str, act: str, days: int
) -> None:
    made = connect(acme, state=state)
    before = AuditEntry.objects.latest("pk").pk if AuditEntry.objects.exists() else 0
    response = browser("amy").post(
        staffs("hand_off_create", made), {"days": str(days)}, REMOTE_ADDR="192.0.2.9"
    )
    link = HandOff.objects.get()
    assert (link.act, link.created_by, link.sent_to) == (act, amy, "")
    assert link.expires_at - link.created_at == timedelta(days=days)
    assert shown(read(response)) == hand_offs.url_of(link)
    assert "autofocus" in read(response).one("input", "id", "hand-off-link").attributes
    assert "hidden" in read(response).one("button", "id", "hand-off-copy").attributes, (
        "until a script shows it"
    )
    assert Client().get(path_of(link)).status_code == 200
    rows = [(what, who, where) for what, who, where in told(since=before) if who == "amy"]
    assert rows == [
        (Act.HAND_OFF_CREATED, "amy", "192.0.2.9"),
        (Act.HAND_OFF_REVEALED, "amy", "192.0.2.9"),
    ]
    assert not Mail.objects.exists()


def test_without_a_wish_a_staffs_link_lives_three_days(
    browser: Browser, amy: User, invalid: Integration
) -> None:
    page = read(browser("amy").post(staffs("hand_off_create", invalid)))
    link = HandOff.objects.get()
    assert link.expires_at - link.created_at == timedelta(days=3)
    assert [one.text for one in page.one("select", "name", "days").all("option", "selected")] == [
        "3 days"
    ]


@pytest.mark.parametrize(
    "days", ["0", "8", "-1", "1.5", "", "three", "３", "9" * 10_000, "01", " 3"]
)
def test_days_out_of_range_are_refused_and_what_was_typed_stays(
    browser: Browser, amy: User, invalid: Integration, days: str
) -> None:
    response = browser("amy").post(
        staffs("hand_off_create", invalid), {"days": days, "send_to": "a@acme.example"}
    )
    assert response.status_code == 409
    page = read(response)
    assert "A link works for 1 to 7 days." in said_to(page)
    assert page.one("input", "name", "send_to")["value"] == "a@acme.example"
    assert not HandOff.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "nobody",
        "a@b",
        "a@b.example, c@d.example",
        "a\r\nBcc: c@d.example",
        "a" * 10_000,
        f"{'a' * 250}@b.example",
    ],
)
def test_what_is_no_address_is_refused(
    browser: Browser, amy: User, invalid: Integration, address: str
) -> None:
    for person, url in (
        ("amy", staffs("hand_off_create", invalid)),
        ("alice", url_of("hand_off_offer", invalid)),
    ):
        response = browser(person).post(url, {"days": "2", "send_to": address})
        assert response.status_code == 409
        page = read(response)
        assert said_to(page) == "This is no e-mail address. Please look at it once more."
        if person == "amy":
            assert [
                one["value"] for one in page.one("select", "name", "days").all("option", "selected")
            ] == ["2"]
    assert not HandOff.objects.exists()
    assert not Mail.objects.exists()


def test_a_link_can_be_mailed(browser: Browser, amy: User, invalid: Integration) -> None:
    response = browser("amy").post(
        staffs("hand_off_create", invalid), {"send_to": " colleague@acme.example "}
    )
    link = HandOff.objects.get()
    assert link.sent_to == "colleague@acme.example"
    mail = Mail.objects.get()
    assert (mail.to, mail.hand_off, mail.kind) == ("colleague@acme.example", link, "hand_off")
    assert "It is also mailed to colleague@acme.example." in read(response).one("main").text


def test_without_a_mail_server_nothing_can_be_mailed(
    browser: Browser, amy: User, invalid: Integration, settings: Any
) -> None:
    settings.EMAIL_HOST_NAME = ""
    response = browser("amy").post(
        staffs("hand_off_create", invalid), {"send_to": "colleague@acme.example"}
    )
    assert response.status_code == 409
    assert "No mail can be sent there." in said_to(read(response))
    assert not read(response).all("input", "name", "send_to")
    assert not HandOff.objects.exists()
    assert browser("amy").post(staffs("hand_off_create", invalid)).status_code == 200


@pytest.mark.parametrize("state", ["connected", "inactive", "data_expired", "unknown_status"])
def test_where_nothing_is_to_be_done_no_link_is_made(
    browser: Browser, amy: User, acme: Tenant, connect: Connect, state: str
) -> None:
    made = connect(acme, state=state)
    for person, url in (
        ("amy", staffs("hand_off_create", made)),
        ("alice", url_of("hand_off_offer", made)),
    ):
        response = browser(person).post(url)
        assert response.status_code == 409
        assert "Nothing has to be repaired here right now" in said_to(read(response))
        assert not [one for one in read(response).all("button") if one.text == "Make a link"]
    assert not HandOff.objects.exists()


def test_no_link_is_made_to_what_is_withheld(
    browser: Browser, amy: User, invalid: Integration
) -> None:
    Snapshot.objects.update(origin_id="somebody else")
    response = browser("amy").post(staffs("hand_off_create", invalid))
    assert response.status_code == 409
    assert "It is not confirmed yet whose connection this is" in said_to(read(response))
    assert browser("alice").post(url_of("hand_off_offer", invalid)).status_code == 404
    assert not HandOff.objects.exists()


def test_links_are_not_made_without_end(browser: Browser, amy: User, invalid: Integration) -> None:
    client, times = browser("amy"), rate_limits.HAND_OFF.times
    url = staffs("hand_off_create", invalid)
    assert {client.post(url).status_code for _ in range(times)} == {200}
    assert client.post(url, {"days": "99"}).status_code == 409, "what is refused costs nothing"
    response = client.post(url, {"send_to": "colleague@acme.example"})
    assert response.status_code == 429
    assert HandOff.objects.count() == times
    assert not Mail.objects.exists()
    assert browser("alice").post(url_of("hand_off_offer", invalid)).status_code == 200


@pytest.mark.parametrize("person", ["amy", "alice"])
def test_pressed_twice_it_is_one_link_and_one_mail(
    browser: Browser, amy: User, invalid: Integration, person: str
) -> None:
    client = browser(person)
    page, url = (
        (url_of("workspace_integration", invalid), staffs("hand_off_create", invalid))
        if person == "amy"
        else (url_of("hand_off_offer", invalid),) * 2
    )
    form = next(
        one for one in read(client.get(page)).all("form", "class", "fields") if one["action"] == url
    )
    typed = {
        "send_to": "colleague@acme.example",
        "idempotency_key": form.one("input", "name", "idempotency_key")["value"],
    }
    assert client.post(url, typed | {"send_to": "nobody"}).status_code == 409, (
        "which uses nothing up"
    )
    first, second = client.post(url, typed), client.post(url, typed)
    assert shown(read(first)) == hand_offs.url_of(HandOff.objects.get())
    assert second.status_code == 409
    assert said_to(read(second)) == "This link is made already. You find it in the list."
    assert read(second).one("li", "data-hand-off", HandOff.objects.get().public_id)
    assert Mail.objects.count() == 1
    again = next(one for one in read(second).all("form", "class", "fields") if one["action"] == url)
    assert (
        client.post(
            url, typed | {"idempotency_key": again.one("input", "name", "idempotency_key")["value"]}
        ).status_code
        == 200
    )
    assert client.post(url, {"send_to": "other@acme.example"}).status_code == 200, (
        "without a token it is another one"
    )
    assert HandOff.objects.count() == 3


def test_what_could_not_be_mailed_may_be_pressed_again(
    browser: Browser, amy: User, invalid: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, typed = browser("amy"), {"send_to": "colleague@acme.example", "idempotency_key": "x"}
    with monkeypatch.context() as trouble:
        trouble.setattr(compose, "write_hand_off_mail", lambda _one: None)
        assert client.post(staffs("hand_off_create", invalid), typed).status_code == 409
    assert client.post(staffs("hand_off_create", invalid), typed).status_code == 200


def test_staff_see_a_link_again_and_take_it_back(
    browser: Browser, amy: User, invalid: Integration, way: str
) -> None:
    client, link = browser("amy"), HandOff.objects.get()
    page = read(client.post(staffs("hand_off_show", invalid, link.public_id)))
    assert shown(page) == f"http://localhost{way}"
    actions = [
        form["action"] for form in page.one("li", "data-hand-off", link.public_id).all("form")
    ]
    assert actions == [
        staffs(name, invalid, link.public_id) for name in ("hand_off_show", "hand_off_revoke")
    ]
    assert AuditEntry.objects.latest("pk").what == Act.HAND_OFF_REVEALED
    response = client.post(actions[1])
    assert response["Location"] == staffs("workspace_integration", invalid)
    assert (
        "The link leads nowhere any more."
        in read(client.get(response["Location"])).one("main").text
    )
    latest = AuditEntry.objects.latest("pk")
    assert (latest.what, latest.actor, latest.tenant) == (Act.HAND_OFF_REVOKED, "amy", "Acme GmbH")
    again = client.post(actions[0])
    assert again.status_code == 409
    assert "This link leads nowhere any more." in said_to(read(again))
    assert not read(again).all("input", "id", "hand-off-link")


def test_the_list_tells_what_became_of_each(
    browser: Browser, amy: User, invalid: Integration
) -> None:
    now = timezone.now()
    ends: tuple[tuple[str, dict[str, Any], str], ...] = (
        ("open", {}, "Works until"),
        ("used", {"begun_at": now, "used_at": now, "opened_at": now}, "Done on"),
        ("revoked", {"revoked_at": now}, "Taken back on"),
        ("expired", {"expires_at": now}, "Expired on"),
    )
    for _state, fields, _words in ends:
        made = hand_offs.create(
            invalid, "reconnect", by=acting(amy), sent_to="colleague@acme.example"
        )
        HandOff.objects.filter(pk=made.pk).update(**fields)
    page = read(browser("amy").post(staffs("hand_off_create", invalid)))
    ended = page.one("details", "class", "raw")
    assert ended.one("summary").text == "Ended links 3"
    assert "open" not in ended.attributes
    assert {row["data-state"] for row in ended.all("li")} == {"used", "revoked", "expired"}
    assert {row["data-state"] for row in page.all("li", "data-hand-off") if row not in ended} == {
        "open"
    }
    for state, _fields, words in ends:
        row = page.all("li", "data-state", state)[-1]
        assert words in row.one("p", "class", "badge").text
        assert "Made by amy on" in row.text
        assert "for colleague@acme.example" in row.text
        assert ("First opened on" in row.text) == (state == "used")
        assert bool(row.all("form")) == (state == "open")


def test_only_what_a_reminder_made_is_said_to_be_made_for_one(
    browser: Browser, amy: User, acme: Tenant, invalid: Integration
) -> None:
    reminded, mailed, nobodys = (
        hand_offs.create(invalid, "reconnect", by=COMMAND) for _ in range(3)
    )
    for kind, link in (("reminder", reminded), ("hand_off", mailed)):
        Mail.objects.create(
            key=kind,
            kind=kind,
            tenant=acme,
            hand_off=link,
            to="x@x.example",
            created_at=timezone.now(),
        )
    page = read(browser("amy").post(staffs("hand_off_create", invalid)))
    said = {
        one: page.one("li", "data-hand-off", one.public_id).text
        for one in (reminded, mailed, nobodys)
    }
    assert {one for one, text in said.items() if "Made for a reminder" in text} == {reminded}
    assert not [text for text in said.values() if "Made by" in text]


@pytest.mark.parametrize("name", ["hand_off_create", "hand_off_show", "hand_off_revoke"])
def test_what_staff_do_needs_the_form_and_the_customer_in_their_care(
    browser: Browser, amy: User, ned: User, invalid: Integration, way: str, name: str
) -> None:
    link = HandOff.objects.get()
    url = staffs(name, invalid, *([] if name == "hand_off_create" else [link.public_id]))
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(amy)
    assert strict.post(url).status_code == 403
    for person in ("alice", "vic", "bob", "ned"):
        assert browser(person).post(url).status_code == 404
    assert browser("amy").get(url)["Location"] == staffs("workspace_integration", invalid)
    link.refresh_from_db()
    assert (HandOff.objects.count(), link.revoked_at) == (1, None)
    assert not AuditEntry.objects.filter(what=Act.HAND_OFF_REVEALED).exists()


def test_a_link_is_shown_and_revoked_only_where_it_belongs(
    browser: Browser, mia: User, invalid: Integration, way: str, bolt: Tenant, connect: Connect
) -> None:
    link, other = HandOff.objects.get(), connect(bolt, state="invalid")
    for integration, key in ((other, link.public_id), (invalid, "nowhere"), (invalid, "a" * 1000)):
        for name in ("hand_off_show", "hand_off_revoke"):
            assert browser("mia").post(staffs(name, integration, key)).status_code == 404
    assert permissions.by_hand_off(way.split("/")[2])
    assert Client().get(way).status_code == 200


# --- Customers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["invalid", "setup_incomplete"])
def test_the_card_leads_a_member_to_it(
    browser: Browser, acme: Tenant, connect: Connect, state: str
) -> None:
    made = connect(acme, state=state)
    url = url_of("hand_off_offer", made)
    page = read(browser("alice").get(url_of("integration", made)))
    link = page.one("a", "href", url)
    assert link.text == "Send to a colleague"
    assert "article" in {one.tag for one in link.ancestors}
    offered = browser("alice").get(url)
    assert offered.status_code == 200
    assert not read(offered).all("input", "id", "hand-off-link")
    for person in ("vic", "mia"):
        assert not read(browser(person).get(url_of("integration", made))).all("a", "href", url)


def test_where_nothing_is_to_be_done_the_card_leads_nowhere(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme)
    assert "Send to a colleague" not in alices.get(url_of("integration", made)).content.decode()


def test_in_a_frame_it_is_not_offered(invalid: Integration, settings: Any) -> None:
    turn_on(settings)
    frame = enter()
    for content in (
        frame.content,
        frame.get(frame.on("integration", invalid.public_id)).content.decode(),
    ):
        assert "Reconnect Personio" in content
        assert "colleague" not in content


def test_a_member_makes_sees_and_revokes_links(
    browser: Browser, alice: User, invalid: Integration
) -> None:
    client, url = browser("alice"), url_of("hand_off_offer", invalid)
    response = client.post(url, {"do": "make", "days": "7", "send_to": "colleague@acme.example"})
    link = HandOff.objects.get()
    assert link.expires_at - link.created_at == timedelta(days=3), (
        "customers' links live three days"
    )
    assert (link.created_by, link.act, link.sent_to) == (
        alice,
        "reconnect",
        "colleague@acme.example",
    )
    assert shown(read(response)) == hand_offs.url_of(link)
    assert Mail.objects.get().hand_off == link
    page = read(client.get(url))
    assert not page.all("input", "id", "hand-off-link"), "it is shown when it is asked for"
    show, revoke = page.one("li", "data-hand-off", link.public_id).all("form")
    fields = [{one["name"]: one["value"] for one in form.all("input")} for form in (show, revoke)]
    assert shown(read(client.post(show["action"], fields[0]))) == hand_offs.url_of(link)
    assert client.post(revoke["action"], fields[1])["Location"] == url
    assert "The link leads nowhere any more." in read(client.get(url)).one("main").text
    assert refused(Client().get(path_of(link)), 410, "This link was taken back")
    acts = [what for what, who, _ in told() if who == "alice"]
    assert acts == [
        "hand_off_created",
        "hand_off_revealed",
        "hand_off_revealed",
        "hand_off_revoked",
    ]


def test_members_see_their_colleagues_links_and_nobody_elses(
    browser: Browser, alice: User, acme: Tenant, invalid: Integration, amy: User, connect: Connect
) -> None:
    carl = User.objects.create_user("carl")
    Membership.objects.create(user=carl, tenant=acme)
    theirs = hand_offs.create(invalid, "reconnect", by=acting(carl))
    hidden = [
        hand_offs.create(invalid, "reconnect", by=by, sent_to="x@acme.example")
        for by in (COMMAND, acting(amy))
    ]
    hidden.append(hand_offs.create(connect(acme, state="invalid"), "reconnect", by=acting(alice)))
    client, url = browser("alice"), url_of("hand_off_offer", invalid)
    listed = [row["data-hand-off"] for row in read(client.get(url)).all("li", "data-hand-off")]
    assert listed == [theirs.public_id]
    for one in hidden:
        for do in ("show", "revoke"):
            assert client.post(url, {"do": do, "hand_off": one.public_id}).status_code == 404
    assert not HandOff.objects.filter(revoked_at__isnull=False).exists()
    assert client.post(url, {"do": "revoke", "hand_off": theirs.public_id}).status_code == 302


@pytest.mark.parametrize("person", ["vic", "bob", "mia", "root", "ned", "amy"])
def test_whoever_may_not_repair_may_not_hand_off(
    browser: Browser, person: str, amy: User, ned: User, invalid: Integration, way: str
) -> None:
    client, url = browser(person), url_of("hand_off_offer", invalid)
    key = HandOff.objects.get().public_id
    answers = [
        client.get(url),
        client.post(url),
        *(client.post(url, {"do": do, "hand_off": key}) for do in ("show", "revoke")),
    ]
    assert [one.status_code for one in answers] == [404] * 4
    assert HandOff.objects.filter(revoked_at__isnull=True).count() == 1


def test_a_members_act_needs_the_form(alice: User, invalid: Integration) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    url = url_of("hand_off_offer", invalid)
    for do in ("make", "show", "revoke"):
        assert strict.post(url, {"do": do, "hand_off": "x"}).status_code == 403
    form = read(strict.get(url)).one("form", "class", "fields")
    assert (
        strict.post(form["action"], {f["name"]: f["value"] for f in form.all("input")}).status_code
        == 200
    )


@pytest.mark.parametrize("do", ["", "revoke ", "Show"])
def test_what_nobody_offers_is_not_done(alices: Client, invalid: Integration, do: str) -> None:
    assert alices.post(url_of("hand_off_offer", invalid), {"do": do}).status_code == 404
    assert not HandOff.objects.exists()


@pytest.mark.parametrize("key", ["", "a" * 100_000, "é"])
def test_what_is_no_link_of_theirs_is_not_there(
    alices: Client, invalid: Integration, key: str
) -> None:
    for do in ("show", "revoke"):
        assert (
            alices.post(url_of("hand_off_offer", invalid), {"do": do, "hand_off": key}).status_code
            == 404
        )
