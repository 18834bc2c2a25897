"""Days, moments, spans and numbers as the active language writes them, in the active time zone.

`kombo_dashboard/formats` says what a format can say; this module what none can.
"""

import re
from datetime import UTC, date, datetime, tzinfo
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format, get_format, number_format
from django.utils.translation import get_language, gettext_noop, pgettext

# Named for their translations: Django's own ones are capitalised in Italian.
gettext_noop("January")
gettext_noop("February")
gettext_noop("March")
gettext_noop("April")
gettext_noop("May")
gettext_noop("June")
gettext_noop("July")
gettext_noop("August")
gettext_noop("September")
gettext_noop("October")
gettext_noop("November")
gettext_noop("December")

# Day formats without month, where they are not the bare number.
_DAY_ONLY = {"de": "j."}
# Languages that separate thousands only from 10,000 on.
_FOUR_DIGITS_TOGETHER = {"es", "it"}
# Percent signs that stand apart from their number.
_PERCENT = {"de": "\u00a0%", "es": "\u00a0%", "fr": "\u202f%"}


def date_text(at: date) -> str:
    """Return a day, "1 August 2026"; that of a moment, in the active time zone."""
    return _written(at, get_format("DATE_FORMAT"))


def near_date_text(at: date) -> str:
    """Return a day, without its year if it is of this one: "1 August"; that of a moment, in the
    active time zone. For readers who know when they read.
    """
    return month_day_text(at) if _is_of_this_year(at) else date_text(at)


def near_moment_text(at: datetime) -> str:
    """Return a moment, without its year if it is of this one: "1 August, 11:05"."""
    if not _is_of_this_year(at):
        return moment_text(at)
    whole, day = get_format("DATE_FORMAT"), get_format("MONTH_DAY_FORMAT")
    return _written(at, get_format("DATETIME_FORMAT").replace(whole, day))


def short_date_text(at: date) -> str:
    """Return a day in little room: "1 Aug", of another year "1 Aug 2025"."""
    name = "SHORT_MONTH_DAY_FORMAT" if _is_of_this_year(at) else "SHORT_DATE_FORMAT"
    return _written(at, get_format(name))


def month_day_text(at: date) -> str:
    """Return a day without its year: "1 August"."""
    return _written(at, get_format("MONTH_DAY_FORMAT"))


def short_month_day_text(at: date) -> str:
    """Return a day without its year in little room: "1 Aug"."""
    return _written(at, get_format("SHORT_MONTH_DAY_FORMAT"))


def moment_text(at: datetime, *, seconds: bool = False, zone: bool = False) -> str:
    """Return a moment, "1 August 2026, 11:05", to the minute unless `seconds`.

    `zone` adds the time zone's abbreviation in brackets, for readers who may be anywhere.
    """
    layout = _to_the_second("DATETIME_FORMAT") if seconds else get_format("DATETIME_FORMAT")
    text = _written(at, layout)
    # Django's formats leave it out in the hour that comes twice, which needs it most.
    return f"{text} ({timezone.localtime(at).tzname()})" if zone else text


def short_moment_text(at: datetime) -> str:
    """Return a moment in little room: "1 Aug, 11:05", of another year "1 Aug 2025, 11:05"."""
    name = "SHORT_MONTH_DAY_TIME_FORMAT" if _is_of_this_year(at) else "SHORT_DATETIME_FORMAT"
    return _written(at, get_format(name))


def time_text(at: datetime, *, seconds: bool = False) -> str:
    """Return a moment's time of day, "11:05", to the minute unless `seconds`."""
    return _written(at, _to_the_second("TIME_FORMAT") if seconds else get_format("TIME_FORMAT"))


def recent_moment_text(at: datetime) -> str:
    """Return a moment's time of day if it is of today, "11:05", else "1 Aug, 11:05"."""
    is_today = timezone.localdate(at) == timezone.localdate()
    return time_text(at) if is_today else short_moment_text(at)


def days_span_text(first: date, last: date) -> str:
    """Return the days from `first` to `last`, both included: "25 to 28 November"."""
    if first == last:
        return date_text(first)
    if (first.year, first.month) == (last.year, last.month):
        day = _DAY_ONLY.get(get_language() or "", "j")
        days = {"start": _written(first, day), "end": date_text(last)}
        return _elided(pgettext("days of one month", "%(start)s–%(end)s") % days)
    if first.year == last.year:
        days = {"start": _written(first, get_format("MONTH_DAY_FORMAT")), "end": date_text(last)}
    else:
        days = {"start": date_text(first), "end": date_text(last)}
    return _elided(pgettext("days or moments", "%(start)s – %(end)s") % days)


def span_text(start: datetime, end: datetime) -> str:
    """Return from when until when: a day with two times, or two days with a time each; one
    moment if it took less than a minute. Nothing of this year says which year it is.
    """
    begin, until = near_moment_text(start), near_moment_text(end)
    if begin == until:
        return begin
    if date_text(start) == date_text(end):
        times = {
            "date": near_date_text(start),
            "start": _written(start, "H:i"),
            "end": _written(end, "H:i"),
        }
        return pgettext("times of one day", "%(date)s, %(start)s–%(end)s") % times
    return _elided(
        pgettext("days or moments", "%(start)s – %(end)s") % {"start": begin, "end": until}
    )


def number_text(number: int) -> str:
    """Return a whole number with its thousands set apart: "12,345"."""
    return _number_text(get_language(), number)


@lru_cache(maxsize=4096)
def _number_text(language: str | None, number: int) -> str:
    if abs(number) < 1000 or (abs(number) < 10_000 and language in _FOUR_DIGITS_TOGETHER):
        return str(number)
    return number_format(number, force_grouping=True)


def decimal_text(number: float) -> str:
    """Return a number with one decimal: "93.5"."""
    return number_format(round(number, 1), decimal_pos=1, force_grouping=True)


def percent_text(share: float) -> str:
    """Return a share of 1 in percent, with one decimal where it has one: "93.5%"."""
    percent = round(100 * share, 1)
    number = number_text(int(percent)) if percent in {0, 100} else decimal_text(percent)
    return f"{number}{_PERCENT.get(get_language() or '', '%')}"


def _is_of_this_year(at: date) -> bool:
    day = timezone.localdate(at) if isinstance(at, datetime) else at
    return day.year == timezone.localdate().year


def _to_the_second(name: str) -> str:
    layout: str = get_format(name)
    return layout.replace("H:i", "H:i:s")


def _written(at: date, layout: str) -> str:
    zone = timezone.get_current_timezone()
    # Of UTC, where no two instants are equal as the two of an hour that comes twice are.
    known = timezone.localtime(at, UTC) if isinstance(at, datetime) else at
    return _text(get_language(), zone, known, layout)


@lru_cache(maxsize=4096)
def _text(language: str | None, zone: tzinfo, at: date, layout: str) -> str:
    if isinstance(at, datetime):
        at = at.astimezone(zone)
    text = date_format(at, layout)
    if language == "fr" and layout.startswith("j") and at.day == 1:
        return f"1er{text[1:]}"
    return text


def _elided(text: str) -> str:
    """Return a span whose Italian articles lose their vowel before "otto" and "undici"."""
    if get_language() != "it":
        return text
    return re.sub(r"\b(d?al) (?=(?:8|11)\b)", r"\1l’", text)
