"""What the beginning and the end of an issue do, in whatever order they come."""

import json
from datetime import timedelta

import pytest

from integrations.domain import open_issues
from integrations.domain.headline import Key, key_of
from integrations.domain.open_issues import OpenIssue
from integrations.history import record as history_record
from integrations.models import Entry, Integration, Issue, Kind, Snapshot, Source
from integrations.upstream import issues
from tests import copy
from tests.conftest import NOW
from tests.webhook_payloads import encoded, event
from tests.webhooks.handling import (
    EARLIER,
    FAILING,
    LATER,
    SIGN_IN,
    entries,
    incident,
    key,
    raised,
    resolved,
    snapshot,
    sync_finished,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


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


def test_the_end_of_an_earlier_time_opens_nothing_resolved(made: Integration) -> None:
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
    assert [(one["title"], one["message"]) for one in shown] == [(copy.NEWER, "all calls")]
    assert snapshot(made).issue_title == copy.NEWER


def test_an_issue_of_the_whole_environment_is_no_integrations(made: Integration) -> None:
    before = Snapshot.objects.values().get()
    for change in (raised(LATER, integration=None), resolved(NOW, first=LATER, integration=None)):
        assert change.integration is None
    assert Snapshot.objects.values().get() == before
    assert not Issue.objects.exists()
    assert not Entry.objects.exists()


def test_the_first_failed_sign_in_counts_others_by_age(
    made: Integration,
) -> None:
    raised(LATER, issue="b")
    raised(EARLIER, issue="a")
    raised(LATER, issue="d", kind=FAILING, title="Second")
    raised(EARLIER, issue="c", kind=FAILING, title="First")
    row = snapshot(made)
    assert (row.sign_in_failing_since, row.issue_title) == (EARLIER, "First")
    assert [one["id"] for one in json.loads(row.open_issues)] == ["a", "c", "b", "d"]


def test_issues_of_one_instant_show_in_the_same_order(
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
