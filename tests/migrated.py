"""The test database is migrated once for all workers of a run: on SQLite the others copy it."""

import fcntl
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.management.commands.migrate import Command
from django.db import connections


def migrate_once(folder: Path, patch: pytest.MonkeyPatch) -> None:
    """Have the first `migrate` of this process, which is pytest-django's, copy what another worker
    has made in a folder that all of them share, or else leave it there for them.
    """
    migrate = Command.handle

    def handle(self: Command, *arguments: Any, **options: Any) -> None:
        patch.undo()
        here = connections[options["database"]]
        if here.vendor != "sqlite":
            migrate(self, *arguments, **options)
            return
        made = folder / "migrated.sqlite3"
        with (folder / "migrating").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # until it is closed, also by an end of the process
            if made.exists():
                here.ensure_connection()
                with closing(sqlite3.connect(made)) as there:
                    there.backup(here.connection)
            else:
                migrate(self, *arguments, **options)
                with closing(sqlite3.connect(made)) as there:
                    here.connection.backup(there)

    patch.setattr(Command, "handle", handle)
