"""How long people stay signed in, for `settings.py` alone."""

from datetime import timedelta
from typing import NamedTuple

from kombo_dashboard import env


class Limits(NamedTuple):
    """How long a session lives without anybody doing anything, and at most."""

    idle: timedelta
    absolute: timedelta


def of_customers() -> Limits:
    """Return the limits of a customer's people, who come by now and then."""
    return Limits(
        timedelta(minutes=env.whole_number("SESSION_IDLE_MINUTES", 20160, low=5, high=525_600)),
        timedelta(hours=env.whole_number("SESSION_ABSOLUTE_HOURS", 720, low=1, high=8760)),
    )


def of_staff() -> Limits:
    """Return those of the vendor's staff, who see many customers: a working day, as OWASP has
    it.
    """
    return Limits(
        timedelta(minutes=env.whole_number("STAFF_SESSION_IDLE_MINUTES", 60, low=5, high=525_600)),
        timedelta(hours=env.whole_number("STAFF_SESSION_ABSOLUTE_HOURS", 12, low=1, high=8760)),
    )
