"""Many threads in several processes at once on one database, as behind a web server.

`crowd("viewer", ...)` starts processes, each of which runs this module: every thread gets ready,
all of them wait for one another, and then they act at the same time.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
INTEGRATION_ID = "personio:crowd"

type Act = Callable[[], object]


def crowd(
    name: str, environment: Mapping[str, str], *, processes: int = 1, threads: int = 1
) -> list[Any]:
    """Let so many threads in so many processes do one of the acts below; answer what each of them
    got.
    """
    command = [sys.executable, "-m", "tests.concurrency", name, str(threads)]
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "kombo_dashboard.settings", **environment}
    with ExitStack() as stack:
        started = [
            stack.enter_context(
                subprocess.Popen(
                    command,
                    cwd=PROJECT,
                    env=settings,
                    text=True,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                )
            )
            for _ in range(processes)
        ]
        for process in started:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
        for process in started:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        results = [
            one for process in started for one in json.loads(process.communicate(timeout=60)[0])
        ]
    assert len(results) == processes * threads, "a thread failed; see its error above"
    return results


def seed() -> None:
    """Map one integration that was never fetched."""
    from integrations.models import Tenant
    from integrations.tenants import mapping

    mapping.create(Tenant.objects.create(name="Acme GmbH", origin_id="acme"), INTEGRATION_ID)


def viewer() -> Act:
    """See the integration cold, then ask for it. Answers whether there was something to show."""
    from integrations.models import Integration
    from integrations.upstream import snapshots

    found = Integration.objects.select_related("snapshot").get()
    assert found.snapshot.fetched_at is None
    return lambda: snapshots.revalidate(found).fetched_at is not None


def spender() -> Act:
    """Spend one of seven. Answers whether that was allowed."""
    from integrations.access.rate_limits import Limit

    return lambda: Limit("crowd", times=7, seconds=60).spend("alice") == 0


def caller() -> Act:
    """Take three turns of the budget. Answers at which instants they are, in seconds."""

    from integrations.upstream import rate_limiter

    return lambda: [
        rate_limiter.reserve_slot("production", patience=60).timestamp() for _ in range(3)
    ]


def flow_failed() -> bytes:
    """The webhook that everybody sends."""
    from tests.webhook_payloads import TOOL, encoded, event

    return encoded(
        event(
            "connection-flow-failed", "the one", end_user__origin_id="acme", integration_tool=TOOL
        )
    )


def receiver() -> Act:
    """Deliver the webhook. Answers the status."""
    from django.test import Client

    from tests.webhook_payloads import post

    client, body = Client(SERVER_NAME="localhost"), flow_failed()
    return lambda: post(client, body).status_code


def newcomer() -> Act:
    """Show the token that everybody shows. Answers the status."""
    from django.test import Client

    from tests.embed import exchange

    client = Client(SERVER_NAME="localhost")
    return lambda: exchange(client, os.environ["CROWD_TOKEN"]).status_code


def colleague() -> Act:
    """Press the button on the link's page. Answers the status."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")
    return lambda: client.post(f"/hand-off/{os.environ['CROWD_TOKEN']}/").status_code


def replayer() -> Act:
    """Work what failed. Answers whether it is worked now."""
    from integrations.models import Event
    from integrations.webhooks import inbox

    event = Event.objects.get(worked_at__isnull=True)
    return lambda: inbox.replay(event)


def worker() -> Act:
    """Work all that is due. Answers whether there was anything."""

    from integrations.webhooks import inbox

    return lambda: inbox.retry_due() > 0


def answerer() -> Act:
    """Work out answers until none is due. Answers for how many tenants."""
    from integrations.workspace import features

    return lambda: sum(iter(features.evaluate_stale, 0))


ACTS = {
    act.__name__: act
    for act in (viewer, spender, caller, receiver, newcomer, colleague, replayer, worker, answerer)
}


def run(get_ready: Callable[[], Act], threads: int) -> list[object]:
    """Let so many threads act together, each on a connection of its own."""
    from django.db import connection

    results: list[object] = []
    ready, go = threading.Semaphore(0), threading.Event()

    def one() -> None:
        try:
            act = get_ready()
        finally:
            connection.close()
            ready.release()
        go.wait()
        try:
            results.append(act())
        finally:
            connection.close()

    started = [threading.Thread(target=one) for _ in range(threads)]
    for thread in started:
        thread.start()
    for _ in started:
        ready.acquire()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    go.set()
    for thread in started:
        thread.join()
    return results


if __name__ == "__main__":
    import django

    django.setup()
    from integrations.upstream import rate_limiter

    rate_limiter.LATE = timedelta.max  # on a busy machine every turn comes late
    print(json.dumps(run(ACTS[sys.argv[1]], int(sys.argv[2]))))  # noqa: T201 - it is the answer
