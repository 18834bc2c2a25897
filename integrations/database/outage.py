"""Outages of the database: noticed by whoever fails first, told once, and watched until they are
over.

While the database is away nobody waits for it: whoever wants a connection is refused at once, and
one thread looks every second whether it is back.
"""

import copy
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from integrations.database import schema

logger = logging.getLogger(__name__)

LOOK_AGAIN = 1.0  # seconds between two looks whether it is over
_READ_ONLY_STATE = "25006"  # PostgreSQL's, of a class that holds our own mistakes too
_WATCHER = "outage"
AWAY = "unavailable"
BEHIND = "migrations pending"
READ_ONLY = "takes no writes"
_TRY = (
    "INSERT INTO integrations_ratelimit (key, window_ends, count) VALUES ('write', %s, 1)"
    " ON CONFLICT (key) DO UPDATE SET window_ends = excluded.window_ends"
)
_TIDY_UP = "DELETE FROM integrations_ratelimit WHERE key = 'write'"
# PostgreSQL overwrites what it has for a while after its disk is full. A sort that is larger than
# its memory has to make a file.
_TRY_DISK = (
    "SET LOCAL work_mem = '64kB'; "
    "SELECT count(*) FROM (SELECT n FROM generate_series(1, 5000) AS n ORDER BY -n OFFSET 0) AS s"
)


class DatabaseAway(OperationalError):
    """The database is known to be away; nobody tried."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the database, and the kind of error that said so."""

    what: str
    error: str = ""

    @property
    def is_total(self) -> bool:
        """Whether nothing can be read either."""
        return self.what != READ_ONLY


_lock = threading.Lock()
_present: Problem | None = None


def is_trouble(error: BaseException | None) -> bool:
    """Whether an error says that the database is away, full or read-only, or else that it
    passes.
    """
    is_read_only = getattr(getattr(error, "__cause__", None), "sqlstate", "") == _READ_ONLY_STATE
    return isinstance(error, OperationalError | InterfaceError) or is_read_only


def present() -> Problem | None:
    """Return the outage that is known of."""
    return _present


def notice() -> Problem | None:
    """Look whether there is an outage, as something failed. Return it; who asks next is told."""
    global _present
    with _lock:
        if _present is None and (problem := _look()):
            _present = problem
            logger.error("The database %s (%s)", _description(problem), problem.error)
            threading.Thread(target=_watch, name=_WATCHER, daemon=True).start()
        return _present


def watchers() -> list[threading.Thread]:
    """Return the threads that watch an outage: none, or one."""
    return [thread for thread in threading.enumerate() if thread.name == _WATCHER]


def problem(connection: BaseDatabaseWrapper) -> Problem | None:
    """Return what is wrong with the database behind a connection."""
    try:
        if pending := schema.pending(connection):
            return Problem(BEHIND, pending[0])
    except DatabaseError as error:
        return Problem(AWAY, _kind(error))
    try:
        _write(connection)
    except DatabaseError as error:
        return None if _is_busy(error) else Problem(READ_ONLY, _kind(error))
    return None


@contextmanager
def unpooled() -> Iterator[BaseDatabaseWrapper]:
    """Have a connection of one's own for a while, which waits for nobody."""
    connection: BaseDatabaseWrapper = connections.create_connection("default")
    connection.settings_dict = copy.deepcopy(connection.settings_dict)
    connection.settings_dict["OPTIONS"].pop("pool", None)
    try:
        yield connection
    finally:
        BaseDatabaseWrapper.close(connection)  # SQLite's own keeps what is in memory


def require_current_schema() -> None:
    """Raise SchemaBehind if the code is newer than the tables; an outage is no reason to."""
    try:
        with unpooled() as connection:
            pending = schema.pending(connection)
    except DatabaseError:
        notice()
    else:
        if pending:
            raise schema.SchemaBehind(pending)


def _look() -> Problem | None:
    """Return what is wrong; nothing if that can't be found out, as whoever logs may ask."""
    try:
        with unpooled() as connection:
            return problem(connection)
    except Exception:
        logger.exception("Looking for the database fails")
        return None


def _watch() -> None:
    """Look until the outage is over, and say so."""
    global _present
    began = time.monotonic()
    try:
        while problem := _look():
            _present = problem
            time.sleep(LOOK_AGAIN)
    finally:  # whatever ends this, nobody is refused for good
        _present = None
    logger.warning("The database answers again, after %d s", time.monotonic() - began)


def _write(connection: BaseDatabaseWrapper) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [timezone.now()])
        cursor.execute(_TIDY_UP)
        if connection.vendor == "postgresql":
            cursor.execute(_TRY_DISK)


def _description(problem: Problem) -> str:
    return {AWAY: "is away", BEHIND: "is older than this code", READ_ONLY: READ_ONLY}[problem.what]


def _kind(error: DatabaseError) -> str:
    return type(error.__cause__ or error).__name__


def _is_busy(error: DatabaseError) -> bool:
    """Whether an error says that another connection writes to SQLite's file, which is no fault."""
    code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
    return code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _forget() -> None:
    """Forget the outage in a forked process, which has no thread that watches it."""
    global _lock, _present
    _lock, _present = threading.Lock(), None


os.register_at_fork(after_in_child=_forget)
