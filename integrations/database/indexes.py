"""Indexes that Django's own can't be told of on both databases."""

from typing import Any

from django.db import connection, models


class NothingFirst(models.Index):
    """An index that has its first field's nulls before all else, as each has in SQLite, which can't
    be told so.
    """

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        """Return the statement that makes it."""
        index = models.Index(fields=self.fields, name=self.name)
        if schema_editor.connection.vendor == "postgresql":
            (first, _way), *others = index.fields_orders
            index.fields_orders = [(first, "NULLS FIRST"), *others]
        return index.create_sql(model, schema_editor, using, **kwargs)


def take_statistics() -> None:
    """Have SQLite count what its indexes tell apart, by which it chooses among them.

    PostgreSQL does so by itself. It takes two seconds with 100,000 integrations, in which others
    read but don't write.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
