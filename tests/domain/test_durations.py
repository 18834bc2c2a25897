"""How long and how long ago, as the server says it and as a page says it that goes on."""

import json
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from integrations.domain import durations
from tests import copy

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SCRIPT = Path(__file__).resolve().parent.parent.parent / "static" / "js" / "dashboard.js"
MINUTE, HOUR, DAY = 60, 3600, 86400
AGES = [
    *(-5, 0, 59, MINUTE, 2 * MINUTE, 119 * MINUTE + 59),
    *(2 * HOUR, 2 * HOUR - 1, 47 * HOUR, 2 * DAY - 1),
    *(2 * DAY, 90 * DAY, 999 * DAY, 1234 * DAY, 12345 * DAY),
]
WORDS = [
    (
        "en",
        [
            "now",
            copy.N_MINUTE_AGO(n=1),
            copy.N_MINUTES_AGO(n=119),
            copy.N_HOURS_AGO(n=3),
            copy.N_DAYS_AGO(n=2),
        ],
    ),
    ("de", ["jetzt", "vor 1 Minute", "vor 119 Minuten", "vor 3 Stunden", "vor 2 Tagen"]),
    (
        "fr",
        [
            "maintenant",
            copy.N_MINUTE(n="il y a 1"),
            copy.N_MINUTES(n="il y a 119"),
            "il y a 3 heures",
            "il y a 2 jours",
        ],
    ),
    ("es", ["ahora", "hace 1 minuto", "hace 119 minutos", "hace 3 horas", "hace 2 días"]),
    ("it", ["ora", "1 minuto fa", "119 minuti fa", "3 ore fa", "2 giorni fa"]),
]
LENGTHS = [
    ("en", [copy.N_MINUTE(n=1), copy.N_MINUTES(n=119), copy.N_HOURS(n=3), "2 days"]),
    ("de", ["1 Minute", "119 Minuten", "3 Stunden", "2 Tage"]),
    ("fr", [copy.N_MINUTE(n=1), copy.N_MINUTES(n=119), "3 heures", "2 jours"]),
    ("es", ["1 minuto", "119 minutos", "3 horas", "2 días"]),
    ("it", ["1 minuto", "119 minuti", "3 ore", "2 giorni"]),
]


def ages(language: str, seconds: list[int]) -> list[str]:
    with translation.override(language):
        return [durations.relative_time(NOW - timedelta(seconds=n), NOW) for n in seconds]


def test_every_language_is_in_the_tables() -> None:
    languages = [code for code, _name in settings.LANGUAGES]
    assert [row[0] for row in WORDS] == [row[0] for row in LENGTHS] == languages


@pytest.mark.parametrize(("language", "expected"), WORDS)
def test_how_long_ago(language: str, expected: list[str]) -> None:
    assert ages(language, [30, MINUTE, 2 * HOUR - 1, 3 * HOUR, 2 * DAY]) == expected


@pytest.mark.parametrize(("language", "expected"), LENGTHS)
def test_how_long(language: str, expected: list[str]) -> None:
    lengths = [timedelta(seconds=n) for n in (MINUTE, 2 * HOUR - 1, 3 * HOUR, 2 * DAY)]
    with translation.override(language):
        assert [durations.duration(length) for length in lengths] == expected


@pytest.mark.parametrize("language", [row[0] for row in WORDS])
def test_a_page_that_goes_on_says_the_same(language: str) -> None:
    if not shutil.which("node"):
        pytest.skip("node is not here")
    part = re.search(r"^const UNITS = .*?^}\n", SCRIPT.read_text(), re.MULTILINE | re.DOTALL)
    assert part
    script = f"""
        const document = {{ documentElement: {{ lang: {json.dumps(language)} }} }};
        const start = {int(NOW.timestamp() * 1000)};
        Date.now = () => start;
        {part[0]}
        console.log(JSON.stringify({AGES}.map((n) => age(new Date(start - n * 1000)))));
    """
    answer = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(answer.stdout) == ages(language, AGES)


SHORT = [
    (-5, "1 min", "now"),
    (59, "1 min", "now"),
    (119 * MINUTE + 59, "119 min", "119 min ago"),
    (2 * HOUR, "2 h", copy.N_H_AGO(n=2)),
    (2 * DAY - 1, "47 h", copy.N_H_AGO(n=47)),
    (2 * DAY, "2 d", "2 d ago"),
    (1234 * DAY, "1,234 d", "1,234 d ago"),
]


@pytest.mark.parametrize(("seconds", "length", "age"), SHORT)
def test_in_little_room_units_are_letters(seconds: int, length: str, age: str) -> None:
    past = timedelta(seconds=seconds)
    assert durations.short_duration(past) == length
    assert durations.short_relative_time(NOW - past, NOW) == age
