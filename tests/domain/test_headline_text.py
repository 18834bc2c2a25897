"""What a headline says, to whom the step belongs, and in whose language."""

import pytest
from django.utils import translation

from integrations.domain import headline, headline_text
from integrations.domain.headline import Headline, Key, NextActor
from integrations.models import Snapshot
from tests import copy
from tests.domain.headlines import EXAMPLES, HEALTHY, SEVERITIES, WHEN, snapshot

STEPS = {
    Key.REMOVED: NextActor.VENDOR,
    Key.PAUSED: NextActor.VENDOR,
    Key.RECONNECT_REQUIRED: NextActor.CUSTOMER,
    Key.SIGN_IN_FAILING: NextActor.CUSTOMER,
    Key.SETUP_INCOMPLETE: NextActor.CUSTOMER,
    Key.QUALITY_CHECK: NextActor.VENDOR,
    Key.FIRST_SYNC: NextActor.NOBODY,
    Key.UPDATING: NextActor.NOBODY,
    Key.CONNECTED: NextActor.NOBODY,
    Key.UNRECOGNISED: NextActor.VENDOR,
    Key.PENDING: NextActor.NOBODY,
}
ISSUE = {"issue_title": "Absences can't be read"}
pytestmark = pytest.mark.usefixtures("clock")  # of this year no year is named
LAST_COMPLETE = copy.THE_LAST_COMPLETE_SYNC(date="18 November")


def composed(**facts: object) -> Headline:
    return headline_text.headline_of(snapshot(**facts), vendor="Northwind")


@pytest.mark.parametrize(("key", "facts"), EXAMPLES)
def test_each_headline_says_whose_step_it_is_and_has_words(
    key: Key, facts: dict[str, object]
) -> None:
    made = composed(**facts)
    assert (made.key, made.severity) == (key, SEVERITIES[key])
    assert made.badge
    assert made.title
    assert made.sentence.endswith((".", "PAUSED_BY_TOOL"))
    assert "%(" not in f"{made}"
    if key is not Key.DEGRADED:  # whose step that is depends on why
        assert made.next_actor is STEPS[key]


def test_an_issue_is_named_and_the_vendors_to_mend() -> None:
    made = composed(**HEALTHY, **ISSUE)
    assert (made.next_actor, made.next_step) == (
        NextActor.VENDOR,
        copy.VENDOR_TAKES_CARE_OF_IT_THE(vendor="Northwind"),
    )
    assert (
        made.sentence
        == copy.CONNECTED_BUT_WITH_AN_ISSUE_ISSUE(issue="Absences can't be read") + "."
    )


@pytest.mark.parametrize("sync_state", ["PARTIALLY_FAILED", "FAILED", "TIMED_OUT"])
def test_a_failed_transfer_is_nobodys_step(sync_state: str) -> None:
    made = composed(**HEALTHY, sync_state=sync_state)
    assert (made.key, made.next_actor) == (Key.DEGRADED, NextActor.NOBODY)
    assert made.sentence == copy.CONNECTED_BUT_THE_LAST_SYNC(tool="Personio")
    assert made.next_step == copy.WE_WILL_RETRY_AUTOMATICALLY_YOU


def test_an_issue_explains_a_failed_transfer() -> None:
    assert composed(**HEALTHY, **ISSUE, sync_state="FAILED") == composed(**HEALTHY, **ISSUE)


@pytest.mark.parametrize(
    "facts",
    [
        {"status": "INVALID"},
        HEALTHY | {"sign_in_failing_since": WHEN},
        HEALTHY | {"sync_state": "FAILED"},
        HEALTHY | ISSUE,
    ],
)
def test_what_is_broken_says_how_old_the_last_complete_data_is(facts: dict[str, object]) -> None:
    assert composed(**facts, complete_at=WHEN).sentence.endswith(f" {LAST_COMPLETE}")
    assert "last complete sync" not in composed(**facts).sentence


@pytest.mark.parametrize("title", ["Absences can't be read", "Absences can't be read."])
def test_an_issues_title_ends_before_the_next_sentence_begins(title: str) -> None:
    made = composed(**HEALTHY, issue_title=title, complete_at=WHEN)
    assert (
        made.sentence == f"Connected, but there’s an issue: Absences can't be read. {LAST_COMPLETE}"
    )


@pytest.mark.parametrize(("key", "facts"), EXAMPLES)
def test_only_what_is_broken_speaks_of_the_last_complete_data(
    key: Key, facts: dict[str, object]
) -> None:
    broken = {Key.RECONNECT_REQUIRED, Key.SIGN_IN_FAILING, Key.DEGRADED}
    assert (LAST_COMPLETE in composed(**facts, complete_at=WHEN).sentence) is (key in broken)


@pytest.mark.parametrize(
    ("status", "setup_status", "shown"),
    [
        ("PAUSED_BY_TOOL", "COMPLETED", "PAUSED_BY_TOOL"),
        ("ACTIVE", "WAITING_FOR_GODOT", "WAITING_FOR_GODOT"),
        ("<b>", "%(tool)s", "<b> / %(tool)s"),
        ("active", "COMPLETED", "active"),
    ],
)
def test_a_value_this_version_does_not_know_is_shown_raw(
    status: str, setup_status: str, shown: str
) -> None:
    made = composed(status=status, setup_status=setup_status)
    assert made.key is Key.UNRECOGNISED
    assert shown in made.sentence


def test_every_headline_has_a_badge_of_its_own() -> None:
    assert len({headline_text.badge_text(key) for key in Key}) == len(Key)
    for key, facts in EXAMPLES:
        assert composed(**facts).badge == headline_text.badge_text(key)


def test_who_must_act_is_seen_first() -> None:
    ordered = sorted((composed(**facts) for _key, facts in EXAMPLES), key=headline.urgency)
    severities = list(dict.fromkeys(made.severity for made in ordered))
    assert severities == ["action_required", "attention", "unknown", "working", "ok"]
    assert [made.customer_must_act for made in ordered] == [True] * 3 + [False] * 10


def test_a_date_is_told_only_if_it_is_known() -> None:
    assert "18 November" in composed(status="INVALID", trouble_since=WHEN).sentence
    assert "noticed" not in composed(status="INVALID").sentence


def test_failing_sign_in_names_the_day_of_the_pause() -> None:
    made = composed(**HEALTHY, sign_in_failing_since=WHEN)
    assert "18" in made.sentence
    assert "21" in made.next_step


def test_the_vendor_is_named_where_the_step_is_theirs() -> None:
    for facts in ({"removed_at": WHEN}, {"status": "INACTIVE"}, {"status": "NEW"}):
        assert "Northwind" in composed(**facts).next_step


def test_a_removed_tool_without_a_name_still_makes_a_sentence() -> None:
    made = headline_text.headline_of(Snapshot(removed_at=WHEN), vendor="Northwind")
    assert made.title.strip() == made.title
    assert made.title == copy.A_CONNECTION_WAS_REMOVED


@pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
@pytest.mark.parametrize(("key", "facts"), EXAMPLES)
def test_the_words_are_the_readers(key: Key, facts: dict[str, object], language: str) -> None:
    english = composed(**facts)
    with translation.override(language):
        if translation.gettext(copy.CONNECTED) == copy.CONNECTED:
            pytest.skip("not translated yet")
        theirs = composed(**facts)
    assert theirs.key is key
    assert theirs.title != english.title
    assert theirs.sentence != english.sentence


@pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
def test_the_age_of_complete_data_is_in_the_readers_language(language: str) -> None:
    with translation.override(language):
        assert "last complete sync" not in composed(status="INVALID", complete_at=WHEN).sentence
