"""An installation where all is well, and one whose metrics may be read."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations import counters
from integrations.database import facts
from integrations.database.facts import Disk
from integrations.models import Integration, Tenant, Upstream
from integrations.workspace import installation

GIB = 1024**3
TOKEN = "t0ken-of-prometheus"


@pytest.fixture
def roomy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk with room, whatever this machine's has."""
    monkeypatch.setattr(facts, "disk", lambda _connection: Disk(30 * GIB, 40 * GIB))


@pytest.fixture
def well(
    acme: Tenant,
    connect: Callable[[Tenant], Integration],
    clock: TimeMachineFixture,
    roomy: None,
    settings: Any,
) -> Integration:
    """One integration that was just checked, and a worker; mails are off."""
    settings.EMAIL_HOST_NAME = ""
    made = connect(acme)
    installation.note_worker()
    called = {"next_call_at": timezone.now() - timedelta(seconds=20), "recent_calls": 3.0}
    Upstream.objects.update_or_create(pk="production", defaults=called)
    return made


@pytest.fixture
def counting(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`/metrics` is on, and what is counted is written only when somebody asks for it."""
    settings.METRICS_TOKENS = [TOKEN]
    settings.METRICS_ON = True
    monkeypatch.setattr(counters._Sums, "_write", lambda _sums: None)
    counters._sums._forget()
