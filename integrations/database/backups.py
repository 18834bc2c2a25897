"""Copies of the whole database in files that only their owner can read."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.client import DatabaseClient

_NAME = re.compile(r"dashboard-(\d{4}-\d\d-\d\dT\d{6}Z)\.(?:sqlite3|dump)(\.part)?")


class BackupFailed(Exception):
    """There is no new backup, and earlier ones are as they were."""


def write(database: BaseDatabaseWrapper, folder: Path, now: datetime) -> Path:
    """Return the new backup of `now`, in UTC: a file of SQLite, or an archive of `pg_dump`.

    Site and worker go on meanwhile. The file has its name only once it is complete; raises
    BackupFailed.
    """
    make: Callable[[BaseDatabaseWrapper, Path], None]
    suffix, make = ("sqlite3", _sqlite) if database.vendor == "sqlite" else ("dump", _postgresql)
    at = now.replace(tzinfo=None).isoformat(timespec="seconds").replace(":", "")
    path = folder / f"dashboard-{at}Z.{suffix}"
    unfinished = path.with_name(f"{path.name}.part")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        make(database, unfinished)
        unfinished.rename(path)
    except (OSError, sqlite3.Error, subprocess.CalledProcessError) as error:
        unfinished.unlink(missing_ok=True)
        raise BackupFailed(_reason(error)) from error
    return path


def delete_older_than(folder: Path, age: timedelta, now: datetime) -> list[Path]:
    """Delete backups of ours that are older, with what is left of unfinished ones; return which.

    The latest always stays.
    """
    named = {path: _NAME.fullmatch(path.name) for path in sorted(folder.iterdir())}
    taken = {path: (found[1], bool(found[2])) for path, found in named.items() if found}
    whole = [path for path, (_at, is_part) in taken.items() if not is_part]
    old = [
        path
        for path, (at, _is_part) in taken.items()
        if datetime.fromisoformat(at) < now - age and path not in whole[-1:]
    ]
    for path in old:
        path.unlink()
    return old


def _sqlite(database: BaseDatabaseWrapper, path: Path) -> None:
    name = str(database.settings_dict["NAME"])
    with (
        closing(sqlite3.connect(f"file:{quote(name)}?mode=ro", uri=True)) as live,
        closing(sqlite3.connect(path)) as copy,
    ):
        live.backup(copy)
        # One file, without a log beside it that a restore could miss.
        copy.execute("PRAGMA journal_mode=DELETE")
        (verdict,) = copy.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise sqlite3.DatabaseError(f"the copy is damaged: {verdict}")


def _postgresql(database: BaseDatabaseWrapper, path: Path) -> None:
    # As `psql` would be called; the password is in the environment, where nobody else sees it.
    settings = database.settings_dict
    # A URL has the folder of a socket as `?host=`.
    parameters = {**settings, "HOST": settings["HOST"] or settings["OPTIONS"].get("host", "")}
    arguments, environment = DatabaseClient.settings_to_cmd_args_env(
        parameters, ["--format=custom"]
    )
    command = ["pg_dump", *arguments[1:], f"--file={path}"]
    variables = os.environ | (environment or {})
    subprocess.run(command, env=variables, check=True, capture_output=True)  # noqa: S603


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return str(error.stderr.decode(errors="replace").strip())
    if isinstance(error, FileNotFoundError) and error.filename == "pg_dump":
        return "pg_dump is not installed: it is in Debian's postgresql-client"
    return str(error)
