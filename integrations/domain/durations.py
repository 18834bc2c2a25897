"""Lengths of time in words."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

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


def days_text(number: int) -> str:
    """Return a number of days in words: "3 days"."""
    return _counted(ngettext("%(n)s day", "%(n)s days", number), number)


def _counted(words: str, number: int) -> str:
    return words % {"n": number_text(number)}
