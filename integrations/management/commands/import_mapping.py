"""`manage.py import_mapping FILE.csv`: which Kombo integration belongs to which tenant."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.tenants import mapping, mapping_file


class Command(BaseCommand):
    """Nothing if any row is bad, and the same again when run again."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Map Kombo integrations to customers from a CSV file with the columns "
            "tenant_origin_id, tenant_name, integration_id and, if there are several, environment."
        )
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help=_("Show what would be written, without writing it."),
        )

    def handle(self, *args: Any, file: Path, dry_run: bool, **options: Any) -> None:
        try:
            text = mapping_file.decode(file.read_bytes())
            rows = mapping_file.read(text, environments=settings.KOMBO_ENVIRONMENTS)
        except OSError as error:
            unread = _("%(file)s can’t be read: %(error)s")
            raise CommandError(unread % {"file": file, "error": error.strerror}) from error
        except UnicodeDecodeError as error:
            raise CommandError(_("%(file)s isn’t UTF-8 text.") % {"file": file}) from error
        except mapping_file.BadRows as error:
            for line, reason in error.problems:
                bad = _("Line %(line)s: %(reason)s")
                self.stderr.write(bad % {"line": line, "reason": reason})
            sentence = ngettext(
                "%(n)s line can’t be imported; nothing was written.",
                "%(n)s lines can’t be imported; nothing was written.",
                len(error.problems),
            )
            raise CommandError(sentence % {"n": len(error.problems)}) from error
        self._tell(mapping.import_rows(rows, dry_run=dry_run), dry_run=dry_run)

    def _tell(self, report: mapping.ImportReport, *, dry_run: bool) -> None:
        created = _("Would create: %(what)s") if dry_run else _("Created: %(what)s")
        for text in report.created:
            self.stdout.write(created % {"what": text})
        changed = _("Would change: %(what)s") if dry_run else _("Changed: %(what)s")
        for text in report.changed:
            self.stdout.write(changed % {"what": text})
        summary = (
            _(
                "Created: %(created)s. Changed: %(changed)s. Unchanged: %(left)s. "
                "Dry run: nothing was written."
            )
            if dry_run
            else _("Created: %(created)s. Changed: %(changed)s. Unchanged: %(left)s.")
        )
        numbers = {"created": len(report.created), "changed": len(report.changed)}
        self.stdout.write(summary % (numbers | {"left": report.left}))
