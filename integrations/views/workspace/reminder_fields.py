"""When a customer is reminded, in words to choose from; experts may write their own."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from integrations.domain import reminder_schedule
from integrations.domain.durations import days_text
from integrations.models import Tenant

SCHEDULES = ("1h", "1d", "1h 3d", "1h 3d 7d 14d", "1d 7d", "3d 7d 14d")
QUIET_HOURS = ("18-8", "20-8", "22-6")


class PickOrWrite(forms.Select):
    """A choice, beside which a text field of its own, `<name>_written`, comes first if it is filled
    in. What is chosen and not among the choices is one of them too, `in_words`.
    """

    written = ""

    def __init__(self, in_words: Callable[[str], str]) -> None:
        super().__init__()
        self.in_words = in_words

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        self.written = str(data.get(f"{name}_written", "")).strip()
        return self.written or super().value_from_datadict(data, files, name)

    def optgroups(
        self, name: str, value: list[str], attrs: dict[str, Any] | None = None
    ) -> list[Any]:
        known = {str(choice) for choice, _label in self.choices}
        own = [text for text in value if text and text not in known and text != self.written]
        self.choices = [*self.choices, *((text, self.in_words(text)) for text in own)]
        return super().optgroups(name, value, attrs)


def schedule_choices() -> list[tuple[str, str]]:
    """Return what can be chosen as reminders, by the text that is stored."""
    default = _("Default (%(value)s)") % {"value": schedule_text(settings.REMINDERS)}
    choices = [(text, schedule_text(text)) for text in ("off", *SCHEDULES)]
    return [("", default), *choices]


def quiet_choices() -> list[tuple[str, str]]:
    """Return what can be chosen as quiet hours, by the text that is stored."""
    default = _("Default (%(value)s)") % {"value": quiet_text(settings.REMINDER_QUIET_HOURS)}
    choices = [(text, quiet_text(text)) for text in ("none", *QUIET_HOURS)]
    return [("", default), *choices]


def schedule_text(text: str) -> str:
    """Return reminders in words: "after 1 hour, 3 days"; the text itself if it can't be read."""
    try:
        delays = reminder_schedule.parse_delays(text)
    except ValueError:
        return text
    if not delays:
        return pgettext("reminders", "None")
    return _("after %(delays)s") % {"delays": ", ".join(map(_delay_text, delays))}


def _delay_text(delay: timedelta) -> str:
    """Return a delay in its largest whole unit: "1 hour"."""
    hours, rest = divmod(delay, timedelta(hours=1))
    if rest:
        minutes = delay // timedelta(minutes=1)
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if hours % 24:
        return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    return days_text(delay.days)


def quiet_text(text: str) -> str:
    """Return quiet hours in words; the text itself if they can't be read."""
    try:
        quiet = reminder_schedule.parse_quiet_hours(text)
    except ValueError:
        return text
    if quiet is None:
        return pgettext("quiet hours", "None")
    return _("%(start)s:00–%(end)s:00") % {"start": quiet[0], "end": quiet[1]}


def summary(tenant: Tenant) -> str:
    """Say in one line how a customer is reminded."""
    schedule = schedule_text(tenant.reminders or settings.REMINDERS)
    cap = settings.REMINDER_CAP if tenant.reminder_cap is None else tenant.reminder_cap
    if not cap or schedule == pgettext("reminders", "None"):
        return _("No reminders")
    hours = quiet_text(tenant.quiet_hours or settings.REMINDER_QUIET_HOURS)
    words = {"schedule": schedule, "hours": hours, "cap": cap}
    if hours == pgettext("quiet hours", "None"):
        return _("Reminders %(schedule)s, at any hour; at most %(cap)s per incident") % words
    return _("Reminders %(schedule)s, except %(hours)s; at most %(cap)s per incident") % words
