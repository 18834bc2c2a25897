"""Fixtures that several modules of this folder use."""

from collections.abc import Iterator

import pytest

from integrations.simulator.app import Simulator
from tests.simulator.conftest import Clock
from tests.simulator.events.telling import telling
from tests.simulator.receiver import Receiver


@pytest.fixture
def simulator(receiver: Receiver, clock: Clock) -> Iterator[Simulator]:
    simulator = telling(receiver, clock)
    yield simulator
    simulator.close()
