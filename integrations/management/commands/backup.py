"""`manage.py backup FOLDER`: a copy of the database, while site and worker run."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from integrations.database import backups


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Write a backup of the database to a new file, while the site runs. "
            "See docs/deploying.md."
        )
        parser.add_argument("folder", type=Path, help=_("It is created if it doesn’t exist yet."))
        parser.add_argument(
            "--keep-days",
            type=int,
            metavar="DAYS",
            help=_("Then delete backups in this folder that are older."),
        )

    def handle(self, *args: Any, folder: Path, keep_days: int | None, **options: Any) -> None:
        now = datetime.now(UTC)
        try:
            path = backups.write(connection, folder, now)
        except backups.BackupFailed as failure:
            raise CommandError(_("No backup: %(why)s") % {"why": failure}) from failure
        self.stdout.write(_("Written to %(file)s.") % {"file": path})
        if keep_days is not None:
            for old in backups.delete_older_than(folder, timedelta(days=keep_days), now):
                self.stdout.write(_("Deleted %(file)s.") % {"file": old})
