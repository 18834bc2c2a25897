"""What happens how often, and how long it takes, in all processes together.

Each process adds up what it sees and writes the sums to the database some seconds later, all in one
transaction; `/metrics` reads them there. So they are right with any number of processes on any
number of machines, and no call waits for a count. A killed process loses its last few seconds.
Nothing is counted while `/metrics` is off.

Series are a closed set: a value that a label doesn't know counts as "other".
"""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, connection, connections, transaction

from integrations.kombo.errors import CODES
from integrations.models import CounterValue

logger = logging.getLogger(__name__)

FLUSH_EVERY = 5.0  # seconds
OTHER = "other"
NONE = "none"
SUM = "sum"
ABOVE = "+Inf"
_SEPARATOR = "|"
_ADD = (
    "INSERT INTO integrations_countervalue (series, value) VALUES (%s, %s) ON CONFLICT (series)"
    " DO UPDATE SET value = integrations_countervalue.value + excluded.value"
)


class _Anything:
    """The values of a label that the code names, and nobody else."""

    def __contains__(self, value: object) -> bool:
        return True


class _Sums:
    """What this process has counted and not written yet."""

    def __init__(self) -> None:
        self._forget()

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, float] = {}
        self._writer: threading.Thread | None = None

    def add(self, values: Mapping[str, float]) -> None:
        with self._lock:
            for series, value in values.items():
                self._values[series] = self._values.get(series, 0.0) + value
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="counters", daemon=True)
                self._writer.start()

    def flush(self) -> None:
        """Write them. Raises Django's `Error`, and keeps them, if the database takes none."""
        with self._lock:
            values, self._values = self._values, {}
        if not values:
            return
        try:
            # In one order: else two processes that write at once may wait for each other.
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.executemany(_ADD, sorted(values.items()))
        except Error:
            with self._lock:
                for series, value in values.items():
                    self._values[series] = self._values.get(series, 0.0) + value
            raise

    def _write(self) -> None:
        """Write every few seconds, as long as something comes."""
        try:
            while True:
                time.sleep(FLUSH_EVERY)
                with suppress(Error):  # the outage's watcher tells of it
                    self.flush()
                with self._lock:
                    if not self._values:
                        self._writer = None
                        return
        finally:
            connections.close_all()


_sums = _Sums()
# A fork has no thread, and what its parent has counted is its parent's.
os.register_at_fork(after_in_child=_sums._forget)


def flush() -> None:
    """Write what this process has counted so far; what can't be written waits."""
    with suppress(Error):
        _sums.flush()


def write_at_exit() -> None:
    """Write when the process ends. Call it before whatever closes connections then is undone."""
    atexit.register(flush)


@dataclass(frozen=True, eq=False, slots=True)
class Counter:
    """Something that is counted, by labels; with `buckets`, upper bounds in seconds, how long it
    takes. Without bounds (an empty tuple), sum and number alone.
    """

    name: str
    text: str
    labels: Mapping[str, Callable[[], Container[str]]]
    buckets: tuple[float, ...] | None = None

    def add(self, *values: str, amount: float = 1.0) -> None:
        """Count something, with the value of each label in their order."""
        if settings.METRICS_ON:
            _sums.add({self._series(values): amount})

    def observe(self, *values: str, seconds: float) -> None:
        """Count something that took so long."""
        if settings.METRICS_ON:
            bound = next((b for b in self.buckets or () if seconds <= b), None)
            least = ABOVE if bound is None else f"{bound:g}"
            number, length = (self._series(values, part) for part in (least, SUM))
            _sums.add({number: 1.0, length: max(seconds, 0.0)})

    def _series(self, values: tuple[str, ...], *parts: str) -> str:
        known = [
            value if value in allowed() else OTHER
            for value, allowed in zip(values, self.labels.values(), strict=True)
        ]
        return _SEPARATOR.join((self.name, *known, *parts))


def read() -> dict[str, list[tuple[list[str], float]]]:
    """Return the values of every counter by its name: labels (and part) with their sum."""
    found: dict[str, list[tuple[list[str], float]]] = {}
    for series, value in CounterValue.objects.order_by("series").values_list("series", "value"):
        name, *labels = series.split(_SEPARATOR)
        found.setdefault(name, []).append((labels, value))
    return found


def all_counters() -> Iterator[Counter]:
    """Return every counter there is."""
    return (one for one in globals().values() if isinstance(one, Counter))


def _environments() -> Container[str]:
    return settings.KOMBO_ENVIRONMENTS.keys()


_CALL_OUTCOMES = {
    *("ok", "connection_failed", "timed_out", "rate_limited", "server_failed", "bad_answer"),
    *("access_denied", "not_found", "refused", "circuit_open", "busy"),
}
_TOKEN_CODES = {
    *("token_malformed", "unknown_key", "bad_times", "too_long", "bad_sub", "bad_jti", "bad_scope"),
    *("bad_name", "token_expired", "token_immature", "bad_audience", "missing_claim"),
    *("bad_signature", "bad_algorithm", "token_spent", "unknown_tenant", "unknown_integration"),
    *("embedding_off", "too_many"),
}

CALLS = Counter(
    "kombo_calls",
    "Questions to Kombo, repeated attempts included, by what came of them",
    {
        "environment": _environments,
        "outcome": lambda: _CALL_OUTCOMES,
        "code": lambda: CODES | {NONE},
    },
)
CALL_SECONDS = Counter(
    "kombo_call_seconds",
    "How long Kombo took to answer, repeated attempts included",
    {"environment": _environments},
    (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0),
)
EVENTS = Counter(
    "webhook_events",
    "Webhooks by what came of them: processed, failed (tried again), repeated, rejected",
    {
        "environment": _environments,
        "outcome": lambda: {"processed", "failed", "repeated", "rejected"},
    },
)
EVENT_LAG = Counter(
    "webhook_event_lag_seconds",
    "From when something happened, as Kombo tells it, or else was received, until it was processed",
    {"environment": _environments},
    (1.0, 5.0, 30.0, 60.0, 300.0, 900.0, 3600.0),
)
MAILS = Counter(
    "mail_attempts",
    "Emails that were handed to the mail server, by what came of them",
    {"outcome": lambda: {"sent", "refused", "unreachable", "broken_off", "unsendable"}},
)
TASK_SECONDS = Counter(
    "worker_task_seconds",
    "How long the worker’s tasks took",
    {"task": _Anything},
    (),
)
TASK_FAILURES = Counter(
    "worker_task_failures", "Runs of the worker’s tasks that failed", {"task": _Anything}
)
EMBED_SESSIONS = Counter(
    "embed_session_requests",
    "Tokens that asked for an embedded session: opened, or why it was refused",
    {"outcome": lambda: _TOKEN_CODES | {"opened"}},
)
SIGN_INS_REFUSED = Counter(
    "sign_ins_refused",
    "Sign-ins that were refused: by what was wrong, or for too many attempts",
    {"reason": lambda: {"password", "second_factor", "provider", "too_many"}},
)
TOO_MANY = Counter(
    "too_many_requests",
    "Requests answered 429, by the name of their address",
    {"address": _Anything},
)
