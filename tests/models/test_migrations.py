"""One migration makes every table, with the guards that the models alone do not tell of."""

from collections.abc import Callable, Iterator

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from integrations.access import audit
from integrations.access.audit import Act
from integrations.models import AuditEntry

type Migrate = Callable[[str | None], None]


@pytest.fixture
def migrate(transactional_db: None) -> Iterator[Migrate]:
    """Bring the database to a migration of ours, or to none; at the end it is the latest."""

    def migrate(name: str | None) -> None:
        MigrationExecutor(connection).migrate([("integrations", name)])

    yield migrate
    migrate("0001_initial")


def test_the_models_are_what_the_migrations_make(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_tables_and_guards_go_and_come_back(migrate: Migrate) -> None:
    assert_the_audit_record_is_guarded()
    migrate(None)
    tables = connection.introspection.table_names()
    assert [name for name in tables if name.startswith("integrations_")] == []
    migrate("0001_initial")
    assert_the_audit_record_is_guarded()


def assert_the_audit_record_is_guarded() -> None:
    audit.record(audit.COMMAND, Act.IMPORTED, name="as it was")
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE integrations_auditentry SET details = 'another'")
    assert AuditEntry.objects.get().told == {"name": "as it was"}
