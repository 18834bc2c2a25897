"""What each person sees of an integration, and which steps are theirs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone, translation

from integrations.access import permissions
from integrations.domain.freshness import Checks
from integrations.domain.headline import Key
from integrations.models import Integration, Snapshot, Tenant
from integrations.tenants import mapping
from integrations.views.customer import cards
from integrations.views.customer.card import Card
from tests import copy

WHEN = datetime(2026, 11, 18, 9, 12, tzinfo=UTC)
CONNECTED: dict[str, Any] = {
    "status": "ACTIVE",
    "setup_status": "COMPLETED",
    "tool_label": "Personio",
    "category": "HRIS",
    "fetched_at": WHEN,
}
INVALID = CONNECTED | {"status": "INVALID"}
INACTIVE = CONNECTED | {"status": "INACTIVE"}
INCOMPLETE = CONNECTED | {"setup_status": "INCOMPLETE"}
FAILING_SIGN_IN = CONNECTED | {"sign_in_failing_since": WHEN}
ERROR: dict[str, Any] = {
    "error_kind": "access_denied",
    "error_code": "PLATFORM.AUTHENTICATION_INVALID",
}


@pytest.fixture
def personio(acme: Tenant) -> Integration:
    return mapping.create(acme, "personio:1")


def seen_by(user: User, integration: Integration, **facts: Any) -> Card:
    """The card of this person after the snapshot came to hold `facts`."""
    Snapshot.objects.filter(pk=integration.pk).update(**facts)
    grant, found = permissions.integration(
        user, integration.tenant.public_id, integration.public_id
    )
    return cards.card(grant, found)


@pytest.mark.parametrize(
    ("facts", "steps"),
    [
        (CONNECTED, {"alice": "sharing"}),
        (INVALID, {"alice": "reconnect", "vic": "colleague", "mia": "colleague"}),
        (FAILING_SIGN_IN, {"alice": "reconnect", "vic": "colleague", "mia": "colleague"}),
        (INCOMPLETE, {"alice": "set_up", "vic": "colleague", "mia": "colleague"}),
        (INACTIVE, {"mia": "resume"}),
        (CONNECTED | {"removed_at": WHEN}, {}),
        (CONNECTED | {"status": "NEW"}, {}),
        ({}, {}),
    ],
)
def test_each_step_is_offered_to_whom_it_belongs(
    facts: dict[str, Any],
    steps: dict[str, str],
    alice: User,
    vic: User,
    mia: User,
    personio: Integration,
) -> None:
    facts = {"coverage_digest": "some"} | facts
    for user in (alice, vic, mia):
        card = seen_by(user, personio, **facts)
        offered = {
            "reconnect": card.may_reconnect,
            "set_up": card.may_set_up,
            "sharing": card.may_change_sharing,
            "resume": card.may_resume,
            "colleague": card.asks_colleague,
        }
        assert [step for step, is_offered in offered.items() if is_offered] == list(
            filter(None, [steps.get(user.username)])
        ), user
        assert card.may_check


def test_a_card_shows_what_kombo_said(alice: User, personio: Integration) -> None:
    card = seen_by(
        alice,
        personio,
        **CONNECTED,
        beta=True,
        connected_at=WHEN,
        creator_email="eve@acme.example",
        coverage_digest="d",
    )
    assert (card.id, card.tenant_id) == (personio.public_id, personio.tenant.public_id)
    assert (card.label, card.category, card.beta, card.has_grid) == (
        "Personio",
        copy.HR_SYSTEM,
        True,
        True,
    )
    assert (card.connected_at, card.connected_by, card.checked_at) == (
        WHEN,
        "eve@acme.example",
        WHEN,
    )
    assert (card.note, card.staff_note, card.is_cold, card.must_act) == ("", "", False, False)


def test_what_a_card_never_shows(alice: User, mia: User, personio: Integration) -> None:
    hidden = {
        "internal_label": "Secret name",
        "error_log_url": "https://app.kombo.dev/logs",
        "scope_name": "Scopes",
    }
    for user in (alice, mia):
        shown = repr(seen_by(user, personio, **CONNECTED, **ERROR, **hidden))
        assert not [value for value in (*hidden.values(), "personio:1") if value in shown]


@pytest.mark.parametrize(
    ("category", "name"),
    [("HRIS", copy.HR_SYSTEM), ("ATS", "Recruiting"), ("LMS", "Learning"), ("PAYROLL", "PAYROLL")],
)
def test_a_category_in_words(category: str, name: str) -> None:
    assert cards.category_name(category) == name


def test_a_cold_card_awaits_its_first_answer(alice: User, personio: Integration) -> None:
    card = seen_by(alice, personio)
    assert (card.headline.key, card.is_cold, card.note, card.checked_at, card.poll) == (
        Key.PENDING,
        True,
        "",
        None,
        0,
    )


def test_a_cold_card_that_can_not_be_checked_has_no_data(
    alice: User, personio: Integration
) -> None:
    card = seen_by(alice, personio, **ERROR)
    assert not card.is_cold
    assert card.headline.key is Key.PENDING
    assert card.headline.sentence.startswith(
        "We have no data yet and can’t check the connection right now."
    )


def test_our_failure_is_never_painted_as_the_customers(
    alice: User, mia: User, personio: Integration
) -> None:
    card = seen_by(alice, personio, **CONNECTED, **ERROR)
    assert card.headline.key is Key.CONNECTED
    assert card.note.startswith("We can’t check the connection right now.")
    assert not card.must_act
    assert card.staff_note == ""
    assert (
        seen_by(mia, personio).staff_note
        == "Kombo rejected our API key or IP address. PLATFORM.AUTHENTICATION_INVALID"
    )


@pytest.mark.parametrize(
    ("kind", "words"),
    [("timed_out", "timed out"), ("circuit_open", "Requests to this environment")],
)
def test_staff_are_told_why_a_check_failed(
    kind: str, words: str, mia: User, personio: Integration
) -> None:
    assert words in seen_by(mia, personio, **CONNECTED, error_kind=kind).staff_note


def test_checking_is_said_while_a_repair_is_watched(alice: User, personio: Integration) -> None:
    until = timezone.now() + timedelta(seconds=30)
    checking = seen_by(alice, personio, **INVALID, watch_until=until)
    assert (checking.headline.key, checking.headline.badge) == ("reconnect_required", copy.CHECKING)
    assert not checking.must_act
    assert not checking.may_reconnect
    assert seen_by(alice, personio, watch_until=timezone.now()).may_reconnect


def test_cards_come_in_the_order_of_who_must_act_then_by_name(alice: User, acme: Tenant) -> None:
    for number, (label, facts) in enumerate(
        [
            ("Zoho", CONNECTED),
            ("ashby", CONNECTED),
            ("Lucca", INACTIVE),
            ("Workday", INVALID),
            ("HiBob", INVALID),
        ]
    ):
        made = mapping.create(acme, f"tool:{number}")
        Snapshot.objects.filter(pk=made.pk).update(**facts | {"tool_label": label})
    grant, found = permissions.integrations(alice, acme.public_id)
    assert [card.label for card in cards.cards(grant, found)] == [
        "HiBob",
        "Workday",
        "Lucca",
        "ashby",
        "Zoho",
    ]


def test_the_guards_card_says_nothing_of_what_kombo_answered(
    alice: User, mia: User, personio: Integration
) -> None:
    told = INVALID | {
        "creator_email": "eve@bolt.example",
        "connected_at": WHEN,
        "coverage_digest": "digest",
    }
    card = seen_by(alice, personio, **told, origin_id="bolt", organization_name="Bolt & Sons")
    untold = Card(card.id, card.tenant_id, card.headline, card.label, card.pk)
    untold = replace(untold, subtitle=card.headline.sentence, checks=card.checks, is_due=True)
    assert card == untold
    assert not [
        word
        for word in ("bolt", "Bolt", "Personio", "INVALID", "2026")
        if word in repr(replace(card, checks=Checks()))
    ]
    assert not card.must_act
    note = seen_by(mia, personio).staff_note
    assert "“bolt”" in note
    assert "“acme”" in note


def test_the_version_names_what_is_seen_but_not_its_age(alice: User, personio: Integration) -> None:
    card = seen_by(alice, personio, **CONNECTED)
    later = replace(card, checked_at=timezone.now(), checks=Checks(retry_at=timezone.now()))
    assert later.version == card.version == seen_by(alice, personio).version
    assert replace(card, note="!").version != card.version


def test_the_version_is_another_in_another_language(alice: User, personio: Integration) -> None:
    english = seen_by(alice, personio, **CONNECTED).version
    with translation.override("de"):
        assert seen_by(alice, personio).version != english
