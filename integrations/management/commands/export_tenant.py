"""`manage.py export_tenant ORIGIN_ID FILE.zip`: all that is stored of a customer, in one file."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.access import audit
from integrations.models import Tenant
from integrations.tenants import export


class Command(BaseCommand):
    help = "Write all that is stored of a tenant into a new ZIP file. See docs/privacy.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("origin_id", help="Your own id for the customer.")
        parser.add_argument("file", type=Path, help="A file that isn't there yet.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be written; write nothing."
        )

    def handle(self, *args: Any, origin_id: str, file: Path, dry_run: bool, **options: Any) -> None:
        tenant = Tenant.objects.filter(origin_id=origin_id).first()
        if tenant is None:
            raise CommandError(f"There is no tenant with the origin id {origin_id}.")
        for name, number in sorted(export.counts(tenant).items()):
            self.stdout.write(f"{number:>8} {name.replace('_', ' ')}")
        if dry_run:
            self.stdout.write("Dry run: nothing was written.")
            return
        try:
            # It holds personal data: nobody else may read it.
            written = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(written, "wb") as stream:
                export.write([tenant], stream, audit.COMMAND)
        except OSError as error:
            raise CommandError(f"{file} can't be written: {error.strerror}") from error
        self.stdout.write(f"Written to {file}.")
