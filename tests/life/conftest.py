"""Acme, which connects Workday, and whoever does it, each time anew."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from time_machine import TimeMachineFixture

from integrations.models import Tenant
from integrations.simulator import operations
from integrations.simulator.app import Simulator
from integrations.simulator.states import details
from tests import exhaustive
from tests.conftest import NOW
from tests.connecting import shortened
from tests.embed import turn_on
from tests.life import dying, ways
from tests.life.ways import Way
from tests.views.to_connect import offered


@pytest.fixture(autouse=True)
def everywhere(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a process dies at every step, as where every combination is asked for."""
    monkeypatch.setattr(dying, "EVERYWHERE", exhaustive.is_asked_for(request.config))


@pytest.fixture
def workday(
    settings: Any, acme: Tenant, bolt: Tenant, kombo: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can be connected, by members and in frames; its grid is short, as many are fetched."""
    turn_on(settings)
    offered()
    monkeypatch.setattr(operations, "new_details", lambda **terms: shortened(details(**terms)))


@pytest.fixture
def somebody(
    request: pytest.FixtureRequest,
    workday: None,
    kombo: Simulator,
    acme: Tenant,
    alice: User,
    clock: TimeMachineFixture,
) -> Callable[[], Way]:
    """Somebody who means to connect Workday to acme, in one of the three ways."""

    def somebody() -> Way:
        clock.move_to(NOW)
        return ways.to_connect(request.param, kombo, acme, alice)

    return somebody
