"""A record of states as days, each with the gravest it had, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain.day_strip import DAYS, Day, DayKind, days, tally
from integrations.domain.headline import Severity

BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=BERLIN)
OK, WORKING, UNKNOWN = Severity.OK, Severity.WORKING, Severity.UNKNOWN
ATTENTION, ACT = Severity.ATTENTION, Severity.ACTION_REQUIRED
GRAVEST_FIRST = [ACT, ATTENTION, WORKING, UNKNOWN, OK]


def utc(text: str) -> datetime:
    """An instant as the database has it."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def shown(
    *states: tuple[str, Severity], now: datetime = NOON, of: tuple[str, ...] | list[str] = ()
) -> dict[str, DayKind | None]:
    """What the days are, given when each state began in UTC; `of` names those asked for."""
    row = {
        str(day.date): day.severity
        for day in days([(utc(at), kind) for at, kind in states], now=now)
    }
    return {one: row[one] for one in of or row}


# --- Which days


@pytest.mark.parametrize(
    "now",
    [
        NOON,
        datetime(2026, 3, 29, 0, 0, tzinfo=BERLIN),  # the day that has 23 hours
        datetime(2026, 10, 25, 23, 59, 59, tzinfo=BERLIN),  # and the one that has 25
        datetime(2028, 2, 29, 3, 0, tzinfo=BERLIN),
        datetime(2027, 1, 1, 0, 0, 1, tzinfo=BERLIN),
        datetime(2026, 11, 20, 23, 30, tzinfo=UTC),
    ],
)
def test_there_are_90_days_and_today_is_the_last(now: datetime) -> None:
    found = [day.date for day in days([], now=now)]
    assert len(found) == DAYS == 90
    assert found[-1] == now.date()
    assert {later - earlier for earlier, later in pairwise(found)} == {timedelta(days=1)}


def test_as_many_days_as_are_asked_for() -> None:
    states = [(utc("2026-01-01 00:00"), OK)]
    assert days(states, now=NOON, number=1) == [Day(date(2026, 11, 20), OK)]
    assert [day.date.day for day in days(states, now=NOON, number=3)] == [18, 19, 20]


def test_today_is_where_the_reader_is() -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    assert days([], now=late)[-1].date == date(2026, 11, 20)
    assert days([], now=late.astimezone(BERLIN))[-1].date == date(2026, 11, 21)


# --- What they are


def test_without_a_record_nothing_is_known() -> None:
    assert set(shown().values()) == {None}


def test_before_anything_was_known_a_day_is_none() -> None:
    found = shown(("2026-11-17 15:00", OK))
    assert list(found.values()) == [None] * 86 + [OK] * 4
    assert (found["2026-11-16"], found["2026-11-17"]) == (None, OK)


@pytest.mark.parametrize("graver", GRAVEST_FIRST)
@pytest.mark.parametrize("other", GRAVEST_FIRST)
def test_the_gravest_of_a_day_is_what_the_day_was(graver: Severity, other: Severity) -> None:
    wins = min(graver, other, key=GRAVEST_FIRST.index)
    day = "2026-11-18"
    for first, second in ((graver, other), (other, graver)):
        states = (f"{day} 08:00", first), (f"{day} 09:00", second), (f"{day} 10:00", OK)
        assert shown(*states, of=[day]) == {day: wins}


def test_a_state_of_a_minute_is_the_days_if_it_was_the_gravest() -> None:
    states = [("2026-11-10 08:00", OK), ("2026-11-18 09:00", ACT), ("2026-11-18 09:01", OK)]
    assert shown(*states, of=["2026-11-17", "2026-11-18", "2026-11-19"]) == {
        "2026-11-17": OK,
        "2026-11-18": ACT,
        "2026-11-19": OK,
    }


def test_a_state_that_lasted_over_midnight_is_on_both_days() -> None:
    states = [("2026-11-10 08:00", OK), ("2026-11-17 22:59", ATTENTION), ("2026-11-17 23:01", OK)]
    assert shown(*states, of=["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"]) == {
        "2026-11-16": OK,
        "2026-11-17": ATTENTION,  # 23:59 in Berlin
        "2026-11-18": ATTENTION,
        "2026-11-19": OK,
    }


def test_midnight_is_the_readers() -> None:
    states = [("2026-11-10 08:00", OK), ("2026-11-17 23:10", ACT), ("2026-11-17 23:50", OK)]
    asked = ["2026-11-17", "2026-11-18"]
    assert shown(*states, of=asked) == {"2026-11-17": OK, "2026-11-18": ACT}
    assert shown(*states, of=asked, now=NOON.astimezone(UTC)) == {
        "2026-11-17": ACT,
        "2026-11-18": OK,
    }


def test_a_state_lasts_every_day_until_the_next_one() -> None:
    found = shown(("2026-11-10 08:00", ATTENTION), ("2026-11-15 08:00", OK))
    assert [day for day, kind in found.items() if kind is ATTENTION] == [
        f"2026-11-{n}" for n in range(10, 16)
    ]


def test_what_holds_now_holds_today_however_new_it_is() -> None:
    assert shown(("2026-11-20 11:00", ACT), of=["2026-11-19", "2026-11-20"]) == {
        "2026-11-19": None,
        "2026-11-20": ACT,
    }
    midnight = datetime(2026, 11, 20, 0, 0, tzinfo=BERLIN)
    assert shown(("2026-11-01 11:00", ACT), now=midnight, of=["2026-11-20"]) == {"2026-11-20": ACT}


def test_what_began_before_the_first_day_holds_from_there() -> None:
    found = shown(("2025-01-01 08:00", ATTENTION), ("2026-09-01 08:00", OK))
    assert next(iter(found)) == "2026-08-23"
    assert list(found.values()) == [ATTENTION] * 10 + [OK] * 80


def test_what_was_over_before_the_first_day_is_not_told() -> None:
    assert set(shown(("2025-01-01 08:00", ACT), ("2025-06-01 08:00", OK)).values()) == {OK}


# --- When the clocks change: in 2026 on 29 March and 25 October

BEFORE = ("2026-01-10 08:00", OK)


@pytest.mark.parametrize(
    ("began", "ended", "now", "expected"),
    [
        # 23:30 to 23:45 in winter; an hour later by the clock the next night, with the same
        # instants of the day.
        (
            "2026-03-28 22:30",
            "2026-03-28 22:45",
            "2026-04-02",
            {"2026-03-28": ACT, "2026-03-29": OK},
        ),
        (
            "2026-03-29 22:30",
            "2026-03-29 22:45",
            "2026-04-02",
            {"2026-03-29": OK, "2026-03-30": ACT},
        ),
        (
            "2026-03-28 22:30",
            "2026-03-29 21:30",
            "2026-04-02",
            {"2026-03-29": ACT, "2026-03-30": OK},
        ),
        # 00:30 to 00:45 in summer, and 23:30 to 23:45 on the same day, which has 25 hours.
        (
            "2026-10-24 22:30",
            "2026-10-24 22:45",
            "2026-10-30",
            {"2026-10-24": OK, "2026-10-25": ACT},
        ),
        (
            "2026-10-25 22:30",
            "2026-10-25 22:45",
            "2026-10-30",
            {"2026-10-25": ACT, "2026-10-26": OK},
        ),
        # From 02:30 to 02:30 again.
        (
            "2026-10-25 00:30",
            "2026-10-25 01:30",
            "2026-10-30",
            {"2026-10-24": OK, "2026-10-25": ACT, "2026-10-26": OK},
        ),
    ],
)
def test_a_day_that_is_longer_or_shorter_is_one_day(
    began: str, ended: str, now: str, expected: dict[str, Severity | None]
) -> None:
    today = datetime.fromisoformat(f"{now} 12:00").replace(tzinfo=BERLIN)
    assert shown(BEFORE, (began, ACT), (ended, OK), now=today, of=list(expected)) == expected


@given(
    start=st.sampled_from([utc("2026-03-27 00:15"), utc("2026-10-23 00:15")]),
    states=st.dictionaries(st.integers(0, 110), st.sampled_from(GRAVEST_FIRST), max_size=8),
)
def test_every_day_is_the_gravest_of_all_its_moments(
    start: datetime, states: dict[int, Severity]
) -> None:
    """Against looking at every quarter of an hour of the days around a change of the clocks."""
    told = [(start + timedelta(hours=hour), kind) for hour, kind in sorted(states.items())]
    now = (start + timedelta(hours=112)).astimezone(BERLIN)
    moments: dict[date, set[Severity]] = {}
    for index, (began, kind) in enumerate(told):
        moment, ends = began, told[index + 1][0] if index + 1 < len(told) else now
        while moment < ends:
            moments.setdefault(moment.astimezone(BERLIN).date(), set()).add(kind)
            moment += timedelta(minutes=15)
    for day in days(told, now=now, number=8):
        expected = min(moments[day.date], key=GRAVEST_FIRST.index) if day.date in moments else None
        assert day.severity is expected, day


# --- Counting


def strip_of(*kinds: Severity | None) -> list[Day]:
    return [Day(date(2026, 11, 1), kind) for kind in kinds]


def test_days_are_counted_gravest_first_and_unrecorded_last() -> None:
    row = strip_of(None, OK, OK, None, ACT, WORKING, UNKNOWN, ATTENTION, OK, None)
    assert tally(row) == [(ACT, 1), (ATTENTION, 1), (WORKING, 1), (UNKNOWN, 1), (OK, 3), (None, 3)]


def test_what_no_day_was_is_not_counted() -> None:
    assert tally(strip_of(OK, OK)) == [(OK, 2)]
    assert tally([]) == []


def test_every_day_is_counted_once() -> None:
    states = [("2026-10-01 08:00", OK), ("2026-10-24 21:30", ACT), ("2026-10-26 08:00", OK)]
    row = days([(utc(at), kind) for at, kind in states], now=NOON)
    assert tally(row) == [(ACT, 3), (OK, 48), (None, 39)]


def test_every_severity_can_be_counted() -> None:
    assert [kind for kind, _ in tally(strip_of(*Severity))] == GRAVEST_FIRST
    assert set(GRAVEST_FIRST) == set(Severity)
