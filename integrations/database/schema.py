"""Whether the database has the tables that this code expects."""

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


class SchemaBehind(ImproperlyConfigured):
    """The code is newer than the database's tables."""

    def __init__(self, pending: list[str]) -> None:
        super().__init__(
            f"The database is older than this code: {len(pending)} migrations are pending, first "
            f"{pending[0]}. Run: python3 manage.py migrate"
        )


def pending(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the migrations that this code has and the database has not.

    What a newer version has applied is no matter: old code runs on a new schema.
    """
    here = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    applied: set[tuple[str, str]] = set()
    if MigrationRecorder(connection).has_table():
        with connection.cursor() as cursor:  # the recorder's own query is the pool's affair
            cursor.execute("SELECT app, name FROM django_migrations")
            applied.update(cursor.fetchall())
    return sorted(f"{app}.{name}" for app, name in here.keys() - applied)
