"""Choosing a tool and connecting it, as a customer's person does."""

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from integrations.access import hand_offs, rate_limits
from integrations.access.audit import COMMAND
from integrations.models import (
    CatalogueTool,
    ConnectionAttempt,
    Integration,
    RepairAct,
    Tenant,
    ToolCatalogue,
)
from integrations.simulator.app import Simulator
from integrations.tenants import attempts
from integrations.upstream import tool_catalogue
from tests.conftest import Connect
from tests.views.browsing import HTMX
from tests.views.conftest import Browser
from tests.views.to_connect import offered

pytestmark = pytest.mark.django_db


@pytest.fixture
def tools(kombo: Simulator, settings: Any) -> None:
    """The tools of one category, as Kombo answers them."""
    settings.CONNECT_CATEGORIES = ["HRIS"]
    tool_catalogue.refresh_due()


def at(name: str, tenant: Tenant, *ids: str) -> str:
    return reverse(name, args=[tenant.public_id, *ids])


def labels(page: str) -> list[str]:
    return re.findall(r'<a href="[^"]*/connect/hris/[^"]*">([^<]*)</a>', page)


def finished(kombo: Simulator, page: str) -> tuple[str, str]:
    """Go through Kombo Connect as the dialog shows it; return the token and the attempt's name."""
    url = re.search(r'<iframe src="([^"]*)"', page)
    attempt = re.search(r'data-attempt="([^"]*)"', page)
    assert url
    assert attempt
    token = httpx.URL(url[1].replace("&amp;", "&")).params["token"]
    activation = kombo.world.complete(token, offered=[], shared=[])
    assert activation
    return activation, attempt[1]


@pytest.mark.usefixtures("tools")
def test_the_list_is_searched_as_everything_is(browser: Browser, acme: Tenant) -> None:
    client = browser("alice")
    everything = labels(client.get(at("connect", acme)).text)
    assert len(everything) == 29
    assert "Eurécia" in everything
    assert labels(client.get(at("connect", acme), {"q": "EURE"}).text) == ["Eurécia"]
    nothing = client.get(at("connect", acme), {"q": "no such tool"}).text
    assert labels(nothing) == []
    assert at("connect", acme) in nothing


@pytest.mark.usefixtures("tools")
def test_what_is_connected_is_marked(browser: Browser, acme: Tenant, connect: Connect) -> None:
    connect(acme)
    page = browser("alice").get(at("connect", acme), {"q": "personio"}).text
    assert page.count('data-severity="ok"') == 1


def test_a_page_never_asks_kombo_and_its_poll_does(
    browser: Browser, acme: Tenant, kombo: Simulator, settings: Any
) -> None:
    settings.CONNECT_CATEGORIES = ["HRIS", "LMS"]
    client = browser("alice")
    page = client.get(at("connect", acme))
    assert (page.status_code, kombo.calls.total()) == (200, 0)
    assert "aria-busy" in page.text
    poll = at("connect_tools", acme)
    assert poll in page.text
    assert poll in client.get(poll).text  # the other category is still to come
    last = client.get(poll).text
    assert kombo.calls.total() == 2
    assert poll not in last
    assert client.get(poll).status_code == 200
    assert kombo.calls.total() == 2


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", ["server_error", "key_revoked", "html", "reset"])
def test_while_kombo_fails_the_page_says_so(
    fault: str, browser: Browser, acme: Tenant, kombo: Simulator
) -> None:
    kombo.set_fault(fault)
    client = browser("alice")
    for _look in range(6):
        answer = client.get(at("connect_tools", acme))
        assert answer.status_code == 200
    assert 'role="status"' in answer.text
    assert labels(answer.text) == []


def test_few_and_many_tools_cost_the_same_queries(
    browser: Browser, acme: Tenant, kombo: Simulator
) -> None:
    client, counts = browser("alice"), []
    for number in (1, 40):
        for one in range(number):
            offered(f"tool{one}", f"Tool {one}")
        ToolCatalogue.objects.update(fetched_at=timezone.now())
        client.get(at("connect", acme))
        with CaptureQueriesContext(connection) as queries:
            client.get(at("connect", acme))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.usefixtures("tools")
def test_a_tool_is_connected_and_shown(
    browser: Browser, acme: Tenant, kombo: Simulator, alice: User
) -> None:
    client = browser("alice")
    start = at("connect_start", acme, "hris", "workday")
    assert start in client.get(at("connect_tool", acme, "hris", "workday")).text
    opened = client.post(start, headers=HTMX)
    token, attempt = finished(kombo, opened.text)
    ended = client.post(
        at("connect_completed", acme), {"token": token, "attempt": attempt}, headers=HTMX
    )
    made = Integration.objects.get()
    assert ended["HX-Redirect"] == at("integration", acme, made.public_id)
    assert made.tenant == acme
    known = kombo.details(made.integration_id)
    assert known
    assert known["end_user"]["creator_email"] == "alice@example.com"


@pytest.mark.usefixtures("tools")
def test_without_javascript_a_page_leads_there(
    browser: Browser, acme: Tenant, kombo: Simulator
) -> None:
    client = browser("alice")
    page = client.post(at("connect_start", acme, "hris", "workday")).text
    assert f'href="{kombo.public_url}/connect/v1?token=' in page
    assert at("connect_tool", acme, "hris", "workday") in page


@pytest.mark.usefixtures("tools")
def test_who_has_no_address_is_asked_for_one(
    browser: Browser, acme: Tenant, alice: User, kombo: Simulator
) -> None:
    User.objects.filter(pk=alice.pk).update(email="")
    client = browser("alice")
    start = at("connect_start", acme, "hris", "workday")
    assert 'name="email"' in client.get(at("connect_tool", acme, "hris", "workday")).text
    for typed in ("", "no address", "a@b\r\nBcc: c@d.example"):
        assert client.post(start, {"email": typed}).status_code == 302
    assert not ConnectionAttempt.objects.exists()
    assert client.post(start, {"email": "hr@acme.example"}).status_code == 200
    (link,) = kombo.world.store.links.values()
    assert link["details"]["end_user"]["creator_email"] == "hr@acme.example"


@pytest.mark.usefixtures("tools")
def test_what_is_connected_is_connected_again_only_if_meant(
    browser: Browser, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    old = connect(acme)
    client = browser("alice")
    start = at("connect_start", acme, "hris", "personio")
    page = client.get(at("connect_tool", acme, "hris", "personio")).text
    assert "data-connected" in page
    assert at("integration", acme, old.public_id) in page
    assert client.post(start, headers=HTMX)["HX-Redirect"].endswith("/connect/hris/personio/")
    assert not ConnectionAttempt.objects.exists()
    assert client.post(start, {"way": "somebody else's"}).status_code == 404
    assert client.post(start, {"way": "second"}).status_code == 200
    assert client.post(start, {"way": old.public_id}).status_code == 200
    assert list(ConnectionAttempt.objects.order_by("pk").values_list("replaces", flat=True)) == [
        None,
        old.pk,
    ]


@pytest.mark.usefixtures("tools")
def test_an_unconfirmed_end_can_be_tried_again(
    browser: Browser, acme: Tenant, kombo: Simulator
) -> None:
    client = browser("alice")
    opened = client.post(at("connect_start", acme, "hris", "workday"), headers=HTMX).text
    token, attempt = finished(kombo, opened)
    kombo.set_fault("unavailable")
    done = {"token": token, "attempt": attempt}
    answer = client.post(at("connect_completed", acme), done, headers=HTMX)
    assert answer.status_code == 200
    assert token in answer.text  # the form to try again
    assert 'data-attempt-status="unconfirmed"' in client.get(at("tenant", acme)).text
    kombo.set_fault("none")
    assert "HX-Redirect" in client.post(at("connect_completed", acme), done, headers=HTMX)


@pytest.mark.usefixtures("tools")
def test_junk_tokens_cost_a_few_calls(browser: Browser, acme: Tenant, kombo: Simulator) -> None:
    client = browser("alice")
    client.post(at("connect_start", acme, "hris", "workday"), headers=HTMX)
    attempt = ConnectionAttempt.objects.get()
    calls = kombo.calls.total()
    for number in range(20):
        junk = {"token": f"{number:0>20}", "attempt": attempt.public_id}
        client.post(at("connect_completed", acme), junk, headers=HTMX)
    assert kombo.calls.total() - calls <= rate_limits.UNKNOWN_TOKEN.free
    assert client.post(at("connect_completed", acme), {"token": "x", "attempt": attempt.public_id})
    assert not Integration.objects.exists()


@pytest.mark.usefixtures("tools")
def test_anothers_attempt_is_not_there(
    browser: Browser, acme: Tenant, bolt: Tenant, kombo: Simulator
) -> None:
    theirs = attempts.plan(bolt, CatalogueTool.objects.get(tool_id="workday"), by=COMMAND)
    client = browser("alice")
    done = {"token": "x" * 20, "attempt": theirs.public_id}
    assert client.post(at("connect_completed", acme), done).status_code == 404
    assert client.post(at("connect_dismiss", acme, theirs.public_id)).status_code == 404
    theirs.refresh_from_db()
    assert theirs.dismissed_at is None


def test_turned_off_there_is_nothing_to_connect(
    browser: Browser, acme: Tenant, settings: Any, kombo: Simulator
) -> None:
    offered()
    settings.CONNECT_CATEGORIES = []
    client = browser("alice")
    assert at("connect", acme) not in client.get(at("tenant", acme)).text
    for name, ids in (
        ("connect", []),
        ("connect_tools", []),
        ("connect_tool", ["hris", "workday"]),
    ):
        assert client.get(at(name, acme, *ids)).status_code == 404
    assert client.post(at("connect_start", acme, "hris", "workday")).status_code == 404


STATUSES: list[tuple[dict[str, int], str]] = [
    ({}, "invited"),
    ({"begun_at": 5}, "begun"),
    ({"begun_at": 90}, "left"),
    ({"begun_at": 5, "failed_at": 3}, "failed"),
    ({"begun_at": 5, "finished_at": 3}, "unconfirmed"),
    ({"begun_at": 300, "finished_at": 180}, "unknown"),
]


@pytest.mark.usefixtures("kombo")
def test_an_unfinished_attempt_says_what_is_true(
    browser: Browser, acme: Tenant, subtests: pytest.Subtests
) -> None:
    attempt = attempts.plan(acme, offered(), by=COMMAND)
    hand_offs.create(attempt, RepairAct.CONNECT, by=COMMAND)
    alices, vics, now = browser("alice"), browser("vic"), timezone.now()
    for fields, status in STATUSES:
        with subtests.test(status=status), transaction.atomic():
            times = {name: now - timedelta(minutes=minutes) for name, minutes in fields.items()}
            ConnectionAttempt.objects.update(**times)
            page = alices.get(at("tenant", acme)).text
            assert f'data-attempt-status="{status}"' in page
            dismiss = at("connect_dismiss", acme, attempt.public_id)
            assert (dismiss in page) is (status != "unconfirmed")
            assert dismiss not in vics.get(at("tenant", acme)).text
            alices.post(dismiss)
            assert "data-attempt-status" not in alices.get(at("tenant", acme)).text
            transaction.set_rollback(True)


@pytest.mark.exhaustive(keep=2)
@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("fault", ["foreign_link", "server_error", "reset", "rate_limited"])
def test_a_start_that_fails_is_said_in_words(
    fault: str, browser: Browser, acme: Tenant, kombo: Simulator
) -> None:
    kombo.set_fault(fault)
    start = at("connect_start", acme, "hris", "workday")
    answer = browser("alice").post(start, headers=HTMX)
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#connect")
    assert "<iframe" not in answer.text
    assert browser("alice").post(start).status_code == 200
