"""How many calls Kombo takes: a fixed window, which begins with the first call after the last one
was over.
"""

import math
import threading
from collections.abc import Callable


class RateLimit:
    """Counts calls against `most` in `seconds`, by the simulator's clock."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float]) -> None:
        self.most = most
        self.seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget the calls of this window, and those that were refused."""
        with self._lock:
            self._since = 0.0
            self._used = 0
            self._refused = 0

    def take(self) -> bool:
        """Count one call; False if it is one too many."""
        with self._lock:
            if self._clock() - self._since >= self.seconds:
                self._since = self._clock()
                self._used = 0
            taken = self._used < self.most
            self._used += taken
            self._refused += not taken
            return taken

    @property
    def refused(self) -> int:
        """Calls that were one too many, since the last reset."""
        with self._lock:
            return self._refused

    @property
    def remaining(self) -> int:
        """Calls left in this window."""
        with self._lock:
            return self.most - self._used

    def reset_in(self) -> int:
        """Whole seconds until the window is over."""
        with self._lock:
            left = self._since + self.seconds - self._clock()
        return min(max(math.ceil(left), 0), math.ceil(self.seconds))
