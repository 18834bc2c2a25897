"""Workers as processes beside the tests."""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests import forking
from tests.forking import PATIENCE, Process

BEGUN, STOPPED = "The worker has begun: production", "The worker has stopped: "

type Start = Callable[..., "Worker"]


@dataclass(frozen=True)
class Worker:
    process: Process

    @property
    def log(self) -> str:
        return self.process.output

    def finish(self, seconds: float = PATIENCE) -> int:
        """Wait for the end. Return how many checks it has made."""
        assert self.process.wait(seconds) == 0, self.log
        last_line = re.search(f"{STOPPED}([0-9]+) checks", self.log)
        assert last_line
        return int(last_line[1])

    def kill(self) -> None:
        self.process.kill()
        assert self.process.wait() == -signal.SIGKILL


@contextmanager
def starting(folder: Path, environment: Mapping[str, str]) -> Iterator[Start]:
    """Yield what starts `run_worker` with these arguments, under this environment besides the
    tests' own and further variables. Those that still run in the end are killed.
    """
    workers: list[Worker] = []

    def start(*arguments: str, **variables: str) -> Worker:
        process = forking.start(
            run_worker,
            *arguments,
            environment={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "kombo_dashboard.settings",
                **environment,
                **variables,
            },
            output=folder / f"worker-{len(workers)}.log",
        )
        workers.append(Worker(process))
        return workers[-1]

    yield start
    for worker in workers:
        worker.process.kill()


def run_worker(*arguments: str) -> None:
    """The command, which keeps turns that come late, as all do on a busy machine, and counts few
    days of the past, which are not what these tests are about. The variable
    `MAIL_PATIENCE` shortens what a mail server is given for each answer about a mail, in seconds.
    """
    import django

    django.setup()
    from integrations.mail import delivery
    from integrations.upstream import rate_limiter
    from integrations.workspace import daily_counts

    rate_limiter.LATE = timedelta.max
    daily_counts.DAYS = daily_counts.RECENT + 1
    if patience := os.environ.get("MAIL_PATIENCE"):
        vars(delivery)["PATIENCE"] = float(patience)
    forking.manage("run_worker", *arguments)


def wait_until(happened: Callable[[], object], *workers: Worker) -> None:
    """Wait for what must come, while these workers run."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        logs = [worker.log for worker in workers]
        assert time.monotonic() < deadline, logs
        assert all(worker.process.is_running for worker in workers), logs
        time.sleep(0.01)
