"""Kombo that hangs, or says what is not so, in answer to one kind of call."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import httpx
import pytest

from integrations.models import Upstream
from integrations.simulator.app import Simulator
from tests.nearby import Nearby

# Refusals, garbage, and answers that get lost: the simulator's own faults.
FAULTS = ("rate_limited", "server_error", "truncated")  # one of each kind of answer
TROUBLE = ("hanging", *FAULTS)


@contextmanager
def trouble(name: str, route: str, kombo: Simulator) -> Iterator[None]:
    """Kombo in one of TROUBLE, and well again after that; it hangs in calls of a route."""
    kombo.set_fault("none" if name == "hanging" else name)
    with hanging(route) if name == "hanging" else nullcontext():
        yield
    kombo.set_fault("none")
    Upstream.objects.update(limited_until=None, silent_until=None, failures=0, refused_since=None)


@contextmanager
def hanging(route: str) -> Iterator[None]:
    """Kombo does what calls of a route ask for, and the answer does not come in time."""

    def never(response: httpx.Response) -> httpx.Response:
        raise httpx.ReadTimeout("nothing came")

    with _met(route, never):
        yield


@contextmanager
def lying(route: str, **data: Any) -> Iterator[None]:
    """Calls of a route succeed, with these values in the answer; of None there is nothing said."""

    def lie(response: httpx.Response) -> httpx.Response:
        envelope = json.loads(response.read())
        told = {**envelope["data"], **data}
        envelope["data"] = {name: value for name, value in told.items() if value is not None}
        return httpx.Response(response.status_code, json=envelope)

    with _met(route, lie):
        yield


@contextmanager
def _met(route: str, meet: Callable[[httpx.Response], httpx.Response]) -> Iterator[None]:
    real = Nearby.handle_request

    def call(kombo: Nearby, request: httpx.Request) -> httpx.Response:
        response = real(kombo, request)
        return meet(response) if route in request.url.path else response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Nearby, "handle_request", call)
        yield
