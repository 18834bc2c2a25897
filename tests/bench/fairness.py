"""Measure who gets Kombo's calls when one tenant wants them all: `python -m tests.bench.fairness
[--minutes 5]`.

A tenant of 500 integrations is scrolled through in many tabs, beside 4,000 others of one
integration each, of whom some look at their page, and beside a worker that has all of them to
check. The clock is simulated, the rate limiter and its row are the real ones. What counts is who
got how much of what they wanted, against the same minutes without that tenant, and against the same
with it and a rate limiter that knows no shares. Exits with 1 if somebody gets less than the aim.
"""

import argparse
import heapq
import os
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

FOLDER = tempfile.TemporaryDirectory()
os.environ["TEST_DATABASE_URL"] = f"sqlite:///{Path(FOLDER.name) / 'bench.sqlite3'}"
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

import django  # noqa: E402 - after the environment it reads

django.setup()

import time_machine  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402

from integrations.models import Upstream  # noqa: E402
from integrations.upstream import rate_limiter  # noqa: E402
from integrations.upstream.rate_limiter import VIEWER_PATIENCE, RateLimitBusy  # noqa: E402
from integrations.upstream.snapshots import MOST_CHECKS  # noqa: E402

BEGAN = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
CALLS_PER_SECOND = 5
CALL = 0.15  # seconds that Kombo takes
HEAVY, HEAVY_TABS = 1, 10
OTHERS, LOOKING = 4_000, 100  # tenants of one integration, and how many have their page open
CALM, REFUSED, SCROLLING = 60.0, 5.0, 1.0  # seconds between two looks of a page
# The least share that each may get of what it wanted; the worker wants the whole budget.
AIMS = {"other viewers": 0.95, "worst other viewer": 0.5, "worker": 1 / 3}

type Steps = Iterator[float]  # an actor; it yields after how many seconds it goes on


@dataclass
class World:
    """Some minutes in which everybody asks for slots."""

    has_heavy: bool
    has_shares: bool
    minutes: float
    wanted: Counter[str] = field(default_factory=Counter)
    got: Counter[str] = field(default_factory=Counter)

    def run(self) -> "World":
        Upstream.objects.all().delete()
        random.seed(1)
        actors = [self._worker()]
        actors += [self._page(f"other {n}", n) for n in range(2, 2 + LOOKING)]
        if self.has_heavy:
            actors += [self._page("heavy", HEAVY, is_scrolling=True) for _ in range(HEAVY_TABS)]
        order = count()
        agenda = [(random.uniform(0, 1), next(order), actor) for actor in actors]
        heapq.heapify(agenda)
        with time_machine.travel(BEGAN, tick=False) as clock:
            while agenda[0][0] < self.minutes * 60:
                at, _, actor = heapq.heappop(agenda)
                clock.move_to(BEGAN + timedelta(seconds=at), tick=False)
                heapq.heappush(agenda, (at + max(next(actor), 1e-3), next(order), actor))
        return self

    def _reserve(
        self, *, patience: float, tenant: int | None = None, by_worker: bool = False
    ) -> float:
        """Return in how many seconds the slot is. Raises RateLimitBusy."""
        shares = {"tenant": tenant, "by_worker": by_worker} if self.has_shares else {}
        slot = rate_limiter.reserve_slot("production", patience=patience, **shares)  # type: ignore[arg-type]
        return (slot - datetime.now(UTC)).total_seconds()

    def _worker(self) -> Steps:
        """As `worker.Sweep` takes its slots, with something to do all the time."""
        spacing = rate_limiter.spacing("production")
        while True:
            try:
                yield max(self._reserve(patience=spacing, by_worker=True) - spacing, 0)
                self.got["worker"] += 1
            except RateLimitBusy as error:
                yield min((error.retry_after or 0) - spacing, spacing)

    def _page(self, name: str, tenant: int, *, is_scrolling: bool = False) -> Steps:
        """As a page polls, and as `snapshots.revalidate_some` asks for what is due."""
        if not is_scrolling:
            yield random.uniform(0, CALM)
        while True:
            is_refused = False
            left = VIEWER_PATIENCE
            for _card in range(MOST_CHECKS if is_scrolling else 1):
                if left <= 0 or is_refused:
                    break
                self.wanted[name] += 1
                try:
                    wait = self._reserve(patience=left, tenant=tenant)
                    self.got[name] += 1
                    left -= wait + CALL
                    yield wait + CALL
                except RateLimitBusy:
                    is_refused = True
            if is_scrolling:
                yield SCROLLING
            else:
                yield REFUSED if is_refused else CALM * random.uniform(1.0, 1.2)

    def shares(self) -> dict[str, float]:
        """Return who got how much of what."""
        others = [name for name in self.wanted if name.startswith("other")]
        budget = self.minutes * 60 / rate_limiter.spacing("production")
        return {
            "other viewers": sum(self.got[name] for name in others)
            / sum(self.wanted[name] for name in others),
            "worst other viewer": min(self.got[name] / self.wanted[name] for name in others),
            "worker": self.got["worker"] / budget,
            "tenant of 500, of the budget": self.got["heavy"] / budget,
        }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--minutes", type=float, default=5)
    minutes = options.parse_args().minutes
    call_command("migrate", verbosity=0)
    settings.KOMBO_ENVIRONMENTS["production"]["CALLS_PER_SECOND"] = CALLS_PER_SECOND
    worlds = {
        "without it": World(has_heavy=False, has_shares=True, minutes=minutes),
        "next to it": World(has_heavy=True, has_shares=True, minutes=minutes),
        "no shares": World(has_heavy=True, has_shares=False, minutes=minutes),
    }
    found = {name: world.run().shares() for name, world in worlds.items()}
    print(
        f"A tenant of 500 in {HEAVY_TABS} tabs beside {OTHERS} others, {LOOKING} of whom look; "
        f"{CALLS_PER_SECOND} calls/s for {minutes:g} simulated minutes:"
    )
    print(f"  {'':<30}" + "".join(f"{name:>14}" for name in found) + f"{'aim':>10}")
    for what in found["next to it"]:
        cells = "".join(f"{shares[what]:>14.1%}" for shares in found.values())
        print(f"  {what:<30}{cells}" + (f"{AIMS[what]:>10.0%}" if what in AIMS else ""))
    short = [what for what, aim in AIMS.items() if found["next to it"][what] < aim]
    print(f"Below the aim: {', '.join(short)}" if short else "Nobody is below the aim.")
    sys.exit(1 if short else 0)


if __name__ == "__main__":
    main()
