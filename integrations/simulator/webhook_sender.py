"""Delivers webhooks: one thread, real POSTs, retries, and what the network does to them (twice,
late, never).

The thread lives only while something is to be sent, or is waiting to happen in the world and will
be told.
"""

import http.client
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urlsplit

from integrations.simulator.payloads import SIGNATURE, Event, encoded, sign

MODES = {
    "normal": "once and at once",
    "duplicate": "twice each",
    "reordered": "in pairs, the later one first",
    "late": "ten seconds late",
    "lost": "not at all",
}
"""How events arrive."""
MOST_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of real time; tests shorten them."""

    retries: tuple[float, ...] = (0.5, 1, 2, 4)
    late: float = 10
    flush: float = 2
    timeout: float = 5
    tick: float = 0.1


@dataclass(slots=True)
class Delivery:
    """One event on its way to one address, for people and tests to look at."""

    event_id: str
    type: str
    integration_id: str
    at: float
    """When it happened, by the simulator's clock."""
    outcome: str = "waiting"
    """`waiting` (also between two attempts), `delivered`, `failed` or `lost`."""
    status: int | None = None
    """Of the answer to the last attempt, None when nobody answered."""
    attempts: int = 0


@dataclass(slots=True, eq=False)
class _Job:
    delivery: Delivery
    body: bytes
    due: float
    number: int = 0


class Hooks:
    """Sends events to one address, or nothing at all while the address is empty.

    `settle` lets what is due happen and says whether more is waiting; it may send events. Every
    method may be called from any thread, also one that holds the world's lock, except `reset`,
    `drain` and `close`, which wait for the thread that may need it.
    """

    def __init__(
        self, url: str, secret: str, *, settle: Callable[[], bool], clock: Callable[[], float]
    ) -> None:
        self.pace = Pace()
        self._settle = settle
        self._clock = clock
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._woken = False
        self._sending = 0
        self._count = 0
        self._forget()
        self._aim(url, secret)  # and no thread yet: it would ask a world that is still being made

    def aim(self, url: str, secret: str) -> None:
        """Send to another address from now on; raises ValueError for one that is no http(s)
        address.
        """
        self._aim(url, secret)
        self.wake()

    def send(self, event: Event, integration_id: str, *, mode: str = "normal") -> None:
        """Queue an event in one of MODES; returns at once."""
        if not self.url:
            return
        with self._changed:
            for _ in range(2 if mode == "duplicate" else 1):
                self._enqueue(event, integration_id, mode)
        self.wake()

    def wake(self) -> None:
        """See to it that what waits to happen, or to be sent, will be."""
        with self._changed:
            self._woken = True
            if self.url and not self._closed and not (self._thread and self._thread.is_alive()):
                self._thread = threading.Thread(
                    target=self._run, name="kombo-webhooks", daemon=True
                )
                self._thread.start()
            self._changed.notify_all()

    def open(self) -> None:
        """Send again what `close` has kept."""
        with self._changed:
            self._closed = False
        self.wake()

    def close(self) -> None:
        """Send no more; what is queued stays so until `open`."""
        with self._changed:
            self._closed = True
            thread = self._thread
            self._thread = None
            self._changed.notify_all()
        if thread:
            thread.join(self.pace.timeout)

    def reset(self) -> None:
        """Forget what is queued and what was delivered, and wait until nothing is on the wire any
        more.
        """
        with self._changed:
            self._forget()
            self._changed.wait_for(lambda: not self._sending, self.pace.timeout)

    def drain(self, seconds: float = 10) -> bool:
        """Wait until all that was sent so far has been delivered or given up; False if it took
        longer.
        """
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._sending, seconds)

    @property
    def deliveries(self) -> list[Delivery]:
        """The latest deliveries, the latest first."""
        with self._changed:
            return [replace(delivery) for delivery in reversed(self._deliveries)]

    # Inside: called under the lock, but for those that take it: `_aim`, `_run` and `_deliver` with
    # its `_post`

    def _aim(self, url: str, secret: str) -> None:
        parts = urlsplit(url)
        if url and (
            parts.scheme not in ("http", "https")
            or not parts.hostname
            or parts.port == 0
            or not secret
        ):
            raise ValueError("webhooks need an http(s) address and a secret")
        with self._changed:
            self.url = url
            self._target = (parts, secret)

    def _forget(self) -> None:
        self._queue: list[_Job] = []
        self._held: _Job | None = None
        self._deliveries: deque[Delivery] = deque(maxlen=MOST_REMEMBERED)

    def _enqueue(self, event: Event, integration_id: str, mode: str) -> None:
        delivery = Delivery(event["id"], event["type"], integration_id, self._clock())
        self._deliveries.append(delivery)
        if mode == "lost":
            delivery.outcome = "lost"
            return
        job = _Job(delivery, encoded(event), time.monotonic())
        if mode == "late":
            job.due += self.pace.late
        elif mode == "reordered" and self._held in self._queue:
            self._follow(job)
            return
        elif mode == "reordered":
            job.due += self.pace.flush
            self._held = job
        self._add(job)

    def _follow(self, later: _Job) -> None:
        """Let the event that was held back go after the one that came later."""
        held = self._held
        self._held = None
        self._add(later)
        if held:
            self._queue.remove(held)
            held.due = later.due
            self._add(held)

    def _add(self, job: _Job) -> None:
        self._count += 1
        job.number = self._count
        self._queue.append(job)

    def _run(self) -> None:
        while True:
            # Not under our lock: whoever holds the world's may be waiting for ours.
            more = self._settle()
            with self._changed:
                if self._thread is not threading.current_thread():
                    return
                job = min(self._queue, key=lambda job: (job.due, job.number), default=None)
                wait = job.due - time.monotonic() if job else None
                if job is None or (wait or 0) > 0:
                    if job is None and not more and not self._woken:
                        self._thread = None
                        return
                    self._sleep(wait, more)
                    continue
                self._queue.remove(job)
                self._sending += 1
                queue = self._queue
            self._deliver(job, queue)

    def _sleep(self, wait: float | None, more: bool) -> None:
        """Sleep until the next event is due, the world may have moved, or somebody calls."""
        if not self._woken:
            ticks = [self.pace.tick] if more else []
            self._changed.wait(min([*ticks, *([] if wait is None else [wait])]))
        self._woken = False

    def _deliver(self, job: _Job, queue: list[_Job]) -> None:
        status = self._post(job.body)
        with self._changed:
            self._sending -= 1
            delivery = job.delivery
            delivery.status = status
            delivery.attempts = delivery.attempts + 1
            if status is not None and 200 <= status < 300:
                delivery.outcome = "delivered"
            elif delivery.attempts > len(self.pace.retries):
                delivery.outcome = "failed"
            else:
                job.due = time.monotonic() + self.pace.retries[delivery.attempts - 1]
                # The queue it came from: after a reset nobody looks into that one any more.
                queue.append(job)
            self._changed.notify_all()

    def _post(self, body: bytes) -> int | None:
        """Post a body and return the status of the answer; not urllib, which would ask a proxy and
        follow redirects.
        """
        address, secret = self._target
        connection = _connection(address, self.pace.timeout)
        path = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
        headers = {"Content-Type": "application/json", SIGNATURE: sign(body, secret)}
        try:
            connection.request("POST", path, body, headers)
            with connection.getresponse() as answer:
                answer.read()
                return answer.status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()


def _connection(address: SplitResult, timeout: float) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    return kind(address.hostname or "", address.port, timeout=timeout)
