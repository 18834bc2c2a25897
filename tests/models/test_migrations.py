"""What migrations make: every table, guards that the models alone do not tell of, and roles."""

from collections.abc import Callable, Iterator

import pytest
from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from integrations.access import audit, roles
from integrations.access.audit import Act
from integrations.access.roles import StaffRole
from integrations.models import AuditEntry

LATEST = MigrationLoader(None).graph.leaf_nodes("integrations")[0][1]

type Migrate = Callable[[str | None], None]


@pytest.fixture
def migrate(transactional_db: None) -> Iterator[Migrate]:
    """Bring the database to a migration of ours, or to none; at the end it is the latest."""

    def migrate(name: str | None) -> None:
        MigrationExecutor(connection).migrate([("integrations", name)])

    yield migrate
    migrate(LATEST)


def test_the_models_are_what_the_migrations_make(db: None) -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.exhaustive
def test_tables_and_guards_go_and_come_back(migrate: Migrate) -> None:
    assert_the_audit_record_is_guarded()
    migrate(None)
    tables = connection.introspection.table_names()
    assert [name for name in tables if name.startswith("integrations_")] == []
    migrate(LATEST)
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


def test_roles_are_what_the_code_says(db: None) -> None:
    for role, codenames in roles.PERMISSIONS.items():
        group = Group.objects.get(name=role)
        granted = group.permissions.values_list("content_type__app_label", "codename")
        assert set(granted) == {("integrations", codename) for codename in codenames}, role
    assert roles.changed_by_hand() == set()


@pytest.mark.exhaustive
def test_a_role_that_staff_changed_stays_as_it_is(migrate: Migrate) -> None:
    """And one that is gone comes back, also where a migration is repeated."""
    lead = Group.objects.get(name=StaffRole.LEAD)
    lead.permissions.set(Permission.objects.filter(codename="view_event"))
    Group.objects.filter(name=StaffRole.VIEWER).delete()
    migrate("0001_initial")
    migrate(LATEST)
    assert [one.codename for one in lead.permissions.all()] == ["view_event"]
    assert roles.changed_by_hand() == {StaffRole.LEAD}
    Group.objects.filter(name__in=StaffRole).delete()
    migrate("0001_initial")
    migrate(LATEST)
    assert roles.changed_by_hand() == set()


@pytest.mark.exhaustive
def test_permissions_are_given_before_django_makes_them(migrate: Migrate) -> None:
    """As in a first `migrate`, where those of all apps are made at its end."""
    migrate(None)
    Permission.objects.filter(content_type__app_label="integrations").delete()
    Group.objects.filter(name__in=StaffRole).delete()
    migrate(LATEST)
    assert roles.changed_by_hand() == set()
    names = Permission.objects.filter(content_type__app_label="integrations")
    number = names.count()
    create_permissions(apps.get_app_config("integrations"), verbosity=0)
    assert names.count() == number
