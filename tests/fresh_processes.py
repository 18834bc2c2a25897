"""Processes whose first act is sixteen threads at once, as of a server that begins under load.

What is made when it is first used is made once in a process, so only a fresh one can tell whether
threads may do it together.
"""

import subprocess
import sys

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


def run_at_once(prepare: str, processes: int) -> list[tuple[str, int]]:
    """Let so many processes run `act()`, which `prepare` defines and which answers whether all is
    well. Return what each wrote to standard error, and its status.
    """
    command = [sys.executable, "-c", prepare + _AT_ONCE]
    started = [
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _number in range(processes)
    ]
    return [(process.communicate()[1], process.returncode) for process in started]
