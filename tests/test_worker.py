"""The worker, in this thread and on a clock of its own: what it takes up, in which order, and what
it leaves.
"""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations import worker
from integrations.history import record as history_record
from integrations.models import (
    BulkCheck,
    Entry,
    Event,
    HandOff,
    Incident,
    Integration,
    Kind,
    Logo,
    Mail,
    Snapshot,
    Source,
    Summary,
    Tenant,
    Upstream,
)
from integrations.simulator.app import Simulator
from integrations.tenants import mapping, unmapped
from integrations.upstream import rate_limiter, snapshots
from integrations.worker import Task
from integrations.workspace import summaries
from tests.concurrency import flow_failed
from tests.conftest import NOW, Connect

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


SECOND = timedelta(seconds=1)
DETAILS = ("GET", "/v1/integrations/{integration_id}")


class Stopping(threading.Event):
    """Nobody waits for it: the clock goes on instead, and after an hour of that it is time to
    stop.
    """

    def __init__(self, clock: TimeMachineFixture) -> None:
        super().__init__()
        self.clock, self.waits = clock, list[float]()
        self.meanwhile: Callable[[], object] = int  # does nothing

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(max(timeout or 0.0, 0.0))
        self.clock.shift(self.waits[-1])
        self.meanwhile()
        # The latter: it goes round for nothing.
        if sum(self.waits) >= 3600 or len(self.waits) > 500:
            self.set()
        return self.is_set()


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
    made = [connect(acme, fetched=False) for _ in range(4)]
    for one, minutes in zip(made, (3, 4, 2, 1), strict=True):
        Snapshot.objects.filter(pk=one.pk).update(check_at=NOW - timedelta(minutes=minutes))
    return made


def sweep(
    stopping: Stopping, *, once: bool = True, checked: Callable[[], None] = lambda: None
) -> worker.Sweep:
    return worker.Sweep(
        "production", stopping, before=timezone.now() if once else None, checked=checked
    )


def check_all(sweep: worker.Sweep) -> None:
    while sweep._check_one():
        continue


def fetched() -> set[Integration]:
    return set(Integration.objects.exclude(snapshot__fetched_at=None))


def keep_event(number: int, **columns: Any) -> Event:
    told = {
        "type": "connection-flow-failed",
        "payload": flow_failed().decode(),
        "due_at": NOW,
        "received_at": NOW,
    }
    return Event.objects.create(
        environment="production", event_id=str(number), **{**told, **columns}
    )


def test_the_longest_due_come_first(cold: list[Integration]) -> None:
    first, second, third, fourth = cold
    assert worker.due("production") == [second, first, third, fourth]
    assert worker.due("production", limit=2) == [second, first]
    assert worker.count_due("production") == 4


@pytest.mark.parametrize("column", ["check_at", "retry_at", "lease_until"])
def test_what_is_leased_or_waits_or_is_not_due_is_left_out_until_then(
    column: str, cold: list[Integration], clock: TimeMachineFixture
) -> None:
    Snapshot.objects.filter(pk=cold[1].pk).update(**{column: NOW + SECOND})
    assert cold[1] not in worker.due("production")
    clock.shift(1)
    assert cold[1] in worker.due("production")


def test_other_environments_are_left_out_and_what_became_due_later_can_be(
    cold: list[Integration],
) -> None:
    Integration.objects.filter(pk=cold[3].pk).update(environment="us")
    assert worker.due("us") == [cold[3]]
    assert worker.due("production") == [cold[1], cold[0], cold[2]]
    assert worker.due("production", before=NOW - timedelta(minutes=3)) == [cold[1], cold[0]]
    Snapshot.objects.filter(pk=cold[0].pk).update(check_at=NOW + SECOND)
    assert cold[0] not in worker.due("production", before=NOW + timedelta(days=1))


@pytest.mark.parametrize(("calls", "threads"), [(1, 2), (5, 5), (1000, worker.MOST_THREADS)])
def test_there_are_threads_for_the_budget_and_not_too_many(
    calls: int, threads: int, settings: Any
) -> None:
    settings.KOMBO_ENVIRONMENTS = {
        "us": settings.KOMBO_ENVIRONMENTS["production"] | {"CALLS_PER_SECOND": calls}
    }
    work = worker.Sweep("us", threading.Event(), before=None, checked=lambda: None)
    assert len(work.threads()) == threads


def test_what_comes_due_during_a_sweep_that_ends_waits_for_the_next(
    cold: list[Integration], kombo: Simulator, stopping: Stopping, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json", cold[0].integration_id)
    Snapshot.objects.filter(pk=cold[3].pk).update(check_at=NOW + SECOND)
    check_all(sweep(stopping, checked=lambda: clock.shift(3600)))
    assert kombo.calls[DETAILS] == 3
    assert fetched() == {cold[1], cold[2]}
    assert worker.count_due("production") == 4


def test_trouble_is_looked_at_three_times_as_often_and_what_is_gone_hardly_ever(
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
    for minute in range(2 * 60):
        began = NOW + timedelta(minutes=minute)
        clock.move_to(began, tick=False)
        check_all(sweep(stopping))
        checks.update(Snapshot.objects.filter(fetched_at__gte=began).values_list("pk", flat=True))
    well, broken, gone, _other = (checks[one.pk] for one in cold)
    assert 6 <= well <= 11 < 17 <= broken <= 31
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


def test_viewers_come_first(db: None, stopping: Stopping, settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS = {
        "production": settings.KOMBO_ENVIRONMENTS["production"] | {"CALLS_PER_SECOND": 5}
    }
    viewers = [rate_limiter.reserve_slot("production", patience=1) for _ in range(4)]
    apart, free = viewers[1] - viewers[0], []

    def meanwhile() -> None:
        free.append(Upstream.objects.get().next_call_at)
        if len(viewers) < 6:  # two more come while it waits
            viewers.append(rate_limiter.reserve_slot("production", patience=1))

    stopping.meanwhile = meanwhile
    turn = sweep(stopping, once=False)._reserve_slot()
    assert turn == viewers[5] + apart
    assert turn - timezone.now() <= timedelta(seconds=rate_limiter.spacing("production"))
    assert free == [viewer + apart for viewer in viewers[3:]]  # it never stood in the queue


def test_a_worker_that_is_told_to_stop_begins_no_call_whose_turn_is_to_come(
    cold: list[Integration], kombo: Simulator, stopping: Stopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limiter, "reserve_slot", lambda *_, **__: NOW + SECOND)
    stopping.meanwhile = stopping.set
    sweep(stopping, once=False)._check_one()
    assert kombo.calls[DETAILS] == 0
    assert worker.count_due("production") == 4  # nothing is claimed either


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


# --- What else there is to do ---------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_all_that_is_due_is_done(cold: list[Integration], work: Callable[[], int]) -> None:
    for number in range(101):  # more than are taken up in one go
        keep_event(number)
    later = keep_event(101, due_at=NOW + timedelta(hours=2))
    keep_event(102, received_at=NOW - timedelta(days=100), worked_at=NOW)
    assert work() == 4
    assert Event.objects.get(worked_at=None) == later
    assert Event.objects.count() == 102
    assert Logo.objects.get().content


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("column", ["limited_until", "silent_until"])
def test_a_silence_ends_the_checks_of_what_is_due_but_not_the_rest(
    column: str, cold: list[Integration], work: Callable[[], int], kombo: Simulator
) -> None:
    keep_event(1)
    Upstream.objects.create(pk="production", **{column: NOW + 2 * SECOND})
    assert work() == kombo.calls[DETAILS] == 0
    assert worker.count_due("production") == 4
    assert Event.objects.get().worked_at == NOW


@pytest.mark.parametrize("error", [DatabaseError, ValueError])
def test_a_task_that_fails_is_tried_again_and_keeps_from_no_other(
    error: type[Exception], stopping: Stopping, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    def chore(name: str) -> int:
        done.append(name)
        if name == "work_due":
            raise error
        return 1  # there is more to do

    tasks = [
        Task(name, partial(chore, name), every)
        for name, every in (("work_due", 1.0), ("fetch_due", 10.0), ("prune_hourly", 60.0))
    ]
    monkeypatch.setattr(worker, "IDLE", 1200.0)  # the third wait is the end
    monkeypatch.setattr(
        worker, "time", SimpleNamespace(monotonic=lambda: timezone.now().timestamp())
    )
    worker._run_tasks(stopping, tasks)
    assert done == ["work_due", "fetch_due", "prune_hourly"] * 2


def test_what_is_old_is_forgotten_once_an_hour_by_however_many_workers(
    db: None, clock: TimeMachineFixture
) -> None:
    gone = []
    for number, seconds in enumerate([0, 0, 3599, 1]):
        clock.shift(seconds)
        keep_event(number, received_at=NOW - timedelta(days=100), worked_at=NOW)
        gone.append(worker.prune_hourly())
    assert gone == [1, 0, 0, 3]


def test_only_what_is_over_is_forgotten_and_each_in_its_own_time(
    acme: Tenant, settings: Any
) -> None:
    settings.EVENT_RETENTION_DAYS, settings.HISTORY_RETENTION_DAYS = 10, 100
    days = {number: NOW - timedelta(days=number) for number in (9, 11, 99, 101, 200)}
    made = [mapping.create(acme, f"personio:{number}") for number in range(3)]
    kept = [keep_event(9, received_at=days[9], worked_at=NOW), keep_event(11, received_at=days[11])]
    keep_event(12, received_at=days[11], worked_at=NOW)
    unmapped.mark_removed("production", "hibob:1", days[11])
    for at in (200, 101, 99):
        history_record.add_entry(made[0].pk, Kind.STATE, "connected", Source.CHECK, at=days[at])
    # The latest: it still holds.
    history_record.add_entry(made[1].pk, Kind.STATE, "connected", Source.CHECK, at=days[200])
    for one, closed_at in zip(made, (days[99], days[101], None), strict=True):
        Incident.objects.create(
            integration=one, opened_at=days[200], closed_at=closed_at, detected_by="check"
        )
    assert worker.prune_hourly() == 1 + 1 + 2 + 1
    assert set(Event.objects.all()) == set(kept)
    assert {(one.integration, one.at) for one in Entry.objects.all()} == {
        (made[0], days[99]),
        (made[1], days[200]),
    }
    assert {one.integration for one in Incident.objects.all()} == {made[0], made[2]}


def test_a_task_that_fails_is_named_and_keeps_no_other_from_being_done(
    work: Callable[[], int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    done = []

    def fails() -> int:
        raise RuntimeError

    def works() -> int:
        done.append(True)
        return 0

    monkeypatch.setattr(worker, "TASKS", (Task("fails", fails, 1.0), Task("works", works, 1.0)))
    work()
    assert len(done) == 2  # before the checks end, and after
    assert "The task “fails” fails" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_summaries_are_made_and_woken_and_digests_written(
    acme: Tenant, amy: User, connect: Connect, work: Callable[[], int]
) -> None:
    connect(acme, state="invalid")
    asleep, missing = connect(acme, state="invalid"), connect(acme)
    summaries.snooze([asleep.pk], NOW)
    Summary.objects.filter(pk=missing.pk).delete()
    work()
    assert not Summary.objects.exclude(snoozed_until=None).exists()
    assert Summary.objects.filter(pk=missing.pk).exists()
    assert [one.to for one in Mail.objects.filter(kind="digest")] == [amy.email]


def test_links_and_checks_of_many_are_forgotten_in_their_time(
    acme: Tenant, amy: User, settings: Any
) -> None:
    settings.HISTORY_RETENTION_DAYS = 100
    days = {number: NOW - timedelta(days=number) for number in (6, 8, 99, 101)}
    made = mapping.create(acme, "personio:1")
    for at in (99, 101):
        HandOff.objects.create(
            integration=made, act="reconnect", created_at=days[101], expires_at=days[at]
        )
    for at in (6, 8):
        BulkCheck.objects.create(user=amy, began_at=days[at], integrations=[made.pk])
    assert worker.prune_hourly() == 2
    assert HandOff.objects.get().expires_at == days[99]
    assert BulkCheck.objects.get().began_at == days[6]
