"""Fixtures that several modules of this folder use."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from time_machine import TimeMachineFixture

from integrations import worker
from integrations.models import Integration, Snapshot, Tenant
from integrations.workspace import daily_counts
from tests.conftest import NOW, Connect
from tests.worker.steps import Stopping


@pytest.fixture
def stopping(clock: TimeMachineFixture) -> Stopping:
    return Stopping(clock)


@pytest.fixture
def work(stopping: Stopping, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Do what is due now, as `--once` does. Answers how many checks that took."""
    # One after the other and in the test's own thread: a database in memory is not for several.
    monkeypatch.setattr(
        worker.Sweep, "threads", lambda sweep: [SimpleNamespace(start=sweep._run, join=int)] * 2
    )

    # A step for each day that was never counted.
    monkeypatch.setattr(daily_counts, "DAYS", daily_counts.RECENT + 1)

    def work() -> int:
        checks: list[int] = []
        worker.work(stopping, once=True, checked=lambda: checks.append(1))
        return len(checks)

    return work


@pytest.fixture
def cold(acme: Tenant, connect: Connect) -> list[Integration]:
    """Four integrations of acme's that nobody has looked at yet; the second is due longest, the
    last one least.
    """
    integrations = [connect(acme, fetched=False) for _ in range(4)]
    for integration, minutes in zip(integrations, (3, 4, 2, 1), strict=True):
        Snapshot.objects.filter(pk=integration.pk).update(check_at=NOW - timedelta(minutes=minutes))
    return integrations
