"""Mails by which somebody who may only look asks colleagues who may repair."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from integrations.access import audit, colleagues
from integrations.access.audit import Act, Actor
from integrations.domain.bidi import isolate
from integrations.mail import compose
from integrations.models import Integration, MailKind


def readers_of(integration: Integration) -> list[User]:
    """Whom a mail can ask: those who may repair and have an address; nobody without a server."""
    if not compose.can_send():
        return []
    return [one for one in colleagues.repairers(integration.tenant) if compose.address(one.email)]


@transaction.atomic
def ask(integration: Integration, *, asker: User, readers: list[User], by: Actor) -> None:
    """Write to each of these colleagues, who find the integration's page behind a sign-in."""
    now = timezone.now()
    second = now.isoformat(timespec="seconds")
    address = reverse(
        "integration",
        args=[integration.tenant.public_id, integration.public_id],
        urlconf=settings.ROOT_URLCONF,
    )
    asker_name = isolate(compose.short(compose.one_line(colleagues.name_of(asker))))
    context = compose.context_about(integration, integration.snapshot) | {
        "asker": asker_name,
        "url": settings.SITE_URL + address,
    }
    for reader in readers:
        compose.write_mail(
            f"ask {integration.pk} by {asker.pk} to {reader.pk} at {second}",
            kind=MailKind.ASK,
            to=compose.address(reader.email),
            context=context,
            tenant=integration.tenant,
            integration=integration,
            reader=reader,
            at=now,
        )
    audit.record(by, Act.ASKED, integration=integration)
