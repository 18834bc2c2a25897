"""A small Kombo: three integrations of two customers, a clock that stands still, a client with the
key.
"""

from collections.abc import Iterator
from urllib.parse import quote

import httpx
import pytest

from integrations.simulator.app import Simulator
from integrations.simulator.states import Details, details
from tests.simulator.receiver import Receiver, receiving

PERSONIO = "personio:CBNMt7dSNCzBdnRTx87dev4E"
GREENHOUSE = "greenhouse:8d1hpPsbjxUkoCoa1veLZGe5"
HIBOB = "hibob:Vss9zRHbyqJeJcnoqLCn2ppU"
BASE = "http://127.0.0.1:8001"


class Clock:
    """Seconds since the epoch, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_795_000_000.0

    def __call__(self) -> float:
        return self.now


def seed() -> dict[str, Details]:
    """Build the integrations of acme (two) and bolt (one)."""
    cast = ((PERSONIO, "HRIS", "acme"), (GREENHOUSE, "ATS", "acme"), (HIBOB, "HRIS", "bolt"))
    return {
        integration_id: details(
            integration_id=integration_id,
            tool_id=integration_id.partition(":")[0],
            category=category,
            organization_name=owner.title(),
            origin_id=owner,
            creator_email=f"admin@{owner}.example",
        )
        for integration_id, category, owner in cast
    }


def path(integration_id: str, rest: str = "") -> str:
    """Return the address of an integration in the API."""
    return f"/v1/integrations/{quote(integration_id, safe='')}{rest}"


def client_of(simulator: Simulator) -> httpx.Client:
    """Return a client that reaches `simulator` without a network."""
    key = {"Authorization": "Bearer ks_dev_demo"}
    return httpx.Client(transport=httpx.WSGITransport(app=simulator), base_url=BASE, headers=key)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Simulator:
    return Simulator(seed=seed(), clock=clock)


@pytest.fixture
def client(simulator: Simulator) -> Iterator[httpx.Client]:
    with client_of(simulator) as client:
        yield client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver
