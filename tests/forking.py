"""Processes that begin in a fraction of the time that a new interpreter takes.

Each is forked from a server that has imported the libraries and nothing of ours. So settings and
apps, and all that our modules make when they are imported, are made in each process anew, under
the environment it was given; only the libraries are there already.
"""

import multiprocessing
import os
import runpy
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent.parent
PATIENCE = 60  # seconds; nobody should ever wait so long

context = multiprocessing.get_context("forkserver")
context.set_forkserver_preload(["tests.libraries"])


@dataclass(frozen=True)
class Process:
    """One that runs, or has ended."""

    _process: multiprocessing.context.ForkServerProcess = field(repr=False)
    _file: Path
    """Where both its outputs go, none of which is a terminal."""

    @property
    def output(self) -> str:
        """All that it has written so far, to standard output and standard error."""
        return self._file.read_text()

    @property
    def is_running(self) -> bool:
        return self._process.is_alive()

    def send_signal(self, number: int) -> None:
        assert self._process.pid
        os.kill(self._process.pid, number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """Return its status when it has ended, negative if by a signal. Raises TimeoutError."""
        self._process.join(seconds)
        if self._process.exitcode is None:
            raise TimeoutError(f"{self._process.pid} runs on after {seconds} s: {self.output}")
        return self._process.exitcode

    def kill(self) -> None:
        """End it as nobody can prevent, unless it has ended."""
        self._process.kill()
        self._process.join(PATIENCE)


def start(
    act: Callable[..., object], *arguments: Any, environment: Mapping[str, str], output: Path
) -> Process:
    """Begin a process that does this with these environment variables and no others, in the
    project's folder.

    `act` is a function of a module that can be imported before there are settings.
    """
    process = context.Process(target=_begin, args=(dict(environment), str(output), act, arguments))
    output.touch()
    process.start()
    return Process(process, output)


def run(
    act: Callable[..., object], *arguments: Any, environment: Mapping[str, str], output: Path
) -> Process:
    """Let a process do this, and wait for its end."""
    process = start(act, *arguments, environment=environment, output=output)
    process.wait()
    return process


def _begin(
    environment: dict[str, str], output: str, act: Callable[..., object], arguments: tuple[Any, ...]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(PROJECT)
    file = os.open(output, os.O_WRONLY | os.O_APPEND)
    os.dup2(file, sys.stdout.fileno())
    os.dup2(file, sys.stderr.fileno())
    act(*arguments)


def manage(*arguments: str) -> None:
    """Run a command as `manage.py` does for whoever types it."""
    sys.argv = [str(PROJECT / "manage.py"), *arguments]
    runpy.run_path(sys.argv[0], run_name="__main__")


def execute(code: str) -> None:
    """Run this code, as `python -c` does."""
    exec(code, {"__name__": "__main__"})  # noqa: S102 - it is a test's
