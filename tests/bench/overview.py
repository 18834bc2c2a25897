"""Measure the overview against the list of all integrations: `python -m tests.bench.overview`.

One process has many integrations and 400 days of their history, and its worker has counted the
days. Pages are asked for in turns, through the whole middleware, so that a noisy machine disturbs
all alike; each figure is the median over the rounds of that round's ratio. Beside them, how long a
step of the worker's takes. The database is a SQLite file in a temporary folder, or the empty one at
`TEST_DATABASE_URL`.
"""

import argparse
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.test import Client

    from integrations.models import Incident, Summary

HISTORY = 400  # days
APART = 60.0  # days from one incident of an integration to the next, on average
REMINDED = 0.5  # of the incidents that are kept
CASES = {
    "all customers, 90 days": ("overview/?scope=all", "?scope=all"),
    "all customers, 30 days": ("overview/?scope=all&days=30", "?scope=all"),
    "one manager's own, a twentieth of all": ("overview/?scope=mine", "?scope=mine"),
}


def fill_history() -> None:
    """Make what happened to each integration before it came to be as its summary tells."""
    from django.db import connection
    from django.utils import timezone

    from integrations.models import Entry, Incident, Kind, Source, Summary

    chance, now = random.Random(11), timezone.now()
    start = now - timedelta(days=HISTORY)

    def state(pk: int, at: datetime, before: str, key: str) -> Entry:
        data = {"from": before}
        return Entry(
            integration_id=pk, at=at, kind=Kind.STATE, what=key, source=Source.CHECK, data=data
        )

    def history(row: "Summary") -> Iterator[Any]:
        yield state(row.pk, start, "pending", "connected")
        at = start + timedelta(days=chance.expovariate(1 / APART))
        while (closed := at + timedelta(hours=chance.expovariate(1 / 30))) < row.since:
            key = chance.choice(["reconnect_required", "sign_in_failing", "degraded"])
            yield state(row.pk, at, "connected", key)
            yield state(row.pk, closed, key, "connected")
            yield Incident(
                integration_id=row.pk,
                opened_at=at,
                closed_at=closed,
                first_key=key,
                key=key,
                detected_by=Source.CHECK,
            )
            at = closed + timedelta(days=chance.expovariate(1 / APART))
        if row.headline != "connected":
            yield state(row.pk, row.since, "connected", row.headline)

    made: list[Any] = []
    for row in Summary.objects.order_by().iterator(chunk_size=2000):
        made += history(row)
        if len(made) > 20_000:
            save(made)
            made = []
    save(made)
    since = now - timedelta(days=120)
    incidents = Incident.objects.filter(closed_at__gt=since).iterator()
    remind([incident for incident in incidents if chance.random() < REMINDED], chance)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def remind(incidents: "list[Incident]", chance: random.Random) -> None:
    """Make a reminder of each incident, with its mail and its link."""
    from integrations.models import HandOff, Mail, Reminder

    links = [HandOff(**link(one, number, chance)) for number, one in enumerate(incidents)]
    HandOff.objects.bulk_create(links, batch_size=2000)
    reminders = [
        Reminder(
            integration_id=one.integration_id,
            act="reconnect",
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            ended_at=one.closed_at,
            sent=1,
        )
        for one in incidents
    ]
    Reminder.objects.bulk_create(reminders, batch_size=2000)
    mails = [
        Mail(
            key=f"reminder {reminder.pk} 1",
            kind="reminder",
            integration_id=reminder.integration_id,
            hand_off=hand_off,
            reminder=reminder,
            created_at=hand_off.created_at,
        )
        for reminder, hand_off in zip(reminders, links, strict=True)
    ]
    Mail.objects.bulk_create(mails, batch_size=2000)


def save(made: Iterable[Any]) -> None:
    """Store rows of several tables."""
    by_model: dict[Any, list[Any]] = {}
    for row in made:
        by_model.setdefault(type(row), []).append(row)
    for model, rows in by_model.items():
        model.objects.bulk_create(rows, batch_size=2000)


def link(incident: "Incident", number: int, chance: random.Random) -> dict[str, Any]:
    """What is known of a reminder's link."""
    at = incident.opened_at + timedelta(hours=1)
    opened = at if chance.random() < 0.7 else None
    begun = opened if chance.random() < 0.8 else None
    return {
        "public_id": f"bench{number}",
        "integration_id": incident.integration_id,
        "act": "reconnect",
        "created_at": at,
        "expires_at": at,
        "opened_at": opened,
        "begun_at": begun,
    }


def count() -> list[float]:
    """Let the worker count all that is due. Return the seconds of its steps."""
    from integrations.workspace import daily_counts

    seconds: list[float] = []
    while True:
        began = time.perf_counter()
        if not daily_counts.count_due():
            return seconds
        seconds.append(time.perf_counter() - began)


def ask(client: "Client", path: str) -> float:
    began = time.perf_counter()
    response = client.get(f"/workspace/{path}")
    assert response.status_code == 200, response.status_code
    return time.perf_counter() - began


def measure(integrations: int, rounds: int) -> None:
    import django

    django.setup()
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from tests.bench import triage

    triage.fill(integrations)
    fill_history()
    steps = count()
    print(
        f"The worker's first step {steps[0]:.2f} s, {len(steps) - 1} more: median "
        f"{statistics.median(steps[1:]):.2f} s, longest {max(steps[1:]):.2f} s",
        flush=True,
    )
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="bench"))
    print(
        f"The overview with {integrations} integrations against the list, {rounds} rounds (aim 2):"
    )
    for name, (page, listed) in CASES.items():
        ask(client, page), ask(client, listed)  # warm
        pairs = [(ask(client, page), ask(client, listed)) for _round in range(rounds)]
        ratio = statistics.median(mine / other for mine, other in pairs)
        here = [statistics.median(pair[side] for pair in pairs) * 1000 for side in (0, 1)]
        with CaptureQueriesContext(connection) as queries:
            ask(client, page)
        print(
            f"  {name:<40} {ratio:6.2f} x   ({here[0]:.1f} ms, {here[1]:.1f} ms; "
            f"{len(queries)} queries)",
            flush=True,
        )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--integrations", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=15)
    chosen = options.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("TEST_DATABASE_URL", f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        measure(chosen.integrations, chosen.rounds)


if __name__ == "__main__":
    main()
