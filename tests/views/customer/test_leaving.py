"""Kombo Connect closed before its end: in each way there is to connect a tool."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.models import ConnectionAttempt, Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import attempts, connecting
from integrations.tenants.attempts import AttemptStatus
from tests import embed
from tests.life import ways
from tests.life.ways import Embedded, Way
from tests.views import to_connect

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _embeds(settings: Any) -> None:
    embed.turn_on(settings)


@pytest.fixture(params=ways.NAMES)
def way(request: pytest.FixtureRequest, kombo: Simulator, acme: Tenant, alice: User) -> Way:
    """Somebody for whom Kombo Connect is open."""
    to_connect.offered()
    found = ways.to_connect(request.param, kombo, acme, alice)
    found.press()
    assert found.token
    return found


def status() -> AttemptStatus:
    return attempts.status_of(ConnectionAttempt.objects.get(), timezone.now())


def test_who_closes_it_is_not_at_it_any_more(way: Way) -> None:
    assert status() is AttemptStatus.BEGUN
    answer = way.close()
    assert (answer.status_code, answer.content) == (204, b"")
    assert status() is AttemptStatus.LEFT
    assert attempts.stalled(timezone.now()).count() == 1, "staff see it at once"


def test_nobody_is_told_more_often_than_once(way: Way) -> None:
    way.close()
    first = ConnectionAttempt.objects.get().left_at
    way.close()
    assert ConnectionAttempt.objects.get().left_at == first


def test_what_was_left_is_begun_anew(way: Way) -> None:
    way.close()
    assert ways.begins_anew(way)
    assert status() is AttemptStatus.BEGUN
    assert ConnectionAttempt.objects.get().left_at is None


def test_who_goes_on_all_the_same_has_connected_it(way: Way, acme: Tenant) -> None:
    """In another tab, or as the page came back."""
    way.close()
    way.go_through()
    way.report()
    assert Integration.objects.get().tenant == acme
    assert status() is AttemptStatus.CONNECTED
    way.close()
    assert status() is AttemptStatus.CONNECTED


def test_what_was_never_open_was_never_left(acme: Tenant) -> None:
    attempt = to_connect.planned(acme)
    connecting.leave(attempt)
    assert status() is AttemptStatus.INVITED


def test_a_frame_hears_that_its_window_is_closed(kombo: Simulator, acme: Tenant) -> None:
    to_connect.offered()
    way = Embedded(kombo, acme, "connect_start", *ways.TOOL)
    progress = way.progress()
    assert way.frame.get(progress).status_code == 204
    way.press()
    way.close()
    answer = way.frame.get(progress)
    assert (answer.status_code, answer["HX-Reswap"]) == (200, "none")
    assert answer.text == '<div id="connect" hx-swap-oob="true"></div>'
    another = way.progress()
    assert way.frame.get(another).status_code == 204, "of a window that opened later"


def test_an_address_made_by_hand_tells_nothing(
    kombo: Simulator, acme: Tenant, subtests: pytest.Subtests
) -> None:
    for since in ["", "?since=", "?since=x", "?since=1e9", f"?since={9 * '9'}"]:
        with subtests.test(since=since):
            to_connect.offered()
            way = Embedded(kombo, acme, "connect_start", *ways.TOOL)
            progress = way.progress().partition("?")[0]
            way.press()
            ConnectionAttempt.objects.update(left_at=timezone.now() + timedelta(minutes=1))
            assert way.frame.get(f"{progress}{since}").status_code == 204
