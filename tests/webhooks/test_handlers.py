"""What each kind of webhook event does to what we know, in whatever order the events come."""

import itertools
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from time_machine import TimeMachineFixture

from integrations.domain import freshness, open_issues
from integrations.domain.headline import Key, key_of
from integrations.domain.open_issues import OpenIssue
from integrations.history import record as history_record
from integrations.models import (
    Entry,
    Event,
    Incident,
    Integration,
    Issue,
    Kind,
    Snapshot,
    Source,
    Tenant,
    UnmappedIntegration,
)
from integrations.tenants import mapping, unmapped
from integrations.upstream import issues
from integrations.webhooks import inbox
from tests.conftest import NOW
from tests.webhook_payloads import INTEGRATION_ID, MISSING, ORIGIN_ID, TOOL, encoded, event, tell

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


FETCHED = NOW - timedelta(hours=1)
EARLIER, LATER = NOW - timedelta(hours=2), NOW - timedelta(minutes=30)
SIGN_IN, FAILING = "integration.authentication_failed", "integration.action_failing"


@pytest.fixture
def customer() -> Tenant:
    return Tenant.objects.create(name="Acme, Inc.", origin_id=ORIGIN_ID)


@pytest.fixture
def made(customer: Tenant) -> Integration:
    """A connected integration that was last fetched an hour ago."""
    return connected(mapping.create(customer, INTEGRATION_ID))


def connected(made: Integration, **more: Any) -> Integration:
    facts = {
        "status": "ACTIVE",
        "setup_status": "COMPLETED",
        "category": "HRIS",
        "tool_id": TOOL,
        "tool_label": "Personio",
        "fetched_at": FETCHED,
        "status_since": FETCHED,
        "check_at": NOW + timedelta(minutes=15),
    }
    Snapshot.objects.filter(pk=made.pk).update(**facts | more)
    return made


def snapshot(made: Integration) -> Snapshot:
    return Snapshot.objects.get(pk=made.pk)


def key(made: Integration) -> Key:
    return key_of(snapshot(made))


def state_changed(
    state: str = "ACTIVE", *, at: datetime, setup: str = "COMPLETED", qa: str = "PASSED"
) -> Event:
    return tell(
        "integration-state-changed", state=state, setup_status=setup, qa_status=qa, updated_at=at
    )


def raised(
    at: datetime, *, kind: str = SIGN_IN, issue: str = "1", title: str = "It fails", **data: Any
) -> Event:
    told: dict[str, Any] = {
        "issue__id": issue,
        "issue__type": kind,
        "issue__title": title,
        "issue__first_observed_at": at,
    }
    return tell("issue-status-changed", **told | data)


def resolved(at: datetime, *, first: datetime, **data: Any) -> Event:
    over: dict[str, Any] = {
        "change": "resolved",
        "issue__status": "RESOLVED",
        "issue__resolved_at": at,
    }
    return raised(first, **over | data)


def sync_finished(
    state: str, at: datetime, *, took: timedelta = timedelta(minutes=5), **data: Any
) -> Event:
    told: dict[str, Any] = {
        "sync_id": f"sync {state} {at}",
        "sync_state": state,
        "sync_started_at": at - took,
        "sync_ended_at": at,
    }
    return tell("sync-finished", **told | data)


def entries(made: Integration, kind: Kind) -> list[tuple[str, str, datetime]]:
    """What the history says of one kind, oldest first: what, how we know, when."""
    return [(one.what, one.source, one.at) for one in reversed(history_record.entries(made, kind))]


def incident(made: Integration) -> Incident:
    return Incident.objects.get(integration=made)


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
    assert (unmapped_integration.seen_at, unmapped_integration.dismissed) == (NOW, False)


def test_a_tenant_called_none_is_not_the_tenant_of_what_names_nobody() -> None:
    Tenant.objects.create(name="None", origin_id="None")
    assert tell("integration-created", end_user__origin_id=None).integration is None


def test_an_integration_is_mapped_in_the_environment_it_was_created_in(made: Integration) -> None:
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
    UnmappedIntegration.objects.update(dismissed=True)
    tell("integration-created")
    assert not unmapped.waiting().exists()


def test_what_waited_is_mapped_when_it_is_created_anew_for_a_tenant() -> None:
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
def test_each_state_has_its_headline_also_for_what_was_never_fetched(
    customer: Tenant, state: str, setup: str, qa: str, headline: Key
) -> None:
    made = mapping.create(customer, INTEGRATION_ID)
    state_changed(state, at=LATER, setup=setup, qa=qa)
    row = snapshot(made)
    assert (key_of(row), row.status, row.setup_status) == (headline, state, setup)
    assert (row.tool_label, row.category) == (TOOL, "HRIS")
    assert row.fetched_at is None


def test_the_name_that_kombo_shows_is_not_replaced_by_the_tools_id(made: Integration) -> None:
    state_changed("INVALID", at=LATER)
    assert snapshot(made).tool_label == "Personio"


@pytest.mark.parametrize(
    "at", [FETCHED, FETCHED - timedelta(milliseconds=1), NOW - timedelta(days=400)]
)
def test_what_the_fetch_has_seen_already_changes_only_what_no_fetch_tells(
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


def test_a_state_older_than_one_told_before_only_makes_us_look_again(made: Integration) -> None:
    state_changed("INVALID", at=LATER)
    Snapshot.objects.update(outdated_at=None, check_at=NOW + timedelta(hours=1))
    state_changed("INACTIVE", at=LATER - timedelta(milliseconds=1), setup="INCOMPLETE", qa="FAILED")
    row = snapshot(made)
    assert (row.status, row.setup_status, row.qa_status) == ("INVALID", "COMPLETED", "PASSED")
    assert (row.state_updated_at, row.status_since) == (LATER, LATER)
    assert (row.outdated_at, row.check_at) == (NOW, NOW)
    assert len(entries(made, Kind.STATE)) == 1


@pytest.mark.parametrize("at", [EARLIER, FETCHED, LATER])
def test_of_two_states_of_one_instant_the_same_one_counts_whichever_came_first(
    made: Integration, at: datetime
) -> None:
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


def test_what_came_late_does_not_bring_a_deleted_integration_back(made: Integration) -> None:
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
    unmapped.prune(NOW)
    assert UnmappedIntegration.objects.count() == 1
    unmapped.prune(NOW + timedelta(seconds=1))
    assert not UnmappedIntegration.objects.exists()


# --- issue-status-changed


def test_a_failing_sign_in_is_told_since_it_was_first_observed(made: Integration) -> None:
    assert raised(LATER, title="Authentication failed").integration == made
    row = snapshot(made)
    assert (key_of(row), row.sign_in_failing_since, row.issue_title) == (
        Key.SIGN_IN_FAILING,
        LATER,
        "",
    )
    told = json.loads(encoded(event("issue-status-changed")))["data"]["issue"]
    assert open_issues.decode(row.open_issues) == (
        OpenIssue(
            id="1",
            type=SIGN_IN,
            title="Authentication failed",
            message=told["markdown_message"],
            since=LATER,
        ),
    )
    assert entries(made, Kind.ISSUE) == [("raised", Source.ISSUE, LATER)]
    assert entries(made, Kind.STATE) == [("sign_in_failing", Source.ISSUE, LATER)]
    assert (incident(made).opened_at, incident(made).detected_by) == (LATER, Source.ISSUE)


@pytest.mark.parametrize(
    "kind", [FAILING, "integration.incoming_webhook_failing", "integration.quite_new"]
)
def test_any_other_issue_limits_the_integration(made: Integration, kind: str) -> None:
    raised(LATER, kind=kind, title="Writing absences fails")
    row = snapshot(made)
    assert (key_of(row), row.issue_title, row.sign_in_failing_since) == (
        Key.DEGRADED,
        "Writing absences fails",
        None,
    )
    assert [one["type"] for one in json.loads(row.open_issues)] == [kind]


@pytest.mark.parametrize("kind", [SIGN_IN, FAILING])
def test_a_resolved_issue_is_over(made: Integration, kind: str) -> None:
    raised(EARLIER, kind=kind)
    resolved(LATER, first=EARLIER, kind=kind)
    row = snapshot(made)
    assert (key_of(row), row.sign_in_failing_since, row.issue_title, row.open_issues) == (
        Key.CONNECTED,
        None,
        "",
        "",
    )
    assert entries(made, Kind.ISSUE) == [
        ("raised", Source.ISSUE, EARLIER),
        ("resolved", Source.ISSUE, LATER),
    ]
    assert (incident(made).opened_at, incident(made).closed_at) == (EARLIER, LATER)


@pytest.mark.parametrize("kind", [SIGN_IN, FAILING])
def test_an_issue_whose_end_came_first_does_not_begin(made: Integration, kind: str) -> None:
    resolved(LATER, first=EARLIER, kind=kind)
    raised(EARLIER, kind=kind)
    assert (key(made), Issue.objects.count()) == (Key.CONNECTED, 1)
    assert {what for what, _source, _at in entries(made, Kind.ISSUE)} == {"raised", "resolved"}


def test_an_issue_that_comes_back_is_open_again(made: Integration) -> None:
    raised(EARLIER)
    resolved(EARLIER + timedelta(minutes=5), first=EARLIER)
    raised(LATER)
    assert (key(made), snapshot(made).sign_in_failing_since) == (Key.SIGN_IN_FAILING, LATER)
    resolved(NOW, first=LATER)
    assert key(made) is Key.CONNECTED
    assert [what for what, _source, _at in entries(made, Kind.ISSUE)] == ["raised", "resolved"] * 2
    # What is told late of the first time changes nothing any more.
    raised(EARLIER)
    assert key(made) is Key.CONNECTED


def test_the_end_of_an_earlier_time_does_not_open_what_is_resolved(made: Integration) -> None:
    resolved(LATER + timedelta(minutes=5), first=LATER)
    resolved(EARLIER + timedelta(minutes=5), first=EARLIER)
    assert key(made) is Key.CONNECTED
    assert Issue.objects.get().resolved_at == LATER + timedelta(minutes=5)


def test_an_issue_from_the_future_is_noted_as_of_now(made: Integration) -> None:
    raised(NOW + timedelta(days=1))
    assert key(made) is Key.SIGN_IN_FAILING
    assert entries(made, Kind.ISSUE) == [("raised", Source.ISSUE, NOW)]
    resolved(NOW + timedelta(days=2), first=NOW + timedelta(days=1))
    assert key(made) is Key.CONNECTED


def test_an_issue_resolved_the_instant_it_was_raised_is_over(made: Integration) -> None:
    raised(LATER)
    resolved(LATER, first=LATER)
    assert key(made) is Key.CONNECTED


def test_a_resolution_without_a_time_is_one_of_now(made: Integration) -> None:
    raised(LATER)
    resolved(LATER, first=LATER, issue__resolved_at=None)
    assert Issue.objects.get().resolved_at == NOW
    assert entries(made, Kind.ISSUE)[-1] == ("resolved", Source.ISSUE, NOW)


def test_one_raising_told_under_two_ids_is_one_entry(made: Integration) -> None:
    raised(LATER)
    raised(LATER)
    assert len(entries(made, Kind.ISSUE)) == len(json.loads(snapshot(made).open_issues)) == 1


def test_what_is_told_of_the_present_time_is_what_is_shown(made: Integration) -> None:
    first = {"kind": FAILING, "issue__markdown_message": "half of all calls"}
    raised(LATER, **{**first, "title": "Newer", "issue__markdown_message": "all calls"})
    raised(EARLIER, **{**first, "title": "Older"})
    shown = json.loads(snapshot(made).open_issues)
    assert [(one["title"], one["message"]) for one in shown] == [("Newer", "all calls")]
    assert snapshot(made).issue_title == "Newer"


def test_an_issue_of_the_whole_environment_is_no_integrations(made: Integration) -> None:
    before = Snapshot.objects.values().get()
    for change in (raised(LATER, integration=None), resolved(NOW, first=LATER, integration=None)):
        assert change.integration is None
    assert Snapshot.objects.values().get() == before
    assert not Issue.objects.exists()
    assert not Entry.objects.exists()


def test_the_sign_in_that_failed_first_counts_and_other_issues_show_oldest_first(
    made: Integration,
) -> None:
    raised(LATER, issue="b")
    raised(EARLIER, issue="a")
    raised(LATER, issue="d", kind=FAILING, title="Second")
    raised(EARLIER, issue="c", kind=FAILING, title="First")
    row = snapshot(made)
    assert (row.sign_in_failing_since, row.issue_title) == (EARLIER, "First")
    assert [one["id"] for one in json.loads(row.open_issues)] == ["a", "c", "b", "d"]


def test_issues_raised_at_one_instant_show_in_the_same_order_whichever_came_first(
    made: Integration,
) -> None:
    for order in ("ab", "ba"):
        Issue.objects.all().delete()
        for name in order:
            raised(LATER, issue=name, kind=FAILING, title=name)
        assert snapshot(made).issue_title == "a"
        assert [one["id"] for one in json.loads(snapshot(made).open_issues)] == ["a", "b"]


def test_of_many_issues_some_are_shown_and_all_are_kept(made: Integration) -> None:
    for number in range(issues.MOST_SHOWN + 3):
        raised(EARLIER + timedelta(seconds=number), issue=f"{number}", kind=FAILING)
    assert [one["id"] for one in json.loads(snapshot(made).open_issues)] == [
        f"{n}" for n in range(issues.MOST_SHOWN)
    ]
    assert Issue.objects.count() == issues.MOST_SHOWN + 3


def test_what_a_third_party_writes_is_cut_to_a_size(made: Integration) -> None:
    raised(LATER, kind=FAILING, title="T" * 5000, issue__markdown_message="M" * 50_000)
    issue = Issue.objects.get()
    assert (len(issue.title), len(issue.message)) == (issues.LONGEST_TITLE, issues.LONGEST_MESSAGE)
    assert len(snapshot(made).issue_title) == issues.LONGEST_TITLE
    assert len(history_record.entries(made, Kind.ISSUE).get().data["title"]) == issues.LONGEST_TITLE


@pytest.mark.parametrize("title", ["", " \n\t"])
def test_an_issue_without_a_title_is_called_by_its_type(made: Integration, title: str) -> None:
    raised(LATER, kind=FAILING, title=title, issue__markdown_message=None)
    assert snapshot(made).issue_title == FAILING
    assert Issue.objects.get().message == ""


def test_the_longest_ids_fit(made: Integration) -> None:
    resolved(LATER, first=EARLIER, issue="i" * 200)
    sync_finished("FAILED", LATER, sync_id="s" * 200)
    assert {one.kind for one in Entry.objects.exclude(reference="")} == {Kind.ISSUE, Kind.SYNC}


# --- sync-finished


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


def test_a_sync_that_ended_earlier_changes_only_what_it_alone_knows(made: Integration) -> None:
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
def test_a_sync_that_read_data_proves_the_sign_in_as_of_its_start(
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
def test_being_invalid_ends_what_failed_before_in_whatever_order_it_is_told(
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


def test_new_data_is_noted_once_a_minute_and_shows_no_other_headline(
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
def test_a_flow_that_could_be_several_integrations_or_none_is_nobodys(
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


# --- Another integration, another environment


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


def test_the_same_id_in_another_environment_is_another_integration(
    made: Integration, bolt: Tenant
) -> None:
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
def test_an_event_of_an_environment_that_has_no_such_integration_touches_nobody(
    made: Integration, kind: str
) -> None:
    before = Snapshot.objects.values().get()
    assert tell(kind, environment="us").integration is None
    assert Snapshot.objects.values().get() == before


# --- Any order


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
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


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
