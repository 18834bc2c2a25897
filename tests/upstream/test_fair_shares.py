"""Nobody starves anybody: what tenants and workers get of a budget that all want."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access.audit import Actor
from integrations.models import Integration, Snapshot, Tenant, Upstream
from integrations.simulator.app import Simulator
from integrations.upstream import rate_limiter, repairs, snapshots
from integrations.upstream.rate_limiter import (
    LONGEST_DEBT,
    VIEWER_PATIENCE,
    WORKER_SHARE,
    RateLimitBusy,
)
from integrations.worker import Sweep
from tests.conftest import Connect, acting

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HEAVY, LIGHT = 1, 2
SPACING = 1 / (5 * rate_limiter.SPARE)


@pytest.fixture
def clock(db: None, settings: Any, time_machine: TimeMachineFixture) -> TimeMachineFixture:
    """Five calls a second, and a clock that stands still."""
    environment = settings.KOMBO_ENVIRONMENTS["production"] | {"CALLS_PER_SECOND": 5}
    settings.KOMBO_ENVIRONMENTS = {"production": environment}
    time_machine.move_to(NOW, tick=False)
    return time_machine


def take(tenant: int | None = None, *, patience: float = VIEWER_PATIENCE, **more: bool) -> float:
    """Take a slot, and return how many seconds away it is."""
    slot = rate_limiter.reserve_slot("production", patience=patience, tenant=tenant, **more)
    return (slot - timezone.now()).total_seconds()


def is_taken(tenant: int | None = None, **more: Any) -> bool:
    try:
        take(tenant, **more)
    except RateLimitBusy:
        return False
    return True


def take_all(tenant: int, seconds: float, clock: TimeMachineFixture) -> int:
    """Ask again and again for so long; return how often it was answered."""
    got = 0
    for _ in range(round(seconds / 0.05)):
        got += is_taken(tenant)
        clock.shift(0.05)
    return got


def test_a_tenant_alone_may_have_the_whole_budget(clock: TimeMachineFixture) -> None:
    assert take_all(HEAVY, 8, clock) >= 8 / SPACING * 0.8


def test_whoever_had_much_leaves_room_in_the_queue(clock: TimeMachineFixture) -> None:
    take_all(HEAVY, 5, clock)
    while is_taken(HEAVY):
        continue
    assert take(LIGHT) <= 2 * SPACING + 1e-3


def test_many_who_ask_once_are_served_before_one_who_asks_always(
    clock: TimeMachineFixture,
) -> None:
    take_all(HEAVY, 5, clock)
    served = heavy = 0
    for number in range(40):  # nearly as many a second as the budget allows
        heavy += sum(is_taken(HEAVY) for _ in range(10))
        served += is_taken(LIGHT + number)
        clock.shift(1.1 * SPACING)
    assert served == 40
    assert 0 < heavy <= 8


def test_what_a_tenant_had_is_forgotten(clock: TimeMachineFixture) -> None:
    take_all(HEAVY, 10, clock)
    clock.shift(LONGEST_DEBT * SPACING + 1)
    assert [is_taken(HEAVY) for _ in range(3)] == [True] * 3
    debts = Upstream.objects.get().tenant_debts
    assert set(debts) == {str(HEAVY)}
    clock.shift(LONGEST_DEBT * SPACING + 1)
    take(LIGHT)
    assert set(Upstream.objects.get().tenant_debts) == {str(LIGHT)}


def test_a_clock_set_back_holds_no_tenant_for_longer(clock: TimeMachineFixture) -> None:
    take_all(HEAVY, 10, clock)
    clock.shift(-3600)
    take(LIGHT)
    clock.shift(LONGEST_DEBT * SPACING + 1)
    assert [is_taken(HEAVY) for _ in range(3)] == [True] * 3


def test_a_worker_gets_its_share_while_viewers_queue(clock: TimeMachineFixture) -> None:
    by_worker = viewers = 0
    for number in range(80):
        while is_taken(number):  # the queue is always full, of ever others
            viewers += 1
            number += 1000
        by_worker += is_taken(patience=SPACING, by_worker=True)
        clock.shift(SPACING)
    assert by_worker >= 80 / WORKER_SHARE - 1
    assert viewers >= 80 * (1 - 1 / WORKER_SHARE) - 1


def test_a_worker_had_its_share_and_waits_again(clock: TimeMachineFixture) -> None:
    for number in range(5):
        take(number)
    assert is_taken(patience=SPACING, by_worker=True)
    assert not is_taken(patience=SPACING, by_worker=True)


def test_workers_share_one_floor_that_a_clock_set_back_leaves(clock: TimeMachineFixture) -> None:
    take(patience=SPACING, by_worker=True)
    clock.shift(-3600)
    for number in range(5):
        take(number)
    assert is_taken(patience=SPACING, by_worker=True)


# --- On whose account -----------------------------------------------------------------------------


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


def debtors() -> set[str]:
    return set(Upstream.objects.get().tenant_debts)


@pytest.mark.parametrize(
    "act",
    [
        lambda made, by: snapshots.revalidate(made, by_person=True),
        lambda made, by: repairs.reconnect_link(made, language="en", by=by),
        lambda made, by: repairs.confirm_completion(made, "unknown", by=by),
    ],
    ids=["check", "reconnect", "completed"],
)
def test_a_persons_call_counts_against_their_tenant(
    made: Integration,
    alice: User,
    kombo: Simulator,
    act: Callable[[Integration, Actor], object],
) -> None:
    Upstream.objects.update(tenant_debts={})
    act(made, acting(alice))
    assert debtors() == {str(made.tenant_id)}


def test_a_workers_call_counts_against_nobody(made: Integration, kombo: Simulator) -> None:
    Upstream.objects.update(tenant_debts={})
    lease = snapshots.take_lease(made.snapshot)
    slot = rate_limiter.reserve_slot("production", patience=1, by_worker=True)
    snapshots.fetch(made, lease, slot=slot)
    assert debtors() == set()


def test_several_checks_of_one_look_queue_no_longer_than_one(
    acme: Tenant, connect: Connect, monkeypatch: pytest.MonkeyPatch, kombo: Simulator
) -> None:
    patient: list[float] = []
    made = [connect(acme, fetched=False) for _ in range(3)]
    seconds = iter([0.0, 0.0, 0.4, 1.1])
    monkeypatch.setattr(snapshots, "time", SimpleNamespace(monotonic=lambda: next(seconds)))

    def revalidate(one: Integration, *, patience: float) -> Snapshot:
        patient.append(patience)
        return one.snapshot

    monkeypatch.setattr(snapshots, "revalidate", revalidate)
    snapshots.revalidate_some(made)
    assert patient == [pytest.approx(1.0), pytest.approx(0.6)]


def test_a_look_ends_with_the_first_that_gets_no_slot(
    acme: Tenant, connect: Connect, clock: TimeMachineFixture, kombo: Simulator
) -> None:
    made = [connect(acme, fetched=False) for _ in range(3)]
    for number in range(10, 20):
        is_taken(number)
    snapshots.revalidate_some(made)
    for one in made:
        one.snapshot.refresh_from_db()
    assert [one.snapshot.retry_at is None for one in made] == [False, True, True]
    assert timedelta(0) < made[0].snapshot.retry_at - NOW <= timedelta(seconds=2)  # type: ignore[operator]


# --- The worker's threads -------------------------------------------------------------------------


class Impatient(threading.Event):
    """Stops whoever would wait."""

    def wait(self, timeout: float | None = None) -> bool:
        self.set()
        return True


def test_a_workers_thread_takes_its_share_before_a_full_queue(clock: TimeMachineFixture) -> None:
    while is_taken(LIGHT):
        continue
    for number in range(10, 20):
        is_taken(number)
    assert not is_taken(20), "the queue is full"
    sweep = Sweep("production", Impatient(), before=None, checked=lambda: None)
    assert sweep._reserve_slot() is not None
    assert sweep._reserve_slot() is None, "and then it waits for the next share"
