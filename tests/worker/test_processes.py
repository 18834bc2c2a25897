"""The command itself, as a process beside the tests: what it does once, how it ends, and what
outlives it.
"""

import re
import signal
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from integrations.management.commands import run_worker
from integrations.models import Entry, Event, Integration, Kind, Snapshot, Tenant, Upstream
from integrations.simulator.app import Simulator
from integrations.upstream.gateway import FAILURES_TO_OPEN
from tests.concurrency import flow_failed
from tests.conftest import API_KEY, Connect
from tests.worker.processes import BEGUN, STOPPED, Start, Worker, starting, wait_until

pytestmark = pytest.mark.usefixtures("shared_database", "loopback")
DETAILS = ("GET", "/v1/integrations/{integration_id}")


@pytest.fixture
def start(shared_database: Mapping[str, str], kombo: Simulator, tmp_path: Path) -> Iterator[Start]:
    """Starts `run_worker` with these arguments, by default with forty calls a second."""
    environment = {
        **shared_database,
        "KOMBO_API_URL": f"{kombo.public_url}/v1",
        "KOMBO_API_KEY": API_KEY,
        "KOMBO_CALLS_PER_SECOND": "40",
    }
    with starting(tmp_path, environment) as start:
        yield start


@pytest.fixture
def cold(acme: Tenant, connect: Connect) -> Callable[[int], list[Integration]]:
    """Makes so many integrations that nobody has looked at yet."""
    return lambda number: [connect(acme, fetched=False) for _ in range(number)]


def unfetched() -> int:
    return Snapshot.objects.filter(fetched_at=None).count()


def leased() -> int:
    return Snapshot.objects.exclude(lease="").count()


def keep_events(*numbers: int, **columns: Any) -> None:
    """Webhooks that could not be worked so far, and are due."""
    now = timezone.now()
    columns = {
        "type": "connection-flow-failed",
        "payload": flow_failed().decode(),
        "received_at": now,
        "due_at": now,
        **columns,
    }
    Event.objects.bulk_create(
        Event(environment="production", event_id=str(number), **columns) for number in numbers
    )


def stay_busy(worker: Worker, rounds: int) -> None:
    """Let the worker go round so often, which takes it about a second each: it works an event that
    comes now.
    """
    for number in range(rounds):
        keep_events(number)
        wait_until(lambda: not Event.objects.filter(worked_at=None).exists(), worker)


def end_silence() -> None:
    """As if the time were over that everybody waits."""
    now = timezone.now()
    Snapshot.objects.update(retry_at=None, check_at=now)
    Upstream.objects.exclude(silent_until=None).update(silent_until=now)
    Upstream.objects.update(limited_until=None)


# --- Once -----------------------------------------------------------------------------------------


def test_once_checks_all_that_is_due_and_ends(
    cold: Callable[[int], list[Integration]], start: Start, kombo: Simulator
) -> None:
    later = cold(13)[0]
    Snapshot.objects.filter(pk=later.pk).update(check_at=timezone.now() + timedelta(minutes=15))
    worker = start("--once")
    assert worker.finish() == kombo.calls[DETAILS] == 12
    assert Snapshot.objects.get(fetched_at=None) == later.snapshot
    first, *_others, last = worker.log.splitlines()
    assert first.endswith(f"INFO integrations.worker {BEGUN}")
    assert last.endswith(f"INFO integrations.worker {STOPPED}12 checks")
    assert not re.search(r"\r|it/s|checks/s|%\|", worker.log)  # nobody would see a progress bar


@pytest.mark.exhaustive
def test_two_at_once_check_each_integration_once(
    cold: Callable[[int], list[Integration]], start: Start, kombo: Simulator
) -> None:
    cold(24)
    # Viewers have queued for so long that both are there before a worker has its first turn.
    Upstream.objects.create(pk="production", next_call_at=timezone.now() + timedelta(seconds=1.5))
    workers = [start("--once"), start("--once")]
    assert sum(worker.finish() for worker in workers) == kombo.calls[DETAILS] == 24
    assert unfetched() == 0


def fail(*_arguments: object, **_more: object) -> None:
    raise DatabaseError


def test_a_worker_that_fails_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("signal.signal", lambda *_: None)
    monkeypatch.setattr("integrations.worker.work", fail)
    with pytest.raises(CommandError):
        call_command("run_worker", once=True)


def test_telling_how_much_is_due_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_worker._due() == 0
    monkeypatch.setattr("integrations.worker.count_due", fail)
    assert run_worker._due() is None


# --- The end --------------------------------------------------------------------------------------


def test_on_sigterm_calls_in_hand_have_five_seconds_to_end(
    cold: Callable[[int], list[Integration]], start: Start, kombo: Simulator
) -> None:
    answered, hanging = cold(2)
    for integration in (answered, hanging):
        kombo.set_fault("hanging", integration.integration_id)
    rows = Snapshot.objects.filter(pk=answered.pk)
    rows.update(check_at=timezone.now() + timedelta(minutes=15))
    worker = start()
    # Its second attempt, for machines may be slow.
    wait_until(lambda: kombo.calls[DETAILS] == 2, worker)
    rows.update(check_at=timezone.now())
    wait_until(lambda: kombo.calls[DETAILS] == 3, worker)
    worker.process.send_signal(signal.SIGTERM)
    kombo.set_fault("none", answered.integration_id)
    assert worker.finish(seconds=5) == 2
    assert rows.get().fetched_at
    assert Snapshot.objects.get(pk=hanging.pk).error_kind == "timed_out"
    assert leased() == 0


def test_on_sigint_an_idle_worker_ends_at_once(start: Start, kombo: Simulator) -> None:
    worker = start()
    wait_until(lambda: BEGUN in worker.log, worker)
    worker.process.send_signal(signal.SIGINT)
    assert worker.finish(seconds=5) == 0


def test_what_a_killed_worker_had_in_hand_the_next_checks(
    cold: Callable[[int], list[Integration]], start: Start, kombo: Simulator
) -> None:
    cold(6)
    kombo.set_fault("hanging")
    first = start()
    wait_until(lambda: kombo.calls[DETAILS] >= 6, first)
    first.kill()
    kombo.set_fault("none")
    assert (unfetched(), leased()) == (6, 6)
    # Instead of waiting for the lease to end by itself, which takes six seconds.
    Snapshot.objects.update(lease_until=timezone.now())
    assert start("--once").finish() == 6
    assert (unfetched(), leased()) == (0, 0)


@pytest.mark.exhaustive
def test_events_due_when_killed_are_worked_once_by_the_next(
    cold: Callable[[int], list[Integration]], start: Start
) -> None:
    cold(1)
    Snapshot.objects.update(tool_id="personio", check_at=timezone.now() + timedelta(minutes=15))
    keep_events(*range(100))
    keep_events(*range(100, 150), due_at=timezone.now() + timedelta(hours=1))
    worked = Event.objects.exclude(worked_at=None)
    first = start()
    wait_until(worked.exists, first)
    first.kill()
    assert worked.count() <= 100
    Event.objects.filter(worked_at=None).update(due_at=timezone.now())
    start("--once").finish()
    assert worked.count() == 150
    assert Entry.objects.filter(kind=Kind.REPAIR).count() == 1  # they tell of one attempt
    assert not Event.objects.filter(attempts__gt=0).exists()


# --- Silence --------------------------------------------------------------------------------------


@pytest.mark.exhaustive
def test_while_kombo_asks_for_silence_there_is_no_call(
    cold: Callable[[int], list[Integration]], start: Start, kombo: Simulator
) -> None:
    cold(9)
    kombo.set_fault("rate_limited")
    worker = start(KOMBO_CALLS_PER_SECOND="8")
    wait_until(
        lambda: Upstream.objects.exclude(limited_until=None).exists() and not leased(), worker
    )
    calls = kombo.calls[DETAILS]
    assert calls <= 8  # those that were under way in as many threads
    kombo.set_fault("none")
    stay_busy(worker, 2)
    assert kombo.calls[DETAILS] == calls
    end_silence()
    wait_until(lambda: unfetched() == 0, worker)


def test_an_outage_costs_few_calls_and_is_over_with_one_probe(
    cold: Callable[[int], list[Integration]], start: Start, kombo: Simulator
) -> None:
    cold(20)
    kombo.set_fault("unavailable")
    worker = start(KOMBO_CALLS_PER_SECOND="8")
    wait_until(
        lambda: Upstream.objects.exclude(silent_until=None).exists() and not leased(), worker
    )
    failures, calls = Upstream.objects.get().failures, kombo.calls[DETAILS]
    assert failures < FAILURES_TO_OPEN + 8  # with those that were under way in as many threads
    assert failures <= calls <= 2 * failures  # each may be made twice
    stay_busy(worker, 1)
    assert kombo.calls[DETAILS] == calls
    end_silence()
    wait_until(lambda: Upstream.objects.get().pause_seconds == 60 and not leased(), worker)
    assert Upstream.objects.get().failures == failures + 1
    kombo.set_fault("none")
    end_silence()
    wait_until(lambda: unfetched() < 20, worker)
    assert Upstream.objects.get().failures == 0
