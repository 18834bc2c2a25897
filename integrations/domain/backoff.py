"""How long to wait before the next attempt of what failed: doubling, up to a longest wait."""

from datetime import timedelta

MOST_DOUBLINGS = 16  # more of them would only make numbers large


def backoff(failures: int, *, first: timedelta, longest: timedelta) -> timedelta:
    """Return the wait after so many failures in a row, from 1 on."""
    doubled: timedelta = first * 2 ** min(failures - 1, MOST_DOUBLINGS)
    return min(doubled, longest)
