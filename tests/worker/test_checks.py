"""The worker, in this thread and on a clock of its own: what it takes up, in which order."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations import worker
from integrations.models import Integration, Snapshot, Upstream
from integrations.simulator.app import Simulator
from integrations.upstream import rate_limiter, snapshots
from tests.conftest import NOW
from tests.worker.steps import DETAILS, SECOND, Stopping, sweep

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def check_all(sweep: worker.Sweep) -> None:
    while sweep._check_one():
        continue


def fetched() -> set[Integration]:
    return set(Integration.objects.exclude(snapshot__fetched_at=None))


def test_the_longest_due_come_first(cold: list[Integration]) -> None:
    first, second, third, fourth = cold
    assert worker.due("production") == [second, first, third, fourth]
    assert worker.due("production", limit=2) == [second, first]
    assert worker.count_due("production") == 4


@pytest.mark.parametrize("column", ["check_at", "retry_at", "lease_until"])
def test_what_is_leased_waits_or_is_not_due_is_left_out(
    column: str, cold: list[Integration], clock: TimeMachineFixture
) -> None:
    Snapshot.objects.filter(pk=cold[1].pk).update(**{column: NOW + SECOND})
    assert cold[1] not in worker.due("production")
    clock.shift(1)
    assert cold[1] in worker.due("production")


def test_other_environments_and_what_is_due_later_are_left_out(
    cold: list[Integration],
) -> None:
    Integration.objects.filter(pk=cold[3].pk).update(environment="us")
    assert worker.due("us") == [cold[3]]
    assert worker.due("production") == [cold[1], cold[0], cold[2]]
    assert worker.due("production", before=NOW - timedelta(minutes=3)) == [cold[1], cold[0]]
    Snapshot.objects.filter(pk=cold[0].pk).update(check_at=NOW + SECOND)
    assert cold[0] not in worker.due("production", before=NOW + timedelta(days=1))


@pytest.mark.parametrize(("calls", "threads"), [(1, 2), (5, 5), (1000, 16)])
def test_there_are_threads_for_the_budget_and_not_too_many(
    calls: int, threads: int, settings: Any
) -> None:
    settings.KOMBO_ENVIRONMENTS = {
        "us": settings.KOMBO_ENVIRONMENTS["production"] | {"CALLS_PER_SECOND": calls}
    }
    work = worker.Sweep("us", threading.Event(), before=None, checked=lambda: None)
    assert len(work.threads()) == threads


def test_what_comes_due_during_a_sweep_waits_for_the_next(
    cold: list[Integration], kombo: Simulator, stopping: Stopping, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json", cold[0].integration_id)
    Snapshot.objects.filter(pk=cold[3].pk).update(check_at=NOW + SECOND)
    check_all(sweep(stopping, checked=lambda: clock.shift(3600)))
    assert kombo.calls[DETAILS] == 3
    assert fetched() == {cold[1], cold[2]}
    assert worker.count_due("production") == 4


def test_trouble_is_looked_at_often_and_what_is_gone_hardly_ever(
    cold: list[Integration],
    kombo: Simulator,
    stopping: Stopping,
    clock: TimeMachineFixture,
    settings: Any,
) -> None:
    settings.WORKER_MAX_AGE = 900
    for one, state in zip(cold, ("connected", "invalid", "deleted"), strict=False):
        kombo.set_state(one.integration_id, state)
    checks: Counter[int] = Counter()
    for minute in range(60):
        began = NOW + timedelta(minutes=minute)
        clock.move_to(began, tick=False)
        check_all(sweep(stopping))
        checks.update(Snapshot.objects.filter(fetched_at__gte=began).values_list("pk", flat=True))
    well, broken, gone, _other = (checks[one.pk] for one in cold)
    assert 3 <= well <= 6 < 8 <= broken <= 16
    assert gone == 1


def test_a_turn_is_not_lost_to_what_somebody_else_has_taken(
    cold: list[Integration], stopping: Stopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = sweep(stopping)
    late._queue.extend(cold)
    assert all(snapshots.take_lease(one.snapshot) for one in cold[:3])
    turns = iter([NOW])  # a second one would end the test
    monkeypatch.setattr(rate_limiter, "reserve_slot", lambda *_, **__: next(turns))
    assert late._check_one()
    assert fetched() == {cold[3]}


@pytest.mark.parametrize("column", ["limited_until", "silent_until"])
def test_a_sweep_that_goes_on_waits_for_the_end_of_a_silence(
    column: str, cold: list[Integration], stopping: Stopping
) -> None:
    Upstream.objects.create(pk="production", **{column: NOW + 30 * SECOND})
    assert sweep(stopping, once=False)._check_one()
    assert Snapshot.objects.exclude(fetched_at=None).get().fetched_at == NOW + 30 * SECOND
    assert max(stopping.waits) <= worker.IDLE  # it may become shorter


def test_viewers_come_first(
    db: None, stopping: Stopping, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a worker that had its share."""
    settings.KOMBO_ENVIRONMENTS = {
        "production": settings.KOMBO_ENVIRONMENTS["production"] | {"CALLS_PER_SECOND": 5}
    }
    viewers = [rate_limiter.reserve_slot("production", patience=1) for _ in range(4)]
    apart = viewers[1] - viewers[0]
    free: list[Any] = []
    Upstream.objects.update(worker_call_at=viewers[0])
    monkeypatch.setattr(rate_limiter, "WORKER_SHARE", 100)

    def meanwhile() -> None:
        free.append(Upstream.objects.get().next_call_at)
        if len(viewers) < 6:  # two more come while it waits
            viewers.append(rate_limiter.reserve_slot("production", patience=1))

    stopping.meanwhile = meanwhile
    turn = sweep(stopping, once=False)._reserve_slot()
    assert turn == viewers[5] + apart
    assert turn - timezone.now() <= timedelta(seconds=rate_limiter.spacing("production"))
    assert set(free) == {viewer + apart for viewer in viewers[3:]}  # it never stood in the queue


def test_told_to_stop_a_worker_begins_no_call_still_to_come(
    cold: list[Integration], kombo: Simulator, stopping: Stopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limiter, "reserve_slot", lambda *_, **__: NOW + SECOND)
    stopping.meanwhile = stopping.set
    sweep(stopping, once=False)._check_one()
    assert kombo.calls[DETAILS] == 0
    assert worker.count_due("production") == 4  # nothing is claimed either


@pytest.mark.exhaustive(keep=1)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [DatabaseError, ValueError])
def test_a_check_that_fails_on_our_side_does_not_end_the_others(
    error: type[Exception],
    cold: list[Integration],
    work: Callable[[], int],
    stopping: Stopping,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fetch = snapshots.fetch

    def faulty(integration: Integration, *args: Any, **more: Any) -> None:
        if integration in cold[:2]:
            raise error
        fetch(integration, *args, **more)

    monkeypatch.setattr(snapshots, "fetch", faulty)
    assert work() == 2
    assert fetched() == set(cold[2:])
    assert stopping.waits.count(worker.IDLE) == 2  # it does not rush on
