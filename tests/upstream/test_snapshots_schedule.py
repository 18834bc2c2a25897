"""When the worker looks at an integration again, and what a full budget is."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import freshness
from integrations.models import Integration, Snapshot, Tenant, Upstream
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests.conftest import NOW, Connect
from tests.upstream.looking import DAY, DETAILS, look

pytestmark = pytest.mark.usefixtures("clock")


def fill_budget() -> None:
    """Let others queue for another 30 seconds."""
    beyond = {"next_call_at": timezone.now() + timedelta(seconds=30)}
    Upstream.objects.update_or_create(pk="production", defaults=beyond)


@pytest.mark.parametrize("fetched", [True, False])
def test_a_full_budget_is_no_failure(
    fetched: bool, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme, fetched=fetched)
    before = Snapshot.objects.get()
    fill_budget()
    found = look(made, by_person=True)
    assert not freshness.is_failing(found)
    assert (found.failures, found.error_at, found.check_at) == (0, None, before.check_at)
    assert found.retry_at == NOW + timedelta(seconds=30)
    assert (found.lease, found.lease_until) == ("", None)
    assert found.fetched_at == before.fetched_at
    assert kombo.calls[DETAILS] == int(fetched)


def test_a_full_budget_keeps_the_failure_before_it(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json")
    found = look(personio, by_person=True)
    told = (found.error_kind, found.error_at, found.failures)
    clock.shift(60)
    fill_budget()
    found = look(personio)
    assert (found.error_kind, found.error_at, found.failures) == told == ("bad_answer", NOW, 1)


def waits(integration: Integration, times: int = 8) -> list[float]:
    """How long the worker waits after each of so many looks, in seconds."""
    return [
        (look(integration, by_person=True).check_at - timezone.now()).total_seconds()
        for _ in range(times)
    ]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("state", "part"),
    [("connected", 1.0), ("invalid", 1 / 3), ("final_sync_pending", 1 / 3), ("inactive", 1 / 3)],
)
@pytest.mark.parametrize("max_age", [900, 60])
def test_the_worker_looks_sooner_where_there_is_trouble(
    state: str, part: float, max_age: int, acme: Tenant, connect: Connect, settings: Any
) -> None:
    settings.WORKER_MAX_AGE = max_age
    found = waits(connect(acme, state=state))
    assert all(0.8 * max_age * part <= wait <= 1.2 * max_age * part for wait in found)
    assert len(set(found)) > 4
    assert max(found) - min(found) > 0.05 * max_age * part  # spread, so that no waves form


def test_the_worker_looks_once_a_day_at_what_is_gone(
    personio: Integration, kombo: Simulator
) -> None:
    kombo.set_state(personio.integration_id, "deleted")
    assert {0.8 * DAY <= wait <= 1.2 * DAY for wait in waits(personio)} == {True}


def test_the_worker_comes_ever_more_rarely_to_what_fails(
    personio: Integration, kombo: Simulator
) -> None:
    kombo.set_fault("wrong_json")
    assert waits(personio, 9) == [10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_the_worker_waits_as_long_as_kombo_asks(personio: Integration, kombo: Simulator) -> None:
    kombo.set_fault("rate_limited")
    assert waits(personio, 1) == [20]


def test_what_fails_for_ever_is_still_looked_at(personio: Integration, kombo: Simulator) -> None:
    kombo.set_fault("wrong_json")
    Snapshot.objects.update(failures=100_000)
    assert waits(personio, 1) == [900]


def test_the_worker_looks_soon_after_a_repair(personio: Integration) -> None:
    snapshots.watch(personio)
    assert Snapshot.objects.get().check_at == NOW + freshness.WATCHED_MAX_AGE
