"""What a card shows of what only webhooks tell: open issues, and how fresh the data is."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation
from django.utils.safestring import SafeString
from time_machine import TimeMachineFixture

from integrations.access import permissions
from integrations.models import Integration, Snapshot, Tenant
from integrations.tenants import mapping
from integrations.views.customer import cards
from integrations.views.customer.card import Card
from tests import copy
from tests.conftest import NOW
from tests.views.browsing import Element, read, url_of
from tests.webhook_payloads import event, tell

pytestmark = pytest.mark.usefixtures("clock")


type Page = Callable[..., Element]

SINCE = NOW - timedelta(hours=2)
CONNECTED: dict[str, Any] = {
    "status": "ACTIVE",
    "setup_status": "COMPLETED",
    "tool_label": "Personio",
    "category": "HRIS",
    "fetched_at": NOW,
}


@pytest.fixture
def personio(acme: Tenant) -> Integration:
    made = mapping.create(acme, "personio:1")
    Snapshot.objects.filter(pk=made.pk).update(**CONNECTED)
    return made


@pytest.fixture
def page(client: Client, alice: User, personio: Integration) -> Page:
    """The card as it stands on alice's page, after the snapshot came to hold these facts."""
    client.force_login(alice)

    def page(**facts: Any) -> Element:
        Snapshot.objects.filter(pk=personio.pk).update(**facts)
        return read(client.get(url_of("integration", personio))).one("article")

    return page


def seen_by(user: User, integration: Integration, **facts: Any) -> Card:
    """The card of this person after the snapshot came to hold `facts`."""
    if facts:
        Snapshot.objects.filter(pk=integration.pk).update(**facts)
    grant, found = permissions.integration(
        user, integration.tenant.public_id, integration.public_id
    )
    return cards.card(grant, found)


def issues(*titles: str, **told: Any) -> str:
    """Open issues as a snapshot keeps them."""
    usual = {
        "id": "issue-1",
        "type": "integration.missing_permission",
        "message": "",
        "since": SINCE.isoformat(),
    }
    return json.dumps([usual | {"title": title} | told for title in titles])


# --- Issues


def test_an_open_issue_comes_with_its_message_as_html(alice: User, personio: Integration) -> None:
    message = "Give us **absences**, see <https://docs.kombo.dev/>. <script>alert(1)</script>"
    [issue] = seen_by(
        alice, personio, open_issues=issues("Absences can't be read", message=message)
    ).issues
    assert (issue.id, issue.type) == ("issue-1", "integration.missing_permission")
    assert (issue.title, issue.since) == ("Absences can't be read", SINCE)
    assert isinstance(issue.message, SafeString)
    assert "<strong>absences</strong>" in issue.message
    assert '<a href="https://docs.kombo.dev/"' in issue.message
    assert "&lt;script&gt;" in issue.message


def test_issues_stand_in_the_order_in_which_they_are_kept(
    alice: User, personio: Integration
) -> None:
    assert [
        one.title for one in seen_by(alice, personio, open_issues=issues("b", "a", "c")).issues
    ] == ["b", "a", "c"]


def test_what_is_well_has_no_issues(alice: User, personio: Integration) -> None:
    assert seen_by(alice, personio).issues == ()


def test_what_is_gone_for_good_has_no_issues_worth_reading(
    alice: User, personio: Integration, page: Page
) -> None:
    assert seen_by(alice, personio, open_issues=issues("Absences"), removed_at=NOW).issues == ()
    assert not page().all("details", "data-issue")


def test_the_guards_card_tells_of_no_issue_and_no_data(
    alice: User, mia: User, personio: Integration
) -> None:
    told = {
        "open_issues": issues("Bolt's absences"),
        "synced_at": SINCE,
        "sync_state": "FAILED",
        "data_changed_at": SINCE,
    }
    for user in (alice, mia):
        card = seen_by(user, personio, origin_id="bolt", **told)
        assert (card.issues, card.synced_at, card.data_changed_at) == ((), None, None)


def test_an_issue_and_its_details_can_be_unfolded(page: Page) -> None:
    shown = page(
        open_issues=issues("Absences can't be read", "Another", message="Give us *absences*.")
    )
    issue, other = shown.all("details", "data-issue")
    assert "open" not in issue.attributes
    assert issue.all("summary")[0].text == "Absences can't be read"
    assert issue.one("div", "class", "prose").one("em").text == "absences"
    assert issue.one("p", "class", "note").text == "First detected on 20 November, 10:00."
    technical = issue.one("details", "class", "technical")
    assert technical.one("summary").text == copy.TECHNICAL_DETAILS
    assert (
        technical.one("code").text
        == "integration.missing_permission · issue-1 · 2026-11-20T10:00:00+00:00"
    )
    assert other.all("summary")[0].text == "Another"


def test_nothing_hostile_in_an_issue_is_more_than_text(page: Page) -> None:
    text = '"><img src=x onerror=alert(1)></summary><script>alert(1)</script>'
    usual = {
        (one.tag, name)
        for one in page(open_issues=issues("x", message="x"))
        for name in one.attributes
    }
    shown = page(open_issues=issues(text, id=text, type=text, message=text))
    assert {(one.tag, name) for one in shown for name in one.attributes} == usual
    assert shown.one("details", "data-issue", text).all("summary")[0].text == text
    assert shown.one("div", "class", "prose").text == text


def test_an_issue_is_there_from_its_raising_to_its_resolving(alice: User, acme: Tenant) -> None:
    kind = "issue-status-changed"
    document = event(kind)["data"]
    made = mapping.create(acme, document["integration"]["id"])
    Snapshot.objects.filter(pk=made.pk).update(**CONNECTED)
    tell(
        kind,
        change="raised",
        issue__status="OPEN",
        issue__resolved_at=None,
        issue__first_observed_at=SINCE,
    )
    [issue] = seen_by(alice, made).issues
    assert (issue.title, issue.since) == (document["issue"]["title"], SINCE)
    tell(
        kind,
        change="resolved",
        issue__status="RESOLVED",
        issue__first_observed_at=SINCE,
        issue__resolved_at=NOW,
    )
    assert seen_by(alice, made).issues == ()


# --- Data


def test_how_the_latest_sync_ended_is_said_in_words(
    alice: User, personio: Integration, page: Page, subtests: pytest.Subtests
) -> None:
    for state, words in [
        ("SUCCEEDED", copy.LAST_SYNC_COMPLETED_TIME(time=copy.N_HOURS_AGO(n=2))),
        ("PARTIALLY_FAILED", copy.LAST_SYNC_PARTIALLY_COMPLETED_TIME(time=copy.N_HOURS_AGO(n=2))),
        ("FAILED", copy.LAST_SYNC_FAILED_TIME(time=copy.N_HOURS_AGO(n=2))),
        ("TIMED_OUT", copy.LAST_SYNC_TIMED_OUT_TIME(time=copy.N_HOURS_AGO(n=2))),
        ("AUTHENTICATION_FAILED", copy.LAST_SYNC_COULD_NOT_SIGN(time=copy.N_HOURS_AGO(n=2))),
        ("CANCELLED", copy.LAST_SYNC_CANCELED_TIME(time=copy.N_HOURS_AGO(n=2))),
        ("SOME_LATER_WORD", copy.LAST_SYNCED_TIME(time=copy.N_HOURS_AGO(n=2))),
        ("", copy.LAST_SYNCED_TIME(time=copy.N_HOURS_AGO(n=2))),
    ]:
        with subtests.test(state=state, words=words):
            assert seen_by(alice, personio, synced_at=SINCE, sync_state=state).synced_at == SINCE
            [shown] = [
                one.text
                for one in page().one("dl", "class", "hero-facts").all("dd")
                if copy.LAST_SYNC in one.text
            ]
            assert shown == words


def test_who_reads_german_reads_how_it_ended_in_german(alice: User, personio: Integration) -> None:
    with translation.override("de"):
        assert (
            seen_by(alice, personio, synced_at=SINCE, sync_state="SUCCEEDED").sync_sentence
            == "Letzte Synchronisierung %(time)s abgeschlossen"
        )


def test_new_data_is_told_of_only_where_no_sync_ever_was(
    alice: User, personio: Integration, page: Page
) -> None:
    card = seen_by(alice, personio, data_changed_at=SINCE)
    assert (card.synced_at, card.data_changed_at) == (None, SINCE)
    assert (
        copy.LATEST_NEW_DATA_TIME(time=copy.N_HOURS_AGO(n=2))
        in page().one("dl", "class", "hero-facts").text
    )
    card = seen_by(alice, personio, synced_at=SINCE - timedelta(days=1))
    assert (card.synced_at, card.data_changed_at) == (SINCE - timedelta(days=1), None)
    shown = page().one("dl", "class", "hero-facts").text
    assert copy.LAST_SYNCED_TIME(time=copy.N_HOURS_AGO(n=26)) in shown
    assert "Latest new data" not in shown


def test_before_anything_was_told_nothing_is_said_of_data(page: Page) -> None:
    shown = page().one("dl", "class", "hero-facts").text
    assert "Last synced" not in shown
    assert "Latest new data" not in shown


# --- The version


def test_the_version_changes_with_what_webhooks_tell(alice: User, personio: Integration) -> None:
    steps: list[dict[str, Any]] = [
        {},
        {"open_issues": issues("Absences can't be read")},
        {"open_issues": issues("Absences can't be read", "Another")},
        {"open_issues": issues("Absences can't be read", message="Another message")},
        {"open_issues": issues("Absences can't be read", since=NOW.isoformat())},
        {"open_issues": "", "data_changed_at": SINCE},
        {"synced_at": SINCE, "sync_state": "SUCCEEDED"},
        {"sync_state": "PARTIALLY_FAILED"},
        {"synced_at": NOW},
    ]
    versions = [seen_by(alice, personio, **facts).version for facts in steps]
    assert len(set(versions)) == len(steps)


def test_the_version_does_not_change_with_age(
    alice: User, personio: Integration, clock: TimeMachineFixture
) -> None:
    facts = {"open_issues": issues("Absences"), "synced_at": SINCE, "sync_state": "SUCCEEDED"}
    version = seen_by(alice, personio, **facts).version
    for days in (1, 30, 300):
        clock.shift(timedelta(days=days))
        assert seen_by(alice, personio).version == version
        assert seen_by(alice, personio, fetched_at=NOW + timedelta(days=days)).version == version
