"""Measure what it costs to look at the installation: `python -m tests.bench.operations`.

A scrape of `/metrics`, the page "System" and what `manage.py status` reads, at two sizes, as
`tests.bench.triage` does. Nothing is counted meanwhile but what the look itself is.
"""

import json
import sys
import tempfile
import time
from datetime import timedelta

from tests.bench.triage import SMALL, asker, compare, databases, options, settle_database

TOKEN = "bench-0123456789abcdef"
GRID = "x" * 4000  # characters: as long as one of a tool with fifty fields
CASES = {"a scrape": "/metrics", "the page “System”": "/workspace/system/"}


def fill(integrations: int) -> None:
    """Make the database with so many integrations that were checked within the last hour."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.utils import timezone

    from integrations.models import Integration, Snapshot, Tenant, Upstream
    from integrations.workspace import installation

    call_command("migrate", verbosity=0)
    User.objects.create_superuser("bench")
    Upstream.objects.create(environment="production")
    installation.note_worker()
    now = timezone.now()
    tenant = Tenant.objects.create(name="Bench", origin_id="bench")
    made = [
        Integration(tenant=tenant, integration_id=f"tool:bench{number}")
        for number in range(integrations)
    ]
    Integration.objects.bulk_create(made, batch_size=1000)
    known = [
        Snapshot(
            integration=one,
            coverage=GRID,
            fetched_at=now - timedelta(seconds=number % 3600),
            check_at=now + timedelta(seconds=number % 900 - 60),
        )
        for number, one in enumerate(made)
    ]
    Snapshot.objects.bulk_create(known, batch_size=1000)


def serve(integrations: int) -> None:
    """Answer requests that come line by line, each with its seconds and its queries."""
    import django

    django.setup()
    fill(integrations)
    settle_database()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.METRICS_TOKENS, settings.METRICS_ON = [TOKEN], True  # which the tests' settings forget
    client = Client(headers={"accept-language": "en", "authorization": f"Bearer {TOKEN}"})
    client.force_login(User.objects.get(username="bench"))
    print("ready", flush=True)
    for line in sys.stdin:
        began = time.perf_counter()
        response = client.get(line.strip())
        seconds = time.perf_counter() - began
        assert response.status_code == 200, response.status_code
        with CaptureQueriesContext(connection) as queries:
            client.get(line.strip())
        print(json.dumps([seconds, len(queries)]), flush=True)


def main() -> None:
    chosen = options(__doc__)
    if chosen.serve:
        serve(chosen.serve)
        return
    with tempfile.TemporaryDirectory() as folder:
        first, second = databases(folder)
        module = "tests.bench.operations"
        small, large = asker(SMALL, first, module), asker(chosen.integrations, second, module)
        print(f"With {chosen.integrations} integrations against {SMALL}, {chosen.rounds} rounds:")
        compare(CASES, small, large, chosen.rounds)


if __name__ == "__main__":
    main()
