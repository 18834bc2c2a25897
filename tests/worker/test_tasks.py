"""What the worker does besides checks, and that a task that fails holds up no other."""

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

from integrations import retention, worker
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
    Source,
    Summary,
    Tenant,
    ToolCatalogue,
    Upstream,
)
from integrations.simulator.app import Simulator
from integrations.tenants import mapping, unmapped
from integrations.webhooks import inbox
from integrations.worker import Task
from integrations.workspace import summaries
from tests.concurrency import flow_failed
from tests.conftest import NOW, Connect
from tests.worker.steps import DETAILS, SECOND, Stopping

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


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


@pytest.mark.django_db(transaction=True)
def test_all_that_is_due_is_done(
    cold: list[Integration],
    work: Callable[[], int],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.EVENT_RETENTION_DAYS = 30
    monkeypatch.setattr(inbox.retry_due, "__kwdefaults__", {"limit": 2})
    for number in range(3):  # more than are taken up in one go
        keep_event(number)
    later = keep_event(3, due_at=NOW + timedelta(hours=1))
    keep_event(4, received_at=NOW - timedelta(days=100), worked_at=NOW)
    assert work() == 4
    assert Event.objects.get(worked_at=None) == later
    assert Event.objects.count() == 4
    assert Logo.objects.get(label="Personio").content
    assert (
        ToolCatalogue.objects.filter(fetched_at=None).count() == 0 < ToolCatalogue.objects.count()
    )


@pytest.mark.django_db(transaction=True)
def test_a_silence_ends_the_checks_but_not_the_rest(
    cold: list[Integration], work: Callable[[], int], kombo: Simulator
) -> None:
    Upstream.objects.create(pk="production")
    for number, column in enumerate(["limited_until", "silent_until"]):
        keep_event(number)
        others: dict[str, Any] = {"limited_until": None, "silent_until": None}
        Upstream.objects.update(**others | {column: NOW + 2 * SECOND})
        assert work() == kombo.calls[DETAILS] == 0, column
        assert worker.count_due("production") == 4, column
        assert Event.objects.get(event_id=str(number)).worked_at == NOW, column


@pytest.mark.parametrize("error", [DatabaseError, ValueError])
def test_a_task_that_fails_is_tried_again_and_keeps_no_other(
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


def test_what_is_old_is_forgotten_hourly_by_one_of_all_workers(
    db: None, clock: TimeMachineFixture, settings: Any
) -> None:
    settings.EVENT_RETENTION_DAYS = 30
    gone = []
    for number, seconds in enumerate([0, 0, 3599, 1]):
        clock.shift(seconds)
        keep_event(number, received_at=NOW - timedelta(days=100), worked_at=NOW)
        gone.append(retention.prune_hourly())
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
    assert retention.prune_hourly() == 1 + 1 + 2 + 1
    assert set(Event.objects.all()) == set(kept)
    assert {(one.integration, one.at) for one in Entry.objects.all()} == {
        (made[0], days[99]),
        (made[1], days[200]),
    }
    assert {one.integration for one in Incident.objects.all()} == {made[0], made[2]}


def test_a_task_that_fails_is_named_and_holds_up_no_other(
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


@pytest.mark.exhaustive
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
    assert retention.prune_hourly() == 2
    assert HandOff.objects.get().expires_at == days[99]
    assert BulkCheck.objects.get().began_at == days[6]
