"""Which headline holds, and what it says."""

import itertools
from datetime import UTC, datetime

import pytest
from django.utils import translation

from integrations import headline
from integrations.headline import Headline, Key, Severity, Step
from integrations.models import Snapshot

WHEN = datetime(2026, 11, 18, 9, 12, tzinfo=UTC)
HEALTHY: dict[str, object] = {"status": "ACTIVE", "setup_status": "COMPLETED"}

# The precedence: each row's sign, in the order in which they win. The signs of one axis can't occur together.
SIGNS: list[tuple[Key, dict[str, object]]] = [
    (Key.REMOVED, {"removed_at": WHEN}),
    (Key.PAUSED, {"status": "INACTIVE"}),
    (Key.RECONNECT_REQUIRED, {"status": "INVALID"}),
    (Key.SIGN_IN_FAILING, {"sign_in_failing_since": WHEN}),
    (Key.SETUP_INCOMPLETE, {"setup_status": "INCOMPLETE"}),
    (Key.QUALITY_CHECK, {"qa_status": "FAILED"}),
    (Key.FIRST_SYNC, {"setup_status": "FINAL_SYNC_PENDING"}),
    (Key.UPDATING, {"data_expired_at": WHEN}),
    (Key.DEGRADED, {"issue_title": "Absences can't be read"}),
    (Key.CONNECTED, {}),
]

MEANINGS = {
    Key.REMOVED: (Severity.ATTENTION, Step.VENDOR),
    Key.PAUSED: (Severity.ATTENTION, Step.VENDOR),
    Key.RECONNECT_REQUIRED: (Severity.ACTION_REQUIRED, Step.CUSTOMER),
    Key.SIGN_IN_FAILING: (Severity.ACTION_REQUIRED, Step.CUSTOMER),
    Key.SETUP_INCOMPLETE: (Severity.ACTION_REQUIRED, Step.CUSTOMER),
    Key.QUALITY_CHECK: (Severity.WORKING, Step.VENDOR),
    Key.FIRST_SYNC: (Severity.WORKING, Step.NOBODY),
    Key.UPDATING: (Severity.WORKING, Step.NOBODY),
    Key.DEGRADED: (Severity.ATTENTION, Step.VENDOR),
    Key.CONNECTED: (Severity.OK, Step.NOBODY),
    Key.UNRECOGNISED: (Severity.UNKNOWN, Step.VENDOR),
    Key.PENDING: (Severity.UNKNOWN, Step.NOBODY),
}

EXAMPLES: list[tuple[Key, dict[str, object]]] = [
    *((key, HEALTHY | signs) for key, signs in SIGNS),
    (Key.UNRECOGNISED, HEALTHY | {"status": "PAUSED_BY_TOOL"}),
    (Key.PENDING, {}),
]


def snapshot(**facts: object) -> Snapshot:
    return Snapshot(**({"tool_label": "Personio"} | facts))


def composed(**facts: object) -> Headline:
    return headline.compose(snapshot(**facts), vendor="Northwind")


@pytest.mark.parametrize(("key", "facts"), EXAMPLES)
def test_each_headline_says_whose_step_it_is_and_has_words(key: Key, facts: dict[str, object]) -> None:
    made = composed(**facts)
    assert (made.key, (made.severity, made.step)) == (key, MEANINGS[key])
    assert made.badge
    assert made.title
    assert made.sentence.endswith((".", "Absences can't be read", "PAUSED_BY_TOOL"))
    assert "%(" not in f"{made}"


def test_every_headline_has_an_example_here() -> None:
    assert {key for key, _facts in EXAMPLES} == set(Key) == set(MEANINGS)


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in itertools.combinations(SIGNS, 2) if not pair[0][1].keys() & pair[1][1].keys()],
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
    ("status", "setup_status", "shown"),
    [
        ("PAUSED_BY_TOOL", "COMPLETED", "PAUSED_BY_TOOL"),
        ("ACTIVE", "WAITING_FOR_GODOT", "WAITING_FOR_GODOT"),
        ("<b>", "%(tool)s", "<b> / %(tool)s"),
        ("active", "COMPLETED", "active"),
    ],
)
def test_a_value_this_version_does_not_know_is_shown_raw(status: str, setup_status: str, shown: str) -> None:
    made = composed(status=status, setup_status=setup_status)
    assert made.key is Key.UNRECOGNISED
    assert shown in made.sentence


def test_who_must_act_is_seen_first() -> None:
    ordered = sorted((composed(**facts) for _key, facts in EXAMPLES), key=headline.urgency)
    severities = list(dict.fromkeys(made.severity for made in ordered))
    assert severities == ["action_required", "attention", "unknown", "working", "ok"]
    assert [made.customer_must_act for made in ordered] == [True] * 3 + [False] * 9


def test_a_date_is_told_only_if_it_is_known() -> None:
    assert "2026" in composed(status="INVALID", status_since=WHEN).sentence
    assert "noticed" not in composed(status="INVALID").sentence


def test_failing_sign_in_names_the_day_of_the_pause() -> None:
    made = composed(**HEALTHY, sign_in_failing_since=WHEN)
    assert "18" in made.sentence
    assert "21" in made.next_step


def test_the_vendor_is_named_where_the_step_is_theirs() -> None:
    for facts in ({"removed_at": WHEN}, {"status": "INACTIVE"}, {"status": "NEW"}):
        assert "Northwind" in composed(**facts).next_step


def test_a_removed_tool_that_never_told_its_name_still_makes_a_sentence() -> None:
    made = headline.compose(Snapshot(removed_at=WHEN), vendor="Northwind")
    assert made.title.strip() == made.title
    assert made.title == "A connection was removed"


@pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
@pytest.mark.parametrize(("key", "facts"), EXAMPLES)
def test_the_words_are_the_readers(key: Key, facts: dict[str, object], language: str) -> None:
    english = composed(**facts)
    with translation.override(language):
        if translation.gettext("Connected") == "Connected":
            pytest.skip("not translated yet")
        theirs = composed(**facts)
    assert theirs.key is key
    assert theirs.title != english.title
    assert theirs.sentence != english.sentence
