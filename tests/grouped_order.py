"""Grouped queries say their own order.

Django leaves a model's own order (`Meta.ordering`) out of a query that groups. SQLite then happens
to answer in the order of keys, and PostgreSQL in any.
"""

from typing import Any

from django.db.models.sql.compiler import SQLCompiler


def require() -> None:
    """Have every query fail that relies on a model's own order and groups."""
    in_sql: Any = SQLCompiler.as_sql

    def as_sql(compiler: Any, *arguments: Any, **named: Any) -> tuple[str, tuple[Any, ...]]:
        sql, parameters = in_sql(compiler, *arguments, **named)
        if compiler._meta_ordering and not compiler.query.subquery:
            assert " GROUP BY " not in sql, f"groups without an order of its own: {sql}"
        return sql, parameters

    SQLCompiler.as_sql = as_sql  # type: ignore[method-assign, assignment]
