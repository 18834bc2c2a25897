"""How many bytecodes a call executes: a measure of Python's work that no load on the machine moves.
It doesn't see what C does, such as running SQL and compressing.
"""

import sys
from collections.abc import Callable
from types import CodeType

_TOOL = 4  # of `sys.monitoring`, one that no debugger, coverage or profiler takes


def bytecodes(call: Callable[[], object]) -> int:
    """Return how many bytecodes this thread and others execute while it is called."""
    executed = 0

    def count(_code: CodeType, _offset: int) -> None:
        nonlocal executed
        executed += 1

    monitoring = sys.monitoring
    monitoring.use_tool_id(_TOOL, "bytecodes")
    try:
        monitoring.register_callback(_TOOL, monitoring.events.INSTRUCTION, count)
        monitoring.set_events(_TOOL, monitoring.events.INSTRUCTION)
        call()
    finally:
        monitoring.set_events(_TOOL, monitoring.events.NO_EVENTS)
        monitoring.free_tool_id(_TOOL)
    return executed
