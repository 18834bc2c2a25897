"""Whatever Kombo does, pages come at once and say honestly what is known."""

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client

from integrations.kombo.client import Kombo
from integrations.kombo.http import Http
from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.simulator.faults import FAULTS
from integrations.upstream import gateway
from tests import copy
from tests.conftest import API_KEY, Connect
from tests.views.browsing import (
    HTMX,
    Element,
    acts,
    make_stale,
    page_at,
    poll_url,
    read,
    tenant_url,
    url_of,
)

pytestmark = pytest.mark.usefixtures("loopback")  # half of what goes wrong goes wrong on the way

HARMLESS = {"none", "foreign_link"}  # to what a card needs to know
FAILING = sorted(FAULTS.keys() - HARMLESS - {"wrong_owner"})
SLOW = {"slow", "hanging", "dripping"}


@pytest.fixture
def break_down(
    monkeypatch: pytest.MonkeyPatch, kombo: Simulator
) -> Iterator[Callable[[str], None]]:
    """Let all calls meet a fault.

    From then on time limits are shorter, so that what is slow fails sooner.
    """
    with closing(Http(read_timeout=0.4)) as http:
        client = Kombo(base_url=f"{kombo.public_url}/v1", api_key=API_KEY, http=http, deadline=0.5)

        def break_down(fault: str) -> None:
            kombo.set_fault(fault)
            monkeypatch.setattr(gateway, "client", lambda _environment: client)

        yield break_down


def card_of(client: Client, made: Integration) -> Element:
    response = client.get(url_of("card", made), headers=HTMX)
    assert response.status_code == 200
    return read(response).one("article")


def page_of(client: Client, made: Integration) -> Element:
    """The page, which asks nobody."""
    with patch.object(gateway, "call", side_effect=AssertionError("a page asked Kombo")):
        return page_at(client, url_of("integration", made))


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", FAILING)
def test_warm_pages_show_the_last_good_data_with_its_age(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    break_down: Callable[[str], None],
    fault: str,
) -> None:
    made = connect(acme)
    make_stale(made, minutes=7)
    before = page_of(alices, made)
    break_down(fault)
    calls = kombo.calls.total()
    card = card_of(alices, made)
    assert calls < kombo.calls.total() <= calls + 2
    page = page_of(alices, made)
    for shown in (card, page.one("article")):
        assert shown["data-headline"] == "connected"
        assert copy.WE_CANNOT_CHECK_THE_CONNECTION in shown.text
        assert shown.one("time").text == copy.N_MINUTES_AGO(n=7)
    rows = [row["data-datapoint"] for row in page.all("", "data-datapoint")]
    assert rows == [row["data-datapoint"] for row in before.all("", "data-datapoint")] != []
    assert alices.get(url_of("coverage_csv", made)).status_code == 200
    again = alices.get(poll_url(card, made), headers=HTMX)
    assert (again.status_code, again["Checked-At"]) == (204, card.one("time")["datetime"])


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", FAILING)
def test_cold_pages_say_that_there_is_no_data_yet(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    break_down: Callable[[str], None],
    fault: str,
) -> None:
    made = connect(acme, fetched=False)
    break_down(fault)
    card = card_of(alices, made)
    page = page_of(alices, made)
    for shown in (card, page.one("article")):
        assert shown["data-headline"] == "pending"
        assert copy.WE_HAVE_NO_DATA_YET in shown.text
        assert not shown.all("time")
    assert not page.all("", "data-datapoint")
    kombo.set_fault("none")
    assert copy.WE_HAVE_NO_DATA_YET in page_of(alices, made).text


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("fault", FAILING)
def test_nobody_is_asked_to_repair_what_is_not_theirs(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    break_down: Callable[[str], None],
    fault: str,
) -> None:
    """Our outage, or our bad key, is never painted as the customer's fault."""
    made = connect(acme)
    make_stale(made)
    break_down(fault)
    card_of(alices, made)
    page = read(alices.get(tenant_url(made)))
    assert page.one("div", "id", "banner").text == ""
    assert page.one("title").text == "Integrations · Acme GmbH"
    assert "primary" not in {button["data-kind"] for button in page.all("button", "data-kind")}


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "fault", sorted(FAULTS.keys() - {"slow", "dripping"})
)  # to us both are as "hanging"
def test_nothing_anybody_does_ends_in_an_error_of_ours(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    kombo: Simulator,
    break_down: Callable[[str], None],
    fault: str,
) -> None:
    made = connect(acme, state="invalid")
    break_down(fault)
    for name, response in acts(alices, made):
        assert response.status_code in {200, 302, 404, 422}, name
    for url in (
        tenant_url(made),
        tenant_url(made, "banner"),
        url_of("card", made),
        url_of("coverage_csv", made),
    ):
        assert alices.get(url).status_code in {200, 404}


@pytest.mark.parametrize("fault", sorted(HARMLESS))
def test_what_does_not_concern_a_card_leaves_it_alone(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator, fault: str
) -> None:
    made = connect(acme)
    make_stale(made)
    url = poll_url(page_of(alices, made).one("article"), made)
    kombo.set_fault(fault)
    assert alices.get(url, headers=HTMX).status_code == 204


def test_what_turns_out_to_be_anothers_is_withheld_at_once(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    make_stale(made)
    kombo.set_fault("wrong_owner")
    card = card_of(alices, made)
    assert card["data-headline"] == "pending"
    assert copy.IS_CONFIRMING_THAT_THIS_CONNECTION.core in card.text
    assert not page_of(alices, made).all("", "data-datapoint")


@pytest.mark.parametrize("fault", sorted(SLOW - {"slow"}))
def test_with_the_real_time_limits_a_card_waits_a_bounded_time(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator, fault: str
) -> None:
    made = connect(acme)
    make_stale(made)
    kombo.set_fault(fault)
    assert copy.WE_CANNOT_CHECK_THE_CONNECTION in card_of(alices, made).text
    made.snapshot.refresh_from_db()
    assert made.snapshot.error_kind == "timed_out"  # Kombo would have answered, after a minute


@pytest.mark.parametrize("fault", sorted(SLOW))
def test_a_page_waits_for_nobody_while_kombo_is_slow(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator, fault: str
) -> None:
    cold, warm = connect(acme, fetched=False), connect(acme)
    make_stale(warm)
    kombo.set_fault(fault)
    calls = kombo.calls.total()
    for made in (cold, warm):
        page_of(alices, made)
    assert kombo.calls.total() == calls


def test_after_failures_kombo_rests_and_cards_still_answer(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = [connect(acme) for _ in range(9)]
    make_stale(*made)
    kombo.set_fault("server_error")
    for one in made[: gateway.FAILURES_TO_OPEN]:
        card_of(alices, one)
    before = kombo.calls
    for one in made[gateway.FAILURES_TO_OPEN :]:
        assert copy.WE_CANNOT_CHECK_THE_CONNECTION in card_of(alices, one).text
    assert kombo.calls == before


def test_one_integration_in_trouble_troubles_no_other(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    troubled, fine = connect(acme), connect(acme)
    make_stale(troubled, fine)
    kombo.set_fault("wrong_shape", troubled.integration_id)
    assert "can’t check" in card_of(alices, troubled).text
    assert "can’t check" not in card_of(alices, fine).text


def test_an_environment_that_is_not_configured_is_an_honest_card(
    alices: Client, acme: Tenant, connect: Connect, settings: Any
) -> None:
    made = connect(acme, fetched=False)
    settings.KOMBO_ENVIRONMENTS = {}
    assert copy.WE_HAVE_NO_DATA_YET in card_of(alices, made).text
