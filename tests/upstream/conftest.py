"""Fixtures that several modules of this folder use."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import gateway
from tests import connecting
from tests.conftest import Connect


@pytest.fixture
def taken_over() -> Callable[[Simulator, Tenant, str], Integration]:
    """By a fetch, which this folder is about."""
    return connecting.fetch


@pytest.fixture
def cold(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, fetched=False)


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen while Kombo's answer is on its way."""

    def meanwhile(act: Callable[[], object]) -> None:
        real = gateway.call

        def call(*args: Any, **terms: Any) -> Any:
            answer = real(*args, **terms)
            monkeypatch.setattr(gateway, "call", real)
            act()
            return answer

        monkeypatch.setattr(gateway, "call", call)

    return meanwhile
