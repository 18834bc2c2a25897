"""The page that the link of a hand-off leads to: what it tells, and the press that begins the
repair.
"""

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from integrations.access import hand_offs, rate_limits
from integrations.domain import coverage
from integrations.models import AuditEntry, Entry, HandOff, Integration, Kind, Snapshot, Tenant
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect, acting
from tests.views.browsing import HTMX, read
from tests.views.conftest import Browser
from tests.views.connect_flow import link_in, token_of
from tests.views.hand_off_pages import handed, path_of, told

RELINK, SETUP = (
    ("POST", "/v1/integrations/{integration_id}/relink"),
    ("POST", "/v1/integrations/{integration_id}/setup-link"),
)


# --- The page -------------------------------------------------------------------------------------


def test_a_look_tells_what_is_wrong_and_does_nothing(
    client: Client, acme: Tenant, way: str, kombo: Simulator
) -> None:
    before = kombo.calls
    ends = timezone.localtime(HandOff.objects.get().expires_at).replace(microsecond=0)
    for _ in range(3):  # as mail scanners do
        page = read(client.get(way))
        said = page.one("main").text
        assert page.one("h1").text == copy.RECONNECT_TOOL_TO_VENDOR(
            tool="Personio", vendor="Northwind"
        )
        for words in (
            copy.ORGANIZATION_ASKS_YOU_TO_RECONNECT(organization="Northwind", tool="Personio"),
            "First detected on",
            "admin access to Personio",
            "it’s on localhost",
        ):
            assert words in said
        assert acme.name in page.one("p", "data-customer").text
        until = page.all("time", "data-local")[-1]
        assert until["datetime"] == ends.isoformat()
        assert f"({ends:%Z})" in until.text, "in whose time"
        assert page.one("button", "id", "continue").text == copy.CONTINUE_WITH_TOOL(tool="Personio")
        assert not page.all("iframe")
        assert not page.all("a", "rel", "noreferrer")
    assert kombo.calls == before
    link = HandOff.objects.get()
    assert (link.begun_at, link.used_at) == (None, None)
    assert not Entry.objects.filter(kind=Kind.REPAIR).exists()


def test_nothing_else_of_the_customer_stands_there(
    client: Client, acme: Tenant, alice: User, invalid: Integration, connect: Connect
) -> None:
    other = connect(acme, tool_id="hibob")
    said = client.get(
        path_of(hand_offs.create(invalid, "reconnect", by=acting(alice)))
    ).content.decode()
    for secret in (
        "creator@",
        "alice@",
        other.snapshot.tool_label,
        acme.public_id,
        acme.origin_id + '"',
    ):
        assert secret not in said
    assert invalid.integration_id not in said


def test_since_when_a_setup_waits_is_said(client: Client, acme: Tenant, connect: Connect) -> None:
    page = read(client.get(handed(connect(acme, state="setup_incomplete"), "setup")))
    assert page.one("h1").text == copy.FINISH_CONNECTING_TOOL_TO_VENDOR(
        tool="Personio", vendor="Northwind"
    )
    assert "Since " in page.one("section").text


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
    whats = ["hand_off_opened", f"{act}_begun", f"{act}_begun"]
    assert told(since=earlier) == [(what, "hand-off link", "192.0.2.7") for what in whats]


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


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("fault", ["server_error", "foreign_link", "key_revoked"])
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_could_not_begin_is_said_and_may_be_tried_again(
    client: Client, way: str, kombo: Simulator, fault: str, headers: dict[str, str]
) -> None:
    kombo.set_fault(fault)
    said = client.post(way, headers=headers).content.decode()
    assert copy.NO_CHANGES_WERE_MADE in said
    assert "/connect/v1" not in said
    assert HandOff.objects.get().begun_at is None
    kombo.set_fault("none")
    assert link_in(client.post(way))


@pytest.mark.usefixtures("few_tries")
def test_it_is_not_pressed_without_end(client: Client, way: str, invalid: Integration) -> None:
    times = rate_limits.REPAIR.times
    assert [client.post(way).status_code for _ in range(times + 1)] == [200] * times + [429]
    assert client.post(f"{way}completed/", {"token": "x"}).status_code == 429
    assert client.get(way).status_code == 200
    assert client.post(handed(invalid)).status_code == 200, "each link counts on its own"


def test_there_is_no_other_way_to_use_it(
    client: Client, way: str, subtests: pytest.Subtests
) -> None:
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]:
        with subtests.test(method=method):
            for address in (way, f"{way}completed/"):
                response = client.generic(method, address)
                assert response.status_code == 405
                assert response["Referrer-Policy"] == "strict-origin"
            assert client.get(f"{way}completed/").status_code == 405


# --- Its language ---------------------------------------------------------------------------------


def test_it_speaks_the_visitors_language_and_else_the_customers(
    client: Client, acme: Tenant, way: str, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for tenants, asked, spoken in [
        ("", "", "fr"),
        ("de", "", "fr"),
        ("de", "it", "it"),
        ("de", "xx", "fr"),
        ("", "es", "es"),
    ]:
        with subtests.test(tenants=tenants, asked=asked, spoken=spoken):
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
            HandOff.objects.update(revoked_at=None)


def test_a_browser_without_one_of_ours_gets_the_customers(
    client: Client, acme: Tenant, way: str, subtests: pytest.Subtests
) -> None:
    for browsers in ["", "pl, nl;q=0.5", "*"]:
        with subtests.test(browsers=browsers):
            acme.language = "de"
            acme.save()
            assert (
                read(client.get(way, headers={"Accept-Language": browsers})).one("html")["lang"]
                == "de"
            )


def test_another_language_can_be_chosen_there(client: Client, way: str) -> None:
    for _ in range(2):
        menu = read(client.get(way)).one("details", "class", "menu languages")
        assert [link["href"] for link in menu.all("a")] == [
            f"{way}?lang={code}" for code, _name in settings.LANGUAGES
        ]
        HandOff.objects.update(revoked_at=timezone.now())


# --- Who asks, for what ---------------------------------------------------------------------------


def test_who_asks_is_named_and_quoted(
    client: Client, alice: User, amy: User, invalid: Integration
) -> None:
    alice.first_name, alice.last_name = "Alice", "Meier"
    alice.save()
    for maker, name, of in ((alice, "Alice Meier", "Acme GmbH"), (amy, "amy", "Northwind")):
        link = hand_offs.create(
            invalid, "reconnect", by=acting(maker), message="Hi <i>Tom</i>,\nthanks"
        )
        response = client.get(path_of(link))
        asked = copy.PERSON_OF_ORGANIZATION_ASKS(person=name, organization=of, tool="Personio")
        assert asked in read(response).one("main").text
        assert read(response).one("blockquote").text == "Hi <i>Tom</i>, thanks"
        assert "@" not in read(response).one("main").text


def test_what_is_read_is_told_in_numbers(client: Client, acme: Tenant, connect: Connect) -> None:
    made = connect(acme, state="invalid", coverage="everything")
    fold = read(client.get(handed(made))).one("details", "class", "fold")
    grid = coverage.read(made.snapshot.coverage)
    shared = [
        field
        for group in grid.read
        for field in (group.fields or [group])
        if field.reason is coverage.Reason.AVAILABLE
    ]
    numbers = [int(row.all("span")[1].text) for row in fold.one("ul").all("li")]
    assert sum(numbers) == len(shared)
    assert copy.N_FIELDS(n=len(shared)) in fold.one("summary").text


def test_without_a_grid_nothing_is_said_to_be_read(client: Client, invalid: Integration) -> None:
    Snapshot.objects.update(coverage="")
    assert not read(client.get(handed(invalid))).all("details", "class", "fold")
