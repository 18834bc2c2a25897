"""A backup is whole, private, and named only once it is there."""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from integrations.database import backups, copying
from integrations.models import Tenant
from kombo_dashboard import database_settings
from tests.database.conftest import Opened

NOW = datetime(2026, 11, 30, 3, 17, tzinfo=UTC)
needs_pg_dump = pytest.mark.skipif(
    connection.vendor == "postgresql" and not shutil.which("pg_dump"),
    reason="pg_dump is not on the PATH",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@needs_pg_dump
def test_a_backup_has_what_was_written_last(opened: Opened, folder: Path) -> None:
    Tenant.objects.create(name="Acme", origin_id="acme")
    call_command("backup", str(folder))
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    if connection.vendor == "postgresql":
        shown = subprocess.run(["pg_restore", "--file=-", path], capture_output=True, check=True)
        assert b"\tacme\t" in shown.stdout
        return
    with opened(f"sqlite:///{path}") as there:
        assert Tenant.objects.using(there.alias).get().origin_id == "acme"


@needs_pg_dump
def test_a_backup_is_one_file(shared_database: Mapping[str, str], folder: Path) -> None:
    path = backups.write(connection, folder, NOW)
    assert [path] == list(folder.iterdir())
    assert path.name.startswith("dashboard-2026-11-30T031700Z.")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("makes", ["_sqlite", "_postgresql"])
def test_a_failed_backup_leaves_nothing(
    db: None, folder: Path, monkeypatch: pytest.MonkeyPatch, makes: str
) -> None:
    def fail(_database: BaseDatabaseWrapper, path: Path) -> None:
        path.write_text("half")
        raise OSError("No space left on device")

    monkeypatch.setattr(backups, makes, fail)
    if connection.vendor != makes.removeprefix("_"):
        pytest.skip("the tests run on the other database")
    with pytest.raises(CommandError, match="No space left on device"):
        call_command("backup", str(folder))
    assert list(folder.iterdir()) == []


@pytest.fixture
def called(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """How pg_dump is called for the database at a URL: its password, then its arguments."""
    dump = tmp_path / "pg_dump"
    dump.write_text(f'#!/bin/sh\necho "$PGPASSWORD $*" >{tmp_path}/called\n')
    dump.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    def called(url: str) -> str:
        with copying.opened("never-opened", database_settings.at(url, connections=1)) as there:
            backups.write(there, tmp_path / "backups", NOW)
        return (tmp_path / "called").read_text().strip()

    return called


def test_a_password_is_no_argument(called: Callable[[str], str], tmp_path: Path) -> None:
    url = "postgres://somebody:hunter2@db.example.com:5433/dashboard?sslmode=require"
    part = tmp_path / "backups" / "dashboard-2026-11-30T031700Z.dump.part"
    place = "-U somebody -h db.example.com -p 5433"
    assert called(url) == f"hunter2 {place} --format=custom dashboard --file={part}"


def test_a_socket_is_found_in_the_url(called: Callable[[str], str]) -> None:
    url = "postgres://dashboard@/dashboard?host=/run/postgresql"
    assert "-h /run/postgresql " in called(url)


@pytest.fixture
def kept(folder: Path) -> Callable[[int], list[int]]:
    """Which backups, by their age in days, remain after those older than so many were deleted."""
    folder.mkdir()
    paths = {
        folder / f"dashboard-{NOW - timedelta(days=age):%Y-%m-%dT%H%M%S}Z.{suffix}": age
        for age, suffix in ((40, "sqlite3"), (20, "sqlite3"), (15, "dump"), (13, "dump"))
    }
    for path in paths:
        path.touch()

    def kept(days: int) -> list[int]:
        backups.delete_older_than(folder, timedelta(days=days), NOW)
        return [age for path, age in paths.items() if path.exists()]

    return kept


def test_old_backups_are_deleted(kept: Callable[[int], list[int]]) -> None:
    assert kept(14) == [13]


def test_the_latest_backup_stays_however_old(kept: Callable[[int], list[int]]) -> None:
    assert kept(1) == [13]


def test_what_is_left_of_a_killed_backup_goes(
    folder: Path, kept: Callable[[int], list[int]]
) -> None:
    for day in ("2026-11-01", "2026-11-30"):
        (folder / f"dashboard-{day}T031700Z.dump.part").touch()
    assert kept(14) == [13]
    assert [path.name[10:20] for path in folder.glob("*.part")] == ["2026-11-30"]


def test_files_that_are_no_backups_stay(folder: Path, kept: Callable[[int], list[int]]) -> None:
    (folder / "dashboard-notes.sqlite3").touch()
    (folder / "zzz").touch()
    assert kept(14) == [13]
    assert {"dashboard-notes.sqlite3", "zzz"} <= {path.name for path in folder.iterdir()}
