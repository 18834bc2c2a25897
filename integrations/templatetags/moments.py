"""Moments, days and numbers in templates: nothing here but the words of `domain/dates.py` and
`domain/durations.py`. What is not known is empty.
"""

from datetime import date, datetime, timedelta
from html import escape

from django import template
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from integrations.domain import dates, durations

register = template.Library()


@register.filter
def instant(at: datetime | None) -> str:
    """Return it to the second: HTML allows three decimals at most, and nobody reads them."""
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""


@register.filter
def iso_date(day: date | None) -> str:
    """Return a day for programs: `2026-08-01`."""
    return day.isoformat() if day else ""


@register.simple_tag
def moment(at: datetime) -> SafeString:
    """Return `datetime` and `title`."""
    exact = escape(dates.moment_text(at, seconds=True, zone=True))
    return mark_safe(f'datetime="{instant(at)}" title="{exact}"')  # noqa: S308 - escaped


@register.simple_tag
def ago(at: datetime, *, is_check: bool = False) -> SafeString:
    """Return the `<time>` of how long ago it was, which a page keeps true, for a sentence."""
    mark = mark_safe(" data-checked") if is_check else ""
    return format_html("<time {} data-relative{}>{}</time>", moment(at), mark, age(at))


@register.simple_tag
def with_time(sentence: str, at: datetime) -> SafeString:
    """Return a sentence with the `<time>` where it has `%(time)s`."""
    return mark_safe(conditional_escape(sentence) % {"time": ago(at)})  # noqa: S308 - escaped


@register.filter
def age(at: datetime) -> str:
    """Return how long ago it was; an instant of a clock that ran ahead counts as now."""
    return durations.relative_time(at, timezone.now())


@register.filter
def lasts(since: datetime) -> str:
    """Return for how long it has been so: "6 days"."""
    return durations.duration(max(timezone.now() - since, timedelta()))


@register.filter
def length_text(length: timedelta) -> str:
    """Return a length of time in words: "12 hours"."""
    return durations.duration(length)


@register.filter
def long_date(at: date | None) -> str:
    """Return "1 August 2026"."""
    return dates.date_text(at) if at else ""


@register.filter
def near_date(at: date | None) -> str:
    """Return "1 August", with its year if that is another."""
    return dates.near_date_text(at) if at else ""


@register.filter
def near_moment(at: datetime | None) -> str:
    """Return "1 August, 11:05", with its year if that is another."""
    return dates.near_moment_text(at) if at else ""


@register.filter
def short_date(at: date | None) -> str:
    """Return "1 Aug", of another year "1 Aug 2025"."""
    return dates.short_date_text(at) if at else ""


@register.filter
def long_moment(at: datetime | None) -> str:
    """Return "1 August 2026, 11:05"."""
    return dates.moment_text(at) if at else ""


@register.filter
def zoned_moment(at: datetime | None) -> str:
    """Return "1 August 2026, 11:05 (CEST)", for readers who may be anywhere."""
    return dates.moment_text(at, zone=True) if at else ""


@register.filter
def short_moment(at: datetime | None) -> str:
    """Return "1 Aug, 11:05", of another year "1 Aug 2025, 11:05"."""
    return dates.short_moment_text(at) if at else ""


@register.filter
def short_time(at: datetime | None) -> str:
    """Return "11:05"."""
    return dates.time_text(at) if at else ""


@register.filter
def recent_moment(at: datetime) -> str:
    """Return "11:05" if it is of today, else "1 Aug, 11:05"."""
    return dates.recent_moment_text(at)


@register.filter
def exact_time(at: datetime | None) -> str:
    """Return "11:05:30"."""
    return dates.time_text(at, seconds=True) if at else ""


@register.filter
def number(value: int) -> str:
    """Return "12,345"."""
    return dates.number_text(value)
