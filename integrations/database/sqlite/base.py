"""Django's SQLite, whose files nobody but the site's own account can read, and which looks for the
placeholders of a query once.

SQLite gives its journals the mode of the database, so that has to be right before SQLite opens it;
whatever lies there from before is set right as well.
"""

import os
import sqlite3
from collections.abc import Iterable
from contextlib import closing, suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base, features

PRIVATE = 0o600
# The database, and what may lie beside it: what was just written, and the names of customers in it.
FILES = ("", "-wal", "-shm", "-journal")


@cache
def _has_json() -> bool:
    with closing(sqlite3.connect(":memory:")) as connection, suppress(sqlite3.OperationalError):
        connection.execute("SELECT json('{}')")
        return True
    return False


class _Features(features.DatabaseFeatures):
    """Django would ask each new connection whether there is JSON, in the midst of a page: that is
    the library's, so it is asked once.
    """

    supports_json_field = property(lambda _self: _has_json())


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to a file of mode 0600."""

    features_class = _Features

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        name = str(conn_params["database"])
        if name != ":memory:" and not name.startswith("file:"):
            _make_private(name)
        return super().get_new_connection(conn_params)

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=_Cursor)


class _Cursor(base.SQLiteCursorWrapper):
    """Django's, which would look for placeholders in each text of SQL each time."""

    def convert_query(self, query: str, *, param_names: Iterable[str] | None = None) -> str:
        if param_names is not None:
            return super().convert_query(query, param_names=param_names)
        return _converted(query)


@lru_cache(maxsize=256)
def _converted(query: str) -> str:
    return base.FORMAT_QMARK_REGEX.sub("?", query).replace("%%", "%")


def _make_private(database: str) -> None:
    # Only what is not there yet is opened: to close a file lets go of all locks that this process
    # has on it, those of other threads' connections too.
    # A folder that is not there, or a file of somebody else's: SQLite says what is wrong.
    with suppress(OSError):
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL, PRIVATE))
    for suffix in FILES:
        file = Path(database + suffix)
        with suppress(OSError):
            if file.stat().st_mode & 0o077:
                file.chmod(PRIVATE)
