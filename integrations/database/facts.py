"""What kind of database there is, and how much room it takes."""

from pathlib import Path
from shutil import disk_usage
from typing import NamedTuple

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper


class Disk(NamedTuple):
    """A file system's room, in bytes."""

    free: int
    total: int


def kind(connection: BaseDatabaseWrapper) -> str:
    """Return its name and version: "PostgreSQL 17.2". Asks the database once a connection."""
    version = connection.get_database_version()
    return f"{connection.display_name} {'.'.join(map(str, version))}"


def size(connection: BaseDatabaseWrapper) -> int:
    """Return how many bytes it takes, without what SQLite has not merged into its file yet."""
    question = (
        "SELECT pg_database_size(current_database())"
        if connection.vendor == "postgresql"
        else "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    )
    with connection.cursor() as cursor:
        cursor.execute(question)
        return int(cursor.fetchone()[0])


def disk(connection: BaseDatabaseWrapper) -> Disk:
    """Return the room of the file system that SQLite's file is on; with PostgreSQL, which may be
    elsewhere, of the one that this program is on.
    """
    name = str(connection.settings_dict["NAME"])
    file = Path(name) if connection.vendor == "sqlite" else Path()
    folder = file.parent if file.is_absolute() else settings.BASE_DIR
    usage = disk_usage(folder)
    return Disk(usage.free, usage.total)
