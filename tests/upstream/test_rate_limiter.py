"""How many calls an environment gets, whoever makes them."""

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.kombo.errors import KomboError
from integrations.models import Upstream
from integrations.simulator.app import Simulator
from integrations.upstream import gateway, rate_limiter
from integrations.upstream.gateway import CircuitOpen
from integrations.upstream.rate_limiter import RateLimitBusy
from tests.concurrency import crowd
from tests.conftest import NOW

KEY_CHECK = ("GET", "/v1/check-api-key")
FIVE = 1 / (5 * rate_limiter.SPARE)  # seconds between calls at five a second, and a little to spare

type SetBudget = Callable[[int], None]


@pytest.fixture
def set_budget(settings: Any) -> SetBudget:
    def set_budget(calls: int) -> None:
        environment = settings.KOMBO_ENVIRONMENTS["production"] | {"CALLS_PER_SECOND": calls}
        settings.KOMBO_ENVIRONMENTS = {"production": environment, "us": environment}

    return set_budget


@pytest.fixture
def clock(db: None, set_budget: SetBudget, clock: TimeMachineFixture) -> TimeMachineFixture:
    """The clock that stands still, and five calls a second."""
    set_budget(5)
    return clock


@pytest.fixture
def sleeps(clock: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept, and the clock goes on by that."""
    sleeps: list[float] = []

    def sleep(seconds: float) -> None:
        sleeps.append(seconds)
        clock.shift(seconds)

    monkeypatch.setattr(time, "sleep", sleep)
    return sleeps


def spaced(first: int, number: int) -> Any:
    """So many slots, one after the other, as seconds."""
    return pytest.approx([n * FIVE for n in range(first, first + number)], abs=1e-4)


def slots(number: int, *, patience: float = 60.0, environment: str = "production") -> list[float]:
    """Take so many slots, and answer how far away each is."""
    taken = (rate_limiter.reserve_slot(environment, patience=patience) for _ in range(number))
    return [(slot - timezone.now()).total_seconds() for slot in taken]


def check_key(slot: datetime | None = None) -> str:
    return gateway.call("production", lambda kombo: kombo.check_api_key(), slot=slot)


def test_turns_are_evenly_spaced(clock: TimeMachineFixture) -> None:
    assert slots(20) == spaced(0, 20)


def test_no_second_holds_more_calls_than_the_budget(clock: TimeMachineFixture) -> None:
    late = rate_limiter.LATE.total_seconds()
    taken = slots(50)
    for first, beyond in zip(taken, taken[5:], strict=False):
        assert beyond - (first + late) >= 1 - 1e-4  # however late the first of them goes out


@pytest.mark.parametrize("idle", [1, 3600])
def test_turns_that_nobody_took_are_not_saved_up(idle: int, clock: TimeMachineFixture) -> None:
    slots(1)
    clock.shift(idle)
    assert slots(3) == spaced(0, 3)


def test_a_viewer_queues_for_a_second(clock: TimeMachineFixture) -> None:
    assert slots(5, patience=rate_limiter.VIEWER_PATIENCE) == spaced(0, 5)
    with pytest.raises(RateLimitBusy) as busy:
        slots(1, patience=rate_limiter.VIEWER_PATIENCE)
    assert busy.value.retry_after == pytest.approx(5 * FIVE, abs=1e-4)


def test_whoever_does_not_wait_takes_no_turn(clock: TimeMachineFixture) -> None:
    slots(5)
    for _ in range(10):
        with pytest.raises(RateLimitBusy):
            slots(1, patience=0.5)
    assert slots(1) == spaced(5, 1)


def test_the_worker_waits_until_no_viewer_queues(clock: TimeMachineFixture) -> None:
    patience = rate_limiter.spacing("production") + 1e-3
    assert slots(2, patience=patience) == spaced(0, 2)  # its own slots, with nobody else there
    assert slots(2, patience=rate_limiter.VIEWER_PATIENCE) == spaced(2, 2)
    with pytest.raises(RateLimitBusy) as busy:
        slots(1, patience=patience)
    # A viewer still gets into the queue.
    assert slots(1, patience=rate_limiter.VIEWER_PATIENCE) == spaced(4, 1)
    clock.shift(busy.value.retry_after or 0)
    assert slots(1, patience=patience) == [pytest.approx(FIVE, abs=1e-4)]


def test_a_clock_set_back_stops_nobody(clock: TimeMachineFixture) -> None:
    slots(3)
    clock.move_to(NOW - timedelta(hours=1), tick=False)
    assert slots(2) == spaced(0, 2)


def test_a_clock_set_back_a_little_exceeds_nothing(clock: TimeMachineFixture) -> None:
    slots(1)
    clock.shift(-30)
    with pytest.raises(RateLimitBusy):
        slots(1, patience=rate_limiter.VIEWER_PATIENCE)
    assert slots(1) == [pytest.approx(30 + FIVE, abs=1e-4)]


def test_each_environment_has_a_budget_of_its_own(clock: TimeMachineFixture) -> None:
    slots(4)
    assert slots(1, patience=0, environment="us") == [0]


@pytest.mark.parametrize("calls", [1, 5, 1000])
def test_the_spacing_follows_the_setting_with_a_little_to_spare(
    calls: int, set_budget: SetBudget
) -> None:
    set_budget(calls)
    assert 1 / calls < rate_limiter.spacing("production") < 1.05 / calls


def test_a_turn_leaves_the_circuit_as_it_is(clock: TimeMachineFixture) -> None:
    told = {"failures": 4, "silent_until": NOW, "pause_seconds": 30, "limited_until": NOW}
    Upstream.objects.create(pk="production", **told)
    slots(1)
    assert {name: getattr(Upstream.objects.get(), name) for name in told} == told


def test_waiting_for_a_turn_lasts_until_it_comes(sleeps: list[float]) -> None:
    slots(3)
    rate_limiter.wait_for_slot("production")
    assert sleeps == spaced(3, 1)
    rate_limiter.wait_for_slot("production")
    assert sleeps == pytest.approx([3 * FIVE, FIVE], abs=1e-4)


def test_a_turn_taken_before_is_waited_for_and_no_other_taken(sleeps: list[float]) -> None:
    slot = NOW + timedelta(seconds=0.1)
    rate_limiter.wait_for_slot("production", slot)
    assert sleeps == [pytest.approx(0.1)]
    assert not Upstream.objects.exists()


@pytest.mark.parametrize(("seconds", "taken"), [(0.02, 0), (0.2, 1)])
def test_a_turn_that_was_missed_is_lost(
    seconds: float, taken: int, sleeps: list[float], clock: TimeMachineFixture
) -> None:
    slot = timezone.now()
    clock.shift(seconds)
    rate_limiter.wait_for_slot("production", slot)
    assert Upstream.objects.count() == taken


def test_a_machine_that_is_never_on_time_gives_up(
    clock: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: clock.shift(seconds + 0.1))
    with pytest.raises(RateLimitBusy) as busy:
        rate_limiter.wait_for_slot("production", patience=0.05)
    assert 0 < (busy.value.retry_after or 0) <= rate_limiter.VIEWER_PATIENCE


def test_a_spare_turn_is_one_that_is_free_at_once(clock: TimeMachineFixture) -> None:
    assert rate_limiter.try_reserve_slot("production")
    assert not rate_limiter.try_reserve_slot("production")
    clock.shift(FIVE + 0.001)
    assert slots(1) == [0]  # the refusal took none


# --- What a call makes of it ----------------------------------------------------------------------


def test_every_call_waits_for_a_turn(
    kombo: Simulator, sleeps: list[float], set_budget: SetBudget
) -> None:
    set_budget(5)
    for _ in range(3):
        check_key()
    assert sleeps == pytest.approx([0, FIVE, FIVE], abs=1e-4)


def test_a_call_whose_turn_was_taken_takes_no_second_one(
    kombo: Simulator, sleeps: list[float]
) -> None:
    check_key(NOW + timedelta(seconds=0.1))
    assert sleeps == [pytest.approx(0.1)]
    assert not Upstream.objects.exists()


def test_a_call_that_is_not_made_takes_no_turn(kombo: Simulator, clock: TimeMachineFixture) -> None:
    Upstream.objects.create(pk="production", limited_until=NOW + timedelta(minutes=1))
    with pytest.raises(CircuitOpen):
        check_key()
    assert Upstream.objects.get().next_call_at is None


@pytest.fixture
def crowded(kombo: Simulator, clock: TimeMachineFixture, set_budget: SetBudget) -> Simulator:
    """Kombo, before which so many queue that nobody else wants to."""
    set_budget(5)
    slots(30)
    return kombo


def test_a_full_queue_costs_no_call_and_is_no_failure(crowded: Simulator) -> None:
    for _ in range(10):
        with pytest.raises(RateLimitBusy):
            check_key()
    assert crowded.calls[KEY_CHECK] == 0
    state = Upstream.objects.get()
    assert (state.failures, state.silent_until) == (0, None)


def test_a_full_queue_spends_no_probe(crowded: Simulator) -> None:
    open_circuit = {"failures": 5, "silent_until": NOW - timedelta(seconds=1), "pause_seconds": 30}
    Upstream.objects.update(**open_circuit)
    with pytest.raises(RateLimitBusy):
        check_key()
    assert {name: getattr(Upstream.objects.get(), name) for name in open_circuit} == open_circuit


@pytest.mark.parametrize(("calls", "made"), [(1000, 2), (1, 1)])
def test_a_second_attempt_is_made_only_in_a_spare_turn(
    calls: int, made: int, kombo: Simulator, db: None, set_budget: SetBudget
) -> None:
    set_budget(calls)
    kombo.set_fault("unavailable")
    with pytest.raises(KomboError):
        check_key()
    assert kombo.calls[KEY_CHECK] == made


def test_a_second_attempt_takes_the_turn_it_is_made_in(
    kombo: Simulator, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[float] = []

    def take_turn(_name: str, *, patience: float, **_account: object) -> datetime:
        taken.append(patience)
        return timezone.now()

    monkeypatch.setattr(rate_limiter, "reserve_slot", take_turn)
    kombo.set_fault("unavailable")
    with pytest.raises(KomboError):
        check_key()
    assert taken == [pytest.approx(rate_limiter.VIEWER_PATIENCE, abs=0.1), 0.0]
    assert kombo.calls[KEY_CHECK] == 2


def test_several_processes_share_one_budget(shared_database: Mapping[str, str]) -> None:
    environment = {**shared_database, "KOMBO_CALLS_PER_SECOND": "5"}
    taken = [
        slot for slots in crowd("caller", environment, processes=2, threads=8) for slot in slots
    ]
    assert len(taken) == 48
    gaps = [later - earlier for earlier, later in pairwise(sorted(taken))]
    assert min(gaps) > FIVE - 1e-4
