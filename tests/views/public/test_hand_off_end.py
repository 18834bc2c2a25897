"""How a repair by hand-off ends, and what its pages must never let out."""

import logging
from datetime import timedelta

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access import hand_off_tokens, hand_offs
from integrations.access.audit import COMMAND, Act
from integrations.models import (
    AuditEntry,
    Entry,
    HandOff,
    Integration,
    Kind,
    Mail,
    Snapshot,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests import copy
from tests.conftest import Connect
from tests.logged import logged
from tests.views import markup
from tests.views.browsing import HTMX, read, url_of
from tests.views.conftest import Browser
from tests.views.connect_flow import finish, link_in
from tests.views.hand_off_pages import handed, refused

RULES = (
    markup.inline_code,
    markup.repeated_ids,
    markup.forms_without_token,
    markup.htmx_that_needs_javascript,
    markup.inputs_without_label,
    markup.dangling_references,
    markup.buttons_and_links_without_name,
    markup.pages_without_language_title_or_heading,
)


# --- The end --------------------------------------------------------------------------------------


def test_what_kombo_confirms_uses_it(
    client: Client, way: str, invalid: Integration, kombo: Simulator
) -> None:
    activation = finish(kombo, link_in(client.post(way)))
    done = client.post(f"{way}completed/", {"token": activation}, headers=HTMX)
    assert copy.DONE_THANK_YOU in done.content.decode()
    assert not read(done).all("html")
    assert HandOff.objects.get().used_at
    entry = Entry.objects.filter(kind=Kind.REPAIR).latest("pk")
    assert (entry.what, entry.actor, entry.data["outcome"]) == ("reconnect", None, "done")
    assert AuditEntry.objects.get(what=Act.RECONNECTED).actor == "hand-off link"
    assert refused(client.get(way), 410, copy.THIS_LINK_HAS_ALREADY_BEEN_USED)
    assert refused(client.post(way), 410, copy.THIS_LINK_HAS_ALREADY_BEEN_USED)
    assert (
        copy.DONE_THANK_YOU
        in client.post(f"{way}completed/", {"token": activation}).content.decode()
    ), "told twice"


def test_the_end_may_be_told_after_a_webhook_was_quicker(
    client: Client, way: str, invalid: Integration, kombo: Simulator
) -> None:
    activation = finish(kombo, link_in(client.post(way)))
    snapshots.revalidate(invalid, by_person=True)
    assert HandOff.objects.get().used_at
    assert (
        copy.DONE_THANK_YOU
        in client.post(f"{way}completed/", {"token": activation}).content.decode()
    )


def test_the_end_may_be_told_after_the_link_expired(
    client: Client, way: str, kombo: Simulator, time_machine: TimeMachineFixture
) -> None:
    ends = HandOff.objects.get().expires_at
    time_machine.move_to(ends - timedelta(minutes=5))
    activation = finish(kombo, link_in(client.post(way)))
    time_machine.move_to(ends + timedelta(minutes=5))
    assert (
        copy.DONE_THANK_YOU
        in client.post(f"{way}completed/", {"token": activation}).content.decode()
    )


def test_without_javascript_the_next_look_sees_the_end(
    client: Client, way: str, kombo: Simulator, time_machine: TimeMachineFixture
) -> None:
    finish(kombo, link_in(client.post(way)))
    time_machine.move_to(timezone.now() + timedelta(minutes=2))
    assert copy.TOOL_IS_ALREADY_WORKING_AGAIN.core in client.get(way).content.decode()
    assert HandOff.objects.get().used_at
    assert refused(client.get(way), 410, copy.THIS_LINK_HAS_ALREADY_BEEN_USED)


def test_what_kombo_does_not_confirm_uses_nothing(
    client: Client, way: str, subtests: pytest.Subtests
) -> None:
    for token in ["unknown", "", "x" * 4097, "\ud800".encode("utf-8", "surrogatepass")]:
        with subtests.test(token=token):
            client.post(way)
            said = client.post(f"{way}completed/", {"token": token})
            assert said.status_code == 200
            assert copy.TOOL_CONNECTION(tool="a different") not in said.content.decode()
            assert HandOff.objects.get().used_at is None


def test_an_end_without_a_token_is_not_known(client: Client, way: str, kombo: Simulator) -> None:
    client.post(way)
    before = kombo.calls
    for typed in ({}, {"token": ""}):
        page = read(client.post(f"{way}completed/", typed))
        assert page.one("h1").text == copy.RESULT_UNKNOWN
        assert copy.WE_DID_NOT_RECEIVE in page.one("main").text
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
        copy.THAT_DID_NOT_WORK
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


def test_no_link_and_no_key_reaches_log_row_mail_or_header(
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
    said = logged(caplog)
    for kind in (
        "django.request 405 Method Not Allowed PUT hand-off/<slug:token>/",
        "django.security.csrf 403 Forbidden",
        "410 Gone GET hand-off/",
    ):
        assert kind in said
    assert len(tokens) >= 2
    in_rows = stored()
    assert Mail.objects.count() == 1
    assert HandOff.objects.get().public_id in in_rows, "it reads what there is"
    for secret in (*tokens, key, key[-hand_off_tokens.SIGNATURE :], "/connect/v1", "@acme.example"):
        assert secret not in said
    for secret in (*tokens, key, key[-hand_off_tokens.SIGNATURE :]):
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
        assert not markup.elsewhere(page, kombo)
