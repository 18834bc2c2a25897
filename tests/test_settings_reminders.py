"""How the settings of reminders are read."""

import pytest

from integrations.domain import reminder_schedule
from tests import copy
from tests.loading import KEY, Load, refusal


@pytest.mark.parametrize("text", ["", "off", "90m", "1h 3d 7d 14d"])
def test_delays_of_reminders_are_read_as_they_are_for_tenants(text: str, load: Load) -> None:
    assert reminder_schedule.parse_delays(
        load(**KEY, REMINDERS=text)["REMINDERS"]
    ) == reminder_schedule.parse_delays(text or "1h 3d 7d 14d")


@pytest.mark.parametrize(
    ("name", "expected", "texts"),
    [
        (
            "REMINDERS",
            "ascending delays",
            ("1", "1h,3d", "3d 1h", "0m", "366d", "1h 60m", "1h off"),
        ),
        (
            "REMINDER_QUIET_HOURS",
            copy.N_HOURS(n="two different"),
            ("20", "8-8", "20-24", "20:00-8:00", "off"),
        ),
        ("REMINDER_CAP", "a whole number from 0 to 10", ("11", "-1", "all")),
        ("DIGEST_HOUR", "a whole number from 0 to 23", ("24", "8:30")),
    ],
)
def test_what_is_wrong_about_reminders_is_refused(
    name: str, expected: str, texts: tuple[str, ...], load: Load
) -> None:
    for text in texts:
        assert f"{name} must be" in refusal(load, **KEY, **{name: text})
        assert expected in refusal(load, **KEY, **{name: text})
    assert load(**KEY)["REMINDER_QUIET_HOURS"] == "20-8"
