"""Events end in the same state in whatever order they come, and touch no other integration."""

import json
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from integrations.domain.headline import Key, key_of
from integrations.models import Entry, Integration, Issue, Kind, Snapshot, Tenant
from integrations.tenants import mapping
from integrations.webhooks import inbox
from tests.conftest import NOW
from tests.webhook_payloads import INTEGRATION_ID, tell
from tests.webhooks.handling import (
    EARLIER,
    FAILING,
    FETCHED,
    LATER,
    SIGN_IN,
    connected,
    entries,
    key,
    raised,
    snapshot,
    sync_finished,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_what_is_told_of_one_integration_says_nothing_of_another(made: Integration) -> None:
    other = connected(mapping.create(made.tenant, "personio:another"))
    raised(EARLIER, integration__id="personio:another", title="Theirs")
    raised(EARLIER, integration__id="personio:another", issue="2", kind=FAILING, title="Theirs")
    sync_finished("AUTHENTICATION_FAILED", EARLIER, integration_id="personio:another")
    assert key(made) is Key.CONNECTED
    sync_finished("AUTHENTICATION_FAILED", LATER)
    row = snapshot(made)
    assert (row.sign_in_failing_since, row.issue_title, row.open_issues) == (LATER, "", "")
    sync_finished("SUCCEEDED", NOW)
    raised(NOW, kind=FAILING, title="Ours")
    assert [one["title"] for one in json.loads(snapshot(made).open_issues)] == ["Ours"]
    assert snapshot(other).sign_in_failing_since == EARLIER
    assert snapshot(other).issue_title == "Theirs"


def test_one_id_in_two_environments_is_two_integrations(made: Integration, bolt: Tenant) -> None:
    theirs = connected(mapping.create(bolt, INTEGRATION_ID, "us"))
    told: dict[str, dict[str, Any]] = {
        "integration-state-changed": {"state": "INVALID", "updated_at": LATER},
        "integration-deleted": {"deleted_at": LATER},
        "issue-status-changed": {"issue__first_observed_at": LATER},
        "sync-finished": {"sync_state": "FAILED", "sync_ended_at": LATER},
        "data-changed": {},
    }
    before = Snapshot.objects.filter(pk=made.pk).values().get()
    for kind, data in told.items():
        assert tell(kind, environment="us", **data).integration == theirs
    assert Snapshot.objects.filter(pk=made.pk).values().get() == before
    assert not Entry.objects.filter(integration=made).exists()
    assert not Issue.objects.filter(integration=made).exists()
    assert snapshot(theirs).removed_at == LATER
    assert tell("integration-created", environment="us").integration == theirs


@pytest.mark.parametrize(
    "kind", ["integration-state-changed", "issue-status-changed", "sync-finished", "data-changed"]
)
def test_an_event_of_another_environment_touches_nobody(made: Integration, kind: str) -> None:
    before = Snapshot.objects.values().get()
    assert tell(kind, environment="us").integration is None
    assert Snapshot.objects.values().get() == before


STATES, SETUPS, QAS = (
    ["ACTIVE", "INVALID", "INACTIVE", "ASLEEP"],
    ["COMPLETED", "INCOMPLETE"],
    ["PASSED", "FAILED"],
)
SYNCS = [
    "SUCCEEDED",
    "PARTIALLY_FAILED",
    "FAILED",
    "AUTHENTICATION_FAILED",
    "CANCELLED",
    "TIMED_OUT",
]

# Few instants, so that many coincide: some before the fetch, one at it, some after; all of them
# long ago.
INSTANTS = st.integers(-3, 4).map(
    lambda hours: FETCHED - timedelta(days=30) + timedelta(hours=hours)
)
type Told = tuple[str, dict[str, Any]]
type Result = tuple[object, ...]


@st.composite
def state_changes(draw: st.DrawFn) -> Told:
    state = {"state": draw(st.sampled_from(STATES)), "setup_status": draw(st.sampled_from(SETUPS))}
    told = {"qa_status": draw(st.sampled_from(QAS)), "updated_at": draw(INSTANTS)}
    return "integration-state-changed", state | told


@st.composite
def issue_changes(draw: st.DrawFn) -> Told:
    number = draw(st.integers(0, 3))
    began = draw(INSTANTS)
    told = {
        "issue__id": f"issue {number}",
        "issue__type": SIGN_IN if number % 2 else FAILING,
        "issue__title": f"Issue {number}",
        "issue__first_observed_at": began,
    }
    if draw(st.booleans()):
        ended = {"change": "resolved", "issue__status": "RESOLVED"}
        told |= ended | {"issue__resolved_at": max(began, draw(INSTANTS))}
    return "issue-status-changed", told


@st.composite
def syncs(draw: st.DrawFn) -> Told:
    ended, state = draw(INSTANTS), draw(st.sampled_from(SYNCS))
    began = ended - timedelta(minutes=draw(st.sampled_from([1, 70, 190])))
    told = {"sync_state": state, "sync_started_at": began, "sync_ended_at": ended}
    return "sync-finished", {**told, "sync_id": f"{state} {began} {ended}"}


@st.composite
def orders(draw: st.DrawFn, events: st.SearchStrategy[Told]) -> tuple[list[Told], list[Told]]:
    """The same events in two orders, each with repetitions of its own."""
    told = draw(st.lists(events, min_size=1, max_size=7))
    again = [
        draw(st.permutations(told + draw(st.lists(st.sampled_from(told), max_size=3))))
        for _ in range(2)
    ]
    return again[0], again[1]


def outcome(
    made: Integration, told: Sequence[Told], result: Callable[[Snapshot], Result]
) -> Result:
    """What the events would lead to, in this order; afterwards nothing of it is left."""
    with transaction.atomic():
        for kind, data in told:
            tell(kind, **data)
        answer = result(snapshot(made))
        transaction.set_rollback(True)
    return answer


any_order = hypothesis(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.exhaustive
@pytest.mark.parametrize("fetched", [True, False])
@any_order
@given(both=orders(state_changes()))
def test_state_changes_end_in_the_same_state_in_any_order(
    made: Integration, fetched: bool, both: tuple[list[Told], list[Told]]
) -> None:
    connected(made, fetched_at=FETCHED - timedelta(days=30) if fetched else None)

    def result(row: Snapshot) -> Result:
        return row.status, row.setup_status, row.qa_status, row.state_updated_at, key_of(row)

    assert outcome(made, both[0], result) == outcome(made, both[1], result)


@pytest.mark.exhaustive
@any_order
@given(both=orders(state_changes() | issue_changes() | syncs()))
def test_all_that_is_told_ends_in_the_same_state_in_any_order(
    made: Integration, both: tuple[list[Told], list[Told]]
) -> None:
    connected(made, fetched_at=FETCHED - timedelta(days=30))

    def result(row: Snapshot) -> Result:
        synced = (row.synced_at, row.sync_state, row.complete_at, row.sign_in_settled_at)
        told = (row.sign_in_failing_since, row.issue_title, row.open_issues)
        return row.status, row.setup_status, row.qa_status, *synced, *told, key_of(row)

    assert outcome(made, both[0], result) == outcome(made, both[1], result)


@pytest.mark.exhaustive
@any_order
@given(both=orders(issue_changes()))
def test_the_history_of_issues_is_the_same_in_any_order(
    made: Integration, both: tuple[list[Told], list[Told]]
) -> None:
    def result(_row: Snapshot) -> Result:
        return tuple(sorted(entries(made, Kind.ISSUE)))

    assert outcome(made, both[0], result) == outcome(made, both[1], result)


def test_the_newest_state_wins_whatever_came_last(made: Integration) -> None:
    """The properties above would hold too if nothing had any effect."""
    newest: dict[str, Any] = {"state": "INACTIVE", "updated_at": LATER}
    tell("integration-state-changed", **newest)
    tell("integration-state-changed", state="INVALID", updated_at=LATER - timedelta(minutes=1))
    assert key(made) is Key.PAUSED
    assert inbox.unhandled().count() == 0
