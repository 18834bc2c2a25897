"""The inbox: each event is kept once, worked at once or again later, and forgotten when it is
old.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from time_machine import TimeMachineFixture

from integrations.kombo.webhooks import BadEvent, parse
from integrations.models import Entry, Event, Integration, Snapshot, Tenant
from integrations.tenants import mapping
from integrations.webhooks import handlers, inbox
from tests.conftest import NOW
from tests.logged import logged
from tests.webhook_payloads import INTEGRATION_ID, ORIGIN_ID, TYPES, encoded, event, tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


INVALID: dict[str, Any] = {"state": "INVALID", "updated_at": NOW - timedelta(minutes=5)}
STATE = "integration-state-changed"


@pytest.fixture
def made() -> Integration:
    return mapping.create(
        Tenant.objects.create(name="Acme, Inc.", origin_id=ORIGIN_ID), INTEGRATION_ID
    )


class Fault:
    """Switches a fault of our own on and off: half of the work is done when it strikes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.error: Exception | None = RuntimeError("user@example.com is at fault")
        self.calls = 0
        apply = handlers.handle

        def faulty(*args: Any) -> Integration | None:
            self.calls += 1
            found = apply(*args)
            if self.error:
                raise self.error
            return found

        monkeypatch.setattr(handlers, "handle", faulty)


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Fault:
    return Fault(monkeypatch)


def receive(kind: str = STATE, **data: Any) -> Event:
    stored = inbox.receive("production", encoded(event(kind, **data)))
    assert stored
    stored.refresh_from_db()
    return stored


def status(made: Integration) -> str:
    return Snapshot.objects.get(pk=made.pk).status


# --- Once


def test_an_event_is_kept_with_what_it_was_about(made: Integration) -> None:
    body = encoded(event(STATE, "an id", **INVALID))
    stored = inbox.receive("production", body)
    assert stored
    stored.refresh_from_db()
    assert (stored.environment, stored.event_id, stored.type) == ("production", "an id", STATE)
    assert parse(stored.payload.encode()) == parse(body)
    assert (stored.received_at, stored.worked_at) == (NOW, NOW)
    assert (stored.integration, stored.attempts, stored.due_at, stored.error) == (made, 0, None, "")


def test_an_event_that_is_known_is_none(made: Integration, fault: Fault) -> None:
    fault.error = None
    body = encoded(event(STATE, **INVALID))
    assert inbox.receive("production", body)
    assert [inbox.receive("production", body) for _ in range(3)] == [None] * 3
    assert fault.calls == 1
    assert inbox.receive("us", body)
    assert Event.objects.count() == 2


def test_an_event_that_failed_is_known_too_and_waits(made: Integration, fault: Fault) -> None:
    body = encoded(event(STATE, **INVALID))
    assert inbox.receive("production", body)
    assert inbox.receive("production", body) is None
    assert (fault.calls, Event.objects.get().attempts) == (1, 1)


def test_what_is_no_event_is_not_kept() -> None:
    with pytest.raises(BadEvent):
        inbox.receive("production", b"{}")
    assert not Event.objects.exists()


def test_storing_and_working_are_one(made: Integration, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the process dies, or the database refuses, in between, Kombo got no 2xx and nothing is
    half done.
    """

    def save(*_args: Any, **_more: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(Event, "save", _after_insert(Event.save, save))
    with pytest.raises(SystemExit):
        inbox.receive("production", encoded(event(STATE, **INVALID)))
    assert not Event.objects.exists()
    assert status(made) == ""


def _after_insert(save: Callable[..., None], later: Callable[..., None]) -> Callable[..., None]:
    return lambda self, *args, **more: (save if self.pk is None else later)(self, *args, **more)


def test_a_conflict_after_storing_is_not_taken_for_a_duplicate(
    made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(*_args: Any, **_more: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(Event, "save", _after_insert(Event.save, save))
    with pytest.raises(IntegrityError):
        inbox.receive("production", encoded(event(STATE, **INVALID)))
    assert not Event.objects.exists()


# --- Again


def test_a_fault_of_ours_undoes_the_work_and_keeps_the_event(
    made: Integration, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "integrations")
    stored = receive(**INVALID)
    assert (stored.worked_at, stored.attempts, stored.integration) == (None, 1, None)
    assert (stored.due_at, stored.error) == (NOW + timedelta(seconds=10), "RuntimeError")
    assert status(made) == ""
    assert not Entry.objects.exists()
    said = logged(caplog)
    assert "could not be worked" in said
    assert "tests/webhooks/test_inbox.py:" in said
    assert said.endswith("RuntimeError")
    assert "@" not in said
    assert INTEGRATION_ID not in said


@pytest.mark.parametrize("kind", TYPES)
def test_whatever_failed_is_worked_later(
    made: Integration, fault: Fault, clock: TimeMachineFixture, kind: str
) -> None:
    stored = receive(kind)
    assert stored.worked_at is None
    fault.error = None
    clock.shift(10)
    assert inbox.retry_due() == 1
    stored.refresh_from_db()
    assert stored.worked_at == NOW + timedelta(seconds=10)
    assert (stored.due_at, stored.error, stored.attempts) == (None, "", 1)
    assert not inbox.unhandled().exists()


def test_a_database_error_in_working_is_undone_as_well(
    made: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL it spoils the transaction it happens in."""
    apply = handlers.handle

    def broken(*args: Any) -> None:
        apply(*args)
        with connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column FROM integrations_event")

    monkeypatch.setattr(handlers, "handle", broken)
    stored = receive(**INVALID)
    assert (stored.worked_at, stored.attempts) == (None, 1)
    assert stored.error in {"OperationalError", "ProgrammingError"}
    assert status(made) == ""


def test_it_is_tried_again_with_growing_waits(
    made: Integration, fault: Fault, clock: TimeMachineFixture
) -> None:
    stored = receive(**INVALID)
    waits = []
    for _ in range(11):
        assert stored.due_at
        wait = stored.due_at - datetime.now(UTC)
        waits.append(wait.total_seconds())
        clock.shift(wait - timedelta(seconds=1))
        assert inbox.retry_due() == 0
        clock.shift(1)
        assert inbox.retry_due() == 1
        stored.refresh_from_db()
    assert waits == [10, 20, 40, 80, 160, 320, 640, 1280, 2560, *[3600] * 2]
    assert (stored.attempts, fault.calls) == (12, 12)
    Event.objects.update(attempts=100_000, due_at=datetime.now(UTC))
    inbox.retry_due()
    stored.refresh_from_db()
    assert stored.due_at == datetime.now(UTC) + timedelta(hours=1)


def test_what_is_due_first_is_worked_first_and_no_more_of_it(
    made: Integration, fault: Fault, clock: TimeMachineFixture
) -> None:
    stored = [receive(STATE) for _ in range(5)]
    for number, one in enumerate(stored):
        Event.objects.filter(pk=one.pk).update(due_at=NOW - timedelta(minutes=number))
    fault.error = None
    assert inbox.retry_due(limit=2) == 2
    assert set(inbox.unhandled()) == set(stored[:3])
    assert inbox.retry_due() == 3
    assert inbox.retry_due() == 0


def test_one_that_never_works_keeps_no_other_waiting(
    made: Integration, fault: Fault, clock: TimeMachineFixture
) -> None:
    poisoned, fine = receive(), receive(**INVALID)
    Event.objects.filter(pk=poisoned.pk).update(payload="{}")
    fault.error = None
    clock.shift(10)
    assert inbox.retry_due() == 2
    assert list(inbox.unhandled()) == [poisoned]
    poisoned.refresh_from_db()
    assert (poisoned.attempts, poisoned.error) == (2, "BadEvent")
    fine.refresh_from_db()
    assert fine.worked_at is not None
    assert status(made) == "INVALID"


def test_replaying_works_an_event_before_its_time(made: Integration, fault: Fault) -> None:
    stored = receive(**INVALID)
    assert inbox.replay(stored) is False
    stored.refresh_from_db()
    assert (stored.attempts, stored.due_at) == (2, NOW + timedelta(seconds=20))
    fault.error = None
    assert inbox.replay(stored) is True
    stored.refresh_from_db()
    assert (stored.worked_at, stored.integration, status(made)) == (NOW, made, "INVALID")


def test_replaying_what_was_worked_meanwhile_does_nothing(made: Integration, fault: Fault) -> None:
    stored = receive(**INVALID)
    fault.error = None
    stale = Event.objects.get()
    assert inbox.replay(stored) is True
    calls = fault.calls
    assert inbox.replay(stale) is True
    assert fault.calls == calls
    stored.delete()
    assert inbox.replay(stale) is True


def test_an_event_worked_late_is_still_weighed_by_its_own_time(
    made: Integration, fault: Fault, clock: TimeMachineFixture
) -> None:
    receive(STATE, state="INVALID", updated_at=NOW - timedelta(minutes=5))
    fault.error = None
    tell(STATE, state="INACTIVE", updated_at=NOW - timedelta(minutes=4))
    clock.shift(60)
    assert inbox.retry_due() == 1
    assert status(made) == "INACTIVE"


# --- Looked at, and forgotten


def test_the_latest_event_is_told_per_environment(clock: TimeMachineFixture) -> None:
    assert inbox.latest_by_environment() == {}
    tell("data-changed")
    clock.shift(60)
    tell("data-changed", environment="us")
    clock.shift(60)
    tell("data-changed")
    assert inbox.latest_by_environment() == {
        "production": NOW + timedelta(minutes=2),
        "us": NOW + timedelta(minutes=1),
    }


def test_failed_events_are_told_newest_first(fault: Fault, clock: TimeMachineFixture) -> None:
    found = []
    for _ in range(3):
        found.append(receive())
        clock.shift(1)
    fault.error = None
    receive()
    assert list(inbox.unhandled()) == found[::-1]


def test_old_events_are_forgotten_once_they_had_their_effect(
    fault: Fault, clock: TimeMachineFixture
) -> None:
    kept = receive()
    fault.error = None
    receive()
    clock.shift(3600)
    young = receive()
    assert inbox.prune(worked_before=NOW, failed_before=NOW) == 0
    assert inbox.prune(worked_before=NOW + timedelta(hours=1), failed_before=NOW) == 1
    assert set(Event.objects.all()) == {kept, young}


def test_an_event_outlives_its_integration(made: Integration) -> None:
    stored = receive(**INVALID)
    made.delete()
    stored.refresh_from_db()
    assert stored.integration is None
