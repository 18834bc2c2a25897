"""`manage.py forget_tenant ORIGIN_ID`: delete a customer with all that is stored of it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.access import audit
from integrations.models import Tenant
from integrations.tenants import forgetting


class Command(BaseCommand):
    help = "Delete a tenant with all that is stored of it, for good. See docs/privacy.md."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("origin_id", help="Your own id for the customer.")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be deleted; delete nothing."
        )

    def handle(self, *args: Any, origin_id: str, dry_run: bool, **options: Any) -> None:
        tenant = Tenant.objects.filter(origin_id=origin_id).first()
        if tenant is None:
            raise CommandError(f"There is no tenant with the origin id {origin_id}.")
        gone = forgetting.forget_tenant(tenant, audit.COMMAND, dry_run=dry_run)
        for name, number in sorted(gone.items()):
            self.stdout.write(f"{number:>8} {name.replace('_', ' ')}")
        self.stdout.write("Dry run: nothing was deleted." if dry_run else "Deleted.")
