"""Between a reconnection and the next sync, the page says what is true and says it in one voice."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.history import record as history_record
from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import HTMX, make_stale, read, tenant_url, url_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SYNC_FAILED = NOW - timedelta(days=4)


@pytest.fixture
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def invalid(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


@pytest.fixture
def waiting(clock: TimeMachineFixture, acme: Tenant, connect: Connect) -> Integration:
    """It works again, and its latest sync is the one that could not sign in."""
    made = connect(acme)
    failed = {"synced_at": SYNC_FAILED, "sync_state": "AUTHENTICATION_FAILED"}
    Snapshot.objects.filter(pk=made.pk).update(**failed)
    return made


def reconnect(integration: Integration, user: User | None, outcome: str = "done") -> None:
    attempt = history_record.begin_repair(integration, "reconnect", user)
    history_record.finish_repair(integration, outcome, user, attempt=attempt)


def said(client: Client, integration: Integration) -> str:
    return read(client.get(url_of("integration", integration))).one("article").text


def test_who_reconnected_and_that_a_sync_is_awaited(
    alices: Client, alice: User, waiting: Integration, clock: TimeMachineFixture
) -> None:
    alice.first_name = "Alice"
    alice.save()
    reconnect(waiting, alice)
    text = said(alices, waiting)
    assert copy.RECONNECTED_TODAY_BY_WAITING(who="Alice") in text
    assert copy.LAST_SYNC_COULD_NOT_SIGN(time=copy.N_DAYS_AGO(n=4)) in text
    assert "Everything is working" not in text
    clock.shift(timedelta(days=1))
    tomorrow = said(alices, waiting)
    assert copy.RECONNECTED_ON_BY_WAITING(date="20 November", who="Alice") in tomorrow
    Snapshot.objects.filter(pk=waiting.pk).update(sync_state="SUCCEEDED", synced_at=timezone.now())
    assert copy.EVERYTHING_IS_WORKING in said(alices, waiting)


@pytest.mark.parametrize(
    ("person", "text"),
    [("mia", "Reconnected today by Example Software."), ("", "Reconnected today. Waiting")],
)
def test_staff_are_the_vendor_and_a_guest_is_nobody(
    person: str,
    text: str,
    alices: Client,
    waiting: Integration,
    settings: Any,
    request: pytest.FixtureRequest,
) -> None:
    settings.VENDOR_NAME = "Example Software"
    reconnect(waiting, request.getfixturevalue(person) if person else None)
    assert text in said(alices, waiting)


@pytest.mark.parametrize("outcome", ["started", "failed", "unconfirmed", "before"])
def test_what_nobody_is_known_to_have_mended_names_nobody(
    outcome: str, alices: Client, alice: User, waiting: Integration, clock: TimeMachineFixture
) -> None:
    if outcome == "before":
        clock.move_to(SYNC_FAILED - timedelta(hours=1))
        reconnect(waiting, alice)
        clock.move_to(NOW)
    else:
        reconnect(waiting, alice, outcome)
    text = said(alices, waiting)
    assert copy.SIGN_IN_WORKS_AGAIN_WAITING in text
    assert "Everything is working" not in text
    assert read(alices.get(url_of("card", waiting))).one("article")["data-headline"] == "connected"


def test_a_list_asks_once_who_reconnected(
    alices: Client,
    alice: User,
    acme: Tenant,
    waiting: Integration,
    connect: Connect,
    django_assert_num_queries: Any,
) -> None:
    others = [connect(acme, tool_id=tool) for tool in ("hibob", "bamboohr")]
    Snapshot.objects.update(synced_at=SYNC_FAILED, sync_state="AUTHENTICATION_FAILED")
    for one in (waiting, *others):
        reconnect(one, alice)
    alices.get("/")  # that they are active is noted once a minute
    with django_assert_num_queries(10) as asked:
        page = read(alices.get(tenant_url(waiting)))
    assert len([one for one in page.all("article") if "Reconnected today" in one.text]) == 3
    # for that, and for the days of all
    assert sum("integrations_entry" in query["sql"] for query in asked.captured_queries) == 2


# --- One answer brings card and banner ------------------------------------------------------------


INVALID = "reconnect_required-action_required"


def press(client: Client, integration: Integration, name: str, **more: str) -> Any:
    """Press a button of the card as the page does, with what the page shows."""
    return client.post(url_of(name, integration), more, headers=HTMX)


def test_the_answer_that_says_checking_takes_the_banner_away(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    page = read(alices.get(tenant_url(invalid)))
    shown = page.one("article")["hx-vals"]
    assert shown == f'{{"shown": "{INVALID}", "only": "", "alone": "1", "page": "1"}}'
    history_record.begin_repair(invalid, "reconnect", None)
    told = {"token": "unknown-to-kombo-0123456789", "shown": INVALID, "only": "", "alone": "1"}
    answer = read(press(alices, invalid, "completed", **told))
    assert copy.CHECKING in answer.one("article").text
    banner = answer.one("", "id", "banner")
    assert (banner["hx-swap-oob"], banner.all("section")) == ("true", [])
    assert not answer.one("title").text.startswith("(")


def test_a_poll_with_another_headline_brings_the_banner(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    make_stale(made)
    kombo.set_state(made.integration_id, "invalid")
    only = {"only": made.public_id}
    answer = read(alices.get(url_of("card", made, seen="x.connected-ok", **only), headers=HTMX))
    banner = answer.one("", "id", "banner")
    assert banner["data-acts"] == "1"
    assert banner["hx-get"].endswith(f"?only={made.public_id}")
    again = url_of("card", made, seen=f"x.{INVALID}", **only)
    unchanged = read(alices.get(again, headers=HTMX))
    assert unchanged.all("article")
    assert not unchanged.all("", "id", "banner")


def test_the_banner_counts_what_the_page_counts(
    alices: Client, acme: Tenant, invalid: Integration, connect: Connect
) -> None:
    other = connect(acme, tool_id="hibob")
    seen = f"x.{INVALID}"
    both = read(alices.get(url_of("card", other, seen=seen, only=""), headers=HTMX))
    assert both.one("", "id", "banner")["data-total"] == "2"
    own = url_of("card", other, seen=seen, only=other.public_id)
    alone = read(alices.get(own, headers=HTMX))
    assert alone.one("", "id", "banner")["data-total"] == "1"


def test_a_page_without_a_banner_gets_none(alices: Client, invalid: Integration) -> None:
    answer = read(alices.get(url_of("card", invalid, seen="x"), headers=HTMX))
    assert not answer.all("", "id", "banner")
    assert "hx-vals" not in answer.one("article").attributes


# --- A repair that worked is said, for a while ---------------------------------------------------


@pytest.mark.parametrize(
    ("state", "title"),
    [
        ("active", copy.TOOL_IS_CONNECTED_AGAIN(tool="Personio")),
        ("final_sync_pending", copy.FIRST_SYNC_WITH_TOOL_IN_PROGRESS(tool="Personio")),
    ],
)
def test_only_what_was_connected_is_connected_again(
    alices: Client,
    clock: TimeMachineFixture,
    acme: Tenant,
    connect: Connect,
    state: str,
    title: str,
) -> None:
    """Whoever finished a setup waits for the first data."""
    made = connect(acme) if state == "active" else connect(acme, state=state)
    Snapshot.objects.filter(pk=made.pk).update(repaired_at=NOW)
    card = read(alices.get(tenant_url(made))).one("article")
    assert (card["data-group"], card.one("h1").text) == ("recent", title)
    clock.shift(timedelta(minutes=11))
    assert read(alices.get(tenant_url(made))).one("article")["data-group"] != "recent"
