"""The whole database as text, to look for what should not be there."""

import re
from collections.abc import Iterator

from django.db import connection


def dump() -> Iterator[str]:
    """Every row of every table, as text."""
    for table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # noqa: S608
            for row in cursor.fetchall():
                values = [one.tobytes() if isinstance(one, memoryview) else one for one in row]
                said = [
                    one.decode(errors="replace") if isinstance(one, bytes) else str(one)
                    for one in values
                ]
                yield f"{table}: {' | '.join(said)}"


def rows_naming(names: set[str]) -> list[str]:
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(one)}(?!\w)" for one in names), re.I)
    parts = [one.lower() for one in names]  # found sooner than the pattern finds nothing

    def is_named(row: str) -> bool:
        lowered = row.lower()
        return any(part in lowered for part in parts) and bool(pattern.search(row))

    return [row for row in dump() if is_named(row)]
