"""`manage.py import_mapping FILE.csv`: which Kombo integration belongs to which tenant."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from integrations.tenants import mapping, mapping_file


class Command(BaseCommand):
    """Nothing if any row is bad, and the same again when run again."""

    help = (
        "Map Kombo integrations to tenants from a CSV file with the columns tenant_origin_id, "
        "tenant_name, "
        "integration_id and, if there are several, environment."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would happen; write nothing."
        )

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            text = mapping_file.decode(file.read_bytes())
            rows = mapping_file.read(text, environments=settings.KOMBO_ENVIRONMENTS)
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not UTF-8 text") from error
        except mapping_file.BadRows as error:
            for line, reason in error.problems:
                self.stderr.write(f"line {line}: {reason}")
            raise CommandError(f"{len(error.problems)} bad rows; nothing was written.") from error
        self._tell(mapping.import_rows(rows, dry_run=dry_run), dry_run=dry_run)

    def _tell(self, report: mapping.ImportReport, *, dry_run: bool) -> None:
        for what in report.created:
            self.stdout.write(f"{'would create' if dry_run else 'created'} {what}")
        for what in report.changed:
            self.stdout.write(f"{'would change' if dry_run else 'changed'} {what}")
        counts = (
            f"{len(report.created)} created, {len(report.changed)} changed, {report.left} left "
            "as they were"
        )
        self.stdout.write(f"{counts}. Dry run: nothing was written." if dry_run else f"{counts}.")
