"""Kill the site and its workers at random, under load and faults: `python -m tests.bench.chaos
[--minutes 3]`.

Webhooks arrive, each sent again until it is taken; cards are looked at; Kombo fails in ever other
ways; and every few seconds a worker, one of the web server's processes, or all of them get SIGKILL.
Afterwards nothing may be lost, done twice or stuck. Exits with 1 if anything is.
`TEST_DATABASE_URL` chooses another database than a SQLite file.
"""

import argparse
import http.client
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from integrations.simulator.app import Simulator
from integrations.simulator.server import serve
from tests.bench.site import API_KEY, SECRET, connect, names, prepare, start_server, start_worker
from tests.bench.worker import fill

if TYPE_CHECKING:
    from integrations.models import Integration

INTEGRATIONS, SENDERS, LOOKERS, WORKERS = 40, 6, 4, 2
FAULTS = [
    "none",
    "none",
    "none",
    "slow",
    "hanging",
    "unavailable",
    "reset",
    "wrong_json",
    "rate_limited",
]
# The one tenant with one integration: a flow in Kombo Connect that failed is about that one.
LONELY = "lonely"
RECOVERY = 420  # seconds: a circuit may sleep for five minutes

os.environ |= {"WORKER_MAX_AGE": "10", "SNAPSHOT_MAX_AGE": "2", "KOMBO_CALLS_PER_SECOND": "20"}


@dataclass
class Told:
    """The webhooks that were taken, by kind, and what became of single attempts."""

    taken: list[tuple[str, str]] = field(default_factory=list)
    answers: Counter[int | str] = field(default_factory=Counter)
    over: threading.Event = field(default_factory=threading.Event)

    def send_forever(self, number: int) -> None:
        """Send one after the other; a tenth of them twice."""
        from tests.webhook_payloads import encoded, event

        count = 0
        while not self.over.wait(random.uniform(0.1, 0.4)):
            count += 1
            kind, data = _news(f"{number} {count}")
            event_id = f"{number} {count} {kind}"
            body = encoded(event(kind, event_id, **data))
            for _ in range(random.choice([1] * 9 + [2])):
                self._deliver(body)
            self.taken.append((kind, event_id))

    def _deliver(self, body: bytes) -> None:
        """As one would who has learned that some attempts fail: until it is taken, even when all is
        over.
        """
        from integrations.kombo.webhooks import sign

        headers = {"X-Kombo-Signature": sign(body, SECRET), "Content-Type": "application/json"}
        while True:
            with closing(connect()) as connection:
                answer = _ask(connection, "POST", "/webhooks/kombo/production/", body, headers)
            self.answers[answer] += 1
            if answer == 200:
                return
            time.sleep(0.1)

    def look_forever(self, session: str, path: str, ids: list[str]) -> None:
        """Look at cards."""
        headers = {"Cookie": f"sessionid={session}", "HX-Request": "true"}
        while not self.over.wait(0.1):
            with closing(connect()) as connection:
                _ask(connection, "GET", f"{path}/poll/?seen={random.choice(ids)}.", None, headers)


def _news(number: str) -> tuple[str, dict[str, Any]]:
    """Something that happens now."""
    now, integration = datetime.now(UTC), random.choice(names(INTEGRATIONS))
    sync = {"sync_id": number, "sync_started_at": now - timedelta(minutes=1), "sync_ended_at": now}
    issue = {"issue__id": f"{integration} {random.randrange(3)}", "issue__first_observed_at": now}
    resolved = {"change": "resolved", "issue__status": "RESOLVED", "issue__resolved_at": now}
    choices: list[tuple[str, dict[str, Any]]] = [
        ("connection-flow-failed", {"end_user__origin_id": LONELY}),
        ("sync-finished", {"integration_id": integration, "sync_state": "FAILED", **sync}),
        ("sync-finished", {"integration_id": integration, "sync_state": "SUCCEEDED", **sync}),
        (
            "integration-state-changed",
            {"integration_id": integration, "state": "INVALID", "updated_at": now},
        ),
        (
            "integration-state-changed",
            {"integration_id": integration, "state": "ACTIVE", "updated_at": now},
        ),
        (
            "issue-status-changed",
            {"integration__id": integration, **issue, **random.choice([{}, resolved])},
        ),
    ]
    return random.choice(choices)


def _ask(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    body: bytes | None,
    headers: dict[str, str],
) -> int | str:
    try:
        connection.request(method, path, body, headers)
        with connection.getresponse() as response:
            response.read()
            return response.status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__


class Victims:
    """The web server and the workers, each started again as soon as it is killed."""

    def __init__(self) -> None:
        self.server = start_server()
        self.workers = [start_worker() for _ in range(WORKERS)]
        self.killed: Counter[str] = Counter()

    def kill_one(self) -> None:
        choice = random.choice(["worker", "worker", "web process", "web process", "web server"])
        self.killed[choice] += 1
        if choice == "worker":
            number = random.randrange(WORKERS)
            _kill(self.workers[number].pid)
            self.workers[number].wait()
            self.workers[number] = start_worker()
        elif choice == "web process":
            _kill(random.choice(_children(self.server.pid)))
        else:
            self.kill_server()
            self.server = start_server()

    def kill_server(self) -> None:
        """The master and its processes at once."""
        for pid in [self.server.pid, *_children(self.server.pid)]:
            _kill(pid)
        self.server.wait()

    def kill_all(self) -> None:
        self.kill_server()
        for worker in self.workers:
            _kill(worker.pid)
            worker.wait()


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def problems(told: Told, since: datetime) -> list[str]:
    """What was lost, done twice, or is stuck."""
    from integrations.models import Entry, Event, Integration, Kind, Snapshot

    kept = set(Event.objects.values_list("type", "event_id"))
    flows = Event.objects.filter(type="connection-flow-failed").count()
    syncs = Event.objects.filter(type="sync-finished", payload__contains='"FAILED"').count()
    counts = {
        "webhooks taken and not kept": (0, len(set(told.taken) - kept)),
        "webhooks without effect": (0, Event.objects.filter(worked_at=None).count()),
        "effects of failed flows": (flows, Entry.objects.filter(kind=Kind.REPAIR).count()),
        "effects of failed syncs": (syncs, Entry.objects.filter(kind=Kind.SYNC).count()),
        "snapshots not asked for since": (
            0,
            Snapshot.objects.exclude(fetched_at__gt=since).count(),
        ),
    }
    found = [
        f"{what}: {seen}, not {right}" for what, (right, seen) in counts.items() if seen != right
    ]
    for integration in Integration.objects.select_related("snapshot"):
        found += _broken_record(integration)
    return found


def _broken_record(integration: "Integration") -> list[str]:
    """Each state must follow from the one before; the last must be what holds, and an incident open
    if it is broken.
    """
    from integrations.domain.headline import TROUBLES, key_of
    from integrations.history.incident_record import WELL
    from integrations.models import Entry, Incident, Kind

    states = Entry.objects.filter(integration=integration, kind=Kind.STATE).order_by("at", "pk")
    found = [
        f"{integration}: {later.what} follows {earlier.what}, not {later.data['from']}"
        for earlier, later in pairwise(states)
        if earlier.what != later.data["from"]
    ]
    key, latest = key_of(integration.snapshot), states.last()
    if latest is None or latest.what != key:
        found.append(f"{integration}: is {key}, and the latest entry is {latest}")
    is_open = Incident.objects.filter(integration=integration, closed_at=None).exists()
    if (key in TROUBLES and not is_open) or (key in WELL and is_open):
        found.append(
            f"{integration}: is {key}, and its incident is {'open' if is_open else 'closed'}"
        )
    return found


def settle(since: datetime) -> float:
    """Wait until everything was asked for again and every webhook had its effect.

    Answers the seconds it took.
    """
    from integrations.models import Event, Snapshot

    began = time.monotonic()
    while time.monotonic() - began < RECOVERY:
        waiting = Snapshot.objects.exclude(fetched_at__gt=since).exists()
        if not waiting and not Event.objects.filter(worked_at=None).exists():
            break
        time.sleep(0.5)
    return time.monotonic() - began


def prepare_lonely(kombo: Simulator) -> None:
    """One more tenant, with one integration."""
    from integrations.models import Tenant
    from integrations.tenants import mapping

    details = kombo.details(names(1)[0]) or {}
    owner = {**details["end_user"], "origin_id": LONELY}
    kombo.add({**details, "id": f"personio:{LONELY}", "end_user": owner})
    mapping.create(Tenant.objects.create(name="Lonely", origin_id=LONELY), f"personio:{LONELY}")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--minutes", type=float, default=3)
    seconds = options.parse_args().minutes * 60

    kombo = Simulator(api_key=API_KEY, rate_limit=1_000_000)
    fill(kombo, INTEGRATIONS)
    server = serve(kombo, 0)
    session, path = prepare(kombo.public_url, integrations=INTEGRATIONS)
    prepare_lonely(kombo)
    from integrations.models import Integration, Snapshot

    ids = list(
        Integration.objects.filter(tenant__origin_id="bench").values_list("public_id", flat=True)
    )
    # A first fetch, so that webhooks find integrations at work.
    subprocess.run([sys.executable, "manage.py", "run_worker", "--once"], check=True)
    assert not Snapshot.objects.filter(fetched_at=None).exists()

    told, victims = Told(), Victims()
    threads = [
        threading.Thread(target=told.send_forever, args=(number,)) for number in range(SENDERS)
    ]
    threads += [
        threading.Thread(target=told.look_forever, args=(session, path, ids))
        for _ in range(LOOKERS)
    ]
    for thread in threads:
        thread.start()
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        time.sleep(random.uniform(1, 3))
        kombo.set_fault(random.choice(FAULTS))
        victims.kill_one()
    kombo.set_fault("none")
    told.over.set()
    for thread in threads:
        thread.join()
    ended = datetime.now(UTC)
    took = settle(ended)
    victims.kill_all()
    found = problems(told, ended)
    print(f"{len(told.taken)} webhooks taken in {seconds:g} s; answers: {dict(told.answers)}")
    print(
        f"killed: {dict(victims.killed)}; calls to Kombo: {sum(kombo.calls.values())}; settled "
        f"after {took:.0f} s"
    )
    print("\n".join(found) or "Nothing lost, nothing done twice, nothing stuck.")
    server.shutdown()
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
