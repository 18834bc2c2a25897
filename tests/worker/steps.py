"""A worker in this thread, stopped after so many waits."""

import threading
from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations import worker

SECOND = timedelta(seconds=1)
DETAILS = ("GET", "/v1/integrations/{integration_id}")


class Stopping(threading.Event):
    """Nobody waits for it: the clock goes on instead, and after an hour of that it is time to
    stop.
    """

    def __init__(self, clock: TimeMachineFixture) -> None:
        super().__init__()
        self.clock, self.waits = clock, list[float]()
        self.meanwhile: Callable[[], object] = int  # does nothing

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(max(timeout or 0.0, 0.0))
        self.clock.shift(self.waits[-1])
        self.meanwhile()
        # The latter: it goes round for nothing.
        if sum(self.waits) >= 3600 or len(self.waits) > 500:
            self.set()
        return self.is_set()


def sweep(
    stopping: Stopping, *, once: bool = True, checked: Callable[[], None] = lambda: None
) -> worker.Sweep:
    return worker.Sweep(
        "production", stopping, before=timezone.now() if once else None, checked=checked
    )
