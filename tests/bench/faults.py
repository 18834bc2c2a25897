"""Let Kombo fail in every way, for all who ask it: `python -m tests.bench.faults [fault ...]`.

Each fault meets each way to ask, warm (something is stored) and cold (nothing is). What counts: no
answer of ours is a 5xx, what was stored stays or there is an honest empty state, no call outlasts
its deadline, no thread and no memory is left behind, and 35 s after Kombo has healed all is well
again. Prints a row for each fault and exits with 1 if anything else was seen.

The calls are real, over loopback; the clock is moved ahead to the end of a pause.
"""

import argparse
import ctypes
import gc
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

# One heap for all threads: else each thread leaves pieces of its own behind, and what leaks can't
# be told from them.
if "MALLOC_ARENA_MAX" not in os.environ:
    os.environ["MALLOC_ARENA_MAX"] = "1"
    os.execv(sys.executable, [sys.executable, "-m", "tests.bench.faults", *sys.argv[1:]])  # noqa: S606

FOLDER = tempfile.TemporaryDirectory()
os.environ["TEST_DATABASE_URL"] = f"sqlite:///{Path(FOLDER.name) / 'bench.sqlite3'}"
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"

import django  # noqa: E402 - after the environment it reads

django.setup()

import time_machine  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from integrations.simulator.server import serve  # noqa: E402
from tests.bench.fault_ways import WAYS, World  # noqa: E402
from tests.kombo.faults import WIRE  # noqa: E402
from tests.kombo.servers import free_port, serving  # noqa: E402

LONGEST = 9.0  # seconds of a turn, a call, and a machine that has other things to do
SEVERAL = {"programs": 3}  # ways that ask more than once, one after the other
HEALED = [timedelta(seconds=seconds) for seconds in (12, 24, 35)]  # when somebody looks again
LARGE = ("80 MB", "200 MB in gzip")
LEAK = 30.0  # megabytes that all faults together may leave
OF_SIMULATOR = {"another customer's answer": "wrong_owner", "links elsewhere": "foreign_link"}
ADDRESSES: dict[str, Callable[[], str]] = {
    "refused": lambda: f"http://127.0.0.1:{free_port()}",
    "unknown host": lambda: "http://kombo.invalid",
    "no TLS": lambda: f"https://127.0.0.1:{free_port()}",
}
FAULTS = (*ADDRESSES, *WIRE, *OF_SIMULATOR)


@contextmanager
def broken(world: World, fault: str) -> Iterator[None]:
    """Have all calls meet a fault."""
    if fault in OF_SIMULATOR:
        world.kombo.set_fault(OF_SIMULATOR[fault])
        yield
        world.kombo.set_fault("none")
    elif fault == "no TLS":
        with serving(WIRE["500"]) as server:
            world.lead_to(server.url.replace("http:", "https:"))
            yield
    elif fault in ADDRESSES:
        world.lead_to(ADDRESSES[fault]())
        yield
    else:
        with serving(WIRE[fault]) as server:
            world.lead_to(server.url)
            yield
    world.lead_to(world.kombo.public_url)


@dataclass
class Seen:
    """What became of one way to ask under one fault."""

    outcome: str
    seconds: float
    wrong: list[str]


def try_one(world: World, fault: str, way: str, *, is_warm: bool) -> Seen:
    """Ask under a fault, heal, and ask again when 35 s are over."""
    world.reset(is_warm=is_warm)
    wrong: list[str] = []
    with broken(world, fault):
        began = time.monotonic()
        try:
            outcome = WAYS[way].ask(world, is_warm)
        except AssertionError as error:
            outcome, wrong = "WRONG", [str(error)]
        seconds = time.monotonic() - began
    if seconds > LONGEST * SEVERAL.get(way, 1):
        wrong.append(f"took {seconds:.1f} s")
    if [one for one in threading.enumerate() if one.name.startswith("production-")]:
        wrong.append("left a thread")
    healed = timezone.now()
    for after in HEALED:
        with time_machine.travel(healed + after):
            problem = WAYS[way].healed(world)
        if not problem:
            break
    else:
        wrong.append(f"not healed: {problem}")
    return Seen(outcome, seconds, wrong)


def resident() -> float:
    """Megabytes of this process, without what the C library keeps for the next time."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


COLUMNS = [(way, is_warm) for way in WAYS for is_warm in (False, True)]


def row(name: str, cells: Iterable[str]) -> None:
    """Print a line of the matrix."""
    print(f"{name:<26}" + "".join(f"{cell[:16]:<17}" for cell in cells), flush=True)


def matrix(world: World, faults: Sequence[str]) -> list[str]:
    """Print what each fault came to. Return what was wrong."""
    row("", (f"{way} {'warm' if is_warm else 'cold'}" for way, is_warm in COLUMNS))
    for fault in LARGE:  # so that what a process keeps for the next time is there
        try_one(world, fault, "viewer", is_warm=True)
    wrong, before, longest = [], resident(), 0.0
    for fault in faults:
        cells = []
        for way, is_warm in COLUMNS:
            seen = try_one(world, fault, way, is_warm=is_warm)
            if seen.wrong:  # the machine may have had other things to do
                seen = try_one(world, fault, way, is_warm=is_warm)
            longest = max(longest, seen.seconds)
            cells.append(f"{seen.outcome} {seen.seconds:.1f}s")
            where = f"{fault}, {way} {'warm' if is_warm else 'cold'}"
            wrong += [f"{where}: {what}" for what in seen.wrong]
        row(fault, [*cells, f"{resident():.0f} MB"])
    left = resident() - before
    if left > LEAK:
        wrong.append(f"{left:.0f} MB more than at the beginning")
    print(f"{len(faults)} faults x {len(COLUMNS)} = {len(faults) * len(COLUMNS)} cells")
    print(f"The longest took {longest:.1f} s; memory {left:+.0f} MB.")
    return wrong


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("faults", nargs="*", metavar="fault", help=", ".join(FAULTS))
    chosen = options.parse_args().faults or FAULTS
    logging.disable()
    world = World()
    server = serve(world.kombo, 0)
    world.lead_to(world.kombo.public_url)
    world.make()
    wrong = matrix(world, chosen)
    print("\n".join(wrong) or "No 5xx, nothing lost, no thread left, all healed.")
    server.shutdown()
    connections.close_all()
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
