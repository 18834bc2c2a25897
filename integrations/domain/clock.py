"""Stored instants against a clock that may have been set back, or that differs between machines.

What was noted lies in the past and what is waited for lies a bounded time ahead. An instant for
which neither holds was written by a clock that ran ahead, and counts as now: nobody trusts what is
known since "in an hour", and nobody waits for the clock to catch up.
"""

from datetime import datetime, timedelta

from django.db.models import Q

SKEW = timedelta(minutes=1)  # by so much the clocks of machines may differ


def is_ahead(until: datetime | None, now: datetime, *, at_most: timedelta) -> bool:
    """Whether an instant is still to come, of those that were set at most so far ahead."""
    return until is not None and now < until <= now + at_most + SKEW


def turns_ahead(until: datetime | None, *, at_most: timedelta) -> list[datetime]:
    """Return the instants at which `is_ahead` comes to another answer."""
    return [until - at_most - SKEW, until] if until else []


def is_over(column: str, now: datetime, *, at_most: timedelta) -> Q:
    """Return the opposite of `is_ahead` as a condition on a column; null is over."""
    return (
        Q((f"{column}__isnull", True))
        | Q((f"{column}__lte", now))
        | Q((f"{column}__gt", now + at_most + SKEW))
    )


def age(at: datetime | None, now: datetime) -> timedelta:
    """Return how long ago something was noted; what was never, or in the future, is endlessly
    old.
    """
    return timedelta.max if at is None or at > now + SKEW else now - at


def turns_of_age(at: datetime | None, *lengths: timedelta) -> list[datetime]:
    """Return the instants at which `age` begins to count, and at which it passes these lengths."""
    return [at - SKEW, *(at + length for length in lengths)] if at else []


def within(column: str, now: datetime, *, at_most: timedelta) -> Q:
    """Return the condition that a column lies within `at_most` before now, or up to SKEW after."""
    return Q((f"{column}__gt", now - at_most), (f"{column}__lte", now + SKEW))
