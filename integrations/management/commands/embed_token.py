"""`manage.py embed_token`: a token for trying an embed out, as the host's backend would sign it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from integrations.access import audit, embed_sessions
from integrations.access.audit import Act
from integrations.models import Tenant


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _(
            "Print an embed token for a customer. It works once and expires after 5 minutes."
        )
        parser.add_argument(
            "--tenant", required=True, metavar="ORIGIN_ID", help=_("Your own ID for the customer.")
        )
        parser.add_argument(
            "--view-only", action="store_true", help=_("Without permission to reconnect.")
        )

    def handle(self, *args: Any, tenant: str, view_only: bool, **options: Any) -> None:
        if not embed_sessions.is_on():
            off = _("Embedding is turned off. To turn it on, set EMBED_ORIGINS and EMBED_SECRETS.")
            raise CommandError(off)
        row = Tenant.objects.filter(origin_id=tenant).first()
        if row is None:
            missing = _("No customer has the origin ID “%(id)s”.")
            raise CommandError(missing % {"id": tenant})
        scope = ["view"] if view_only else ["view", "repair"]
        audit.record(audit.COMMAND, Act.TOKEN_MADE, tenant=row, scope=scope)
        self.stdout.write(embed_sessions.mint(tenant, scope))
