"""Each attempt to repair is told by its own end, and not by whichever happened to be last."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from time_machine import TimeMachineFixture

from integrations.history import record as history_record
from integrations.models import Incident, Integration, Kind, Source, Tenant
from integrations.tenants import mapping
from integrations.upstream import snapshots
from tests import copy

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def broken(acme: Tenant) -> Integration:
    """An integration that needs to be reconnected since an hour."""
    made = mapping.create(acme, "personio:1")
    become(made, "INVALID", at=NOW - timedelta(hours=1))
    return made


def become(integration: Integration, status: str, *, at: datetime) -> None:
    with snapshots.amend(integration, at=at, source=Source.CHECK) as row:
        row.status, row.setup_status = status, "COMPLETED"


def told(integration: Integration) -> list[tuple[str, str]]:
    """Who tried, and how it ended, the oldest first."""
    found = history_record.entries(integration, Kind.REPAIR)
    return [(str(entry.actor), entry.data["outcome"]) for entry in reversed(found)]


def begin(broken: Integration, user: User | None, clock: TimeMachineFixture) -> str:
    clock.shift(60)
    return history_record.begin_repair(broken, "reconnect", user)


def test_a_mistyped_password_does_not_credit_an_abandoned_one(
    broken: Integration, alice: User, clock: TimeMachineFixture
) -> None:
    begin(broken, alice, clock)
    worked = begin(broken, alice, clock)
    history_record.finish_repair(broken, "failed")  # Kombo tells of the wrong password
    history_record.finish_repair(broken, "done", alice, attempt=worked)
    assert told(broken) == [("alice", "started"), ("alice", "done")]


def test_a_guests_end_is_not_credited_to_a_member(
    broken: Integration, alice: User, clock: TimeMachineFixture
) -> None:
    guests = begin(broken, None, clock)
    begin(broken, alice, clock)
    history_record.finish_repair(broken, "done", None, attempt=guests)
    assert told(broken) == [(copy.NONE, "done"), ("alice", "started")]


def test_without_a_name_it_is_ones_own_attempt(
    broken: Integration, alice: User, vic: User, clock: TimeMachineFixture
) -> None:
    begin(broken, alice, clock)
    begin(broken, vic, clock)
    history_record.finish_repair(broken, "done", alice)
    assert told(broken) == [("alice", "done"), ("vic", "started")]


def test_several_wrong_passwords_are_one_attempt(
    broken: Integration, alice: User, clock: TimeMachineFixture
) -> None:
    begin(broken, alice, clock)
    begin(broken, alice, clock)
    for _ in range(3):
        history_record.finish_repair(broken, "failed")
    assert told(broken) == [("alice", "started"), ("alice", "failed")]


@pytest.mark.parametrize("later", ["failed", "unconfirmed"])
@pytest.mark.parametrize("is_named", [True, False])
def test_what_was_done_stays_done(
    later: str, is_named: bool, broken: Integration, alice: User, clock: TimeMachineFixture
) -> None:
    attempt = begin(broken, alice, clock)
    history_record.finish_repair(broken, "done", alice, attempt=attempt)
    history_record.finish_repair(broken, later, attempt=attempt if is_named else "")
    assert told(broken) == [("alice", "done")]


def test_another_integrations_attempt_is_none_of_ours(
    broken: Integration, acme: Tenant, alice: User, clock: TimeMachineFixture
) -> None:
    other = mapping.create(acme, "personio:2")
    elsewhere = begin(other, alice, clock)
    history_record.finish_repair(broken, "done", alice, attempt=elsewhere)
    assert told(other) == [("alice", "started")]
    assert told(broken) == [("alice", "done")]


def test_a_failure_is_not_that_of_a_resume(broken: Integration, alice: User) -> None:
    resumed = {"actor": alice, "data": {"outcome": "started"}}
    history_record.add_entry(broken.pk, Kind.REPAIR, "resume", Source.PERSON, **resumed)
    history_record.finish_repair(broken, "failed")
    assert told(broken) == [("alice", "started"), (copy.NONE, "failed")]


def test_whoever_finished_ended_the_incident_not_who_looked_in(
    broken: Integration, alice: User, vic: User, clock: TimeMachineFixture
) -> None:
    worked = begin(broken, alice, clock)
    begin(broken, vic, clock)
    history_record.finish_repair(broken, "done", alice, attempt=worked)
    become(broken, "ACTIVE", at=NOW + timedelta(minutes=5))
    assert Incident.objects.get().repaired_by == alice
