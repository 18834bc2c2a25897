"""Whether a tool itself is down, told by how many customers' connections to it stop working at
once. Facts in, verdict out.

An outage begins with the first failure of a window of 15 minutes in which

- at least three customers' connections to one tool stopped working and still do not. A customer
  counts once, however many connections it has; three customers of one account manager are three;
- they are more than usual: were the customers to fail independently of each other, each as often
  as in the last 90 days and at least once in 90 days, so many in one window would come by chance
  once in a million windows;
- they are more than in any other window of these 90 days, the four worst days left aside, as where
  many passwords expire on the same day of the week;
- not everything fails: the customers whose other tools fail within 15 minutes of it, the worst of
  these tools left aside, are not more than usual as well, as happens by chance once in a thousand
  windows. Two tools may be down at once; if more are, it is Kombo, or us.

What was part of an outage is not usual. A customer whose connection comes and goes, four times in a
week or in one incident, is neither evidence nor usual.

It ends when most of its customers' connections work again; or after a day, unless three customers
failed in the last hour; or after three days in any case.
"""

import math
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from integrations.domain.headline import INCOMPLETE_SYNCS, PAUSED_AFTER, Facts, Key, key_of

WINDOW = timedelta(minutes=15)
LEAST = 3  # customers
LATE = timedelta(hours=6)  # for so long after a failure we may learn of it
USUAL_OVER = timedelta(days=90)
BY_CHANCE = 1e-6
BY_CHANCE_ELSEWHERE = 1e-3  # of other tools: in doubt it is not this one
WORST_DAYS = 4
FLAPS = 4
FLAPS_WITHIN = timedelta(days=7)
LASTS = timedelta(days=1)
STILL_SPREADS = timedelta(hours=1)
LASTS_AT_MOST = PAUSED_AFTER
SETTLES = timedelta(hours=1)  # what recovers is not over at once for everybody, and may come back

# What worked, if only in part; whoever was paused, set up or never seen before has not failed now.
_WORKED = {Key.CONNECTED, Key.UPDATING, Key.FIRST_SYNC, Key.QUALITY_CHECK, Key.DEGRADED}


@dataclass(frozen=True, slots=True)
class Failure:
    """A connection that stopped working; `relapses` says how often within its incident."""

    tool: str
    tenant: int
    at: datetime
    relapses: int = 0


@dataclass(frozen=True, slots=True)
class Usual:
    """How often customers' connections fail if nothing is down.

    `tenants` have one that worked. In `days` there were so many `failures`, of a customer one a
    day, and in one window at most `peak`.
    """

    tenants: int
    failures: int = 0
    days: float = USUAL_OVER / timedelta(days=1)
    peak: int = 0
    flapping: frozenset[int] = frozenset()

    def is_exceeded_by(self, tenants: int, *, windows: int = 1, chance: float = BY_CHANCE) -> bool:
        """Whether so many customers, in one window or several in a row, are no chance."""
        a_day = max(self.failures / max(self.days, 1.0), self.tenants / USUAL_OVER.days)
        expected = a_day * (WINDOW / timedelta(days=1)) * windows
        is_many = tenants >= LEAST and tenants > self.peak
        return is_many and _chance_of(tenants, expected) < chance


@dataclass(frozen=True, slots=True)
class Affected:
    """A connection that is part of an outage, as it is now."""

    tenant: int
    failed_at: datetime
    works: bool


def is_suspect(facts: Facts) -> bool:
    """Whether what is wrong now may be the tool's own fault: it lets nobody in, or no sync brings
    everything. An unfinished setup or an issue of one customer's is not.
    """
    match key_of(facts):
        case Key.SIGN_IN_FAILING | Key.RECONNECT_REQUIRED:
            return True
        case Key.DEGRADED:
            return facts.sync_state in INCOMPLETE_SYNCS
    return False


def has_failed(before: Key, facts: Facts) -> bool:
    """Whether a connection that worked, with this headline, stopped in a way that is suspect."""
    return before in _WORKED and is_suspect(facts)


def usual(past: Iterable[Failure], tenants: int, *, now: datetime, days: float) -> Usual:
    """Sum up the failures of up to 90 days that were part of no outage."""
    failures = sorted(past, key=lambda failure: failure.at)
    of_late = Counter(failure.tenant for failure in failures if failure.at > now - FLAPS_WITHIN)
    flapping = frozenset(tenant for tenant, number in of_late.items() if number >= FLAPS)
    counted = [failure for failure in failures if failure.tenant not in flapping]
    peaks = defaultdict[date, int](int)
    for failure, tenants_then in _windows(counted):
        peaks[failure.at.date()] = max(peaks[failure.at.date()], len(tenants_then))
    ordinary = sorted(peaks.values(), reverse=True)[WORST_DAYS:]
    return Usual(
        tenants=tenants,
        failures=len({(failure.tenant, failure.at.date()) for failure in counted}),
        days=days,
        peak=ordinary[0] if ordinary else 0,
        flapping=flapping,
    )


def suspects(failing: Sequence[Failure]) -> dict[str, int]:
    """Return the tools of which enough customers fail to look closer, and the most in a window."""
    found = {}
    for tool, failures in _by_tool(failing).items():
        most = max((len(tenants) for _first, tenants in _windows(failures)), default=0)
        if most >= LEAST:
            found[tool] = most
    return found


def began_at(
    tool: str, failing: Sequence[Failure], usual_of_tool: Usual, usual_of_all: Usual
) -> datetime | None:
    """Return when the tool went down, or None if it did not; `failing` is what fails of all tools,
    and when it last began to.
    """
    steady = [
        failure
        for failure in _by_tool(failing).get(tool, [])
        if failure.tenant not in usual_of_tool.flapping
    ]
    for first, tenants in _windows(steady):
        if usual_of_tool.is_exceeded_by(len(tenants)) and not fails_everywhere(
            tool, first.at, failing, usual_of_all
        ):
            return first.at
    return None


def fails_everywhere(
    tool: str, start: datetime, failing: Sequence[Failure], usual_of_all: Usual
) -> bool:
    """Whether more than one other tool fails within 15 minutes of an instant: so it is not this
    tool's fault.
    """
    others: Mapping[str, set[int]] = {
        other: {one.tenant for one in failures if start - WINDOW <= one.at <= start + WINDOW}
        for other, failures in _by_tool(failing).items()
        if other != tool
    }
    but_the_worst = sorted(others.values(), key=len)[:-1]
    return usual_of_all.is_exceeded_by(
        len(set[int]().union(*but_the_worst)), windows=2, chance=BY_CHANCE_ELSEWHERE
    )


def has_ended(affected: Collection[Affected], started_at: datetime, now: datetime) -> bool:
    """Whether an outage is over: the tool works again, or it is the customers' turn after all."""
    tenants = {one.tenant for one in affected}
    broken = {one.tenant for one in affected if not one.works}
    if 2 * len(broken) < max(len(tenants), 1):
        return True
    new = {one.tenant for one in affected if one.failed_at > now - STILL_SPREADS}
    lasts = now - started_at
    return lasts >= LASTS_AT_MOST or (lasts >= LASTS and len(new) < LEAST)


def _by_tool(failing: Iterable[Failure]) -> dict[str, list[Failure]]:
    """Return what counts, by tool and in order."""
    by_tool = defaultdict[str, list[Failure]](list)
    for failure in sorted(failing, key=lambda failure: failure.at):
        if failure.relapses < FLAPS:
            by_tool[failure.tool].append(failure)
    return by_tool


def _windows(failures: Sequence[Failure]) -> Iterable[tuple[Failure, set[int]]]:
    """Return for each failure, in their order, who fails in the window that it begins."""
    moments = [failure.at for failure in failures]
    for number, first in enumerate(failures):
        end = bisect_right(moments, first.at + WINDOW)
        yield first, {failure.tenant for failure in failures[number:end]}


def _chance_of(least: int, expected: float) -> float:
    """Return the probability of so many or more where so many are expected (Poisson)."""
    term = fewer = math.exp(-expected)
    for number in range(1, least):
        term *= expected / number
        fewer += term
    return max(0.0, 1.0 - fewer)
