"""What an event about an integration itself does: created, another state, deleted."""

from datetime import datetime, timedelta

import pytest
from time_machine import TimeMachineFixture

from integrations.domain import freshness
from integrations.domain.headline import Key, key_of
from integrations.models import Integration, Kind, Snapshot, Source, Tenant, UnmappedIntegration
from integrations.tenants import mapping, unmapped
from tests.conftest import NOW
from tests.webhook_payloads import INTEGRATION_ID, MISSING, ORIGIN_ID, TOOL, tell
from tests.webhooks.handling import (
    EARLIER,
    FETCHED,
    LATER,
    connected,
    entries,
    incident,
    key,
    raised,
    snapshot,
    state_changed,
    sync_finished,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


# --- integration-created


def test_an_integration_of_a_tenant_that_we_know_is_mapped_once(customer: Tenant) -> None:
    first = tell("integration-created")
    again = tell("integration-created")
    made = Integration.objects.get()
    assert (made.tenant, made.environment, made.integration_id) == (
        customer,
        "production",
        INTEGRATION_ID,
    )
    assert first.integration == again.integration == made
    assert snapshot(made).fetched_at is None
    assert snapshot(made).check_at <= NOW
    assert not UnmappedIntegration.objects.exists()


@pytest.mark.parametrize("origin_id", ["another", "", None, MISSING, "x" * 500])
def test_an_integration_of_nobody_we_know_waits_for_staff(
    customer: Tenant, origin_id: object
) -> None:
    assert tell("integration-created", end_user__origin_id=origin_id).integration is None
    assert not Integration.objects.exists()
    unmapped_integration = unmapped.waiting().get()
    assert (unmapped_integration.environment, unmapped_integration.integration_id) == (
        "production",
        INTEGRATION_ID,
    )
    assert unmapped_integration.origin_id == (origin_id if isinstance(origin_id, str) else "")
    assert (
        unmapped_integration.organization_name,
        unmapped_integration.tool_id,
        unmapped_integration.category,
    ) == (
        "Acme, Inc.",
        TOOL,
        "HRIS",
    )
    assert (unmapped_integration.seen_at, unmapped_integration.dismissed_at) == (NOW, None)


def test_a_tenant_called_none_is_not_that_of_nobody() -> None:
    Tenant.objects.create(name="None", origin_id="None")
    assert tell("integration-created", end_user__origin_id=None).integration is None


def test_an_integration_is_mapped_in_its_own_environment(made: Integration) -> None:
    theirs = tell("integration-created", environment="us").integration
    assert theirs
    assert theirs != made
    assert (theirs.environment, theirs.tenant, theirs.integration_id) == (
        "us",
        made.tenant,
        INTEGRATION_ID,
    )


def test_what_waits_waits_once_and_keeps_when_it_was_seen_first(clock: TimeMachineFixture) -> None:
    tell("integration-created")
    clock.shift(60)
    tell("integration-created", end_user__organization_name="Acme SE")
    assert [(one.organization_name, one.seen_at) for one in UnmappedIntegration.objects.all()] == [
        ("Acme SE", NOW)
    ]


def test_what_staff_dismissed_stays_dismissed() -> None:
    tell("integration-created")
    UnmappedIntegration.objects.update(dismissed_at=NOW)
    tell("integration-created")
    assert not unmapped.waiting().exists()


def test_what_waited_is_mapped_when_created_for_a_tenant() -> None:
    tell("integration-created")
    Tenant.objects.create(name="Acme, Inc.", origin_id=ORIGIN_ID)
    tell("integration-created")
    assert Integration.objects.count() == 1
    assert not UnmappedIntegration.objects.exists()


def test_an_integration_that_is_mapped_stays_where_it_is(made: Integration, bolt: Tenant) -> None:
    before = Snapshot.objects.values().get()
    assert tell("integration-created", end_user__origin_id="bolt").integration == made
    assert [one.tenant for one in Integration.objects.all()] == [made.tenant]
    assert Snapshot.objects.values().get() == before
    assert not UnmappedIntegration.objects.exists()


# --- integration-state-changed


def test_a_state_that_is_news_shows_at_once(made: Integration) -> None:
    told = state_changed("INVALID", at=LATER, setup="INCOMPLETE", qa="FAILED")
    assert told.integration == made
    row = snapshot(made)
    assert (row.status, row.setup_status, row.qa_status) == ("INVALID", "INCOMPLETE", "FAILED")
    assert (row.status_since, row.state_updated_at) == (LATER, LATER)
    assert (row.outdated_at, row.check_at) == (NOW, NOW)
    assert freshness.is_outdated(row)
    assert entries(made, Kind.STATE) == [("reconnect_required", Source.STATE, LATER)]
    assert (incident(made).opened_at, incident(made).key, incident(made).detected_by) == (
        LATER,
        Key.RECONNECT_REQUIRED,
        Source.STATE,
    )


def test_recovery_closes_the_incident_when_it_happened(made: Integration) -> None:
    state_changed("INVALID", at=LATER)
    state_changed("ACTIVE", at=LATER + timedelta(minutes=3))
    assert [what for what, _source, _at in entries(made, Kind.STATE)] == [
        "reconnect_required",
        "connected",
    ]
    assert (incident(made).opened_at, incident(made).closed_at) == (
        LATER,
        LATER + timedelta(minutes=3),
    )


@pytest.mark.parametrize(
    ("state", "setup", "qa", "headline"),
    [
        ("ACTIVE", "COMPLETED", "PASSED", Key.CONNECTED),
        ("ACTIVE", "COMPLETED", "PENDING", Key.CONNECTED),
        ("ACTIVE", "COMPLETED", "FAILED", Key.QUALITY_CHECK),
        ("ACTIVE", "INCOMPLETE", "PASSED", Key.SETUP_INCOMPLETE),
        ("ACTIVE", "FINAL_SYNC_PENDING", "PASSED", Key.FIRST_SYNC),
        ("INVALID", "COMPLETED", "PASSED", Key.RECONNECT_REQUIRED),
        ("INACTIVE", "COMPLETED", "PASSED", Key.PAUSED),
        ("ASLEEP", "COMPLETED", "PASSED", Key.UNRECOGNISED),
        ("ACTIVE", "QUEUED", "PASSED", Key.UNRECOGNISED),
    ],
)
def test_each_state_has_its_headline_even_if_never_fetched(
    customer: Tenant, state: str, setup: str, qa: str, headline: Key
) -> None:
    made = mapping.create(customer, INTEGRATION_ID)
    state_changed(state, at=LATER, setup=setup, qa=qa)
    row = snapshot(made)
    assert (key_of(row), row.status, row.setup_status) == (headline, state, setup)
    assert (row.tool_label, row.category) == (TOOL, "HRIS")
    assert row.fetched_at is None


def test_the_name_kombo_shows_is_not_replaced_by_an_id(made: Integration) -> None:
    state_changed("INVALID", at=LATER)
    assert snapshot(made).tool_label == "Personio"


@pytest.mark.parametrize(
    "at", [FETCHED, FETCHED - timedelta(milliseconds=1), NOW - timedelta(days=400)]
)
def test_news_the_fetch_had_change_only_what_no_fetch_tells(
    made: Integration, at: datetime
) -> None:
    state_changed("INVALID", at=at, setup="INCOMPLETE", qa="FAILED")
    row = snapshot(made)
    assert (row.status, row.setup_status, row.status_since) == ("ACTIVE", "COMPLETED", FETCHED)
    assert (row.qa_status, row.state_updated_at) == ("FAILED", at)
    assert (row.outdated_at, row.check_at) == (NOW, NOW)
    assert entries(made, Kind.STATE) == [("quality_check", Source.STATE, at)]


def test_an_instant_after_the_fetch_is_news(made: Integration) -> None:
    state_changed("INVALID", at=FETCHED + timedelta(milliseconds=1))
    assert snapshot(made).status == "INVALID"


def test_a_state_older_than_the_last_only_makes_us_look_again(made: Integration) -> None:
    state_changed("INVALID", at=LATER)
    Snapshot.objects.update(outdated_at=None, check_at=NOW + timedelta(hours=1))
    state_changed("INACTIVE", at=LATER - timedelta(milliseconds=1), setup="INCOMPLETE", qa="FAILED")
    row = snapshot(made)
    assert (row.status, row.setup_status, row.qa_status) == ("INVALID", "COMPLETED", "PASSED")
    assert (row.state_updated_at, row.status_since) == (LATER, LATER)
    assert (row.outdated_at, row.check_at) == (NOW, NOW)
    assert len(entries(made, Kind.STATE)) == 1


@pytest.mark.parametrize("at", [EARLIER, FETCHED, LATER])
def test_of_two_states_of_one_instant_the_same_one_counts(made: Integration, at: datetime) -> None:
    told = [
        {"state": "INVALID", "qa": "FAILED"},
        {"state": "ACTIVE", "setup": "INCOMPLETE", "qa": "PASSED"},
    ]
    ends = set()
    for order in (told, told[::-1], [*told, told[0]], [*told, *told]):
        connected(made, qa_status="", state_updated_at=None)
        for one in order:
            state_changed(at=at, **one)
        row = snapshot(made)
        ends.add((row.status, row.setup_status, row.qa_status))
    assert len(ends) == 1


def test_a_state_that_is_no_other_keeps_since_when_it_is_so(made: Integration) -> None:
    state_changed("ACTIVE", at=LATER)
    assert snapshot(made).status_since == FETCHED
    assert not entries(made, Kind.STATE)


def test_a_state_from_the_future_began_now(made: Integration) -> None:
    state_changed("INVALID", at=NOW + timedelta(days=2))
    assert snapshot(made).status_since == NOW
    assert entries(made, Kind.STATE) == [("reconnect_required", Source.STATE, NOW)]


@pytest.mark.parametrize(("state", "watched"), [("ACTIVE", True), ("INVALID", False)])
def test_a_repair_is_watched_until_something_shows(
    made: Integration, state: str, watched: bool
) -> None:
    until = NOW + timedelta(seconds=30)
    Snapshot.objects.update(watch_until=until)
    state_changed(state, at=LATER)
    assert snapshot(made).watch_until == (until if watched else None)


def test_staff_learn_of_an_integration_that_nobody_mapped(customer: Tenant) -> None:
    """It is mapped by itself only when it is created: whoever unmapped it had a reason."""
    assert state_changed("INVALID", at=LATER).integration is None
    assert not Integration.objects.exists()
    unmapped_integration = unmapped.waiting().get()
    assert (
        unmapped_integration.integration_id,
        unmapped_integration.origin_id,
        unmapped_integration.tool_id,
    ) == (
        INTEGRATION_ID,
        ORIGIN_ID,
        TOOL,
    )


def test_without_an_end_user_there_is_nothing_to_tell_staff() -> None:
    tell("integration-state-changed", end_user=MISSING)
    assert not UnmappedIntegration.objects.exists()


# --- integration-deleted


def test_a_deleted_integration_is_gone_since_it_was_deleted(made: Integration) -> None:
    state_changed("INVALID", at=EARLIER + timedelta(hours=1, minutes=1))
    Snapshot.objects.update(
        watch_until=NOW + timedelta(seconds=30), check_at=NOW + timedelta(hours=1)
    )
    assert tell("integration-deleted", deleted_at=LATER).integration == made
    row = snapshot(made)
    assert (key_of(row), row.removed_at, row.watch_until) == (Key.REMOVED, LATER, None)
    assert (row.outdated_at, row.check_at) == (NOW, NOW)
    assert entries(made, Kind.STATE)[-1] == ("removed", Source.STATE, LATER)
    assert (incident(made).closed_at, incident(made).ended_by) == (LATER, "removed")
    tell("integration-deleted", deleted_at=NOW)
    assert snapshot(made).removed_at == LATER


def test_a_deletion_in_the_future_is_one_of_now(made: Integration) -> None:
    tell("integration-deleted", deleted_at=NOW + timedelta(days=1))
    assert snapshot(made).removed_at == NOW


def test_what_came_late_brings_no_deleted_one_back(made: Integration) -> None:
    tell("integration-deleted", deleted_at=LATER)
    for late in (EARLIER, LATER + timedelta(minutes=1)):
        state_changed("ACTIVE", at=late)
        raised(late)
        sync_finished("SUCCEEDED", late)
        assert key(made) is Key.REMOVED


def test_what_waited_for_staff_waits_no_more_once_it_is_deleted() -> None:
    tell("integration-created")
    tell("integration-created", id="personio:another")
    tell("integration-created", environment="us")
    assert tell("integration-deleted").integration is None
    assert {(one.environment, one.integration_id) for one in unmapped.waiting()} == {
        ("production", "personio:another"),
        ("us", INTEGRATION_ID),
    }


def test_what_is_deleted_stays_so_if_its_creation_is_told_later(acme: Tenant) -> None:
    tell("integration-deleted")
    assert tell("integration-created").integration is None
    tell("integration-state-changed")
    assert not unmapped.waiting()
    assert not Integration.objects.exists()
    unmapped.prune(removed_before=NOW, dismissed_before=NOW)
    assert UnmappedIntegration.objects.count() == 1
    unmapped.prune(removed_before=NOW + timedelta(seconds=1), dismissed_before=NOW)
    assert not UnmappedIntegration.objects.exists()
