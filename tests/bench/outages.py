"""Measure the worker's look for tools that are down, at two sizes: `python -m tests.bench.outages`.

Two processes look, each with its own database and 90 days of incidents: one has 1,000 integrations,
the other as many as you say. At both sizes the same number of connections fails now. They take
turns in every round, so that a noisy machine disturbs both alike; each figure is the median over
the rounds of that round's ratio, and the number of queries must be the same. Whatever a look finds
is taken back before the next. The first look of an hour counts what is usual, which the aim is not
for.
"""

import json
import logging
import random
import sys
import tempfile
import time
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.bench import triage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from integrations.models import Incident, Summary

HISTORY = 90  # days
APART = 60.0  # days from one incident of an integration to the next, on average
STRAYS = 30  # connections of any tools that failed within six hours
LARGE = [tool for tool, _category in triage.TOOLS[:5]]
DOWN = 30  # customers of a tool that is down


class Case(NamedTuple):
    """How many customers' connections fail, by tool; whether that was found before, and whether
    the look is the first of an hour.
    """

    failing: dict[str, int]
    is_known: bool = False
    is_first: bool = False


CASES = {
    "nothing more than usual": Case({}),
    "a tool goes down": Case({"personio": DOWN}),
    "a tool is down": Case({"personio": DOWN}, is_known=True),
    "everything fails": Case(dict.fromkeys(LARGE, DOWN)),
    "a tool goes down, first look": Case({"personio": DOWN}, is_first=True),
    "everything fails, first look": Case(dict.fromkeys(LARGE, DOWN), is_first=True),
}


def fill_incidents() -> None:
    """Make what failed before, and what fails of late."""
    from django.utils import timezone

    from integrations.models import Incident, Summary

    chance, now = random.Random(13), timezone.now()
    made: list[Incident] = []
    for row in Summary.objects.order_by("pk").iterator(chunk_size=2000):
        made += spells(row, now, chance)
        if len(made) > 20_000:
            Incident.objects.bulk_create(made, batch_size=2000)
            made = []
    Incident.objects.bulk_create(made, batch_size=2000)
    rows = islice(Summary.objects.order_by("-pk").filter(headline="connected"), STRAYS)
    for number, row in enumerate(rows):
        fail([row], now - timedelta(minutes=number * 360 / STRAYS))


def spells(row: "Summary", now: datetime, chance: random.Random) -> "Iterator[Incident]":
    """The incidents of an integration that are over."""
    at = now - timedelta(days=HISTORY) + timedelta(days=chance.expovariate(1 / APART))
    while (closed := at + timedelta(hours=chance.expovariate(1 / 30))) < now - timedelta(hours=7):
        yield incident(row, at, closed_at=closed)
        at = closed + timedelta(days=chance.expovariate(1 / APART))


def incident(row: "Summary", at: datetime, **more: Any) -> "Incident":
    """One of an integration for which its tool may be to blame, unsaved."""
    from integrations.models import Incident, Source

    key = "sign_in_failing"
    return Incident(
        integration_id=row.pk,
        opened_at=at,
        failed_at=at,
        first_key=key,
        key=key,
        tool=row.tool,
        detected_by=Source.CHECK,
        **more,
    )


def fail(rows: "list[Summary]", at: datetime) -> None:
    """Let connections have failed at an instant."""
    from integrations.models import Incident, Summary

    Incident.objects.bulk_create(incident(row, at) for row in rows)
    Summary.objects.filter(pk__in=[row.pk for row in rows]).update(headline="sign_in_failing")


def prepare(case: str, now: datetime) -> None:
    """Let happen what a case is about."""
    from integrations.models import Incident, Summary
    from integrations.workspace import outage_detection

    for tool, customers in CASES[case].failing.items():
        rows = Summary.objects.filter(tool=tool, headline="connected")
        one_each = {row.tenant_id: row for row in rows.order_by("pk")[: 5 * customers]}
        chosen = list(one_each.values())[:customers]
        Incident.objects.filter(integration__in=[row.pk for row in chosen], closed_at=None).delete()
        fail(chosen, now - timedelta(minutes=5))
    if CASES[case].is_known:
        outage_detection.watch()
    if CASES[case].is_first:
        outage_detection.forget_usual()


def look(case: str) -> tuple[float, int]:
    """The seconds that a look takes, and the number of its queries."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from integrations.workspace import outage_detection

    with transaction.atomic():
        prepare(case, timezone.now())
        before = transaction.savepoint()
        began = time.perf_counter()
        outage_detection.watch()
        seconds = time.perf_counter() - began
        transaction.savepoint_rollback(before)
        with CaptureQueriesContext(connection) as queries:
            outage_detection.watch()
        transaction.set_rollback(True)
    return seconds, len(queries)


def serve(integrations: int) -> None:
    """Look at cases that come line by line."""
    import django

    django.setup()
    logging.disable()  # of each outage that it finds
    triage.fill(integrations)
    fill_incidents()
    triage.settle_database()
    print("ready", flush=True)
    for line in sys.stdin:
        print(json.dumps(look(line.strip())), flush=True)


def main() -> None:
    chosen = triage.options(__doc__)
    if chosen.serve:
        serve(chosen.serve)
        return
    with tempfile.TemporaryDirectory() as folder:
        first, second = triage.databases(folder)
        module = "tests.bench.outages"
        small = triage.asker(triage.SMALL, first, module)
        large = triage.asker(chosen.integrations, second, module)
        print(
            f"A look for outages with {chosen.integrations} integrations against {triage.SMALL}, "
            f"{chosen.rounds} rounds (aim 3):"
        )
        triage.compare({case: case for case in CASES}, small, large, chosen.rounds)


if __name__ == "__main__":
    main()
