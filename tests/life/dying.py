"""A process that dies between any two steps of what it does, without a test that names them.

A step is a transaction or a single statement that changes the database, a call to Kombo, and
Kombo's answer to it. What is in one transaction stands or falls together, so it is one step.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import httpx
import pytest
from django.db import connection, transaction
from django.urls import set_urlconf
from django.utils import translation

from integrations.simulator.app import Simulator
from tests.nearby import Nearby

EVERYWHERE = True
"""Whether it dies at every step, or only around calls and at the last one; `some` are all then."""
WRITES = ("INSERT", "UPDATE", "DELETE")
CALLS = ("before ", "after ")  # how the steps at a call begin
MOST_STEPS = 60  # of any flow: more means that none of them was its last


class Died(BaseException):
    """The process is gone. No code of the product can catch this, as it catches no kill."""


class Mortal:
    """A process that dies as it comes to its step of a number, counted from 1, or of a name, and
    says where.
    """

    def __init__(self, last: int | str) -> None:
        self._last = last
        self._outer: object = None  # the transaction under way
        self.died_at = ""
        self.steps: list[str] = []

    @contextmanager
    def living(self) -> Iterator[None]:
        """Do something as this process, until it dies or comes to the end."""
        depth = len(connection.savepoint_ids)
        real, enter = Nearby.handle_request, transaction.Atomic.__enter__

        def outermost(block: transaction.Atomic) -> None:
            # Within a test it is no transaction of its own, and Django would spare it a savepoint.
            block.savepoint = block.savepoint or len(connection.savepoint_ids) == depth
            enter(block)

        def write(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            if sql.startswith(WRITES):
                outer = connection.savepoint_ids[depth:][:1]
                if not outer or outer[0] != self._outer:
                    self._step(" ".join(sql.split(" ")[:3]))
                self._outer = outer[0] if outer else None
            return execute(sql, params, many, context)

        def call(kombo: Nearby, request: httpx.Request) -> httpx.Response:
            name = f"{request.method} {request.url.path}"
            self._step(f"before {name}")
            response = real(kombo, request)
            self._step(f"after {name}")
            return response

        with pytest.MonkeyPatch.context() as patch, connection.execute_wrapper(write):
            patch.setattr(Nearby, "handle_request", call)
            patch.setattr(transaction.Atomic, "__enter__", outermost)
            with suppress(Died):
                yield
        set_urlconf(None)  # what a process had in mind dies with it
        translation.activate("en")

    def _step(self, name: str) -> None:
        self.steps.append(name)
        if self.died_at or self._last in {name, len(self.steps)}:
            self.died_at = self.died_at or name
            raise Died


def empty(kombo: Simulator) -> None:
    """Let Kombo have nothing any more, and never have had."""
    kombo.world.store._seed.clear()
    kombo.reset()


def some[Case](number: int, cases: Iterable[Case]) -> list[Case]:
    """Return the first of these, or all."""
    return list(cases)[: None if EVERYWHERE else number]


@contextmanager
def case(name: str, subtests: pytest.Subtests, kombo: Simulator) -> Iterator[None]:
    """One of several, in a world of its own."""
    with subtests.test(name), transaction.atomic():
        yield
        transaction.set_rollback(True)
    empty(kombo)


def every_death[World](
    kombo: Simulator,
    prepare: Callable[[], World],
    live: Callable[[World], object],
    then: Callable[[World, str], None],
) -> list[str]:
    """Let a process die at each step of `live` in turn, at last at none, and look `then` at what it
    left and what others make of it; each time in a world that is prepared anew.

    Return all steps. `then` gets the one that was not taken any more, empty at last.
    """
    if EVERYWHERE:
        numbers: Iterable[int | str] = range(1, MOST_STEPS)
    else:
        steps = _live_until(MOST_STEPS, kombo, prepare, live, then).steps
        numbers = [*dict.fromkeys(step for step in steps if step.startswith(CALLS)), len(steps)]
    for number in numbers:
        mortal = _live_until(number, kombo, prepare, live, then)
        if not mortal.died_at:
            break
    assert len(mortal.steps) < MOST_STEPS, mortal.steps
    return mortal.steps


def _live_until[World](
    step: int | str,
    kombo: Simulator,
    prepare: Callable[[], World],
    live: Callable[[World], object],
    then: Callable[[World, str], None],
) -> Mortal:
    mortal = Mortal(step)
    with transaction.atomic():
        world = prepare()
        with mortal.living():
            live(world)
        then(world, mortal.died_at)
        transaction.set_rollback(True)
    empty(kombo)
    return mortal
