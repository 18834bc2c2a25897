"""A worker as a process beside the tests."""

import re
import signal
import subprocess
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
