"""Copy a year's data to another database: `python -m tests.bench.copying --to
postgres://...` (default: another SQLite file).

Tells the rows, how long the copy and its comparison take, the size of the source, and the most
memory that it needed. The target must be empty.
"""

import argparse
import os
import resource
import tempfile
import time
from datetime import timedelta
from pathlib import Path


def fill(integrations: int) -> None:
    """Beside the history: a webhook a day for each integration for a month, and an audit record."""
    from django.utils import timezone

    from integrations.models import AuditEntry, Event, Integration
    from tests.bench import overview, triage

    triage.fill(integrations)
    overview.fill_history()
    now = timezone.now()
    known = list(Integration.objects.select_related("tenant"))
    events = (
        Event(
            environment="production",
            event_id=f"{one.pk} {day}",
            type="sync-finished",
            payload='{"data": {"sync_state": "SUCCEEDED"}}',
            integration=one,
            received_at=now - timedelta(days=day),
            worked_at=now - timedelta(days=day),
        )
        for one in known
        for day in range(30)
    )
    overview.save(events)
    entries = (
        AuditEntry(at=now - timedelta(weeks=week), what="signed_in", actor=one.tenant.name)
        for one in known
        for week in range(52)
    )
    overview.save(entries)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--integrations", type=int, default=10_000)
    options.add_argument("--to", default="")
    chosen = options.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "year.sqlite3"
        os.environ["TEST_DATABASE_URL"] = f"sqlite:///{source}"
        target = chosen.to or f"sqlite:///{Path(folder) / 'copy.sqlite3'}"
        measure(chosen.integrations, source, target)


def measure(integrations: int, source: Path, target: str) -> None:
    import django

    django.setup()
    from django.db import connection

    from integrations.database import copying
    from kombo_dashboard import database_settings

    fill(integrations)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with copying.opened("copy-target", database_settings.at(target, connections=1)) as there:
        began = time.perf_counter()
        rows = dict(copying.copy(connection, there))
        seconds = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    total = sum(rows.values())
    for table, number in sorted(rows.items(), key=lambda row: -row[1])[:6]:
        print(f"{number:>10} {table}")
    print(
        f"{total} rows of {source.stat().st_size / 1e6:.0f} MB in {seconds:.0f} s, "
        f"{total / seconds:.0f} a second; {(after - before) / 1024:.0f} MB of memory more"
    )


if __name__ == "__main__":
    main()
