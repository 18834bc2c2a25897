"""Lengths of time in words."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from integrations.domain.dates import number_text


def duration(length: timedelta) -> str:
    """Return a length of time in its largest unit that says enough: "2 hours"."""
    minutes = max(int(length.total_seconds() // 60), 1)
    if minutes < 120:
        return _counted(ngettext("%(n)s minute", "%(n)s minutes", minutes), minutes)
    hours = minutes // 60
    if hours < 48:
        return _counted(ngettext("%(n)s hour", "%(n)s hours", hours), hours)
    return days_text(hours // 24)


def relative_time(moment: datetime, now: datetime) -> str:
    """How long ago it was, in its largest unit that says enough; a moment to come, of a clock that
    runs ahead, counts as now. `age` in static/js/dashboard.js says the same.
    """
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return _("now")
    if minutes < 120:
        return _counted(ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes), minutes)
    hours = minutes // 60
    if hours < 48:
        return _counted(ngettext("%(n)s hour ago", "%(n)s hours ago", hours), hours)
    days = hours // 24
    return _counted(ngettext("%(n)s day ago", "%(n)s days ago", days), days)


def short_duration(length: timedelta) -> str:
    """Return a length of time in little room, in the same units: "29 h", "11 d"."""
    number, unit = _largest(length)
    match unit:
        case "minute":
            words = pgettext("length of time in little room", "%(n)s min")
        case "hour":
            words = pgettext("length of time in little room", "%(n)s h")
        case _:
            words = pgettext("length of time in little room", "%(n)s d")
    return _counted(words, max(number, 1))


def short_relative_time(moment: datetime, now: datetime) -> str:
    """How long ago it was, in little room: "29 h ago"."""
    number, unit = _largest(now - moment)
    if number < 1:
        return _("now")
    match unit:
        case "minute":
            words = pgettext("how long ago in little room", "%(n)s min ago")
        case "hour":
            words = pgettext("how long ago in little room", "%(n)s h ago")
        case _:
            words = pgettext("how long ago in little room", "%(n)s d ago")
    return _counted(words, number)


def _largest(length: timedelta) -> tuple[int, str]:
    """Return how many of its largest unit that says enough, and the unit."""
    minutes = int(length.total_seconds() // 60)
    if minutes < 120:
        return minutes, "minute"
    hours = minutes // 60
    return (hours, "hour") if hours < 48 else (hours // 24, "day")


def days_text(number: int) -> str:
    """Return a number of days in words: "3 days"."""
    return _counted(ngettext("%(n)s day", "%(n)s days", number), number)


def _counted(words: str, number: int) -> str:
    return words % {"n": number_text(number)}
