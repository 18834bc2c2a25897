"""Many threads in several processes at once on one database, as behind a web server.

`crowd("viewer", ...)` starts processes: every thread of theirs gets ready, all of them wait for one
another, and then they act at the same time.
"""

import itertools
import os
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests import forking
from tests.forking import PATIENCE

INTEGRATION_ID = "personio:crowd"

type Act = Callable[[], object]


def crowd(
    name: str, environment: Mapping[str, str], *, processes: int = 1, threads: int = 1
) -> list[Any]:
    """Let so many threads in so many processes do one of the acts below; answer what each of them
    got.
    """
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "kombo_dashboard.settings", **environment}
    ends: list[Connection] = []
    with TemporaryDirectory() as folder:
        outputs = [Path(folder) / f"{number}.log" for number in range(processes)]
        for output in outputs:
            end, other_end = forking.context.Pipe()
            forking.start(_take_part, name, threads, other_end, environment=settings, output=output)
            other_end.close()
            ends.append(end)
        are_ready = [_received(end) for end in ends]
        for end in ends:
            end.send("go")
        results = [result for end in ends for result in _received(end) or ()]
        logs = [output.read_text() for output in outputs]
    assert all(are_ready), logs
    assert len(results) == processes * threads, logs
    return results


def _received(end: Connection) -> Any:
    """What a process says next; nothing if it has ended, or says nothing."""
    try:
        return end.recv() if end.poll(PATIENCE) else None
    except EOFError:
        return None


def seed() -> None:
    """Map one integration that was never fetched."""
    from integrations.models import Tenant
    from integrations.tenants import mapping

    mapping.create(Tenant.objects.create(name="Acme GmbH", origin_id="acme"), INTEGRATION_ID)


def viewer() -> Act:
    """See the integration cold, then ask for it. Answers whether there was something to show."""
    from integrations.models import Integration
    from integrations.upstream import snapshots

    integration = Integration.objects.select_related("snapshot").get()
    assert integration.snapshot.fetched_at is None
    return lambda: snapshots.revalidate(integration).fetched_at is not None


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


def disconnecter() -> Act:
    """Disconnect the integration. Answers what came of it."""
    from integrations.access.audit import Actor
    from integrations.models import Integration
    from integrations.upstream import disconnecting

    one = Integration.objects.select_related("tenant", "snapshot").get()

    def act() -> str:
        try:
            return str(disconnecting.disconnect(one, by=Actor(None, "crowd")))
        except disconnecting.UnderWay:
            return "under way"
        except disconnecting.NotThere:
            return "not there"

    return act


def connecter() -> Act:
    """Set out to connect Workday, in a tab of a member's own. Answers the status."""
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import reverse

    client, member = Client(SERVER_NAME="localhost"), User.objects.get()
    client.force_login(member)
    tenant = member.memberships.get().tenant
    start = reverse("connect_start", args=[tenant.public_id, "hris", "workday"])
    return lambda: client.post(start, headers={"HX-Request": "true"}).status_code


def teller() -> Act:
    """Tell that a tool was connected: every other one as Kombo does, the rest as the browser does
    which connected it. Answers the status.
    """
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import reverse

    from tests.webhook_payloads import post

    client, body = Client(SERVER_NAME="localhost"), os.environ["CROWD_EVENT"].encode()
    if next(_turns) % 2:
        return lambda: post(client, body).status_code
    member = User.objects.get()
    client.force_login(member)
    tenant = member.memberships.get().tenant
    done = reverse("connect_completed", args=[tenant.public_id])
    said = {"token": os.environ["CROWD_TOKEN"], "attempt": os.environ["CROWD_ATTEMPT"]}
    return lambda: client.post(done, said, headers={"HX-Request": "true"}).status_code


_turns = itertools.count()


def answerer() -> Act:
    """Work out answers until none is due. Answers for how many tenants."""
    from integrations.workspace import features

    return lambda: sum(iter(features.evaluate_stale, 0))


ACTS = {
    act.__name__: act
    for act in (
        *(viewer, spender, caller, receiver, newcomer, colleague, replayer, worker, answerer),
        *(disconnecter, connecter, teller),
    )
}


def _take_part(name: str, threads: int, end: Connection) -> None:
    """Let so many threads act together when the other end says so, each on a connection of its own,
    and tell it what they got.
    """
    import django

    django.setup()
    from django.db import connection

    from integrations.upstream import rate_limiter

    rate_limiter.LATE = timedelta.max  # on a busy machine every turn comes late
    results: list[object] = []
    ready, go = threading.Semaphore(0), threading.Event()

    def take_part() -> None:
        try:
            act = ACTS[name]()
        finally:
            connection.close()
            ready.release()
        go.wait()
        try:
            results.append(act())
        finally:
            connection.close()

    started = [threading.Thread(target=take_part) for _ in range(threads)]
    for thread in started:
        thread.start()
    for _ in started:
        ready.acquire()
    end.send("ready")
    end.recv()
    go.set()
    for thread in started:
        thread.join()
    end.send(results)
