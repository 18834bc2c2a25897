"""Measure what pages cost, as ratios within one run: `python -m tests.bench`, or on PostgreSQL
`.ci/with-postgres python -m tests.bench`.

CPU seconds of this process and bytecodes per request, through the whole middleware, against a
signed-in page that renders nothing but the base template. The cases take turns in every round, so
that a noisy machine disturbs all alike; each figure is the median over the rounds of that round's
ratio. Then wall-clock time of a page view against one that asks Kombo each time.
"""

import gc
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

FOLDER = tempfile.TemporaryDirectory()
os.environ.setdefault("TEST_DATABASE_URL", f"sqlite:///{Path(FOLDER.name) / 'bench.sqlite3'}")
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

import django  # noqa: E402 - after the environment it reads

django.setup()

from tests.bench import pages  # noqa: E402
from tests.bytecodes import bytecodes  # noqa: E402

ROUNDS = int(sys.argv[1]) if len(sys.argv) > 1 else 40
CALLS = 5  # requests per case and round


def cpu(ask: Callable[[], object]) -> float:
    """CPU seconds per request, without what the garbage collector happens to do."""
    gc.disable()
    began = time.process_time()
    for _call in range(CALLS):
        ask()
    spent = time.process_time() - began
    gc.enable()
    return spent / CALLS


def wall(ask: Callable[[], object]) -> float:
    began = time.perf_counter()
    ask()
    return time.perf_counter() - began


def work(ask: Callable[[], object]) -> float:
    """Millions of bytecodes of a request."""
    return bytecodes(ask) / 1_000_000


def ratios(
    cases: dict[str, Callable[[], object]], base: str, measure: Callable[..., float], rounds: int
) -> None:
    for ask in cases.values():
        ask()  # warm: templates, connections, translations
    samples = [{name: measure(ask) for name, ask in cases.items()} for _round in range(rounds)]
    for name in cases:
        ratio = statistics.median(sample[name] / sample[base] for sample in samples)
        spread = statistics.quantiles([sample[name] / sample[base] for sample in samples], n=10)
        typical = statistics.median(sample[name] for sample in samples) * 1000
        print(
            f"  {name:<52} {ratio:6.2f} x   (p10 {spread[0]:.2f}, p90 {spread[-1]:.2f}; here "
            f"{typical:.2f} ms)"
        )


def main() -> None:
    bench = pages.Bench()
    print(f"CPU per request, {ROUNDS} rounds of {CALLS}:")
    ratios(bench.cpu_cases(), "base", cpu, ROUNDS)
    print("\nBytecodes per request, in thousands instead of ms:")
    ratios(bench.cpu_cases(), "base", work, 3)
    print("\nTime of a page view, Kombo answering after 150 ms:")
    ratios(bench.wall_cases(), "page that asks Kombo per view", wall, 10)
    bench.let_kombo_hang()
    print("\nThe same page while Kombo hangs, against while it answers (see above for its time):")
    ratios(bench.hanging_cases(), "page from snapshots", wall, 20)
    bench.close()


main()
