"""How fresh what we know of an integration is: whether it is shown as it is, and when a page looks
again.

The words are those of HTTP caching: fresh, stale and revalidated (RFC 9111), outdated by news (RFC
5861).
"""

import random
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.conf import settings

from integrations.domain.clock import SKEW, age, is_ahead, turns_ahead, turns_of_age
from integrations.models import Snapshot

# A little more than a turn of the budget and a whole call to Kombo may take.
LEASE = timedelta(seconds=6)
WATCH = timedelta(minutes=1)  # after a repair, Kombo's status may lag
JUST_NOW = timedelta(minutes=10)  # for which a page says that something was repaired
WATCHED_MAX_AGE = timedelta(seconds=2)
# seconds between attempts that fail
FIRST_RETRY = 5.0
LAST_RETRY = 60.0
LEASED_LOOK = 2.0  # seconds until a page looks again at what somebody is asking for
PASSING = 4  # failures in a row from which on nobody hopes that the next attempt goes well
FIRST = datetime(1970, 1, 1, tzinfo=UTC)  # due before whatever is due since yesterday


class Checks(NamedTuple):
    """Of a snapshot, what tells when it is looked at again."""

    fetched_at: datetime | None = None
    outdated_at: datetime | None = None
    watch_until: datetime | None = None
    lease_until: datetime | None = None
    retry_at: datetime | None = None
    error_at: datetime | None = None
    failures: int = 0


type Checked = Snapshot | Checks


def checks_of(snapshot: Snapshot) -> Checks:
    """Return what of a snapshot tells when it is looked at again."""
    return Checks(*(getattr(snapshot, name) for name in Checks._fields))


def is_fresh(snapshot: Checked, now: datetime) -> bool:
    """Young enough to be shown without asking again."""
    max_age = (
        WATCHED_MAX_AGE
        if is_watched(snapshot, now)
        else timedelta(seconds=settings.SNAPSHOT_MAX_AGE)
    )
    return not is_outdated(snapshot) and age(snapshot.fetched_at, now) < max_age


def is_outdated(snapshot: Checked) -> bool:
    """Kombo told of a change since the fetch of what is shown began."""
    return bool(
        snapshot.outdated_at and snapshot.fetched_at and snapshot.outdated_at >= snapshot.fetched_at
    )


def is_watched(snapshot: Checked, now: datetime) -> bool:
    """A repair was made less than a minute ago and does not show yet."""
    return is_ahead(snapshot.watch_until, now, at_most=WATCH)


def is_just_repaired(snapshot: Snapshot, now: datetime) -> bool:
    """A repair was made a few minutes ago, whether it shows yet or not."""
    return snapshot.repaired_at is not None and age(snapshot.repaired_at, now) < JUST_NOW


def is_leased(snapshot: Checked, now: datetime) -> bool:
    """Somebody is asking Kombo right now."""
    return is_ahead(snapshot.lease_until, now, at_most=LEASE)


def must_wait(snapshot: Checked, now: datetime) -> bool:
    """An attempt failed a moment ago, so nobody but a person tries again yet."""
    return is_ahead(snapshot.retry_at, now, at_most=timedelta(seconds=LAST_RETRY))


def is_failing(snapshot: Snapshot) -> bool:
    """The latest attempt to ask failed; what is shown is older than we would like."""
    return bool(snapshot.error_kind)


def is_due(snapshot: Checked, now: datetime) -> bool:
    """Whoever looks may ask Kombo: it is old enough, nobody is asking, and no failure delays it."""
    waits = is_fresh(snapshot, now) or must_wait(snapshot, now)
    return not (waits or is_leased(snapshot, now))


def is_restless(snapshot: Checked, now: datetime) -> bool:
    """Something else may show any moment, so that even a page of many cards looks again soon."""
    if snapshot.failures:
        return snapshot.failures < PASSING
    is_news = snapshot.fetched_at is None or is_outdated(snapshot)
    return is_news or is_leased(snapshot, now) or is_watched(snapshot, now)


def tried_at(snapshot: Checked) -> datetime:
    """Return when Kombo was last asked."""
    return max(snapshot.fetched_at or FIRST, snapshot.error_at or FIRST)


def in_need[Known](
    known: Iterable[Known], checks: Callable[[Known], Checked], now: datetime
) -> list[Known]:
    """Return what is due, in the order in which it is asked for: what shows any moment comes first,
    then what was asked for the longest ago.
    """
    due = [one for one in known if is_due(checks(one), now)]
    return sorted(due, key=lambda one: (not is_restless(checks(one), now), tried_at(checks(one))))


def turns(snapshot: Snapshot) -> list[datetime]:
    """Return the instants at which one of the functions here comes to another answer on a snapshot
    that nobody writes.
    """
    ages = [timedelta(seconds=settings.SNAPSHOT_MAX_AGE)]
    if snapshot.watch_until:
        ages.append(WATCHED_MAX_AGE)
    return [
        *turns_ahead(snapshot.watch_until, at_most=WATCH),
        *turns_ahead(snapshot.lease_until, at_most=LEASE),
        *turns_ahead(snapshot.retry_at, at_most=timedelta(seconds=LAST_RETRY)),
        *turns_of_age(snapshot.fetched_at, *ages),
        *turns_of_age(snapshot.repaired_at, JUST_NOW),
    ]


def next_look(snapshot: Checked, now: datetime) -> float:
    """Seconds after which a page should look at this snapshot again."""
    if is_leased(snapshot, now):
        return LEASED_LOOK
    if snapshot.retry_at and must_wait(snapshot, now):
        return min(LAST_RETRY, max(FIRST_RETRY, (snapshot.retry_at - now).total_seconds()))
    if snapshot.fetched_at is None or snapshot.fetched_at > now + SKEW:
        return 0.0
    if is_watched(snapshot, now):
        return max(0.3, (snapshot.fetched_at + WATCHED_MAX_AGE - now).total_seconds())
    if is_outdated(snapshot):
        return 0.0
    left = settings.SNAPSHOT_MAX_AGE - (now - snapshot.fetched_at).total_seconds()
    # Spread, so that cards loaded together do not ask together for ever.
    return max(left, 1.5) * random.uniform(1.0, 1.2)  # noqa: S311 - no secret
