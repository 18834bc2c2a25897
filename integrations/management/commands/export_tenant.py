"""`manage.py export_tenant ORIGIN_ID FILE.zip`: all that is stored of a customer, in one file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from integrations.access import audit
from integrations.models import Tenant
from integrations.tenants import export


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Export all stored data of a customer to a new ZIP file. See docs/privacy.md."
        )
        parser.add_argument("origin_id", help=_("Your own ID for the customer."))
        parser.add_argument("file", type=Path, help=_("A file that doesn’t exist yet."))
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help=_("Show what would be written, without writing it."),
        )

    def handle(self, *args: Any, origin_id: str, file: Path, dry_run: bool, **options: Any) -> None:
        tenant = Tenant.objects.filter(origin_id=origin_id).first()
        if tenant is None:
            missing = _("No customer has the origin ID “%(id)s”.")
            raise CommandError(missing % {"id": origin_id})
        for name, number in sorted(export.counts(tenant).items()):
            self.stdout.write(f"{number:>8} {name.replace('_', ' ')}")
        if dry_run:
            self.stdout.write(_("Dry run: nothing was written."))
            return
        try:
            # It holds personal data: nobody else may read it.
            written = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(written, "wb") as stream:
                export.write([tenant], stream, audit.COMMAND)
        except OSError as error:
            failed = _("%(file)s can’t be written: %(error)s")
            raise CommandError(failed % {"file": file, "error": error.strerror}) from error
        self.stdout.write(_("Written to %(file)s.") % {"file": file})
