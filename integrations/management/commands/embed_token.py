"""`manage.py embed_token`: a token for trying an embed out, as the host's backend would sign it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.access import audit, embed_sessions
from integrations.access.audit import Act
from integrations.models import Tenant


class Command(BaseCommand):
    help = "Print a token for one tenant, good once and for five minutes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tenant", required=True, metavar="ORIGIN_ID", help="Your own id for the customer."
        )
        parser.add_argument("--view-only", action="store_true", help="Without the right to repair.")

    def handle(self, *args: Any, tenant: str, view_only: bool, **options: Any) -> None:
        if not embed_sessions.is_on():
            raise CommandError("Embedding is off: set EMBED_ORIGINS and EMBED_SECRETS.")
        found = Tenant.objects.filter(origin_id=tenant).first()
        if found is None:
            raise CommandError(f"There is no tenant with the origin id {tenant}.")
        scope = ["view"] if view_only else ["view", "repair"]
        audit.record(audit.COMMAND, Act.TOKEN_MADE, tenant=found, scope=scope)
        self.stdout.write(embed_sessions.mint(tenant, scope))
