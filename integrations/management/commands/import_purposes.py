"""`manage.py import_purposes FILE`: why the vendor reads which group of data."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.access import audit
from integrations.workspace import purposes


class Command(BaseCommand):
    """Nothing if any text is bad, and the same again when run again."""

    help = (
        "Import purpose, legal basis, retention and recipients of each group of data, which access "
        "statements show, from a CSV or JSON file with group, purpose and, if there are, "
        "valid_from, legal_basis, retention, recipients."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would happen; write nothing."
        )

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            texts = purposes.read(file.read_bytes(), today=timezone.localdate())
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not UTF-8 text") from error
        except purposes.BadPurposes as error:
            for where, reason in error.problems:
                self.stderr.write(f"{where}: {reason}")
            raise CommandError(f"{len(error.problems)} bad; nothing was written.") from error
        report = purposes.store(texts, audit.COMMAND, dry_run=dry_run)
        for name in report.created:
            self.stdout.write(f"{'would create' if dry_run else 'created'} {name}")
        for name in report.changed:
            self.stdout.write(f"{'would change' if dry_run else 'changed'} {name}")
        counts = (
            f"{len(report.created)} created, {len(report.changed)} changed, {report.left} left "
            "as they were"
        )
        self.stdout.write(f"{counts}. Dry run: nothing was written." if dry_run else f"{counts}.")
