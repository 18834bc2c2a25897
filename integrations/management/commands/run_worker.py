"""`manage.py run_worker`: keeps true what nobody looks at."""

import logging
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections
from django.utils.translation import gettext as _
from tqdm import tqdm

from integrations import worker
from integrations.database import outage
from integrations.database.schema import SchemaBehind

logger = logging.getLogger("integrations.worker")

TELL_EVERY = 60.0  # seconds between log lines
TICK = 0.5


class Command(BaseCommand):
    """Stops on SIGTERM or SIGINT within five seconds, or else with the mail in hand."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Check integrations, process webhooks, send reminders and digests, end snoozes, and "
            "delete old data."
        )
        parser.add_argument(
            "--once", action="store_true", help=_("Do what is due now, then exit, for cron.")
        )

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        try:
            outage.require_current_schema()
        except SchemaBehind as error:
            raise CommandError(str(error)) from error
        stopping = threading.Event()
        self._checked = 0
        self._has_failed = False
        self._lock = threading.Lock()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        work = threading.Thread(
            target=self._work, args=(stopping,), kwargs={"once": once}, daemon=True
        )
        work.start()
        logger.info("The worker has begun: %s", ", ".join(settings.KOMBO_ENVIRONMENTS))
        if self.stderr.isatty():
            self._show(work, once=once)
        else:
            self._log(work)
        logger.info("The worker has stopped: %d checks", self._checked)
        if self._has_failed:
            raise CommandError(_("The worker failed. See the log."))

    def _work(self, stopping: threading.Event, *, once: bool) -> None:
        try:
            worker.work(stopping, once=once, checked=self._count)
        except Exception:
            logger.exception("The worker fails")
            self._has_failed = True

    def _count(self) -> None:
        with self._lock:
            self._checked += 1

    def _log(self, work: threading.Thread) -> None:
        reported = 0
        reported_at = time.monotonic()
        while work.is_alive():
            work.join(TICK)
            if time.monotonic() - reported_at >= TELL_EVERY:
                logger.info(
                    "%d checks in the last minute, %s due", self._checked - reported, _due()
                )
                reported = self._checked
                reported_at = time.monotonic()

    def _show(self, work: threading.Thread, *, once: bool) -> None:
        with tqdm(
            total=_due() if once else None, unit=" checks", dynamic_ncols=True, file=self.stderr
        ) as bar:
            while work.is_alive():
                work.join(TICK)
                bar.update(self._checked - bar.n)
                if not once:
                    bar.set_postfix(due=_due())


def _due() -> int | None:
    """None while the database can't say, which is no reason to stop."""
    close_old_connections()
    try:
        return sum(worker.count_due(name) for name in settings.KOMBO_ENVIRONMENTS)
    except DatabaseError:
        return None
