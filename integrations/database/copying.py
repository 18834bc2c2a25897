"""All data of one database in another, of SQLite and PostgreSQL in either direction.

Nothing is converted: what a row's fields hold in Python is read from the one and written to the
other. Both are then read again and compared, before the copy is committed.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from graphlib import TopologicalSorter
from itertools import batched
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, ForeignKey, Model

from integrations.database import schema

ROWS = 1000  # read and written at once


class CopyRefused(Exception):
    """The copy would not be one; nothing was written."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a table holds: so many rows, and a digest that any order of them has."""

    rows: int
    digest: str


@contextmanager
def opened(alias: str, config: Mapping[str, Any]) -> Iterator[BaseDatabaseWrapper]:
    """Yield a connection of its own, outside any pool, to the database that `config` is of."""
    options = {name: value for name, value in config["OPTIONS"].items() if name != "pool"}
    known = connections.settings
    known[alias] = {**config, "OPTIONS": options}
    connections.configure_settings(known)
    try:
        yield connections[alias]
    finally:
        connections[alias].close()
        del connections[alias], known[alias]


def copy(source: BaseDatabaseWrapper, target: BaseDatabaseWrapper) -> Iterator[tuple[str, int]]:
    """Copy every table and yield its name and number of rows once it is verified.

    What site and worker write meanwhile would be lost: they should not run. Raises CopyRefused if
    the source's tables are not this version's, if the target has any, or if both differ at the end;
    then the target's tables are left empty.
    """
    if behind := schema.pending(source):
        raise CopyRefused(f"The source is older than this code: {behind[0]} is pending.")
    if target.introspection.table_names():
        raise CopyRefused("The target is not empty. Make a new database for the copy.")
    call_command("migrate", database=target.alias, verbosity=0, interactive=False)
    models = in_order()
    with transaction.atomic(using=source.alias), transaction.atomic(using=target.alias):
        _hold_still(source)
        for model in reversed(models):
            _empty(model, target)  # of what migrations have written: permissions, roles
        for model in models:
            _copy_rows(model, source, target)
            _copy_counter(model, source, target)
        target.check_constraints()
        for model in models:
            yield model._meta.db_table, _verified(model, source, target)


def in_order() -> list[type[Model]]:
    """Every table's model, those before that others refer to."""
    models = [m for m in apps.get_models(include_auto_created=True) if not m._meta.proxy]
    order = {model: _referred_to(model) - {model} for model in models}
    return list(TopologicalSorter(order).static_order())


def content(model: type[Model], database: BaseDatabaseWrapper) -> Content:
    """Return what the model's table holds."""
    rows = total = 0
    for row in _rows(model, database):
        text = json.dumps(row, sort_keys=True, default=_canonical)
        total += int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
        rows += 1
    return Content(rows, f"{total % 2**256:064x}")


def _referred_to(model: type[Model]) -> set[type[Model]]:
    return {
        field.related_model
        for field in model._meta.local_fields
        if isinstance(field, ForeignKey) and isinstance(field.related_model, type)
    }


def _fields(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def _rows(model: type[Model], database: BaseDatabaseWrapper) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in _fields(model)]
    rows = model._base_manager.using(database.alias).order_by("pk").values_list(*names)
    return rows.iterator(chunk_size=ROWS)


def _hold_still(source: BaseDatabaseWrapper) -> None:
    """All that is read is of one moment. On SQLite the transaction has locked out all writers."""
    if source.vendor == "postgresql":
        with source.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _empty(model: type[Model], target: BaseDatabaseWrapper) -> None:
    if model._base_manager.using(target.alias).exists():  # the audit record refuses even no DELETE
        with target.cursor() as cursor:
            cursor.execute(f"DELETE FROM {_name(target, model._meta.db_table)}")  # noqa: S608


def _copy_rows(
    model: type[Model], source: BaseDatabaseWrapper, target: BaseDatabaseWrapper
) -> None:
    fields = _fields(model)
    prepare = [partial(field.get_db_prep_save, connection=target) for field in fields]
    columns = ", ".join(_name(target, field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    insert = f"INSERT INTO {_name(target, model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608
    with target.cursor() as cursor:
        for rows in batched(_rows(model, source), ROWS):
            ready = [
                [make(value) for make, value in zip(prepare, row, strict=True)] for row in rows
            ]
            cursor.executemany(insert, ready)


def _copy_counter(
    model: type[Model], source: BaseDatabaseWrapper, target: BaseDatabaseWrapper
) -> None:
    """The next row gets an ID that no row of the source ever had, the deleted ones included."""
    key, table = model._meta.pk, model._meta.db_table
    if not isinstance(key, AutoField):
        return
    if last := _last_given(source, table, key.column):
        with target.cursor() as cursor:
            if target.vendor == "postgresql":
                counter = "pg_get_serial_sequence(%s, %s)"
                named = [_name(target, table), key.column]
                cursor.execute(f"SELECT setval({counter}, %s)", [*named, last])
            else:
                cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
                cursor.execute("INSERT INTO sqlite_sequence VALUES (%s, %s)", [table, last])


def _last_given(source: BaseDatabaseWrapper, table: str, column: str | None) -> int | None:
    with source.cursor() as cursor:
        if source.vendor == "postgresql":
            counter = "pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)"
            cursor.execute(f"SELECT {counter}", [_name(source, table), column])
        else:
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    return found[0] if found else None


def _verified(model: type[Model], source: BaseDatabaseWrapper, target: BaseDatabaseWrapper) -> int:
    there, here = content(model, source), content(model, target)
    if there != here:
        raise CopyRefused(
            f"{model._meta.db_table} differs: {there.rows} rows with digest {there.digest[:12]} "
            f"in the source, {here.rows} with {here.digest[:12]} in the target."
        )
    return here.rows


def _name(database: BaseDatabaseWrapper, name: str | None) -> str:
    return database.ops.quote_name(name or "")


def _canonical(value: object) -> str:
    """What JSON has no form for: the same text for what is equal in both databases."""
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return repr(value)
