"""Two who want each other's locks: a change, and a check of the same integration."""

import threading
import time
from collections.abc import Callable

from django.db import connections
from django.utils import timezone

from integrations.models import Integration, Source
from integrations.upstream import snapshots


def against_a_check(made: Integration, act: Callable[[Integration], None]) -> None:
    """Do something to an integration while an ordinary check holds its lock, and writes what
    concerns the tenant.
    """
    problems: list[str] = []
    locked = threading.Event()

    def check() -> None:
        with snapshots.amend(made, at=timezone.now(), source=Source.CHECK) as row:
            locked.set()
            # By now the other waits for the lock, and should hold none that is wanted here.
            time.sleep(0.5)
            row.fetched_at, row.coverage_digest, row.status = timezone.now(), "abc", "INVALID"

    def other() -> None:
        locked.wait(10)
        act(Integration.objects.select_related("tenant", "snapshot").get(pk=made.pk))

    def run(target: Callable[[], None]) -> None:
        try:
            target()
        except Exception as error:
            problems.append(f"{target.__name__}: {error}")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(target,)) for target in (check, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert problems == []
