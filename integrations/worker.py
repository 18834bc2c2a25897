"""What is done while nobody looks: checks, the inbox, reminders and mails, answers about features,
forgetting.

Any number of workers may run. Whatever must not be done twice is claimed in the database first,
with claims that end by themselves; a worker that is killed loses nothing.
"""

import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db import close_old_connections, connections
from django.db.models import QuerySet
from django.utils import timezone

from integrations import counters, logs, retention
from integrations.domain.clock import is_over
from integrations.domain.freshness import LAST_RETRY, LEASE
from integrations.mail import delivery, digests, password_resets, reminder_spells, reminders
from integrations.models import Integration
from integrations.upstream import (
    field_mappings,
    gateway,
    logos,
    rate_limiter,
    snapshots,
    tool_catalogue,
)
from integrations.webhooks import inbox
from integrations.workspace import (
    daily_counts,
    features,
    gains,
    installation,
    outage_detection,
    repair_guides,
    summaries,
)

logger = logging.getLogger(__name__)

IDLE = 1.0  # seconds between looks at what is due, while nothing is
BATCH = 50
AHEAD = 0.1  # seconds before its slot that a call is prepared: a lease is little longer than a call
LOGOS_EVERY = 5.0  # seconds between looks for logos to fetch, while there are none
PRUNE_LOOK = 60.0  # seconds between looks whether an hour is over
# Seconds that stopping gives the mail in hand, which filters may look at for half a minute.
MAIL_ENDS = 45.0


@dataclass(frozen=True, slots=True)
class Task:
    """Something done again and again between the checks: `run` returns how much there was to do.

    `every` is how many seconds lie between two looks while there is nothing.
    """

    name: str
    run: Callable[[], int]
    every: float


TASKS = (
    Task("heartbeat", installation.note_worker, 30 * IDLE),
    Task("webhooks", inbox.retry_due, IDLE),
    Task("tools", tool_catalogue.refresh_due, PRUNE_LOOK),
    Task("fields", field_mappings.refresh_due, IDLE),
    Task("logos", logos.fetch_due, LOGOS_EVERY),
    Task("coverage profiles", features.create_missing_profiles, PRUNE_LOOK),
    Task("features", features.evaluate_stale, IDLE),
    Task("tools' features", gains.judge_stale_tools, IDLE),
    Task("outages", outage_detection.watch, 10 * IDLE),
    Task("reminders", reminders.take_due_steps, IDLE),
    Task("digests", digests.write_due, 60 * IDLE),
    Task("password resets", password_resets.write_due, IDLE),
    Task("snoozes", summaries.wake_due, 10 * IDLE),
    Task("summaries", summaries.create_missing, 10 * IDLE),
    Task("waits", snapshots.check_what_waits_too_long, PRUNE_LOOK),
    Task("missing reminders", reminder_spells.begin_missing, PRUNE_LOOK),
    Task("daily counts", daily_counts.count_due, PRUNE_LOOK),
    Task("repair times", repair_guides.count_due, PRUNE_LOOK),
)


def due(
    environment: str, *, before: datetime | None = None, limit: int | None = None
) -> list[Integration]:
    """The integrations to check now, the longest due first.

    With `before`, those that were due by then.
    """
    columns = (
        "environment",
        "integration_id",
        "public_id",
        "snapshot__fetched_at",
        "snapshot__failures",
    )
    rows = _due(environment, before).select_related("snapshot").only(*columns)
    return list(rows.order_by("snapshot__check_at")[:limit])


def count_due(environment: str) -> int:
    """How many integrations of an environment wait for a check."""
    return _due(environment, None).count()


def _due(environment: str, before: datetime | None) -> QuerySet[Integration]:
    now = timezone.now()
    free = is_over("snapshot__lease_until", now, at_most=LEASE)
    may_try = is_over("snapshot__retry_at", now, at_most=timedelta(seconds=LAST_RETRY))
    return Integration.objects.filter(
        free, may_try, environment=environment, snapshot__check_at__lte=min(before or now, now)
    )


class Sweep:
    """The checks of one environment, by some threads, one after the other through its budget."""

    def __init__(
        self,
        environment: str,
        stopping: threading.Event,
        *,
        before: datetime | None,
        checked: Callable[[], None],
    ) -> None:
        self.environment = environment
        self._stopping = stopping
        self._before = before  # a sweep of what was due by then ends; one without goes on
        self._checked = checked
        self._queue: deque[Integration] = deque()
        self._queue_lock = threading.Lock()
        self._slot_lock = threading.Lock()
        self._look_again = 0.0

    def threads(self) -> list[threading.Thread]:
        """The sweep's threads, to be started."""
        return [
            threading.Thread(target=self._run, name=f"{self.environment}-{number}", daemon=True)
            for number in range(rate_limiter.thread_share(self.environment))
        ]

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                try:
                    if not self._check_one():
                        return
                # The database's, or one of ours, which must not end the checks of all others.
                except Exception:
                    logger.exception("A check fails; the worker goes on")
                    self._stopping.wait(IDLE)
                close_old_connections()
        finally:
            connections.close_all()

    def _check_one(self) -> bool:
        """Check the next integration, or wait a little for one.

        False if there is nothing left to do.
        """
        due = self._next()
        if due is None:
            return self._before is None and not self._stopping.wait(IDLE)
        slot = self._reserve_slot()
        if slot is None:
            return self._before is None
        wait = min((slot - timezone.now()).total_seconds(), rate_limiter.spacing(self.environment))
        if self._stopping.wait(wait - AHEAD):
            return False  # the calls in hand are all that stopping waits for
        # A slot is too good to be lost to an integration that somebody else has taken meanwhile.
        while due and not (lease := snapshots.take_lease(due.snapshot)):
            due = self._next()
        if due:
            with logs.about(request=logs.new_request_id(), integration=due.public_id):
                snapshots.fetch(due, lease, slot=slot)
            self._checked()
        return True

    def _next(self) -> Integration | None:
        with self._queue_lock:
            if not self._queue and time.monotonic() >= self._look_again:
                batch = due(self.environment, before=self._before, limit=BATCH)
                random.shuffle(batch)  # several workers look at the same batch
                self._queue.extend(batch)
                if not batch:
                    self._look_again = time.monotonic() + IDLE
            return self._queue.popleft() if self._queue else None

    def _reserve_slot(self) -> datetime | None:
        """Reserve a slot that no viewer wants, or that is the workers' share.

        None if there is none: the worker stops, or its sweep ends while Kombo is not called.
        """
        spacing = rate_limiter.spacing(self.environment)
        with self._slot_lock:
            while not self._stopping.is_set():
                if pause := gateway.pause_left(self.environment):
                    if self._before is not None:
                        return None
                    self._stopping.wait(min(pause, IDLE))
                    continue
                try:
                    return rate_limiter.reserve_slot(
                        self.environment, patience=spacing, by_worker=True
                    )
                except rate_limiter.RateLimitBusy as error:
                    # While viewers queue, its turn may come with any slot.
                    self._stopping.wait(min((error.retry_after or 0.0) - spacing, spacing))
        return None


def work(stopping: threading.Event, *, once: bool, checked: Callable[[], None]) -> None:
    """Work until `stopping` is set; with `once` do what is due now, and end."""
    before = timezone.now() if once else None
    sweeps = [
        Sweep(name, stopping, before=before, checked=checked)
        for name in settings.KOMBO_ENVIRONMENTS
    ]
    threads = [thread for sweep in sweeps for thread in sweep.threads()]
    for thread in threads:
        thread.start()
    if once:
        _run_tasks_once(stopping)
    else:
        _run_tasks_and_mail(stopping)
    for thread in threads:
        thread.join()
    if once:
        _run_tasks_once(stopping)  # what the checks have found


def _run_tasks_once(stopping: threading.Event) -> None:
    """Run all tasks until there is nothing more to do, or until it is time to stop."""
    for task in (*TASKS, _mailing(stopping), PRUNING):
        while not stopping.is_set() and _run_task(task):
            continue


def _run_tasks_and_mail(stopping: threading.Event) -> None:
    """Do what is due until it is time to stop; mails beside all else, as their server may be
    slow.
    """
    mailing = threading.Thread(target=_send_mails, args=(stopping,), name="mails", daemon=True)
    mailing.start()
    _run_tasks(stopping, (*TASKS, PRUNING))
    mailing.join(MAIL_ENDS)


def _send_mails(stopping: threading.Event) -> None:
    try:
        _run_tasks(stopping, (_mailing(stopping),))
    finally:
        connections.close_all()


def _mailing(stopping: threading.Event) -> Task:
    return Task("mails", partial(delivery.send_due, stopped=stopping.is_set), IDLE)


def _run_task(task: Task) -> int:
    """Run a task once.

    Return how much there was to do; one that fails keeps the others from nothing.
    """
    began = time.monotonic()
    with logs.about(request=logs.new_request_id()):
        try:
            return task.run()
        except Exception:
            counters.TASK_FAILURES.add(task.name)
            logger.exception("The task “%s” fails; the worker goes on", task.name)
            return 0
        finally:
            counters.TASK_SECONDS.observe(task.name, seconds=time.monotonic() - began)


def _run_tasks(stopping: threading.Event, tasks: Sequence[Task]) -> None:
    """Run each when its time has come, and at once again while there is more, until it is time to
    stop.
    """
    next_run = dict.fromkeys(tasks, 0.0)
    while not stopping.wait(IDLE):
        for task in tasks:
            if time.monotonic() < next_run[task]:
                continue
            next_run[task] = time.monotonic() + (0.0 if _run_task(task) else task.every)
        close_old_connections()


PRUNING = Task("retention", retention.prune_hourly, PRUNE_LOOK)
