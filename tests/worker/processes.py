"""A worker as a process beside the tests."""

import re
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BEGUN, STOPPED = "The worker has begun: production", "The worker has stopped: "
PATIENCE = 60  # seconds; nobody should ever wait so long


@dataclass(frozen=True)
class Worker:
    process: subprocess.Popen[bytes]
    errors: Path
    """Its standard error, which is no terminal."""

    @property
    def log(self) -> str:
        return self.errors.read_text()

    def finish(self) -> int:
        """Wait for the end. Answers how many checks it has made."""
        assert self.process.wait(PATIENCE) == 0, self.log
        found = re.search(f"{STOPPED}([0-9]+) checks", self.log)
        assert found
        return int(found[1])

    def kill(self) -> None:
        self.process.kill()
        assert self.process.wait(PATIENCE) == -signal.SIGKILL


def wait_until(happened: Callable[[], object], *workers: Worker) -> None:
    """Wait for what must come, while these workers run."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        logs = [worker.log for worker in workers]
        assert time.monotonic() < deadline, logs
        assert all(worker.process.poll() is None for worker in workers), logs
        time.sleep(0.01)
