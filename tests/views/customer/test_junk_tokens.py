"""What is posted as the end of a repair costs Kombo calls only if it could be one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from integrations.access import hand_offs, repair_handles
from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import repairs
from tests.conftest import Connect, acting
from tests.embed import turn_on
from tests.views.browsing import url_of

ASKED = "GET", "/v1/connect/integration-by-token/{token}"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def junk(number: int) -> str:
    return f"eyJhbGciOiJIUzI1NiJ9.junk-{number}"


@pytest.fixture
def broken(acme: Tenant, connect: Connect, time_machine: TimeMachineFixture) -> Integration:
    time_machine.move_to(NOW, tick=False)
    return connect(acme, state="invalid")


@pytest.fixture
def begun(broken: Integration, alice: User) -> Integration:
    repairs.reconnect_link(broken, language="en", by=acting(alice))
    return broken


def asked(kombo: Simulator) -> int:
    return kombo.calls[ASKED]


def test_an_hour_of_junk_costs_a_handful_of_calls(
    begun: Integration,
    alice: User,
    sign_in: Callable[[User], Client],
    kombo: Simulator,
    time_machine: TimeMachineFixture,
) -> None:
    client = sign_in(alice)
    for number in range(60):
        time_machine.move_to(NOW + timedelta(seconds=60 * number), tick=False)
        client.post(url_of("completed", begun), {"token": junk(number)})
    assert 3 <= asked(kombo) <= 9


def test_without_a_repair_under_way_no_token_could_be_ours(
    broken: Integration,
    alice: User,
    sign_in: Callable[[User], Client],
    kombo: Simulator,
    time_machine: TimeMachineFixture,
) -> None:
    client = sign_in(alice)
    client.post(url_of("completed", broken), {"token": junk(1)})
    assert asked(kombo) == 0
    repairs.reconnect_link(broken, language="en", by=acting(alice))
    time_machine.shift(timedelta(hours=2, seconds=1))
    client.post(url_of("completed", broken), {"token": junk(1)})
    assert asked(kombo) == 0


def test_what_does_not_look_like_a_token_is_none(
    begun: Integration,
    alice: User,
    sign_in: Callable[[User], Client],
    kombo: Simulator,
    time_machine: TimeMachineFixture,
    subtests: pytest.Subtests,
) -> None:
    client = sign_in(alice)
    for token in [
        *("", "short", "x" * 15, "x" * 4097, "with blanks in it, many", "x" * 20 + "\n", "é" * 20),
        *("<script>alert(1)</script>", "x" * 20 + "?a=b", "x" * 20 + "\\", '"' + "x" * 20 + '"'),
    ]:
        with subtests.test(token=token):
            answer = client.post(url_of("completed", begun), {"token": token})
            assert answer.status_code == 302
            assert asked(kombo) == 0
        time_machine.shift(timedelta(minutes=1))  # so many a minute are taken


def test_the_true_token_counts_after_some_junk_and_ends_the_wait(
    broken: Integration, alice: User, sign_in: Callable[[User], Client], kombo: Simulator
) -> None:
    client = sign_in(alice)
    link = repairs.reconnect_link(broken, language="en", by=acting(alice))
    for number in range(2):
        client.post(url_of("completed", broken), {"token": junk(number)})
    token = kombo.world.complete(link.url.partition("token=")[2], offered=(), shared=())
    client.post(url_of("completed", broken), {"token": token})
    broken.snapshot.refresh_from_db()
    assert asked(kombo) == 3
    assert broken.snapshot.sign_in_settled_at is not None
    for number in range(3):
        client.post(url_of("completed", broken), {"token": junk(number)})
    assert asked(kombo) == 6


@pytest.mark.parametrize("way", ["hand-off", "handle"])
def test_links_have_the_same_limit(
    way: str, begun: Integration, alice: User, kombo: Simulator, settings: Any
) -> None:
    turn_on(settings)
    if way == "hand-off":
        made = hand_offs.create(begun, "reconnect", by=acting(alice))
        hand_offs.mark_begun(made)
        address = reverse("hand_off_completed", args=[hand_offs.token_of(made)])
    else:
        handle = repair_handles.make(begun, "reconnect")
        found = repair_handles.find(handle)
        assert found
        repair_handles.use(found)
        address = reverse("embed_repair_completed", args=[handle])
    for number in range(8):
        Client().post(address, {"token": junk(number)})
    assert asked(kombo) == 3
