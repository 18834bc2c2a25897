"""What the end of a sync, new data and a failed connection flow do."""

import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from time_machine import TimeMachineFixture

from integrations.domain.headline import Key, key_of
from integrations.history import record as history_record
from integrations.models import Entry, Integration, Kind, Snapshot, Source, Tenant
from integrations.tenants import mapping
from tests.conftest import NOW
from tests.webhook_payloads import MISSING, tell
from tests.webhooks.handling import (
    EARLIER,
    LATER,
    connected,
    entries,
    key,
    raised,
    resolved,
    snapshot,
    state_changed,
    sync_finished,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


# --- sync-finished


@pytest.mark.exhaustive(keep=9)
@pytest.mark.parametrize(
    ("state", "headline", "is_noted", "is_complete", "signed_in"),
    [
        ("SUCCEEDED", Key.CONNECTED, False, True, True),
        ("PARTIALLY_FAILED", Key.DEGRADED, True, False, True),
        ("FAILED", Key.DEGRADED, True, False, False),
        ("TIMED_OUT", Key.DEGRADED, True, False, False),
        ("AUTHENTICATION_FAILED", Key.SIGN_IN_FAILING, True, False, False),
        ("CANCELLED", Key.CONNECTED, False, False, False),
        ("EATEN_BY_BEARS", Key.CONNECTED, False, False, False),
    ],
)
@pytest.mark.parametrize("duration", [1800, 14.509, MISSING])
def test_each_way_a_sync_ends_is_told_as_what_it_is(
    made: Integration,
    state: str,
    headline: Key,
    is_noted: bool,
    is_complete: bool,
    signed_in: bool,
    duration: object,
) -> None:
    told = sync_finished(
        state, LATER, sync_duration_seconds=duration, log_url="https://app.kombo.dev/logs?id=1"
    )
    assert told.integration == made
    row = snapshot(made)
    assert (key_of(row), row.synced_at, row.sync_state) == (headline, LATER, state)
    assert row.complete_at == (LATER if is_complete else None)
    assert row.sign_in_settled_at == (LATER - timedelta(minutes=5) if signed_in else None)
    assert row.sign_in_failing_since == (LATER if headline is Key.SIGN_IN_FAILING else None)
    assert entries(made, Kind.SYNC) == ([(state, Source.SYNC, LATER)] if is_noted else [])
    assert [one.data for one in history_record.entries(made, Kind.SYNC)] == (
        [{"log_url": "https://app.kombo.dev/logs?id=1"}] if is_noted else []
    )
    assert entries(made, Kind.STATE) == (
        [] if headline is Key.CONNECTED else [(headline, Source.SYNC, LATER)]
    )
    assert (row.status, row.outdated_at) == ("ACTIVE", None)


def test_a_sync_told_twice_is_one_entry(made: Integration) -> None:
    for _ in range(2):
        sync_finished("FAILED", LATER)
    assert len(entries(made, Kind.SYNC)) == 1


def test_an_earlier_sync_changes_only_what_it_alone_knows(made: Integration) -> None:
    sync_finished("PARTIALLY_FAILED", LATER)
    sync_finished("SUCCEEDED", EARLIER)
    row = snapshot(made)
    assert (row.synced_at, row.sync_state, row.complete_at) == (LATER, "PARTIALLY_FAILED", EARLIER)
    assert key_of(row) is Key.DEGRADED
    sync_finished("SUCCEEDED", EARLIER - timedelta(days=1))
    assert snapshot(made).complete_at == EARLIER


def test_a_sync_from_the_future_ended_now(made: Integration) -> None:
    sync_finished("FAILED", NOW + timedelta(days=1))
    assert snapshot(made).synced_at == NOW
    assert entries(made, Kind.SYNC) == [("FAILED", Source.SYNC, NOW)]


@pytest.mark.parametrize("state", ["SUCCEEDED", "PARTIALLY_FAILED"])
@pytest.mark.parametrize("sign", ["issue", "sync"])
def test_a_sync_that_read_data_proves_the_sign_in_at_its_start(
    made: Integration, state: str, sign: str
) -> None:
    if sign == "issue":
        raised(LATER)
    else:
        sync_finished("AUTHENTICATION_FAILED", LATER)
    sync_finished(state, LATER + timedelta(minutes=5), took=timedelta(minutes=6))
    assert snapshot(made).sign_in_settled_at == LATER - timedelta(minutes=1)
    if sign == "issue":
        assert (key(made), snapshot(made).sign_in_failing_since) == (Key.SIGN_IN_FAILING, LATER)
    sync_finished(state, LATER + timedelta(minutes=6), took=timedelta(minutes=6))
    assert snapshot(made).sign_in_failing_since is None
    assert snapshot(made).open_issues == ""
    assert key(made) is not Key.SIGN_IN_FAILING


@pytest.mark.parametrize("state", ["CANCELLED", "FAILED", "TIMED_OUT", "EATEN_BY_BEARS"])
def test_a_sync_that_read_nothing_hides_no_failing_sign_in(made: Integration, state: str) -> None:
    sync_finished("AUTHENTICATION_FAILED", EARLIER)
    sync_finished(state, LATER)
    assert (key(made), snapshot(made).sign_in_failing_since) == (Key.SIGN_IN_FAILING, EARLIER)


def test_a_resolved_issue_says_that_the_sign_in_works_again(made: Integration) -> None:
    sync_finished("AUTHENTICATION_FAILED", EARLIER)
    raised(EARLIER)
    resolved(LATER, first=EARLIER)
    assert (key(made), snapshot(made).sign_in_failing_since) == (Key.CONNECTED, None)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_being_invalid_ends_what_failed_before_in_any_order(
    made: Integration, order: tuple[int, ...]
) -> None:
    told = [
        lambda: raised(EARLIER),
        lambda: state_changed("INVALID", at=LATER - timedelta(minutes=1)),
        lambda: state_changed("ACTIVE", at=LATER),
    ]
    for number in order:
        told[number]()
    assert (key(made), snapshot(made).sign_in_failing_since) == (Key.CONNECTED, None)


def test_a_sign_in_fails_since_the_first_of_its_signs(made: Integration) -> None:
    sync_finished("AUTHENTICATION_FAILED", EARLIER - timedelta(days=3))
    sync_finished("SUCCEEDED", EARLIER - timedelta(days=1))
    sync_finished("AUTHENTICATION_FAILED", LATER)
    raised(LATER - timedelta(minutes=1))
    assert snapshot(made).sign_in_failing_since == LATER - timedelta(minutes=1)
    sync_finished("AUTHENTICATION_FAILED", EARLIER)
    assert snapshot(made).sign_in_failing_since == EARLIER


@pytest.mark.parametrize(
    ("waits", "told", "looked_at"),
    [
        ({"setup_status": "FINAL_SYNC_PENDING"}, "SUCCEEDED", True),
        ({"setup_status": "FINAL_SYNC_PENDING"}, "PARTIALLY_FAILED", True),
        ({"setup_status": "FINAL_SYNC_PENDING"}, "FAILED", False),
        ({"data_expired_at": EARLIER}, "SUCCEEDED", True),
        ({"data_expired_at": EARLIER}, "CANCELLED", False),
        ({}, "SUCCEEDED", False),
        ({"setup_status": "FINAL_SYNC_PENDING"}, "data-changed", True),
        ({"data_expired_at": EARLIER}, "data-changed", True),
        ({}, "data-changed", False),
    ],
)
def test_data_that_came_in_ends_what_waits_for_it(
    made: Integration, waits: dict[str, Any], told: str, looked_at: bool
) -> None:
    connected(made, **waits)
    before = snapshot(made).check_at
    if told == "data-changed":
        tell("data-changed")
    else:
        sync_finished(told, LATER)
    row = snapshot(made)
    assert (row.outdated_at, row.check_at) == ((NOW, NOW) if looked_at else (None, before))


# --- data-changed


def test_new_data_is_noted_once_a_minute_and_is_no_headline(
    made: Integration, clock: TimeMachineFixture
) -> None:
    noted = []
    for seconds in (0, 30, 30, 1, 3600):
        clock.shift(seconds)
        assert tell("data-changed").integration == made
        changed = snapshot(made).data_changed_at
        assert changed is not None
        noted.append((changed - NOW).total_seconds())
    assert noted == [0, 0, 0, 61, 3661]
    assert key(made) is Key.CONNECTED
    assert not Entry.objects.exists()


# --- connection-flow-failed


def test_a_flow_that_failed_ends_the_repair_under_way(made: Integration, alice: User) -> None:
    history_record.begin_repair(made, "reconnect", alice)
    assert tell("connection-flow-failed").integration == made
    entry = history_record.entries(made, Kind.REPAIR).get()
    assert (entry.actor, entry.data["outcome"]) == (alice, "failed")
    assert Snapshot.objects.values().get()["status"] == "ACTIVE"


def test_a_flow_that_nobody_began_here_is_noted_too(made: Integration) -> None:
    tell("connection-flow-failed")
    entry = history_record.entries(made, Kind.REPAIR).get()
    assert (entry.what, entry.source, entry.actor, entry.data) == (
        "reconnect",
        Source.STATE,
        None,
        {"outcome": "failed"},
    )


def _two_of_the_tool(made: Integration) -> None:
    connected(mapping.create(made.tenant, "personio:another"))


def _another_tool(made: Integration) -> None:
    connected(made, tool_id="workday")


def _gone(made: Integration) -> None:
    connected(made, removed_at=EARLIER)


def _another_tenants(made: Integration) -> None:
    Tenant.objects.update(origin_id="another")


def _another_environments(made: Integration) -> None:
    Integration.objects.update(environment="us")


@pytest.mark.parametrize(
    "differ",
    [_two_of_the_tool, _another_tool, _gone, _another_tenants, _another_environments],
    ids=lambda f: f.__name__,
)
def test_a_flow_of_several_integrations_or_none_is_nobodys(
    made: Integration, differ: Callable[[Integration], None]
) -> None:
    differ(made)
    assert tell("connection-flow-failed").integration is None
    assert not Entry.objects.exists()


@pytest.mark.parametrize("origin_id", [None, "", MISSING])
def test_a_flow_of_nobody_is_nobodys(made: Integration, origin_id: object) -> None:
    assert tell("connection-flow-failed", end_user__origin_id=origin_id).integration is None


def test_one_that_is_gone_or_of_another_tool_does_not_make_two(made: Integration) -> None:
    connected(mapping.create(made.tenant, "personio:gone"), removed_at=EARLIER)
    connected(mapping.create(made.tenant, "workday:1"), tool_id="workday")
    assert tell("connection-flow-failed").integration == made
