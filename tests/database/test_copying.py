"""A database and its copy hold the same, or there is no copy."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from integrations.access import audit
from integrations.access.audit import Act
from integrations.database import copying, schema
from integrations.models import Note, Tenant
from kombo_dashboard import database_settings
from tests.conftest import Connect
from tests.database.conftest import Opened

type Target = Callable[[str], str]
NOW = datetime(2026, 11, 30, 3, 17, 0, 123456, tzinfo=UTC)


@pytest.fixture
def filled(opened: Opened, connect: Connect) -> Tenant:
    """A customer with a connection, somebody, an entry of the audit record, and what is awkward."""
    tenant = Tenant.objects.create(name="Café Müller 東京", origin_id="acme")
    integration = connect(tenant=tenant)
    user = User.objects.create(username="alice", last_login=None)
    text = 'Zeilen\n"und" \t mehr\\'
    Note.objects.create(tenant=tenant, integration=integration, author=user, at=NOW, text=text)
    audit.record(audit.COMMAND, Act.IMPORTED, tenant=tenant, name="a file")
    return tenant


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Target]:
    """Makes the URLs of databases that are not there yet: where the tests run on PostgreSQL, one
    named so is made there.
    """
    made: list[str] = []

    def url(name: str) -> str:
        if connection.vendor != "postgresql" or name.startswith("sqlite"):
            return f"sqlite:///{tmp_path / name}"
        made.append(f"copy_{os.getpid()}_{name}")
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {made[-1]}")
        place = urlsplit(os.environ["TEST_DATABASE_URL"])
        return place._replace(path=f"/{made[-1]}").geturl()

    yield url
    for name in made:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def contents(database: BaseDatabaseWrapper) -> dict[str, copying.Content]:
    models = copying.in_order()
    return {model._meta.db_table: copying.content(model, database) for model in models}


@pytest.mark.exhaustive
def test_a_copy_and_its_copy_are_equal(filled: Tenant, empty: Target, opened: Opened) -> None:
    before = contents(connection)
    assert before["integrations_auditentry"].rows == before["integrations_snapshot"].rows == 1
    first, second = empty("sqlite-first"), empty("second")
    call_command("copy_database", "--to", first)
    call_command("copy_database", "--from", first, "--to", second)
    for url in (first, second):
        with opened(url) as there:
            assert contents(there) == before
            assert schema.pending(there) == []
    assert set(connections) == {"default"}


def test_every_table_is_copied(db: None) -> None:
    tables = {model._meta.db_table for model in copying.in_order()}
    assert set(connection.introspection.table_names()) - tables == {"django_migrations"}


def test_what_is_referred_to_comes_first() -> None:
    models = copying.in_order()
    assert models.index(Tenant) < models.index(Note)
    for number, model in enumerate(models):
        assert copying._referred_to(model) <= {*models[: number + 1]}


@pytest.mark.exhaustive
def test_no_id_is_given_twice(filled: Tenant, empty: Target, opened: Opened) -> None:
    gone = User.objects.create(username="gone")
    last = gone.pk
    gone.delete()
    for url in (empty("sqlite-first"), empty("second")):
        call_command("copy_database", "--to", url)
        with opened(url) as there:
            User.objects.using(there.alias).create(username="next")
            assert User.objects.using(there.alias).get(username="next").pk == last + 1


@pytest.mark.exhaustive
def test_the_copy_guards_its_audit_record(filled: Tenant, empty: Target, opened: Opened) -> None:
    url = empty("target")
    call_command("copy_database", "--to", url)
    with (
        opened(url) as there,
        there.cursor() as cursor,
        pytest.raises(DatabaseError, match="append-only"),
    ):
        cursor.execute("UPDATE integrations_auditentry SET details = 'another'")


def test_a_target_with_tables_is_refused(filled: Tenant, empty: Target, opened: Opened) -> None:
    url = empty("target")
    with opened(url) as there, there.cursor() as cursor:
        cursor.execute("CREATE TABLE anything (id integer)")
    with pytest.raises(CommandError, match="not empty"):
        call_command("copy_database", "--to", url)


def test_a_source_with_older_tables_is_refused(
    filled: Tenant, empty: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = empty("target")
    monkeypatch.setattr(schema, "pending", lambda _: ["integrations.0002_next"])
    with pytest.raises(CommandError, match="0002_next"):
        call_command("copy_database", "--to", url)


@pytest.fixture
def migrated_at_once(migrated: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """On SQLite, the tables that migrations have made once are made in the target."""

    def migrate(_command: str, *, database: str, **_more: Any) -> None:
        with closing(sqlite3.connect(":memory:")) as made:
            made.deserialize(migrated)
            made.backup(connections[database].connection)

    if connection.vendor == "sqlite":
        monkeypatch.setattr(copying, "call_command", migrate)


@pytest.mark.usefixtures("migrated_at_once")
@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("loss", ["row", "letter"])
def test_a_difference_takes_everything_back(
    filled: Tenant, empty: Target, opened: Opened, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    copy_rows = copying._copy_rows

    def lose(model: Any, source: BaseDatabaseWrapper, target: BaseDatabaseWrapper) -> None:
        copy_rows(model, source, target)
        notes = Note._base_manager.using(target.alias)
        if model is Note:
            notes.all().delete() if loss == "row" else notes.update(text="Zeilen")

    monkeypatch.setattr(copying, "_copy_rows", lose)
    url = empty("target")
    with pytest.raises(CommandError, match="integrations_note differs: 1 rows"):
        call_command("copy_database", "--to", url)
    with opened(url) as there:
        assert not Tenant.objects.using(there.alias).exists()


@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_wrong_url_is_named_and_not_repeated(db: None, option: str) -> None:
    given = {"--to": "sqlite:////nowhere/at/all", option: "mysql://user:hunter2@host/name"}
    with pytest.raises(CommandError) as refusal:
        call_command("copy_database", *(word for pair in given.items() for word in pair))
    assert str(refusal.value) == f"{option} must be {database_settings.FORM}."
