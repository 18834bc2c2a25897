"""A simulator that tells a receiver of its events."""

from typing import Any

from integrations.simulator.app import Simulator
from integrations.simulator.webhook_sender import Pace
from tests.simulator.conftest import Clock, seed
from tests.simulator.receiver import SECRET, Receiver

NOW = "2026-11-18T11:06:40.000Z"


def telling(receiver: Receiver, clock: Clock, **options: Any) -> Simulator:
    simulator = Simulator(
        seed=seed(), clock=clock, webhook_url=receiver.url, webhook_secret=SECRET, **options
    )
    simulator.hooks.pace = Pace(retries=(), late=0.1, flush=0.1, tick=0.01)
    return simulator


def told(simulator: Simulator, receiver: Receiver) -> list[dict[str, Any]]:
    """Return what was told since the last time."""
    assert simulator.hooks.drain()
    events = receiver.events
    receiver.posts.clear()
    return events


def types(simulator: Simulator, receiver: Receiver) -> list[str]:
    return [event["type"] for event in told(simulator, receiver)]
