"""An integration's history in words: what each incident and each day is called."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import translation

from integrations.domain import durations
from integrations.domain.headline import Key, severity_of
from integrations.domain.headline_text import badge_text
from integrations.history import days as history_days
from integrations.history import text as history_text
from integrations.history.text import IncidentText
from integrations.models import Entry, Incident, Integration, Kind, Source, Tenant
from integrations.tenants import mapping
from tests import copy

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ALICE = User(username="alice", first_name="Alice", last_name="Meyer")
VIC = User(username="vic", email="vic@acme.example")
MIA = User(username="mia", first_name="Mia", last_name="Müller", is_staff=True)


# --- Incidents


def spell(
    *, key: str = Key.RECONNECT_REQUIRED, hours: float = 3, is_open: bool = False, **fields: Any
) -> IncidentText:
    """One incident in words, that began so many hours ago."""
    began = NOW - timedelta(hours=hours)
    fields = {"detected_by": Source.ISSUE, "closed_at": None if is_open else NOW} | fields
    [made] = history_text.incident_texts([Incident(key=key, opened_at=began, **fields)], NOW)
    assert (made.opened_at, made.closed_at) == (began, fields["closed_at"])
    return made


@pytest.mark.parametrize("key", [Key.DEGRADED, Key.SIGN_IN_FAILING, Key.RECONNECT_REQUIRED])
def test_an_incident_is_called_by_the_gravest_it_came_to(key: Key) -> None:
    made = spell(key=key)
    assert (made.title, made.severity, made.detected) == (
        badge_text(key),
        severity_of(key),
        copy.ISSUE_REPORTED_BY_KOMBO,
    )


def test_an_incident_of_another_version_is_told_too() -> None:
    assert (spell(key="half asleep").title, spell(key="half asleep").severity) == (
        copy.UNKNOWN_STATUS,
        "unknown",
    )


def test_an_open_incident_runs_on_and_has_no_end() -> None:
    made = spell(is_open=True, hours=7)
    assert (made.length, made.ended) == (copy.N_HOURS(n=7), "")


def test_a_closed_incident_lasted_until_it_was_closed() -> None:
    assert spell(hours=7, closed_at=NOW - timedelta(hours=5)).length == copy.N_HOURS(n=2)


@pytest.mark.parametrize(
    ("who", "name"), [(ALICE, "Alice Meyer"), (VIC, "vic"), (MIA, "Northwind")]
)
@pytest.mark.parametrize(
    ("ended_by", "said"),
    [
        ("reconnect", copy.RECONNECTED_BY_WHO(who="{}")),
        ("setup", copy.SETUP_COMPLETED_BY_WHO(who="{}")),
        ("resume", copy.RESUMED_BY_WHO(who="{}")),
        ("removed", copy.ENDED_WHEN_THE_CONNECTION_WAS_REMOVED),
        ("", copy.RESOLVED_AUTOMATICALLY),
        ("some later word", copy.RESOLVED_AUTOMATICALLY),
    ],
)
def test_an_incident_says_what_ended_it_and_who(
    who: User, name: str, ended_by: str, said: str
) -> None:
    assert spell(ended_by=ended_by, repaired_by=who).ended == said.format(name)


@pytest.mark.parametrize(
    ("ended_by", "said"),
    [
        ("reconnect", copy.ENDED_BY_RECONNECTING),
        ("setup", copy.ENDED_WHEN_THE_SETUP_WAS_COMPLETED),
        ("resume", copy.ENDED_WHEN_IT_WAS_RESUMED),
    ],
)
def test_what_nobody_known_ended_names_nobody(ended_by: str, said: str) -> None:
    assert spell(ended_by=ended_by, repaired_by=None).ended == said


@pytest.mark.parametrize(
    ("relapses", "said"), [(0, ""), (1, copy.RECURRED_N_TIME(n=1)), (2, copy.RECURRED_N_TIMES(n=2))]
)
@pytest.mark.parametrize("is_open", [True, False])
def test_an_incident_says_how_often_it_came_back(relapses: int, said: str, is_open: bool) -> None:
    assert spell(relapses=relapses, is_open=is_open).relapses == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(0), copy.N_MINUTE(n=1)),
        (timedelta(seconds=-5), copy.N_MINUTE(n=1)),
        (timedelta(seconds=119), copy.N_MINUTE(n=1)),
        (timedelta(minutes=2), copy.N_MINUTES(n=2)),
        (timedelta(minutes=119, seconds=59), copy.N_MINUTES(n=119)),
        (timedelta(hours=2), copy.N_HOURS(n=2)),
        (timedelta(hours=47, minutes=59), copy.N_HOURS(n=47)),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=89, hours=23), "89 days"),
    ],
)
def test_a_length_is_told_in_the_largest_unit_that_says_enough(
    length: timedelta, said: str
) -> None:
    assert durations.duration(length) == said


# --- Days


def state(made: Integration, key: str, *, days: float) -> None:
    Entry.objects.create(
        integration=made,
        kind=Kind.STATE,
        what=key,
        source=Source.CHECK,
        at=NOW - timedelta(days=days),
    )


def test_the_days_are_counted_in_words(acme: Tenant) -> None:
    made = mapping.create(acme, "personio:1")
    for key, ago in (
        (Key.CONNECTED, 80),
        (Key.RECONNECT_REQUIRED, 70),
        (Key.CONNECTED, 69),
        (Key.DEGRADED, 60),
        (Key.PAUSED, 58),
        (Key.UPDATING, 50),
        (Key.UNRECOGNISED, 40),
        (Key.CONNECTED, 39),
    ):
        state(made, key, days=ago)
    state(mapping.create(acme, "personio:2"), Key.SETUP_INCOMPLETE, days=20)
    strip = history_days.day_strip(made, NOW)
    assert strip.legend == [
        ("action_required", copy.ACTION_REQUIRED, "2 days"),
        ("attention", copy.LIMITED, copy.N_3_DAYS),
        ("working", copy.IN_PROGRESS, "11 days"),
        ("unknown", copy.UNKNOWN, copy.N_1_DAY),
        ("paused", copy.PAUSED, "7 days"),
        ("ok", copy.OPERATIONAL, "57 days"),
        ("", copy.NO_DATA, "9 days"),
    ]
    assert len(strip.days) == 90


def test_what_began_before_the_days_holds_in_them(acme: Tenant) -> None:
    made = mapping.create(acme, "personio:1")
    state(made, Key.RECONNECT_REQUIRED, days=300)
    assert history_days.day_strip(made, NOW).legend == [
        ("action_required", copy.ACTION_REQUIRED, "90 days")
    ]


def test_a_day_of_a_state_of_another_version_is_not_known(acme: Tenant) -> None:
    made = mapping.create(acme, "personio:1")
    state(made, Key.CONNECTED, days=300)
    state(made, "half asleep", days=1)
    assert history_days.day_strip(made, NOW).legend[0] == ("unknown", copy.UNKNOWN, "2 days")


def test_each_day_is_called_by_what_it_was(acme: Tenant) -> None:
    made = mapping.create(acme, "personio:1")
    for key, ago in (
        (Key.CONNECTED, 10),
        (Key.SIGN_IN_FAILING, 8),
        (Key.RECONNECT_REQUIRED, 7.9),
        (Key.DEGRADED, 6),
        (Key.PAUSED, 4),
        (Key.REMOVED, 2),
    ):
        state(made, key, days=ago)
    words = [word for _day, word in history_days.day_strip(made, NOW).days[-12:]]
    assert words == [
        copy.NO_DATA,
        *[copy.OPERATIONAL] * 2,
        *[copy.RECONNECT_REQUIRED] * 3,
        *[copy.LIMITED] * 2,
        *[copy.PAUSED] * 2,
        *[copy.DISCONNECTED] * 2,
    ]


# --- Languages


def test_it_is_told_in_the_language_of_the_reader(acme: Tenant) -> None:
    made = mapping.create(acme, "personio:1")
    state(made, Key.CONNECTED, days=1)
    with translation.override("de"):
        told = spell(ended_by="reconnect", repaired_by=MIA, relapses=1, hours=50)
        assert (told.title, told.length) == ("Neuverbindung nötig", "2 Tage")
        assert told.ended == "Neu verbunden von Northwind"
        assert history_days.day_strip(made, NOW).legend == [
            ("ok", "Betriebsbereit", "2 Tage"),
            ("", "Keine Daten", "88 Tage"),
        ]
