"""Lengths of time in words."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def duration(length: timedelta) -> str:
    """A length of time in its largest unit that says enough."""
    minutes = max(int(length.total_seconds() // 60), 1)
    if minutes < 120:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return days_text(hours // 24)


def relative_time(moment: datetime, now: datetime) -> str:
    """How long ago it was, in its largest unit that says enough."""
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < 1:
        return _("just now")
    if minutes < 120:
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}
    hours = minutes // 60
    if hours < 48:
        return ngettext("%(n)s hour ago", "%(n)s hours ago", hours) % {"n": hours}
    return ngettext("%(n)s day ago", "%(n)s days ago", hours // 24) % {"n": hours // 24}


def days_text(number: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}
