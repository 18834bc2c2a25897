"""Measure the list of all integrations, and of datapoints, at two sizes: `python -m
tests.bench.triage`.

Two processes answer the same requests, through the whole middleware: one has 1,000 integrations in
its database, the other as many as you say. They take turns in every round, so that a noisy machine
disturbs both alike; each figure is the median over the rounds of that round's ratio, and the number
of queries must be the same. Databases are SQLite files in a temporary folder, or two on the server
at `TEST_DATABASE_URL`.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SMALL = 1000
PER_TENANT = 2
MANAGERS = 20
TOOLS = [
    ("personio", "HRIS"),
    ("bamboohr", "HRIS"),
    ("hibob", "HRIS"),
    ("workday", "HRIS"),
    ("factorial", "HRIS"),
] + [(f"tool{number}", ("HRIS", "ATS", "LMS", "ASSESSMENT")[number % 4]) for number in range(35)]
STATES: list[tuple[float, dict[str, Any]]] = [
    (0.90, {"status": "ACTIVE", "setup_status": "COMPLETED"}),
    (0.03, {"status": "INVALID", "setup_status": "COMPLETED"}),
    (0.02, {"status": "ACTIVE", "setup_status": "INCOMPLETE"}),
    (0.02, {"status": "INACTIVE", "setup_status": "COMPLETED"}),
    (0.02, {"status": "ACTIVE", "setup_status": "FINAL_SYNC_PENDING"}),
    (
        0.01,
        {"status": "ACTIVE", "setup_status": "COMPLETED", "issue_title": "Absences can't be read"},
    ),
]
GRIDS, DATAPOINTS = 200, 600
CASES = {
    "first page": "?scope=all",
    "one manager's own": "?scope=mine",
    "filter: headline": "?scope=all&headline=reconnect_required",
    "filter: group": "?scope=all&group=action_required",
    "filter: the group that most are in": "?scope=all&group=ok",
    "filter: tool": "?scope=all&tool=personio",
    "filter: category": "?scope=all&category=ATS",
    "filter: customer not told yet": "?scope=all&untold=1",
    "filter: a customer": "?scope=all&tenant=bench000077",
    "filter: feature that does not work": "?scope=all&feature={feature}&answer=not",
    "search: a customer": "?scope=all&q=customer000077",
    "search: an e-mail address": "?scope=all&q=hr000077@bench000077.example",
    "search: no such thing": "?scope=all&q=nosuchthing",
    "search: a tool that many have": "?scope=all&q=personio",
    "finder: a customer": "find/?q=customer000077",
    "finder: a tool that many have": "find/?q=personio",
    "fields: one datapoint": "datapoints/?q=bench_model.field7",
    "fields: one datapoint, who opted out": "datapoints/?q=bench_model.field7&show=opted_out",
    "fields: three side by side": "matrix/?"
    + "&".join(f"d=bench_model.field{number}" for number in (7, 8, 9)),
    **{
        f"sort: {name}": f"?scope=all&sort={name}"
        for name in ("tenant", "tool", "sync", "check", "contact", "news")
    },
}


def fill(integrations: int) -> None:
    """Make the database with so many integrations, in every state."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.utils import timezone

    from integrations.models import (
        Feature,
        FeatureAnswer,
        Integration,
        Logo,
        Snapshot,
        Summary,
        Tenant,
    )
    from integrations.workspace import summaries

    call_command("migrate", verbosity=0)
    chance, now = random.Random(7), timezone.now()
    User.objects.create_superuser("bench")
    managers = [
        User.objects.create(username=f"manager{number}", is_staff=True)
        for number in range(MANAGERS)
    ]
    managers[0] = User.objects.get(username="bench")
    Logo.objects.bulk_create([Logo(key=tool, url="", label=tool) for tool, _category in TOOLS])
    tenants = [
        Tenant(
            name=f"Customer{number:06} GmbH",
            origin_id=f"bench{number:06}",
            owner=managers[number % MANAGERS],
        )
        for number in range(integrations // PER_TENANT)
    ]
    Tenant.objects.bulk_create(tenants, batch_size=1000)
    feature = Feature.objects.create(
        name="Org chart", needs=["hris_employees.manager_id"], public_id="feature"
    )
    answers = [
        FeatureAnswer(
            tenant=one, feature=feature, verdict=chance.choice(["works", "partly", "not"])
        )
        for one in tenants
    ]
    FeatureAnswer.objects.bulk_create(answers, batch_size=1000)
    grids = make_grids(chance)
    made = [
        Integration(tenant=tenants[number % len(tenants)], integration_id=f"tool:bench{number}")
        for number in range(integrations)
    ]
    Integration.objects.bulk_create(made, batch_size=1000)
    known = [
        Snapshot(integration=one, **snapshot_of(one.tenant.origin_id, grids, now, chance))
        for one in made
    ]
    Snapshot.objects.bulk_create(known, batch_size=1000)
    summaries.recompute([one.pk for one in made])
    rows = list(Summary.objects.all())
    for row in rows:
        row.since = now - timedelta(days=chance.random() * 90)
        row.contacted_at = row.since + timedelta(days=chance.choice([-1, 1]))
    Summary.objects.bulk_update(rows, ["since", "contacted_at"], batch_size=1000)


def make_grids(chance: random.Random) -> list[str]:
    """Make grids, each with a reason for every datapoint. Answers their digests."""
    from integrations.models import CoverageProfile

    reasons = ["available"] * 7 + ["opted_out", "not_requested", "unsupported"]
    digests = [f"{number:016}" for number in range(GRIDS)]
    for digest in digests:
        told = {
            f"bench_model.field{number}": chance.choice(reasons) for number in range(DATAPOINTS)
        }
        CoverageProfile.objects.create(digest=digest, reasons=told)
    return digests


def snapshot_of(
    origin_id: str, grids: list[str], now: datetime, chance: random.Random
) -> dict[str, Any]:
    """What is known of an integration: any tool, state and grid."""
    tool, category = chance.choices(TOOLS, [10] * 5 + [1] * 35)[0]
    (facts,) = chance.choices(
        [facts for _share, facts in STATES], [share for share, _facts in STATES]
    )
    number = origin_id.removeprefix("bench")
    return facts | {
        "fetched_at": now - timedelta(minutes=chance.random() * 60),
        "synced_at": now - timedelta(hours=chance.random() * 72),
        "tool_id": tool,
        "tool_label": tool,
        "category": category,
        "logo_id": tool,
        "creator_email": f"hr{number}@bench{number}.example",
        "origin_id": origin_id,
        "coverage": "x" * 2000,
        "coverage_digest": chance.choice(grids),
    }


def settle_database() -> None:
    """What a database does by itself after a while."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def serve(integrations: int) -> None:
    """Answer requests that come line by line, each with its seconds and its queries."""
    import django

    django.setup()
    fill(integrations)
    settle_database()
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.get(username="bench"))
    print("ready", flush=True)
    for line in sys.stdin:
        path = "/workspace/" + line.strip()
        began = time.perf_counter()
        response = client.get(path)
        seconds = time.perf_counter() - began
        assert response.status_code == 200, response.status_code
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        print(json.dumps([seconds, len(queries)]), flush=True)


def databases(folder: str) -> Iterator[str]:
    """The addresses of two empty databases."""
    server = os.environ.get("TEST_DATABASE_URL")
    if server is None:
        yield from (f"sqlite:///{Path(folder) / name}.sqlite3" for name in ("small", "large"))
        return
    import psycopg

    with psycopg.connect(server, autocommit=True) as connection:
        for name in ("bench_small", "bench_large"):
            connection.execute(f"CREATE DATABASE {name}".encode())
            yield urlsplit(server)._replace(path=f"/{name}").geturl()


type Asker = Callable[[str], tuple[float, int]]
"""From a query to the seconds of its answer and the number of its queries."""


def asker(integrations: int, database: str, module: str = "tests.bench.triage") -> Asker:
    """Start a process of this module with so many integrations, and return how to ask it."""
    command = [sys.executable, "-m", module, "--serve", str(integrations)]
    environ = os.environ | {
        "TEST_DATABASE_URL": database,
        "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
    }
    process = subprocess.Popen(
        command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline().strip() == "ready"
    to, answers = process.stdin, process.stdout

    def ask(query: str) -> tuple[float, int]:
        to.write(query + "\n")
        to.flush()
        seconds, queries = json.loads(answers.readline())
        return seconds, queries

    return ask


def options(description: str | None) -> argparse.Namespace:
    """Return what a bench of the large against the small was asked for; `serve` if it is one of its
    own processes.
    """
    known = argparse.ArgumentParser(description=description)
    known.add_argument("--integrations", type=int, default=100_000)
    known.add_argument("--rounds", type=int, default=15)
    known.add_argument("--serve", type=int)
    return known.parse_args()


def main() -> None:
    chosen = options(__doc__)
    if chosen.serve:
        serve(chosen.serve)
        return
    with tempfile.TemporaryDirectory() as folder:
        first, second = databases(folder)
        small, large = asker(SMALL, first), asker(chosen.integrations, second)
        print(
            f"The list with {chosen.integrations} integrations against {SMALL}, {chosen.rounds} "
            "rounds (aim 3):"
        )
        queries = {name: case.format(feature="feature") for name, case in CASES.items()}
        compare(queries, small, large, chosen.rounds)


def compare(cases: dict[str, str], small: Asker, large: Asker, rounds: int) -> None:
    """Ask both for each case in turns, and print how much longer the larger takes."""
    for name, query in cases.items():
        small(query), large(query)  # warm
        asked = [(small(query), large(query)) for _round in range(rounds)]
        ratio = statistics.median(big[0] / little[0] for little, big in asked)
        here = [statistics.median(one[side][0] for one in asked) * 1000 for side in (0, 1)]
        queries = {side[1] for one in asked for side in one}
        print(
            f"  {name:<36} {ratio:6.2f} x   ({here[0]:.1f} ms, {here[1]:.1f} ms; queries "
            f"{sorted(queries)})",
            flush=True,
        )


if __name__ == "__main__":
    main()
