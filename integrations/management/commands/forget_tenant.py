"""`manage.py forget_tenant ORIGIN_ID`: delete a customer with all that is stored of it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from integrations.access import audit
from integrations.models import Tenant
from integrations.tenants import forgetting


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Permanently delete a customer and all its stored data. See docs/privacy.md."
        )
        parser.add_argument("origin_id", help=_("Your own ID for the customer."))
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help=_("Show what would be deleted, without deleting it."),
        )

    def handle(self, *args: Any, origin_id: str, dry_run: bool, **options: Any) -> None:
        tenant = Tenant.objects.filter(origin_id=origin_id).first()
        if tenant is None:
            missing = _("No customer has the origin ID “%(id)s”.")
            raise CommandError(missing % {"id": origin_id})
        counts = forgetting.forget_tenant(tenant, audit.COMMAND, dry_run=dry_run)
        for name, number in sorted(counts.items()):
            self.stdout.write(f"{number:>8} {name.replace('_', ' ')}")
        self.stdout.write(_("Dry run: nothing was deleted.") if dry_run else _("Deleted."))
