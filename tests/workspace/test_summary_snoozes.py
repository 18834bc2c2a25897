"""A snooze: how long it holds, and what ends it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.models import Tenant
from integrations.upstream import snapshot_locks
from integrations.workspace import summaries
from tests.conftest import Connect
from tests.workspace.summing_up import NOW, STATES, change, row, told_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "rank"),
    [(state, 3 if found[1] < 4 else found[1]) for state, found in STATES.items()],
)
def test_what_is_broken_can_step_back(
    state: str, rank: int, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme, state=state)
    summaries.snooze([made.pk], timezone.now() + timedelta(days=1))
    assert row(made).rank == rank
    assert (row(made).snoozed_until is not None) == (rank == summaries.SNOOZED)


def test_a_snooze_outlasts_whatever_is_no_other_headline(acme: Tenant, connect: Connect) -> None:
    made, until = connect(acme, state="invalid"), timezone.now() + timedelta(days=1)
    summaries.snooze([made.pk], until)
    change(made, synced_at=NOW, tool_label="Personio 2")
    summaries.recompute([made.pk])
    assert (row(made).rank, row(made).snoozed_until, row(made).tool) == (
        summaries.SNOOZED,
        until,
        "Personio 2",
    )


@pytest.mark.parametrize(
    ("facts", "rank"),
    [({"status": "ACTIVE"}, 5), ({"status": "INACTIVE"}, 1), ({"removed_at": NOW}, 1)],
)
def test_another_headline_ends_it_by_itself(
    facts: dict[str, Any], rank: int, acme: Tenant, connect: Connect
) -> None:
    made = connect(acme, state="invalid")
    summaries.snooze([made.pk], timezone.now() + timedelta(days=1))
    change(made, **facts)
    assert (row(made).rank, row(made).snoozed_until) == (rank, None)


def test_a_doubt_about_the_mapping_ends_it_too(acme: Tenant, connect: Connect) -> None:
    made = connect(acme, state="invalid")
    summaries.snooze([made.pk], timezone.now() + timedelta(days=1))
    change(made, origin_id="somebody else")
    assert (row(made).headline, row(made).rank, row(made).snoozed_until) == (
        "unconfirmed",
        1,
        None,
    )


def test_waking_brings_it_back_where_it_was(acme: Tenant, connect: Connect) -> None:
    made, other = connect(acme, state="invalid"), connect(acme, state="invalid")
    before, until = told_of(made), timezone.now() + timedelta(days=1)
    summaries.snooze([made.pk, other.pk], until)
    summaries.wake([made.pk])
    assert told_of(made) == before
    assert row(other).snoozed_until == until


def test_it_ends_when_its_time_has_come(
    acme: Tenant, connect: Connect, time_machine: TimeMachineFixture
) -> None:
    made, longer = connect(acme, state="invalid"), connect(acme, state="invalid")
    now = timezone.now()
    summaries.snooze([made.pk], now + timedelta(hours=1))
    summaries.snooze([longer.pk], now + timedelta(hours=3))
    assert summaries.wake_due() == 0
    time_machine.move_to(now + timedelta(hours=2), tick=False)
    assert summaries.wake_due() == 1
    assert summaries.wake_due() == 0
    assert (row(made).rank, row(made).snoozed_until) == (0, None)
    assert row(longer).rank == summaries.SNOOZED


def test_who_snoozes_anew_while_the_due_are_woken_is_heeded(
    acme: Tenant,
    connect: Connect,
    time_machine: TimeMachineFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, now = connect(acme, state="invalid"), timezone.now()
    summaries.snooze([made.pk], now + timedelta(hours=1))
    time_machine.move_to(now + timedelta(hours=2), tick=False)
    lock, until = snapshot_locks.lock, now + timedelta(days=3)

    def lock_late(ids: list[int]) -> None:
        monkeypatch.setattr(snapshot_locks, "lock", lock)
        summaries.snooze([made.pk], until)
        lock(ids)

    monkeypatch.setattr(snapshot_locks, "lock", lock_late)
    summaries.wake_due()
    assert (row(made).rank, row(made).snoozed_until) == (summaries.SNOOZED, until)
