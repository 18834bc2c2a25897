"""When a reminder is due: its delays, the hours in which nobody is written to, and how many there
may be.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from django.utils import timezone
from django.utils.translation import gettext as _

MOST_DELAYS = 10
LONGEST_DELAY = timedelta(days=365)
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

type Delays = tuple[timedelta, ...]
"""How long after something broke each reminder is due; none at all if reminders are off."""

type QuietHours = tuple[int, int] | None
"""The hours of the day from which until which nobody is written to."""


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """How somebody is reminded."""

    delays: Delays
    quiet: QuietHours
    cap: int


def parse_delays(text: str) -> Delays:
    """Read “1h 3d 7d 14d” or “off”. Raises ValueError, which says what is wrong."""
    words = text.lower().split()
    if words == ["off"]:
        return ()
    if not 0 < len(words) <= MOST_DELAYS or not all(
        re.fullmatch(r"[0-9]{1,4}[mhd]", word) for word in words
    ):
        raise ValueError(
            _(
                "Enter 1 to 10 delays in minutes (m), hours (h) or days (d), for example “1h "
                "3d 7d 14d”, or “off”."
            )
        )
    delays = tuple(int(word[:-1]) * _UNITS[word[-1]] for word in words)
    if not timedelta(0) < delays[0] or delays[-1] > LONGEST_DELAY:
        raise ValueError(_("Each delay must be longer than 0 and no longer than 365 days."))
    if any(later <= earlier for earlier, later in pairwise(delays)):
        raise ValueError(
            _(
                "Delays count from the start of the incident, so each must be longer than "
                "the one before."
            )
        )
    return delays


def parse_quiet_hours(text: str) -> QuietHours:
    """Read “20-8” or “none”. Raises ValueError, which says what is wrong."""
    cleaned = text.strip().lower()
    if cleaned == "none":
        return None
    match = re.fullmatch(r"([0-9]{1,2})\s*[-–]\s*([0-9]{1,2})", cleaned, re.ASCII)
    start, end = (int(match[1]), int(match[2])) if match else (24, 24)
    if start > 23 or end > 23 or start == end:
        raise ValueError(
            _("Enter two different hours from 0 to 23, for example “20-8”, or “none”.")
        )
    return start, end


def check_delays(text: str) -> None:
    """Raises ValueError if this can't be anybody's reminders; nothing at all is fine, and means the
    default.
    """
    if text.strip():
        parse_delays(text)


def check_quiet_hours(text: str) -> None:
    """Raises ValueError if this can't be anybody's quiet hours; nothing at all is fine, and means
    the default.
    """
    if text.strip():
        parse_quiet_hours(text)


def next_reminder_at(
    opened_at: datetime, sent: int, terms: ReminderPolicy, last: datetime | None = None
) -> datetime | None:
    """When the next reminder is due after so many; None if there is none left.

    One that was `last` written late does not have the next at its heels: half of what lies between
    them passes.
    """
    if sent >= min(len(terms.delays), terms.cap):
        return None
    due = opened_at + terms.delays[sent]
    return (
        max(due, last + (terms.delays[sent] - terms.delays[sent - 1]) / 2) if last and sent else due
    )


def after_quiet(moment: datetime, quiet: QuietHours) -> datetime:
    """The moment itself, or the end of the quiet hours it lies in, by the site's clock."""
    if quiet is None:
        return moment
    start, end = quiet
    here = timezone.localtime(moment)
    is_quiet = start <= here.hour < end if start < end else not end <= here.hour < start
    if not is_quiet:
        return moment
    day = here.date() if here.hour < end else here.date() + timedelta(days=1)
    return datetime.combine(day, time(end), tzinfo=here.tzinfo).astimezone(UTC)
