"""The sites and the workers of `tests.bench.soak`: some are killed now and then, some never."""

import os
import random
import signal
import time
from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

from tests.bench.site import start_server, start_worker

RESIDENT = 1  # the column of /proc/<pid>/statm
SETTLED = 0.4  # of the time: until then memory fills with what is used for the first time


class Steady:
    """A site and a worker that nobody kills, and how much memory each of their processes has."""

    def __init__(self) -> None:
        self.server, self.worker = start_server(), start_worker()
        self.samples: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)

    def measure(self) -> None:
        """Note the memory of each process."""
        now = time.monotonic() / 60
        for number, pid in enumerate(_children(self.server.pid)):
            self.samples[f"site {number}"].append((now, _megabytes(pid)))
        self.samples["worker"].append((now, _megabytes(self.worker.pid)))

    def slopes(self) -> dict[str, tuple[float, float, float]]:
        """Return of each process the megabytes a minute, and what it had first and last, once all
        was used for the first time.
        """
        found = {}
        for name, samples in self.samples.items():
            late = samples[int(len(samples) * SETTLED) :]
            found[name] = (_slope(late), late[0][1], late[-1][1])
        return found

    def stop(self) -> None:
        """End them."""
        for process in (self.server, self.worker):
            process.terminate()
            process.wait(60)


def _megabytes(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[RESIDENT])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def _slope(samples: list[tuple[float, float]]) -> float:
    """Return the slope of the line that fits best (least squares)."""
    mean_x = sum(x for x, _y in samples) / len(samples)
    mean_y = sum(y for _x, y in samples) / len(samples)
    spread = sum((x - mean_x) ** 2 for x, _y in samples)
    return sum((x - mean_x) * (y - mean_y) for x, y in samples) / spread if spread else 0.0


class Victims:
    """Another site on the same port, and another worker, each started again when it is killed."""

    def __init__(self) -> None:
        self.server, self.worker = start_server(), start_worker()
        self.killed: Counter[str] = Counter()

    def kill_one(self) -> None:
        """Kill one of them, or one of the site's processes."""
        choice = random.choice(["worker", "worker", "web process", "web process", "web server"])
        self.killed[choice] += 1
        if choice == "worker":
            _kill(self.worker.pid)
            self.worker.wait()
            self.worker = start_worker()
        elif choice == "web process":
            # The other site on this port may have said that it is there, and this one is not yet.
            if children := _children(self.server.pid):
                _kill(random.choice(children))
        else:
            self.kill_server()
            self.server = start_server()

    def kill_server(self) -> None:
        """Kill the master and its processes at once."""
        for pid in [self.server.pid, *_children(self.server.pid)]:
            _kill(pid)
        self.server.wait()

    def kill_all(self) -> None:
        """Kill all, for good."""
        self.kill_server()
        _kill(self.worker.pid)
        self.worker.wait()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
