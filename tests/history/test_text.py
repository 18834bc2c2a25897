"""An integration's history in words: what each entry is called."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from integrations.domain.headline import Key, Severity, severity_of
from integrations.domain.headline_text import badge_text
from integrations.history import text as history_text
from integrations.history.text import EntryText
from integrations.models import Entry, Kind, Source
from tests import copy

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ALICE = User(username="alice", first_name="Alice", last_name="Meyer", email="alice@acme.example")
VIC = User(username="vic", email="vic@acme.example")
MIA = User(username="mia", first_name="Mia", last_name="Müller", is_staff=True)
WHO = [(ALICE, "Alice Meyer"), (VIC, "vic"), (MIA, "Northwind")]


def told(
    kind: Kind,
    what: str = "",
    *,
    source: Source = Source.CHECK,
    actor: User | None = None,
    tool: str = "Personio",
    **data: Any,
) -> EntryText:
    """What one entry is called."""
    entry = Entry(kind=kind, what=what, at=NOW, source=source, actor=actor, data=data)
    [line] = history_text.entry_texts([entry], tool=tool)
    assert (line.at, line.kind) == (NOW, kind)
    assert line.severity in set(Severity)
    return line


# --- States


@pytest.mark.parametrize("key", Key)
def test_a_state_is_called_what_its_badge_says(key: Key) -> None:
    line = told(Kind.STATE, key)
    assert (line.title, line.severity) == (badge_text(key), severity_of(key))


def test_a_state_of_another_version_is_an_unknown_one() -> None:
    line = told(Kind.STATE, "half asleep")
    assert (line.title, line.severity, line.detail) == (
        copy.UNKNOWN_STATUS,
        "unknown",
        copy.DETECTED_BY_A_STATUS_CHECK,
    )


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source.CHECK, copy.DETECTED_BY_A_STATUS_CHECK),
        (Source.STATE, copy.STATUS_CHANGE_REPORTED_BY_KOMBO),
        (Source.ISSUE, copy.ISSUE_REPORTED_BY_KOMBO),
        (Source.SYNC, copy.DETECTED_DURING_A_SYNC),
        (Source.PERSON, copy.AFTER_A_RECONNECT),
    ],
)
def test_a_state_says_how_we_came_to_know(source: Source, said: str) -> None:
    assert told(Kind.STATE, Key.CONNECTED, source=source).detail == said
    assert history_text.detected(str(source)) == said


def test_a_source_of_another_version_is_left_out() -> None:
    assert told(Kind.STATE, Key.CONNECTED, source="heard it").detail == ""  # type: ignore[arg-type]


def test_there_are_words_for_every_way_to_know() -> None:
    assert len({history_text.detected(source) for source in Source} - {""}) == len(Source)


# --- Repairs


@pytest.mark.parametrize(("who", "name"), WHO)
@pytest.mark.parametrize(
    ("what", "outcome", "said"),
    [
        ("reconnect", "done", copy.WHO_RECONNECTED_TOOL(who="{}", tool="Personio")),
        ("reconnect", "started", copy.WHO_STARTED_RECONNECTING_TOOL(who="{}", tool="Personio")),
        ("reconnect", "unconfirmed", copy.WHO_STARTED_RECONNECTING_TOOL(who="{}", tool="Personio")),
        ("reconnect", "failed", copy.WHO_STARTED_RECONNECTING_TOOL(who="{}", tool="Personio")),
        ("setup", "done", copy.WHO_CONTINUED_THE_SETUP_OF_TOOL(who="{}", tool="Personio")),
        ("setup", "started", copy.WHO_CONTINUED_THE_SETUP_OF_TOOL(who="{}", tool="Personio")),
        ("resume", "done", copy.WHO_RESUMED_TOOL(who="{}", tool="Personio")),
    ],
)
def test_a_repair_says_who_did_what(
    who: User, name: str, what: str, outcome: str, said: str
) -> None:
    line = told(Kind.REPAIR, what, actor=who, outcome=outcome)
    assert line.title == said.format(name)
    assert ALICE.email not in repr(line)


@pytest.mark.parametrize("what", ["reconnect", "setup", "resume"])
@pytest.mark.parametrize(
    ("outcome", "severity", "detail"),
    [
        ("done", "ok", ""),
        ("started", "unknown", copy.NO_RESULT_WAS_REPORTED),
        ("unconfirmed", "unknown", copy.FINISHED_BUT_NOT_CONFIRMED_YET),
        ("failed", "unknown", copy.IT_FAILED),
        ("some later word", "unknown", ""),
    ],
)
def test_a_repair_says_how_it_ended(what: str, outcome: str, severity: str, detail: str) -> None:
    line = told(Kind.REPAIR, what, actor=ALICE, outcome=outcome)
    assert (line.severity, line.detail) == (severity, detail)


def test_a_repair_by_whoever_left_or_is_unknown_was_somebodys() -> None:
    assert told(
        Kind.REPAIR, "reconnect", outcome="failed"
    ).title == copy.RECONNECTING_TOOL_WAS_STARTED(tool="Personio")
    assert told(Kind.REPAIR, "resume", outcome="done").title == copy.TOOL_WAS_RESUMED(
        tool="Personio"
    )


def test_a_repair_of_another_version_keeps_its_own_word() -> None:
    assert told(Kind.REPAIR, "some later act", actor=ALICE).title == "some later act"


# --- Issues, syncs, settings


@pytest.mark.parametrize(
    ("what", "said", "severity"),
    [
        ("raised", copy.DETECTED_ISSUE(issue="100% of {} are unread"), "attention"),
        ("resolved", copy.RESOLVED_ISSUE(issue="100% of {} are unread"), "ok"),
    ],
)
def test_an_issue_is_called_by_its_title(what: str, said: str, severity: str) -> None:
    line = told(Kind.ISSUE, what, title="100% of {} are unread", type="integration.other")
    assert (line.title, line.severity, line.detail) == (said, severity, "")


def test_an_issue_without_a_title_is_an_issue_still() -> None:
    assert told(Kind.ISSUE, "raised").title == "Detected: "


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("PARTIALLY_FAILED", copy.SYNC_WITH_TOOL_WAS_INCOMPLETE(tool="Personio")),
        ("TIMED_OUT", copy.SYNC_WITH_TOOL_TIMED_OUT(tool="Personio")),
        ("AUTHENTICATION_FAILED", copy.SYNC_WITH_COULD_NOT_SIGN(tool="Personio")),
        ("FAILED", copy.SYNC_WITH_TOOL_FAILED(tool="Personio")),
        ("SOME_LATER_WORD", copy.SYNC_WITH_TOOL_FAILED(tool="Personio")),
    ],
)
def test_a_failed_sync_says_how_it_failed_and_no_more(what: str, said: str) -> None:
    line = told(Kind.SYNC, what, source=Source.SYNC, log_url="https://app.kombo.dev/logs/1")
    assert (line.title, line.severity) == (said, "attention")
    assert "kombo.dev" not in repr(line)


def test_changed_settings_say_what_follows() -> None:
    line = told(Kind.SETTINGS, "changed")
    assert line.title == copy.TOOL_SETTINGS_CHANGED(tool="Personio")
    assert (line.detail, line.severity) == (
        copy.THE_DATA_IS_SYNCED_AGAIN,
        "working",
    )


def test_a_tools_name_is_never_taken_for_a_pattern() -> None:
    for kind, what in (
        (Kind.REPAIR, "reconnect"),
        (Kind.SYNC, "FAILED"),
        (Kind.SETTINGS, "changed"),
    ):
        assert "100% %(who)s" in told(kind, what, actor=ALICE, tool="100% %(who)s").title


# --- What is shared


@pytest.mark.parametrize(
    ("counts", "said"),
    [
        ({"available": 1}, copy.N_FIELD_IS_NOW_AVAILABLE(n=1)),
        ({"available": 2}, copy.N_FIELDS_ARE_NOW_AVAILABLE(n=2)),
        ({"opted_out": 1}, copy.OPTED_OUT_OF_N_FIELD(n=1)),
        ({"opted_out": 40}, copy.OPTED_OUT_OF_N_FIELDS(n=40)),
        ({"gone": 1}, copy.N_FIELD_IS_NO_LONGER_AVAILABLE(n=1)),
        (
            {"unsupported": 1, "gone": 2, "some later reason": 3},
            copy.N_FIELDS_ARE_NO_LONGER_AVAILABLE(n=6),
        ),
        (
            {"not_requested": 1, "opted_out": 2, "available": 3},
            copy.SHARED_DATA_CHANGED_NOW_AVAILABLE(new=3, out=2, gone=1),
        ),
        (
            {"opted_out": 2, "available": 3},
            copy.SHARED_DATA_CHANGED_NOW_AVAILABLE_OPTED(new=3, out=2),
        ),
        (
            {"gone": 2, "available": 3},
            copy.SHARED_DATA_CHANGED_NOW_AVAILABLE_NO(new=3, gone=2),
        ),
        ({"gone": 2, "opted_out": 3}, copy.SHARED_DATA_CHANGED_OPTED_OUT(out=3, gone=2)),
        ({"available": 0, "opted_out": 1}, copy.OPTED_OUT_OF_N_FIELD(n=1)),
    ],
)
def test_a_change_of_what_is_shared_is_counted(counts: dict[str, int], said: str) -> None:
    line = told(Kind.COVERAGE, "changed", counts=counts, datapoints={})
    assert line.title == said
    assert line.severity == "working"


def test_a_few_datapoints_are_all_named() -> None:
    line = told(
        Kind.COVERAGE,
        counts={"available": 2, "gone": 1},
        datapoints={"available": ["m.a", "m.b"], "gone": ["m.c"]},
    )
    assert (line.names, line.more) == (("m.a", "m.b", "m.c"), 0)


@pytest.mark.parametrize(
    ("number", "named", "more"), [(11, 11, 0), (12, 12, 0), (13, 12, 1), (500, 12, 488)]
)
def test_of_many_datapoints_some_are_named_and_others_counted(
    number: int, named: int, more: int
) -> None:
    names = [f"m.f{n}" for n in range(number)]
    line = told(Kind.COVERAGE, counts={"available": number}, datapoints={"available": names})
    assert (line.names, line.more) == (tuple(names[:named]), more)


def test_datapoints_that_were_not_kept_are_counted_too() -> None:
    kept = [f"m.f{n}" for n in range(500)]
    line = told(
        Kind.COVERAGE,
        counts={"opted_out": 900, "gone": 1},
        datapoints={"opted_out": kept, "gone": []},
    )
    assert (len(line.names), line.more) == (12, 889)


# --- Filters and languages


def test_every_kind_has_a_name_of_its_own_and_so_has_everything() -> None:
    names = [history_text.kind_name(kind) for kind in ("", *Kind.values)]
    assert names == [
        copy.ALL,
        copy.STATUS,
        copy.RECONNECTIONS,
        copy.ISSUES,
        copy.FAILED_SYNCS,
        copy.SETTINGS,
        copy.SHARED_DATA,
        copy.DISCONNECTIONS,
    ]


def test_it_is_told_in_the_language_of_the_reader() -> None:
    with translation.override("de"):
        assert (
            told(Kind.REPAIR, "reconnect", actor=ALICE, outcome="done").title
            == "Alice Meyer hat Personio neu verbunden"
        )
        assert told(Kind.COVERAGE, counts={"available": 2, "opted_out": 1}).title == (
            "Freigegebene Daten geändert (jetzt verfügbar: 2, abgewählt: 1)"
        )
        assert history_text.kind_name(Kind.ISSUE) == "Probleme"
