"""What a card's own request answers: news or 204, and when to look again."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import HTMX, make_stale, poll_url, read, tenant_url, url_of

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def own_poll(client: Client, made: Integration) -> str:
    """Where the page looks that shows this card."""
    return poll_url(read(client.get(url_of("integration", made))).one("article"), made)


def test_an_unchanged_card_is_204_with_what_the_script_needs(
    alices: Client, personio: Integration
) -> None:
    response = alices.get(own_poll(alices, personio), headers=HTMX)
    assert (response.status_code, response.content) == (204, b"")
    assert 30 < float(response["Poll-After"]) <= 72
    assert personio.snapshot.fetched_at
    assert response["Checked-At"] == personio.snapshot.fetched_at.isoformat(timespec="seconds")
    assert response["Coverage-Digest"] == personio.snapshot.coverage_digest != ""


def test_a_fresh_card_does_not_ask_kombo(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    before = kombo.calls
    alices.get(own_poll(alices, personio))
    assert kombo.calls == before


def test_a_stale_card_asks_once_and_is_204_if_nothing_changed(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    make_stale(personio)
    url, before = own_poll(alices, personio), kombo.calls.total()
    responses = [alices.get(url, headers=HTMX) for _ in range(3)]
    assert [response.status_code for response in responses] == [204] * 3
    assert kombo.calls.total() == before + 1
    personio.snapshot.refresh_from_db()
    assert personio.snapshot.fetched_at
    assert responses[0]["Checked-At"] == personio.snapshot.fetched_at.isoformat(timespec="seconds")


def test_a_changed_card_comes_whole_and_then_is_unchanged(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    make_stale(personio)
    url = own_poll(alices, personio)
    kombo.set_state(personio.integration_id, "invalid")
    response = alices.get(url, headers=HTMX)
    assert response.status_code == 200
    card = read(response).one("article")
    assert card["data-headline"] == "reconnect_required"
    assert poll_url(card, personio) != url
    assert alices.get(poll_url(card, personio)).status_code == 204


def test_an_unknown_version_brings_the_card(
    alices: Client, personio: Integration, subtests: pytest.Subtests
) -> None:
    for seen in ["", "nonsense", "%00", "<script>", "x" * 5000]:
        with subtests.test(seen=seen):
            assert (
                read(alices.get(url_of("card", personio, seen=seen))).one("article")[
                    "data-headline"
                ]
                == "connected"
            )


def test_another_language_is_another_version(alices: Client, personio: Integration) -> None:
    url = own_poll(alices, personio)
    assert alices.get(url, headers={"Accept-Language": "en"}).status_code == 204
    assert alices.get(url, headers={"Accept-Language": "de"}).status_code == 200


def test_a_changed_grid_changes_the_digest_and_the_card(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    make_stale(personio)
    url = own_poll(alices, personio)
    model = kombo.details(personio.integration_id)["read_models"][0]["id"]  # type: ignore[index]
    kombo.set_opt_out(personio.integration_id, model)
    response = alices.get(url, headers=HTMX)
    assert response["Coverage-Digest"] != personio.snapshot.coverage_digest
    page = read(alices.get(url_of("integration", personio)))
    assert page.one("section", "id", "coverage")["data-digest"] == response["Coverage-Digest"]


def test_a_card_that_keeps_failing_is_looked_at_ever_later(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    """A browser that obeys Poll-After asks Kombo at most once per look, and each wait is longer, up
    to a bound.
    """
    kombo.set_fault("html")  # an answer, so that only this integration's own delay is at work
    waits = []
    with time_machine.travel(NOW, tick=False) as clock:
        Snapshot.objects.filter(pk=personio.pk).update(fetched_at=NOW - timedelta(hours=1))
        url = own_poll(alices, personio)
        for _ in range(8):
            before = kombo.calls.total()
            response = alices.get(url, headers=HTMX)
            assert kombo.calls.total() == before + 1
            waits.append(float(response["Poll-After"]))
            for _ in range(2):  # others look meanwhile
                assert alices.get(url, headers=HTMX).status_code in {200, 204}
            assert kombo.calls.total() == before + 1
            clock.shift(waits[-1])
    assert waits == [5, 10, 20, 40, 60, 60, 60, 60]


def test_a_failing_card_says_so_once_and_is_204_from_then_on(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    make_stale(personio)
    kombo.set_fault("html")
    first = alices.get(own_poll(alices, personio), headers=HTMX)
    assert first.status_code == 200
    assert copy.WE_CANNOT_CHECK_THE_CONNECTION in read(first).text
    assert (
        alices.get(poll_url(read(first).one("article"), personio), headers=HTMX).status_code == 204
    )


def test_a_card_that_recovers_says_so(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    kombo.set_fault("html")
    with time_machine.travel(NOW, tick=False) as clock:
        Snapshot.objects.filter(pk=personio.pk).update(fetched_at=NOW - timedelta(hours=1))
        alices.get(url_of("card", personio))
        kombo.set_fault("none")
        clock.shift(6)
        recovered = read(alices.get(own_poll(alices, personio), headers=HTMX)).one("article")
    assert "can’t check" not in recovered.text
    assert recovered.one("time").text == "now"


def test_while_another_asks_the_card_shows_what_there_is(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    make_stale(personio)
    Snapshot.objects.filter(pk=personio.pk).update(
        lease="somebody", lease_until=datetime.now(UTC) + timedelta(seconds=5)
    )
    before = kombo.calls
    response = alices.get(url_of("card", personio), headers=HTMX)
    assert read(response).one("article")["data-headline"] == "connected"
    assert float(response["Poll-After"]) == 2.0
    assert kombo.calls == before


def test_cards_loaded_together_do_not_look_together(
    alices: Client, acme: Tenant, connect: Connect
) -> None:
    made = [connect(acme) for _ in range(6)]
    polls = {card["data-poll"] for card in read(alices.get(tenant_url(made[0]))).all("article")}
    assert len(polls) > 1


def test_cold_and_failing_says_that_there_is_no_data_yet(
    alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme, fetched=False)
    kombo.set_fault("html")
    response = alices.get(url_of("card", made), headers=HTMX)
    card = read(response).one("article")
    assert copy.WE_HAVE_NO_DATA_YET in card.text
    assert "aria-busy" not in card.attributes
    assert response["Checked-At"] == ""
    assert 4.5 < float(response["Poll-After"]) <= 5


def test_removed_at_kombo_is_a_headline_and_no_trouble(
    alices: Client, personio: Integration, kombo: Simulator
) -> None:
    make_stale(personio)
    kombo.set_state(personio.integration_id, "deleted")
    card = read(alices.get(url_of("card", personio), headers=HTMX)).one("article")
    assert card["data-headline"] == "removed"
    assert "can’t check" not in card.text


def test_the_banner_looks_again_at_what_it_was_about(alices: Client, personio: Integration) -> None:
    banner = read(alices.get(url_of("integration", personio))).one("div", "id", "banner")
    assert (
        banner["hx-get"]
        == f"{reverse('banner', args=[personio.tenant.public_id])}?only={personio.public_id}&page=1"
    )
    assert (
        read(alices.get(banner["hx-get"])).one("div", "id", "banner")["hx-get"] == banner["hx-get"]
    )
