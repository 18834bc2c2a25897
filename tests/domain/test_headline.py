"""Which headline holds."""

import itertools

import pytest

from integrations.domain import headline, headline_text
from integrations.domain.headline import Key, NextActor
from tests.domain.headlines import EXAMPLES, HEALTHY, SEVERITIES, SIGNS, WHEN, snapshot


@pytest.mark.parametrize(("key", "facts"), EXAMPLES)
def test_each_headline_holds_for_its_sign_alone(key: Key, facts: dict[str, object]) -> None:
    assert headline.key_of(snapshot(**facts)) is key


def test_every_headline_has_an_example_here() -> None:
    assert {key for key, _facts in EXAMPLES} == set(Key)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pair
        for pair in itertools.combinations(SIGNS, 2)
        if not pair[0][1].keys() & pair[1][1].keys()
    ],
)
def test_of_two_that_match_the_first_of_the_table_wins(
    first: tuple[Key, dict[str, object]], second: tuple[Key, dict[str, object]]
) -> None:
    assert headline.key_of(snapshot(**(HEALTHY | second[1] | first[1]))) is first[0]


def test_everything_at_once_is_removed() -> None:
    everything: dict[str, object] = {}
    for _key, signs in reversed(SIGNS):
        everything |= signs
    assert headline.key_of(snapshot(**everything)) is Key.REMOVED


@pytest.mark.parametrize("status", ["INVALID", "INACTIVE", "PAUSED_BY_TOOL", ""])
def test_failing_sign_in_counts_only_while_active(status: str) -> None:
    facts = snapshot(status=status, setup_status="COMPLETED", sign_in_failing_since=WHEN)
    assert headline.key_of(facts) is not Key.SIGN_IN_FAILING


@pytest.mark.parametrize(
    ("sync_state", "key"),
    [
        ("PARTIALLY_FAILED", Key.DEGRADED),
        ("FAILED", Key.DEGRADED),
        ("TIMED_OUT", Key.DEGRADED),
        ("SUCCEEDED", Key.CONNECTED),
        ("CANCELLED", Key.CONNECTED),  # somebody ended it on purpose
        ("AUTHENTICATION_FAILED", Key.CONNECTED),  # told by `sign_in_failing_since`
        ("WAITING_FOR_GODOT", Key.CONNECTED),
        ("", Key.CONNECTED),
    ],
)
def test_only_a_transfer_that_did_not_bring_everything_limits(sync_state: str, key: Key) -> None:
    assert headline.key_of(snapshot(**HEALTHY, sync_state=sync_state)) is key


@pytest.mark.parametrize(
    ("status", "setup_status"),
    [
        ("PAUSED_BY_TOOL", "COMPLETED"),
        ("ACTIVE", "WAITING_FOR_GODOT"),
        ("<b>", "%(tool)s"),
        ("active", "COMPLETED"),
    ],
)
def test_a_value_this_version_does_not_know_is_no_good_news(status: str, setup_status: str) -> None:
    assert headline.key_of(snapshot(status=status, setup_status=setup_status)) is Key.UNRECOGNISED


def test_every_headline_is_as_grave_as_its_name_says() -> None:
    assert {key: headline.severity_of(key) for key in Key} == SEVERITIES


@pytest.mark.parametrize(("key", "facts"), EXAMPLES)
def test_the_words_and_the_list_say_alike_whose_step_it_is(
    key: Key, facts: dict[str, object]
) -> None:
    composed = headline_text.headline_of(snapshot(**facts), vendor="Northwind")
    assert (composed.key, composed.severity) == (key, headline.severity_of(key))
    assert composed.next_actor is headline.next_actor_of(snapshot(**facts))


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        ({"removed_at": WHEN}, NextActor.VENDOR),
        ({"status": "INACTIVE"}, NextActor.VENDOR),
        ({"status": "INVALID"}, NextActor.CUSTOMER),
        ({"sign_in_failing_since": WHEN}, NextActor.CUSTOMER),
        ({"setup_status": "INCOMPLETE"}, NextActor.CUSTOMER),
        ({"qa_status": "FAILED"}, NextActor.VENDOR),
        ({"setup_status": "FINAL_SYNC_PENDING"}, NextActor.NOBODY),
        ({"data_expired_at": WHEN}, NextActor.NOBODY),
        ({"issue_title": "Absences can't be read"}, NextActor.VENDOR),
        ({"sync_state": "PARTIALLY_FAILED"}, NextActor.NOBODY),
        ({}, NextActor.NOBODY),
        ({"status": "PAUSED_BY_TOOL"}, NextActor.VENDOR),
        ({"status": "", "setup_status": ""}, NextActor.NOBODY),
    ],
)
def test_whose_step_it_is(facts: dict[str, object], step: NextActor) -> None:
    assert headline.next_actor_of(snapshot(**(HEALTHY | facts))) is step
