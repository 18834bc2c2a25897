"""Processes whose first act is sixteen threads at once, as of a server that begins under load.

What is made when it is first used is made once in a process, so only a fresh one can tell whether
threads may do it together.
"""

import os
from pathlib import Path

from tests import forking

_AT_ONCE = """
import sys, threading
sys.setswitchinterval(5e-5)
start, odd = threading.Barrier(16), []
def run():
    start.wait()
    for _time in range(20):
        if not act():
            odd.append(1)
threads = [threading.Thread(target=run) for _number in range(16)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
sys.exit(len(odd) > 0)
"""


def run_at_once(prepare: str, processes: int, folder: Path) -> list[tuple[int, str]]:
    """Let so many processes run `act()`, which `prepare` defines and which answers whether all is
    well. Return the status of each and what it wrote, which is kept in a folder.
    """
    started = [
        forking.start(
            forking.execute,
            prepare + _AT_ONCE,
            environment=os.environ,
            output=folder / f"{number}.log",
        )
        for number in range(processes)
    ]
    return [(process.wait(), process.output) for process in started]
