"""Queries of the ORM whose SQL is built once a thread and then run with other parameters.

Building the SQL of a page's queries costs more than running them and making objects of their rows
together. The ORM's expression stays the only description of the tables: what it came to is kept.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import QuerySet

type Scalar = int | str | datetime
type Parameter = Scalar | list[int] | list[str]

# What stands for a parameter while the SQL is built is found again in what it would be run with:
# numbers that fit every column, texts, and instants, which may be moved by some years.
_NUMBER = 2_147_400_000
_TEXT = "parameter \x1f"
_INSTANT = datetime(2300, 1, 1, tzinfo=UTC)
_APART = timedelta(days=36_525)


class Prepared[Row]:
    """A query that returns its rows as a list when it is called with its parameters.

    `build` makes the queryset of them. It may compare columns with them, exactly or with those of a
    list, and move instants by a constant; it must depend on nothing else that can change. Lists of
    each length are a query of their own, so they should be short.

    Raises TypeError if a parameter can't be found again: `contains`, for one, hides it in another.
    """

    def __init__(self, build: Callable[..., QuerySet[Any, Row]]) -> None:
        self.build = build
        self._of_thread = threading.local()

    def __call__(self, *parameters: Parameter) -> list[Row]:
        return self._plan(parameters).rows(parameters)

    def _plan(self, parameters: tuple[Parameter, ...]) -> "_Plan[Row]":
        shape = tuple(
            len(one) if isinstance(one, list) else type(one).__name__ for one in parameters
        )
        plans: dict[Any, _Plan[Row]] = self._of_thread.__dict__
        plan = plans.get(shape)
        if plan is None or plan.connection is not connections[DEFAULT_DB_ALIAS]:
            plan = plans[shape] = _Plan(self.build, parameters)
        return plan


class _Plan[Row]:
    """The SQL for parameters of one shape, on one connection, which belongs to one thread."""

    def __init__(
        self, build: Callable[..., QuerySet[Any, Row]], parameters: Iterable[Parameter]
    ) -> None:
        self.connection = connections[DEFAULT_DB_ALIAS]
        stand_ins = _stand_ins(parameters)
        self._queryset: Any = build(*stand_ins)
        self._compiler = self._queryset.query.get_compiler(connection=self.connection)
        try:
            self._sql, kept = self._compiler.as_sql()
        except EmptyResultSet:
            if [] not in stand_ins:
                raise TypeError("The query has no rows whatever its parameters are.") from None
            self._sql = ""
            return
        self._kept = list(kept)
        self._slots = list(self._find(list(_flat(stand_ins))))
        converters = self._compiler.get_converters([one[0] for one in self._compiler.select])
        vars(self._compiler).update(
            as_sql=lambda: (self._sql, self._filled),
            get_converters=lambda _columns: converters,
        )
        vars(self._queryset.query).update(get_compiler=lambda *_, **__: self._compiler)

    def rows(self, parameters: Iterable[Parameter]) -> list[Row]:
        if not self._sql:
            return []
        values = list(_flat(parameters))
        filled = self._kept.copy()
        for position, number, adapt in self._slots:
            filled[position] = adapt(values[number])
        self._filled = tuple(filled)
        # As the queryset itself iterates, but that it keeps no result.
        return list(self._queryset._iterable_class(self._queryset))

    def _find(self, stand_ins: list[Scalar]) -> Iterator[tuple[int, int, Callable[[Any], Any]]]:
        """Find where parameters stand: (position in the SQL's, number of the parameter, how it is
        written for the database).
        """
        missing = set(range(len(stand_ins)))
        for position, kept in enumerate(self._kept):
            for number, stand_in in enumerate(stand_ins):
                if isinstance(stand_in, datetime):
                    moved = self._moved(kept, stand_in)
                    if moved is None:
                        continue
                    yield position, number, partial(self._written, moved)
                elif kept == stand_in:
                    yield position, number, type(kept)  # psycopg tells sizes of numbers by types
                else:
                    continue
                missing.discard(number)
                break
        if missing:
            raise TypeError(f"The query hides its parameters {sorted(missing)}.")

    def _written(self, moved: timedelta, instant: datetime) -> Any:
        return self.connection.ops.adapt_datetimefield_value(instant + moved)

    def _moved(self, kept: Any, stand_in: datetime) -> timedelta | None:
        """Return by how much a parameter of the SQL lies after an instant that stands for one."""
        if isinstance(kept, str) and kept[:4].isdecimal():
            try:
                kept = datetime.fromisoformat(kept)
            except ValueError:
                return None
        if not isinstance(kept, datetime):
            return None
        moved = (kept if kept.tzinfo else kept.replace(tzinfo=UTC)) - stand_in
        return moved if abs(moved) < _APART / 2 else None


def _stand_ins(parameters: Iterable[Parameter]) -> list[Parameter]:
    numbers = iter(range(1_000))
    return [
        [_stand_in(value, next(numbers)) for value in one]  # type: ignore[misc]
        if isinstance(one, list)
        else _stand_in(one, next(numbers))
        for one in parameters
    ]


def _stand_in(value: Scalar, number: int) -> Scalar:
    if isinstance(value, datetime):
        return _INSTANT + number * _APART
    return _NUMBER + number if isinstance(value, int) else f"{_TEXT}{number}"


def _flat(parameters: Iterable[Parameter]) -> Iterator[Scalar]:
    for one in parameters:
        yield from one if isinstance(one, list) else [one]
