"""The database is away, or takes no writes: noticed once, told once, and over when it is over."""

import logging
import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from integrations.database import outage
from integrations.database.outage import AWAY, READ_ONLY, Problem
from integrations.database.postgresql.base import DatabaseWrapper
from integrations.models import RateLimit, Tenant
from tests import forking

NEWEST = "0001_initial"


def full_disk(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """As SQLite says it."""
    if sql.startswith(("INSERT", "UPDATE")):
        cause = sqlite3.OperationalError("database or disk is full")
        cause.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise OperationalError(*cause.args) from cause
    return execute(sql, *rest)


def in_use(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Somebody else writes at this moment."""
    if sql.startswith("INSERT"):
        cause = sqlite3.OperationalError("database is locked")
        cause.sqlite_errorcode = sqlite3.SQLITE_BUSY
        raise OperationalError(*cause.args) from cause
    return execute(sql, *rest)


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch) -> DatabaseWrapper:
    """PostgreSQL behind a port at which nobody listens, as the site's database."""
    terms = connections["default"].settings_dict | {
        "ENGINE": "integrations.database.postgresql",
        "HOST": "127.0.0.1",
        "PORT": "9",
        "NAME": "away",
        "USER": "",
        "PASSWORD": "",
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": "3"},
    }
    pooled = terms | {"OPTIONS": {"pool": {"min_size": 1, "timeout": 0.05, "reconnect_timeout": 1}}}
    monkeypatch.setattr(outage, "unpooled", lambda: nullcontext(DatabaseWrapper(terms, "nowhere")))
    return DatabaseWrapper(pooled, "nowhere")


def test_a_database_that_is_away_is_waited_for_once(
    nowhere: DatabaseWrapper, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        with pytest.raises(outage.DatabaseAway):
            nowhere.ensure_connection()
        pool = nowhere.pool
        asked = pool.get_stats()["requests_num"]
        with pytest.raises(outage.DatabaseAway):
            nowhere.ensure_connection()
        assert pool.get_stats()["requests_num"] == asked
    finally:
        nowhere.close_pool()
    messages = [one.getMessage() for one in caplog.records if one.name == outage.logger.name]
    assert messages == ["The database is away (OperationalError)"]


def test_a_pool_that_is_only_busy_is_no_outage(
    nowhere: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outage, "_look", lambda: None)
    try:
        with pytest.raises(OperationalError) as raised:
            nowhere.ensure_connection()
    finally:
        nowhere.close_pool()
    assert not isinstance(raised.value, outage.DatabaseAway)
    assert outage.present() is None


def test_its_beginning_and_its_end_are_a_line_each(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    is_back = threading.Event()
    monkeypatch.setattr(outage, "_look", lambda: None if is_back.is_set() else Problem(AWAY, "X"))
    for _request in range(50):
        assert outage.notice()
    is_back.set()
    for thread in outage.watchers():
        thread.join()
    assert outage.present() is None
    beginning, end = (one.getMessage() for one in caplog.records)
    assert beginning == "The database is away (X)"
    assert end.startswith("The database answers again, after ")


@pytest.mark.parametrize(
    ("trouble", "found"),
    [(full_disk, Problem(READ_ONLY, "OperationalError")), (in_use, None)],
)
def test_a_write_tells_of_a_full_disk_but_not_of_a_queue(
    db: None, trouble: Callable[..., Any], found: Problem | None
) -> None:
    with connection.execute_wrapper(trouble):
        assert outage.problem(connection) == found


def test_a_disk_that_is_full_is_not_ready(client: Client, db: None) -> None:
    with connection.execute_wrapper(full_disk):
        response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database takes no writes\n")


def test_readiness_takes_a_write_and_leaves_nothing_behind(client: Client, db: None) -> None:
    for _probe in range(3):
        assert client.get("/readyz").status_code == 200
    assert not RateLimit.objects.exists()


def test_tables_of_an_older_version_are_not_ready(client: Client, db: None) -> None:
    MigrationRecorder(connection).record_unapplied("integrations", NEWEST)
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"database migrations pending\n")


def test_tables_of_a_newer_version_are_ready(client: Client, db: None) -> None:
    MigrationRecorder(connection).record_applied("integrations", "9999_of_tomorrow")
    assert client.get("/readyz").status_code == 200


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever looks by a connection of its own sees what the test's transaction holds."""
    monkeypatch.setattr(outage, "unpooled", lambda: nullcontext(connection))


def test_site_and_worker_refuse_tables_of_an_older_version(own: None, db: None) -> None:
    MigrationRecorder(connection).record_unapplied("integrations", NEWEST)
    with pytest.raises(ImproperlyConfigured, match=r"integrations\.0001_initial.*migrate"):
        outage.require_current_schema()
    with pytest.raises(CommandError, match="migrate"):
        call_command("run_worker", once=True)


def test_a_web_server_does_not_start_on_them(tmp_path: Path) -> None:
    env = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY": "tests-hold-no-secret-0123456789-abcdefghijklmnopqrstuvwxyz",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}",
    }
    process = forking.run(
        forking.execute,
        "import kombo_dashboard.wsgi",
        environment=env,
        output=tmp_path / "output",
    )
    assert process.wait() == 1
    assert "Run: python3 manage.py migrate" in process.output


def test_a_start_during_an_outage_is_a_start(nowhere: DatabaseWrapper) -> None:
    outage.require_current_schema()
    assert outage.present() == Problem(AWAY, "OperationalError")


def test_a_fork_forgets_what_it_can_not_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "_present", Problem(AWAY))
    outage._forget()
    assert outage.present() is None


def test_an_embedding_page_is_told_in_its_own_way(
    client: Client, acme: Tenant, settings: Any
) -> None:
    settings.EMBED_ORIGINS, settings.EMBED_SECRETS = ["https://a.example"], {"k": "s" * 32}
    client.raise_request_exception = False
    with connection.execute_wrapper(full_disk):
        response = client.post("/embed/session", headers={"Authorization": "Bearer x"})
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert response.json()["error"] == "unavailable"
