"""`manage.py forget_person EMAIL`: delete somebody's accounts, and their address everywhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from integrations.access import audit
from integrations.tenants import forgetting


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Delete the accounts with an email address, and the address wherever it is stored."
        )
        parser.add_argument("email")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help=_("Show what would be deleted, without deleting it."),
        )

    def handle(self, *args: Any, email: str, dry_run: bool, **options: Any) -> None:
        if "@" not in email:
            raise CommandError(_("Enter a valid email address."))
        try:
            counts = forgetting.forget_person(email.strip(), audit.COMMAND, dry_run=dry_run)
        except forgetting.StaffAccount as error:
            own = _(
                "This is an account of your own staff. Clear its “Active” and “Staff status” first."
            )
            raise CommandError(own) from error
        for name, number in sorted(counts.items()):
            self.stdout.write(f"{number:>8} {name.replace('_', ' ')}")
        if not counts.total():
            self.stdout.write(_("Nothing is stored for this address."))
        else:
            self.stdout.write(_("Dry run: nothing was deleted.") if dry_run else _("Deleted."))
