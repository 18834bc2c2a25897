"""Measure the receiver of webhooks: `python -m tests.bench.webhooks [--seconds 30] [--rate 100]`.

A real gunicorn with two workers on a SQLite file takes so many events a second, of all types and
for many integrations, while Kombo hangs and somebody's cards ask it all the same. A request's time
counts from when it was due, so waiting in line is part of it. In between, `/healthz`, which does
nothing, is asked over the same connections: the ratio of the two says more than either on a busy
machine.
"""

import argparse
import http.client
import itertools
import os
import queue
import random
import statistics
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from tests.bench.site import API_KEY, SECRET, TENANT, connect, prepare, server

INTEGRATIONS, CONNECTIONS, CARDS = 50, 16, 4
BETWEEN = 4  # so many events per request to /healthz
STATES = ["INVALID", "ACTIVE", "INACTIVE", "ACTIVE"]
SYNCS = ["SUCCEEDED", "SUCCEEDED", "PARTIALLY_FAILED", "AUTHENTICATION_FAILED"]


class Due(NamedTuple):
    """A request, and when it is due."""

    at: float
    name: str
    path: str
    body: bytes | None = None


@dataclass
class Figures:
    """Seconds from when each request was due, until it was sent and until it was answered."""

    sent: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    statuses: Counter[int | str] = field(default_factory=Counter)

    def p(self, percent: int, *, sent: bool = False) -> float:
        """A percentile in milliseconds."""
        return (
            statistics.quantiles(self.sent if sent else self.answered, n=100, method="inclusive")[
                percent - 1
            ]
            * 1000
        )

    def line(self, name: str) -> str:
        figures = [*(self.p(percent) for percent in (50, 90, 99)), max(self.answered) * 1000]
        statuses = ", ".join(f"{count} x {status}" for status, count in self.statuses.items())
        return (
            f"  {name:<34}" + "".join(f"{figure:8.1f} ms" for figure in figures) + f"   {statuses}"
        )


def events() -> Iterator[tuple[str, bytes]]:
    """Events without end: all that Kombo sends, some of it twice, some that we do not use."""
    from tests.webhook_payloads import encoded, event

    for number in itertools.count():
        integration, turn = f"personio:bench{number % INTEGRATIONS}", number // INTEGRATIONS
        now = datetime.now(UTC)
        told: list[tuple[str, dict[str, Any]]] = [
            (
                "integration-state-changed",
                {"integration_id": integration, "state": STATES[turn % 4], "updated_at": now},
            ),
            (
                "sync-finished",
                {
                    "integration_id": integration,
                    "sync_id": f"{number}",
                    "sync_state": SYNCS[turn % 4],
                }
                | {"sync_started_at": now - timedelta(minutes=2), "sync_ended_at": now},
            ),
            ("data-changed", {"integration_id": integration}),
            (
                "issue-status-changed",
                {
                    "integration__id": integration,
                    "issue__first_observed_at": now - timedelta(seconds=1),
                }
                | ({"change": "resolved", "issue__resolved_at": now} if turn % 2 else {}),
            ),
            ("connection-flow-failed", {"end_user__origin_id": TENANT}),
            ("integration-created", {"id": f"personio:new{number}"}),
        ]
        kind, data = told[number % len(told)]
        body = encoded(event(kind, **data))
        yield kind, body
        if number % 7 == 0:
            yield "any of them, again", body


def ask(connection: http.client.HTTPConnection, due: Due) -> int | str:
    from integrations.kombo.webhooks import sign

    headers = (
        {"X-Kombo-Signature": sign(due.body, SECRET), "Content-Type": "application/json"}
        if due.body
        else {}
    )
    try:
        connection.request("POST" if due.body else "GET", due.path, due.body, headers)
        with connection.getresponse() as response:
            response.read()
            return response.status
    except (OSError, http.client.HTTPException) as error:
        connection.close()
        return type(error).__name__


def deliver(waiting: queue.SimpleQueue[Due | None], figures: dict[str, Figures]) -> None:
    """Send what is due over one connection, until there is no more."""
    with closing(connect()) as connection:
        while due := waiting.get():
            sent = time.perf_counter()
            status = ask(connection, due)
            figures[due.name].answered.append(time.perf_counter() - due.at)
            figures[due.name].sent.append(sent - due.at)
            figures[due.name].statuses[status] += 1


def _make_known() -> None:
    """As if each had been fetched as connected, but long ago."""
    from integrations.models import Snapshot

    Snapshot.objects.update(
        status="ACTIVE", setup_status="COMPLETED", tool_id="personio", tool_label="Personio"
    )


def look(session: str, path: str, over: threading.Event, cards: Counter[int]) -> None:
    """Somebody's cards: each is cold, so each asks Kombo, which hangs."""
    from integrations.models import Integration

    ids = list(Integration.objects.values_list("public_id", flat=True))
    headers = {"Cookie": f"sessionid={session}", "HX-Request": "true"}
    while not over.wait(0.25):
        with closing(connect()) as connection:
            connection.request("GET", f"{path}/poll/?seen={random.choice(ids)}.", headers=headers)
            cards[connection.getresponse().status] += 1


def run(seconds: float, rate: float) -> dict[str, Figures]:
    """Send the events at their times, whatever becomes of those before, and ask /healthz in
    between.
    """
    figures: dict[str, Figures] = defaultdict(Figures)
    waiting: queue.SimpleQueue[Due | None] = queue.SimpleQueue()
    senders = [
        threading.Thread(target=deliver, args=(waiting, figures)) for _ in range(CONNECTIONS)
    ]
    for sender in senders:
        sender.start()
    began, source = time.perf_counter() + 0.2, events()
    for number in range(int(seconds * rate)):
        kind, body = next(source)
        at = began + number / rate
        time.sleep(max(0.0, at - time.perf_counter()))
        waiting.put(Due(at, kind, "/webhooks/kombo/production/", body))
        if number % BETWEEN == 0:
            at += random.uniform(0, 1 / rate)
            time.sleep(max(0.0, at - time.perf_counter()))
            waiting.put(Due(at, "healthz", "/healthz"))
    for _ in senders:
        waiting.put(None)
    for sender in senders:
        sender.join()
    return figures


def report(figures: dict[str, Figures]) -> None:
    healthz = figures.pop("healthz")
    everything = Figures()
    for one in figures.values():
        everything.sent += one.sent
        everything.answered += one.answered
        everything.statuses += one.statuses
    print(f"  {'':<34}{'p50':>11}{'p90':>11}{'p99':>11}{'worst':>11}")
    print(everything.line("webhooks (aim: p99 below 50 ms)"))
    print(healthz.line("/healthz"))
    ratios = {percent: everything.p(percent) / healthz.p(percent) for percent in (50, 90, 99)}
    print(f"  {'ratio':<34}" + "".join(f"{ratio:9.1f} x" for ratio in ratios.values()))
    late = [everything.p(percent, sent=True) for percent in (50, 90, 99)]
    print(f"  {'of it, not even sent yet':<34}" + "".join(f"{one:8.1f} ms" for one in late))
    for name, one in sorted(figures.items()):
        if len(one.answered) > 1:
            print(one.line(f"  {name}"))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--rate", type=float, default=100, help="events per second")
    chosen = options.parse_args()

    from integrations.simulator.app import Simulator
    from integrations.simulator.server import serve

    kombo = serve(Simulator(api_key=API_KEY, rate_limit=1_000_000), 0)
    kombo.simulator.set_fault("hanging")
    session, path = prepare(kombo.simulator.public_url, integrations=INTEGRATIONS)
    _make_known()
    over, cards = threading.Event(), Counter[int]()
    with server():
        run(2, chosen.rate)  # warm
        before = os.getloadavg()[0]
        lookers = [
            threading.Thread(target=look, args=(session, path, over, cards)) for _ in range(CARDS)
        ]
        for looker in lookers:
            looker.start()
        figures = run(chosen.seconds, chosen.rate)
        over.set()
        for looker in lookers:
            looker.join()
    loads = (
        f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after on {os.cpu_count()} "
        "processors"
    )
    print(f"{chosen.rate:g} events a second for {chosen.seconds:g} s; {loads}:")
    report(figures)
    calls = sum(kombo.simulator.calls.values())
    print(
        f"  Meanwhile cards were asked for {cards.total()} times, and Kombo, which hung, "
        f"{calls} times."
    )
    kombo.shutdown()


if __name__ == "__main__":
    main()
