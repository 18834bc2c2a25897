"""Days, moments, spans and numbers as each language writes them."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.admin.utils import display_for_value
from django.utils import timezone, translation
from django.utils.formats import get_format
from time_machine import TimeMachineFixture

from integrations.domain import dates

LANGUAGES = [code for code, _name in settings.LANGUAGES]
AUGUST = datetime(2026, 8, 1, 11, 5, 30, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 2, 1, tzinfo=UTC)
MARCH = datetime(2026, 3, 22, 9, 0, tzinfo=UTC)

MOMENTS = [
    ("en", "1 August 2026", "1 August 2026, 11:05", "1 Aug 2026", "1 Aug 2026, 11:05"),
    ("de", "1. August 2026", "1. August 2026, 11:05 Uhr", "01.08.2026", "01.08.2026, 11:05"),
    ("fr", "1er août 2026", "1er août 2026 à 11:05", "1er août 2026", "1er août 2026, 11:05"),
    ("es", "1 de agosto de 2026", "1 de agosto de 2026, 11:05", "1 ago 2026", "1 ago 2026, 11:05"),
    ("it", "1 agosto 2026", "1 agosto 2026, 11:05", "1 ago 2026", "1 ago 2026, 11:05"),
]


def test_every_language_is_in_the_tables() -> None:
    for table in (
        MOMENTS,
        IN_MARCH,
        THIS_YEAR,
        TO_THE_SECOND,
        MONTHS,
        DAYS,
        SPANS,
        NEAR,
        NUMBERS,
        SHARES,
    ):
        assert [row[0] for row in table] == LANGUAGES


@pytest.fixture
def a_year_later(time_machine: TimeMachineFixture) -> None:
    """What is written below is of the year before."""
    time_machine.move_to(datetime(2027, 2, 1, tzinfo=UTC), tick=False)


@pytest.mark.usefixtures("a_year_later")
@pytest.mark.parametrize(("language", "day", "moment", "short_day", "short_moment"), MOMENTS)
def test_the_first_of_a_month(
    language: str, day: str, moment: str, short_day: str, short_moment: str
) -> None:
    with translation.override(language):
        assert dates.date_text(AUGUST) == dates.date_text(AUGUST.date()) == day
        assert dates.moment_text(AUGUST) == moment
        assert dates.short_date_text(AUGUST) == short_day
        assert dates.short_moment_text(AUGUST) == short_moment


IN_MARCH = [
    ("en", "22 March 2026, 09:00", "22 Mar 2026"),
    ("de", "22. März 2026, 09:00 Uhr", "22.03.2026"),
    ("fr", "22 mars 2026 à 09:00", "22 mars 2026"),
    ("es", "22 de marzo de 2026, 09:00", "22 mar 2026"),
    ("it", "22 marzo 2026, 09:00", "22 mar 2026"),
]


@pytest.mark.usefixtures("a_year_later")
@pytest.mark.parametrize(("language", "moment", "short_day"), IN_MARCH)
def test_any_other_day(language: str, moment: str, short_day: str) -> None:
    with translation.override(language):
        assert dates.moment_text(MARCH) == moment
        assert dates.short_date_text(MARCH) == short_day


THIS_YEAR = [
    ("en", "1 Aug", "1 Aug, 11:05", "22 Mar"),
    ("de", "01.08.", "01.08., 11:05", "22.03."),
    ("fr", "1er août", "1er août, 11:05", "22 mars"),
    ("es", "1 ago", "1 ago, 11:05", "22 mar"),
    ("it", "1 ago", "1 ago, 11:05", "22 mar"),
]


@pytest.mark.parametrize(("language", "short_day", "short_moment", "march"), THIS_YEAR)
def test_within_the_year_a_short_day_has_no_year(
    language: str,
    short_day: str,
    short_moment: str,
    march: str,
    time_machine: TimeMachineFixture,
) -> None:
    time_machine.move_to(datetime(2026, 12, 31, 20, tzinfo=UTC), tick=False)
    with translation.override(language):
        assert dates.short_date_text(AUGUST) == dates.short_date_text(AUGUST.date()) == short_day
        assert dates.short_moment_text(AUGUST) == short_moment
        assert dates.short_date_text(MARCH) == march


def test_the_year_is_that_of_the_active_time_zone(time_machine: TimeMachineFixture) -> None:
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    time_machine.move_to(late, tick=False)
    assert dates.short_date_text(AUGUST) == "1 Aug"
    with timezone.override("Europe/Berlin"):
        assert dates.short_date_text(AUGUST) == "1 Aug 2026"
        assert dates.short_date_text(late) == "1 Jan"


TO_THE_SECOND = [
    ("en", "1 August 2026, 13:05:30 (CEST)", "13:05", "13:05:30"),
    ("de", "1. August 2026, 13:05:30 Uhr (CEST)", "13:05 Uhr", "13:05:30 Uhr"),
    ("fr", "1er août 2026 à 13:05:30 (CEST)", "13:05", "13:05:30"),
    ("es", "1 de agosto de 2026, 13:05:30 (CEST)", "13:05", "13:05:30"),
    ("it", "1 agosto 2026, 13:05:30 (CEST)", "13:05", "13:05:30"),
]


@pytest.mark.parametrize(("language", "moment", "time", "exact_time"), TO_THE_SECOND)
def test_the_active_time_zone_counts(
    language: str, moment: str, time: str, exact_time: str
) -> None:
    with translation.override(language), timezone.override("Europe/Berlin"):
        assert dates.moment_text(AUGUST, seconds=True, zone=True) == moment
        assert dates.time_text(AUGUST) == time
        assert dates.time_text(AUGUST, seconds=True) == exact_time


def test_a_day_is_that_of_the_active_time_zone() -> None:
    with timezone.override("Pacific/Auckland"):
        assert dates.date_text(datetime(2026, 7, 31, 22, 0, tzinfo=UTC)) == "1 August 2026"


MONTHS = [
    ("en", "January May December"),
    ("de", "Januar Mai Dezember"),
    ("fr", "janvier mai décembre"),
    ("es", "enero mayo diciembre"),
    ("it", "gennaio maggio dicembre"),
]


@pytest.mark.parametrize(("language", "months"), MONTHS)
def test_months_are_written_so_in_djangos_pages_too(language: str, months: str) -> None:
    with translation.override(language):
        written = [display_for_value(date(2026, month, 7), "-") for month in (1, 5, 12)]
    assert [name in text for name, text in zip(months.split(), written, strict=True)] == [True] * 3


DAYS = [
    (
        "en",
        "25–28 November 2026",
        "1–11 August 2026",
        "30 November – 1 December 2026",
        "30 December 2026 – 8 January 2027",
    ),
    (
        "de",
        "25. bis 28. November 2026",
        "1. bis 11. August 2026",
        "30. November bis 1. Dezember 2026",
        "30. Dezember 2026 bis 8. Januar 2027",
    ),
    (
        "fr",
        "du 25 au 28 novembre 2026",
        "du 1er au 11 août 2026",
        "du 30 novembre au 1er décembre 2026",
        "du 30 décembre 2026 au 8 janvier 2027",
    ),
    (
        "es",
        "del 25 al 28 de noviembre de 2026",
        "del 1 al 11 de agosto de 2026",
        "del 30 de noviembre al 1 de diciembre de 2026",
        "del 30 de diciembre de 2026 al 8 de enero de 2027",
    ),
    (
        "it",
        "dal 25 al 28 novembre 2026",
        "dal 1 all’11 agosto 2026",
        "dal 30 novembre al 1 dicembre 2026",
        "dal 30 dicembre 2026 all’8 gennaio 2027",
    ),
]


@pytest.mark.parametrize(("language", "same_month", "first", "same_year", "years"), DAYS)
def test_spans_of_days(
    language: str, same_month: str, first: str, same_year: str, years: str
) -> None:
    with translation.override(language):
        assert dates.days_span_text(date(2026, 11, 25), date(2026, 11, 28)) == same_month
        assert dates.days_span_text(date(2026, 8, 1), date(2026, 8, 11)) == first
        assert dates.days_span_text(date(2026, 11, 30), date(2026, 12, 1)) == same_year
        assert dates.days_span_text(date(2026, 12, 30), date(2027, 1, 8)) == years
        assert dates.days_span_text(AUGUST.date(), AUGUST.date()) == dates.date_text(AUGUST)


def test_an_italian_article_before_a_vowel_is_elided() -> None:
    with translation.override("it"):
        assert dates.days_span_text(date(2026, 8, 8), date(2026, 8, 18)).startswith("dall’8 al 18")


SPANS = [
    ("en", "1 August 2026, 11:05–12:30", "1 August 2026, 11:05 – 11 August 2026, 12:30"),
    (
        "de",
        "1. August 2026, 11:05 bis 12:30 Uhr",
        "1. August 2026, 11:05 Uhr bis 11. August 2026, 12:30 Uhr",
    ),
    (
        "fr",
        "1er août 2026 de 11:05 à 12:30",
        "du 1er août 2026 à 11:05 au 11 août 2026 à 12:30",
    ),
    (
        "es",
        "1 de agosto de 2026, de 11:05 a 12:30",
        "del 1 de agosto de 2026, 11:05 al 11 de agosto de 2026, 12:30",
    ),
    (
        "it",
        "1 agosto 2026, dalle 11:05 alle 12:30",
        "dal 1 agosto 2026, 11:05 all’11 agosto 2026, 12:30",
    ),
]


@pytest.mark.parametrize(("language", "one_day", "days"), SPANS)
def test_spans_of_moments(
    language: str, one_day: str, days: str, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NEXT_YEAR)
    end = AUGUST.replace(hour=12, minute=30)
    with translation.override(language):
        assert dates.span_text(AUGUST, end) == one_day
        assert dates.span_text(AUGUST, end.replace(day=11)) == days
        assert dates.span_text(AUGUST, AUGUST.replace(second=59)) == dates.moment_text(AUGUST)


NEAR = [
    ("en", "1 August", "1 August, 11:05", "1 August, 11:05–12:30"),
    ("de", "1. August", "1. August, 11:05 Uhr", "1. August, 11:05 bis 12:30 Uhr"),
    ("fr", "1er août", "1er août à 11:05", "1er août de 11:05 à 12:30"),
    ("es", "1 de agosto", "1 de agosto, 11:05", "1 de agosto, de 11:05 a 12:30"),
    ("it", "1 agosto", "1 agosto, 11:05", "1 agosto, dalle 11:05 alle 12:30"),
]


@pytest.mark.parametrize(("language", "day", "moment", "span"), NEAR)
def test_within_the_year_no_year_is_named(
    language: str, day: str, moment: str, span: str, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(AUGUST)
    with translation.override(language):
        assert dates.near_date_text(AUGUST) == dates.near_date_text(AUGUST.date()) == day
        assert dates.near_moment_text(AUGUST) == moment
        assert dates.span_text(AUGUST, AUGUST.replace(hour=12, minute=30)) == span
        time_machine.move_to(NEXT_YEAR)
        assert dates.near_date_text(AUGUST) == dates.date_text(AUGUST)
        assert dates.near_date_text(AUGUST.date()) == dates.date_text(AUGUST)
        assert dates.near_moment_text(AUGUST) == dates.moment_text(AUGUST)


def test_whose_year_it_is_is_the_reader_s(time_machine: TimeMachineFixture) -> None:
    """At midnight in Berlin, it is still last year in UTC."""
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    time_machine.move_to(eve)
    assert dates.near_date_text(eve) == "31 December"
    with timezone.override("Europe/Berlin"):
        assert dates.near_date_text(eve) == "1 January"
        assert dates.near_date_text(AUGUST) == "1 August 2026"


NUMBERS = [
    ("en", "1,234", "1,234,567"),
    ("de", "1.234", "1.234.567"),
    ("fr", "1\u202f234", "1\u202f234\u202f567"),
    ("es", "1234", "1.234.567"),
    ("it", "1234", "1.234.567"),
]


SHARES = [
    ("en", "93.5%", "100%"),
    ("de", "93,5\u00a0%", "100\u00a0%"),
    ("fr", "93,5\u202f%", "100\u202f%"),
    ("es", "93,5\u00a0%", "100\u00a0%"),
    ("it", "93,5%", "100%"),
]


@pytest.mark.parametrize(("language", "some", "all_of_it"), SHARES)
def test_shares(language: str, some: str, all_of_it: str) -> None:
    with translation.override(language):
        assert dates.percent_text(0.93512) == some
        assert dates.percent_text(1) == all_of_it
        assert dates.percent_text(0) == all_of_it.replace("10", "")


@pytest.mark.parametrize(("language", "thousand", "million"), NUMBERS)
def test_numbers(language: str, thousand: str, million: str) -> None:
    with translation.override(language):
        assert dates.number_text(999) == "999"
        assert dates.number_text(1234) == thousand
        assert dates.number_text(1234567) == million


@pytest.mark.parametrize("language", LANGUAGES)
def test_formats_are_made_of_each_other(language: str) -> None:
    """Seconds are put behind the minutes wherever a format has them."""
    with translation.override(language):
        assert get_format("DATETIME_FORMAT").startswith(get_format("DATE_FORMAT"))
        assert get_format("DATETIME_FORMAT").endswith(get_format("TIME_FORMAT"))
        assert get_format("TIME_FORMAT").startswith("H:i")
        assert get_format("DATE_FORMAT").startswith(get_format("MONTH_DAY_FORMAT"))


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    zone = ZoneInfo("Europe/Berlin")
    first, second = (datetime(2026, 10, 25, 2, 30, fold=fold, tzinfo=zone) for fold in (0, 1))
    with timezone.override(zone):
        texts = [dates.moment_text(at, zone=True) for at in (first, second, first)]
    assert [text.split()[-1] for text in texts] == ["(CEST)", "(CET)", "(CEST)"]


def test_the_first_is_that_of_the_active_time_zone() -> None:
    at = datetime(2026, 7, 31, 23, 0, tzinfo=UTC)
    with translation.override("fr"):
        for zone, day in (("UTC", "31 juillet"), ("Europe/Paris", "1er août")):
            with timezone.override(zone):
                assert dates.month_day_text(at) == day


def test_a_time_without_its_zone_is_no_moment() -> None:
    with pytest.raises(ValueError, match="naive"):
        dates.time_text(datetime(2026, 8, 1))  # noqa: DTZ001 - that is what is tried
