"""When a reminder is due, by the rules alone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain import reminder_schedule
from integrations.domain.reminder_schedule import ReminderPolicy

BROKE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
H, D = timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
USUAL = ReminderPolicy((H, 3 * D, 7 * D, 14 * D), None, 4)


def due(terms: ReminderPolicy) -> list[datetime]:
    """When every reminder is due, if each is written on time."""
    found: list[datetime] = []
    while at := reminder_schedule.next_reminder_at(
        BROKE, len(found), terms, found[-1] if found else None
    ):
        found.append(at)
    return found


@pytest.mark.parametrize(
    ("text", "delays"),
    [
        ("1h 3d 7d 14d", (H, 3 * D, 7 * D, 14 * D)),
        ("  90M   2H ", (1.5 * H, 2 * H)),
        ("1m", (H / 60,)),
        ("365d", (365 * D,)),
        ("off", ()),
        (" OFF ", ()),
    ],
)
def test_delays_are_read(text: str, delays: tuple[timedelta, ...]) -> None:
    assert reminder_schedule.parse_delays(text) == delays
    reminder_schedule.check_delays(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "1",
            "h",
            "1 h",
            "1w",
            "-1h",
            "1.5h",
            "1h,3d",
            "off 1h",
            "1h off",
            "0m",
            "0h 1h",
            "3d 1h",
            "1h 60m",
            "366d",
        ),
        *("9999d", "99999m", "1h\0", "١h", "1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 11m", "x" * 10_000),
    ],
)
def test_other_delays_are_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        reminder_schedule.check_delays(text)


@pytest.mark.parametrize(
    ("text", "quiet"),
    [("20-8", (20, 8)), (" 0 – 6 ", (0, 6)), ("08-20", (8, 20)), ("none", None), ("NONE", None)],
)
def test_quiet_hours_are_read(text: str, quiet: tuple[int, int] | None) -> None:
    assert reminder_schedule.parse_quiet_hours(text) == quiet
    reminder_schedule.check_quiet_hours(text)


@pytest.mark.parametrize(
    "text", ["20", "20-", "8-8", "20-24", "24-8", "-1-8", "20:00-8:00", "off", "20-8-9", "٢-8"]
)
def test_other_quiet_hours_are_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        reminder_schedule.check_quiet_hours(text)


def test_nothing_means_the_default() -> None:
    for nothing in ("", "  "):
        reminder_schedule.check_delays(nothing)
        reminder_schedule.check_quiet_hours(nothing)


def test_each_delay_counts_from_when_it_broke() -> None:
    assert due(USUAL) == [BROKE + H, BROKE + 3 * D, BROKE + 7 * D, BROKE + 14 * D]


def test_the_cap_ends_it_sooner_and_never_later() -> None:
    assert len(due(ReminderPolicy(USUAL.delays, None, 2))) == 2
    assert len(due(ReminderPolicy(USUAL.delays, None, 9))) == 4
    assert due(ReminderPolicy(USUAL.delays, None, 0)) == due(ReminderPolicy((), None, 4)) == []


def test_what_was_written_late_has_no_next_at_its_heels() -> None:
    late = BROKE + 3 * D
    assert reminder_schedule.next_reminder_at(BROKE, 1, USUAL, late) == late + (3 * D - H) / 2
    # The third keeps its day: four days after the second are more than half of what lies between.
    assert reminder_schedule.next_reminder_at(BROKE, 2, USUAL, BROKE + 4 * D) == BROKE + 7 * D


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-11-20T19:59", None),
        ("2026-11-20T20:00", "2026-11-21T08:00"),
        ("2026-11-20T23:59", "2026-11-21T08:00"),
        ("2026-11-21T00:00", "2026-11-21T08:00"),
        ("2026-11-21T07:59", "2026-11-21T08:00"),
        ("2026-11-21T08:00", None),
        ("2026-12-31T22:00", "2027-01-01T08:00"),
    ],
)
def test_quiet_hours_last_over_midnight(moment: str, until: str | None) -> None:
    at = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert reminder_schedule.after_quiet(at, (20, 8)) == (
        datetime.fromisoformat(until).replace(tzinfo=UTC) if until else at
    )
    assert reminder_schedule.after_quiet(at, None) == at


def test_quiet_hours_within_a_day() -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    assert reminder_schedule.after_quiet(noon, (9, 17)) == noon + 5 * H
    assert reminder_schedule.after_quiet(noon + 5 * H, (9, 17)) == noon + 5 * H
    assert reminder_schedule.after_quiet(noon - 4 * H, (9, 17)) == noon - 4 * H


@pytest.mark.parametrize(
    ("quiet", "moment", "until"),
    [
        # Clocks go from 2 to 3 in the night of 29 March, and from 3 to 2 in that of 25 October.
        ((20, 8), "2026-03-28T22:00+01:00", "2026-03-29T08:00+02:00"),
        ((20, 8), "2026-10-24T22:00+02:00", "2026-10-25T08:00+01:00"),
        ((20, 2), "2026-03-29T01:30+01:00", "2026-03-29T03:00+02:00"),
        ((20, 3), "2026-10-25T02:30+02:00", "2026-10-25T03:00+01:00"),
        ((20, 3), "2026-10-25T02:30+01:00", "2026-10-25T03:00+01:00"),
    ],
)
def test_quiet_hours_end_by_the_clock_on_the_wall(
    quiet: tuple[int, int], moment: str, until: str
) -> None:
    with timezone.override(BERLIN):
        found = reminder_schedule.after_quiet(datetime.fromisoformat(moment), quiet)
    assert found == datetime.fromisoformat(until)


@given(
    moment=st.datetimes(
        min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - hypothesis takes its zone apart
        max_value=datetime(2030, 1, 1),  # noqa: DTZ001
        timezones=st.just(UTC),
    ),
    start=st.integers(0, 23),
    length=st.integers(1, 23),
)
def test_after_the_quiet_hours_it_is_not_quiet(moment: datetime, start: int, length: int) -> None:
    quiet = (start, (start + length) % 24)
    with timezone.override(BERLIN):
        later = reminder_schedule.after_quiet(moment, quiet)
        assert moment <= later <= moment + timedelta(hours=25)
        assert reminder_schedule.after_quiet(later, quiet) == later
