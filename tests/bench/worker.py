"""Measure the worker: `python -m tests.bench.worker [--integrations 10000] [--rate 20] [--outage
60]`.

Against a simulated Kombo that takes so many calls a second: one worker, two at once, an outage, and
the recovery from it. What counts is how much of the budget is used, that it is never exceeded, and
that memory stays flat. `TEST_DATABASE_URL` chooses another database than a SQLite file.
"""

import argparse
import os
import subprocess
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.simulator.server import serve
from tests.bench.site import API_KEY, TENANT, names, prepare, start_worker, stop

WARM = 10.0  # seconds before a phase counts: processes start, connections open
RETRY_AFTER_OUTAGE = (
    120.0  # seconds that Kombo is watched for after it: the circuit may sleep through the first
)


class Counted(Simulator):
    """A Kombo that remembers when it was called."""

    def __init__(self, rate: int) -> None:
        self.times: list[float] = []
        self._lock = threading.Lock()
        super().__init__(api_key=API_KEY, rate_limit=rate, rate_window=1.0)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with self._lock:
            self.times.append(time.monotonic())
        return super().__call__(environ, start_response)

    def since(self, instant: float) -> list[float]:
        with self._lock:
            return [at for at in self.times if at >= instant]


def fill(kombo: Simulator, integrations: int) -> None:
    """Let Kombo know as many integrations, each with a small grid."""
    details = states.details(
        integration_id="personio:bench",
        tool_id="personio",
        category="HRIS",
        organization_name="Bench",
        origin_id=TENANT,
        creator_email=None,
    )
    details = {**details, "read_models": details["read_models"][:3], "write_actions": []}
    for name in names(integrations):
        kombo.add({**details, "id": name})


def most_in_a_second(times: list[float]) -> int:
    """The most calls in any second, wherever it begins."""
    most, first = 0, 0
    for last, at in enumerate(times):
        while at - times[first] >= 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most


def memory(process: "subprocess.Popen[bytes]") -> float:
    """Resident megabytes."""
    pages = int(Path(f"/proc/{process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def phase(
    name: str, kombo: Counted, workers: list["subprocess.Popen[bytes]"], seconds: float, rate: int
) -> None:
    """Watch for so long, and say what was seen."""
    before, refused, began = [memory(one) for one in workers], kombo.refused, time.monotonic()
    time.sleep(seconds)
    times = kombo.since(began)
    used = len(times) / seconds
    print(
        f"  {name:<28}{used:7.2f} calls/s = {used / rate:5.1%} of the budget; at most "
        f"{most_in_a_second(times)} "
        f"in any second; {kombo.refused - refused} refused; memory "
        + ", ".join(
            f"{mb:.0f} to {memory(one):.0f} MB" for mb, one in zip(before, workers, strict=True)
        ),
        flush=True,
    )


def outage(kombo: Counted, seconds: float) -> None:
    """Let Kombo fail for so long: count the calls, and compare what is stored before and after."""
    known = stored()
    kombo.set_fault("unavailable")
    began = time.monotonic()
    time.sleep(seconds)
    calls = len(kombo.since(began))
    lost = len(known - stored())
    kombo.set_fault("none")
    print(f"  outage of {seconds:g} s: {calls} calls, {lost} snapshots lost", flush=True)
    began = time.monotonic()
    while len(kombo.since(began)) < 3 and time.monotonic() - began < RETRY_AFTER_OUTAGE * 4:
        time.sleep(0.2)
    print(f"  calls again after {time.monotonic() - began:.0f} s", flush=True)


def stored() -> set[tuple[int, str, str]]:
    """What is known of each integration that was ever fetched."""
    from integrations.models import Snapshot

    return set(
        Snapshot.objects.exclude(fetched_at=None).values_list("pk", "status", "coverage_digest")
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--integrations", type=int, default=10_000)
    options.add_argument("--rate", type=int, default=20, help="calls a second")
    options.add_argument("--seconds", type=float, default=60, help="length of each phase")
    options.add_argument("--outage", type=float, default=60, help="seconds")
    chosen = options.parse_args()
    os.environ["KOMBO_CALLS_PER_SECOND"] = str(chosen.rate)

    kombo = Counted(chosen.rate)
    fill(kombo, chosen.integrations)
    server = serve(kombo, 0)
    prepare(kombo.public_url, integrations=chosen.integrations)
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    print(f"{chosen.integrations} integrations, {chosen.rate} calls/s; {load}:", flush=True)
    workers = [start_worker()]
    time.sleep(WARM)
    phase("one worker", kombo, workers, chosen.seconds, chosen.rate)
    workers.append(start_worker())
    time.sleep(WARM)
    phase("two workers", kombo, workers, chosen.seconds, chosen.rate)
    outage(kombo, chosen.outage)
    phase("after the outage", kombo, workers, chosen.seconds, chosen.rate)
    for worker in workers:
        stop(worker)
    print(
        f"  {len(stored())} of {chosen.integrations} fetched so far; load "
        f"{os.getloadavg()[0]:.1f} at the end"
    )
    server.shutdown()


if __name__ == "__main__":
    main()
