"""`manage.py revoke_embed_sessions`: whoever looks at an embed is out within a second."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.access import audit, embed_sessions
from integrations.access.audit import Act
from integrations.models import Tenant


class Command(BaseCommand):
    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.description = _("End all embedded sessions, or those of one customer.")
        parser.add_argument(
            "--tenant",
            metavar="ORIGIN_ID",
            help=_("Your own ID for the customer. Without it, all customers."),
        )

    def handle(self, *args: Any, tenant: str | None, **options: Any) -> None:
        tenant_found = (
            Tenant.objects.filter(origin_id=tenant).first() if tenant is not None else None
        )
        if tenant is not None and tenant_found is None:
            missing = _("No customer has the origin ID “%(id)s”.")
            raise CommandError(missing % {"id": tenant})
        number = embed_sessions.revoke(tenant_found)
        audit.record(audit.COMMAND, Act.SESSIONS_ENDED, tenant=tenant_found, number=number)
        ended = ngettext("%(n)s session ended.", "%(n)s sessions ended.", number)
        self.stdout.write(ended % {"n": number})
