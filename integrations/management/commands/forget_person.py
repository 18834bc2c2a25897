"""`manage.py forget_person EMAIL`: delete somebody's accounts, and their address everywhere."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.access import audit
from integrations.tenants import forgetting


class Command(BaseCommand):
    help = "Delete the accounts of an email address, and the address wherever it is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be deleted; delete nothing."
        )

    def handle(self, *args: Any, email: str, dry_run: bool, **options: Any) -> None:
        if "@" not in email:
            raise CommandError("That isn't an email address.")
        try:
            found = forgetting.forget_person(email.strip(), audit.COMMAND, dry_run=dry_run)
        except forgetting.StaffAccount as error:
            raise CommandError(
                "That's an account of your own staff: clear its Active and Staff status first."
            ) from error
        for name, number in sorted(found.items()):
            self.stdout.write(f"{number:>8} {name.replace('_', ' ')}")
        if not found.total():
            self.stdout.write("Nothing is stored under this address.")
        else:
            self.stdout.write("Dry run: nothing was deleted." if dry_run else "Deleted.")
