"""What ends at midnight ended the day before."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from integrations.domain.day_strip import days
from integrations.domain.headline import Severity

BERLIN = ZoneInfo("Europe/Berlin")
OK, ACT = Severity.OK, Severity.ACTION_REQUIRED


def colours(ended: datetime, *, began: datetime, now: datetime) -> list[Severity | None]:
    row = days([(began, ACT), (ended, OK)], now=now.astimezone(BERLIN), number=4)
    return [day.severity for day in row]  # type: ignore[misc]


@pytest.mark.parametrize(("late", "third"), [(timedelta(0), OK), (timedelta(microseconds=1), ACT)])
def test_an_end_at_midnight_leaves_the_next_day_alone(late: timedelta, third: Severity) -> None:
    midnight = datetime(2026, 11, 19, tzinfo=BERLIN).astimezone(UTC)
    began, now = midnight - timedelta(hours=30), midnight + timedelta(hours=36)
    assert colours(midnight + late, began=began, now=now) == [ACT, ACT, third, OK]


def test_what_lasted_no_time_at_midnight_is_on_its_own_day() -> None:
    midnight = datetime(2026, 11, 19, tzinfo=BERLIN).astimezone(UTC)
    now = midnight + timedelta(hours=36)
    assert colours(midnight, began=midnight, now=now) == [None, None, ACT, OK]


def test_what_holds_now_holds_today_even_at_midnight() -> None:
    midnight = datetime(2026, 11, 19, tzinfo=BERLIN)
    row = days([(midnight - timedelta(hours=30), ACT)], now=midnight, number=2)
    assert [day.severity for day in row] == [ACT, ACT]


def test_the_night_that_has_25_hours_ends_at_its_midnight() -> None:
    midnight = datetime(2026, 10, 26, tzinfo=BERLIN).astimezone(UTC)
    began, now = midnight - timedelta(hours=25), midnight + timedelta(hours=12)
    assert colours(midnight, began=began, now=now) == [None, None, ACT, OK]
