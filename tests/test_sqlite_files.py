"""The files of a SQLite database are its owner's alone."""

import os
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.utils import load_backend
from pytest_django.plugin import DjangoDbBlocker

from kombo_dashboard import database_settings
from tests import forking

NAME = "db.sqlite3"


@pytest.fixture(autouse=True)
def loose(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Files are made for everybody to read and write, unless who makes them says otherwise."""
    before = os.umask(0)
    with django_db_blocker.unblock():
        yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


def connection_to(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A connection as the settings have it."""
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder}/{NAME}")
    settings = connections["default"].settings_dict | database_settings.of(
        "DATABASE_URL", default="", connections=20
    )
    assert settings["ENGINE"] == "integrations.database.sqlite"
    return load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")


def write(folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str = "WAL") -> dict[str, int]:
    """Write to a database as the settings have it. Return the modes of what lies there."""
    connection = connection_to(folder, monkeypatch)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA journal_mode={mode}")
            cursor.execute("BEGIN IMMEDIATE")
            cursor.execute("CREATE TABLE IF NOT EXISTS customers (name TEXT)")
            within = modes(folder)
            cursor.execute("COMMIT")
            return within | modes(folder)
    finally:
        connection.close()


def test_new_files_are_private_from_the_first_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert write(tmp_path, monkeypatch) == {
        NAME: 0o600,
        f"{NAME}-wal": 0o600,
        f"{NAME}-shm": 0o600,
    }


def test_a_rollback_journal_is_private_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modes_of_files = write(tmp_path, monkeypatch, mode="DELETE")
    assert modes_of_files[f"{NAME}-journal"] == 0o600


def test_files_from_before_are_set_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = sqlite3.connect(tmp_path / NAME)
    held.execute("PRAGMA journal_mode=WAL")
    held.execute("CREATE TABLE old (name TEXT)")
    held.commit()
    assert modes(tmp_path)[f"{NAME}-wal"] & 0o077
    modes_of_files = write(tmp_path, monkeypatch)
    held.close()
    assert set(modes_of_files.values()) == {0o600}


def test_the_commands_make_private_files(tmp_path: Path) -> None:
    variables = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "for-this-test-" + "0123456789" * 5,
        "DATABASE_URL": f"sqlite:///{tmp_path}/{NAME}",
    }
    command = ("migrate", "contenttypes", "--verbosity", "0")
    output = tmp_path.with_suffix(".log")
    process = forking.run(forking.manage, *command, environment=variables, output=output)
    assert process.wait() == 0, process.output
    assert set(modes(tmp_path).values()) == {0o600}


def test_a_folder_that_is_not_there_is_said_as_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Exception, match="unable to open database file"):
        write(tmp_path / "nowhere", monkeypatch)


def test_a_further_connection_lets_go_of_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To close a file ends all locks that the process has on it; another process would then take
    itself for the last one, and remove the log that we still write to.
    """
    write(tmp_path, monkeypatch)
    first, second = (connection_to(tmp_path, monkeypatch) for _ in range(2))
    for connection in (first, second):
        with connection.cursor() as cursor:
            cursor.execute("SELECT * FROM customers")
            cursor.fetchall()
    elsewhere = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]);"
        "c.execute(\"INSERT INTO customers VALUES ('a')\"); c.commit(); c.close()"
    )
    subprocess.run([sys.executable, "-c", elsewhere, str(tmp_path / NAME)], check=True)
    assert (tmp_path / f"{NAME}-wal").exists()
    first.close()
    second.close()
