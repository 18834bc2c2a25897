"""`manage.py revoke_embed_sessions`: whoever looks at an embed is out within a second."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.access import audit, embed_sessions
from integrations.access.audit import Act
from integrations.models import Tenant


class Command(BaseCommand):
    help = "End all embedded sessions, or those of one tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--tenant", metavar="ORIGIN_ID", help="Your own id for the customer; else everybody."
        )

    def handle(self, *args: Any, tenant: str | None, **options: Any) -> None:
        tenant_found = (
            Tenant.objects.filter(origin_id=tenant).first() if tenant is not None else None
        )
        if tenant is not None and tenant_found is None:
            raise CommandError(f"There is no tenant with the origin id {tenant}.")
        number = embed_sessions.revoke(tenant_found)
        audit.record(audit.COMMAND, Act.SESSIONS_ENDED, tenant=tenant_found, number=number)
        self.stdout.write(f"{number} sessions ended.")
