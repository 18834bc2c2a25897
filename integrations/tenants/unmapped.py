"""Integrations that Kombo tells of before anybody mapped them: each finds its tenant, or waits for staff to say."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.kombo.schema import EndUser
from integrations.models import Arrival, Integration, Tenant
from integrations.tenants import mapping


class UnknownTenant(Exception):
    """No tenant has this origin id."""


def arrive(
    environment: str, integration_id: str, end_user: EndUser, *, tool: str, category: str, now: datetime
) -> Integration | None:
    """Somebody connected a tool: map it to the tenant that Kombo names, or have staff say whose it is."""
    found = Integration.objects.filter(environment=environment, integration_id=integration_id).first()
    if found:
        return found
    tenant = Tenant.objects.filter(origin_id=end_user.origin_id or "").first()
    if tenant and not _of(environment, integration_id).filter(removed_at__isnull=False).exists():
        _of(environment, integration_id).delete()
        return mapping.create(tenant, integration_id, environment)
    note(environment, integration_id, end_user, tool=tool, category=category, now=now)
    return None


def note(environment: str, integration_id: str, end_user: EndUser, *, tool: str, category: str, now: datetime) -> None:
    """Keep for staff that there is an integration which belongs to no tenant here."""
    told = {
        "origin_id": end_user.origin_id or "",
        "organization_name": end_user.organization_name,
        "tool_id": tool,
        "category": str(category),
    }
    Arrival.objects.update_or_create(
        environment=environment, integration_id=integration_id, defaults=told, create_defaults={**told, "seen_at": now}
    )


def remove(environment: str, integration_id: str, now: datetime) -> None:
    """It was deleted before anybody mapped it, and stays so, even if its creation is told of later."""
    ids = {"environment": environment, "integration_id": integration_id}
    Arrival.objects.update_or_create(
        **ids, defaults={"removed_at": now}, create_defaults={"removed_at": now, "seen_at": now}
    )


def prune(before: datetime) -> int:
    """Forget what was deleted before an instant. Answers how many."""
    return Arrival.objects.filter(removed_at__lt=before).delete()[0]


def waiting() -> QuerySet[Arrival]:
    """The integrations that wait for a tenant, the latest first."""
    same = {"environment": OuterRef("environment"), "integration_id": OuterRef("integration_id")}
    return Arrival.objects.filter(~Exists(Integration.objects.filter(**same)), dismissed=False, removed_at__isnull=True)


def with_owners(found: list[Arrival]) -> list[tuple[Arrival, Tenant | None]]:
    """Arrivals, each with the tenant that Kombo names if there is one."""
    named = {tenant.origin_id: tenant for tenant in Tenant.objects.filter(origin_id__in=[a.origin_id for a in found])}
    return [(arrival, named.get(arrival.origin_id)) for arrival in found]


def assign(arrival: Arrival, origin_id: str, by: Actor) -> Integration:
    """Give an integration that arrived to the tenant of an origin id.

    Raises UnknownTenant, and IntegrityError if somebody else has mapped it meanwhile.
    """
    # No text of a database's holds a NUL, and PostgreSQL can't even look for one.
    tenant = None if "\0" in origin_id else Tenant.objects.filter(origin_id=origin_id).first()
    if tenant is None:
        raise UnknownTenant
    with transaction.atomic():
        made = mapping.create(tenant, arrival.integration_id, arrival.environment)
        arrival.delete()
        audit.record(by, Act.MAPPED, integration=made, detail=arrival.tool_id)
    return made


def assign_to_new(arrival: Arrival, by: Actor) -> Integration:
    """Create the tenant that Kombo names and give it the integration. Raises IntegrityError, ValueError."""
    if not arrival.origin_id or len(arrival.origin_id) > mapping.LONGEST:
        raise ValueError("Kombo names no origin id that a tenant could have")
    name = arrival.organization_name.strip()[: mapping.LONGEST] or arrival.origin_id
    with transaction.atomic():
        Tenant.objects.get_or_create(origin_id=arrival.origin_id, defaults={"name": name})
        return assign(arrival, arrival.origin_id, by)


def dismiss(arrival_id: int, by: Actor) -> None:
    """It is nobody's, and that is right."""
    with transaction.atomic():
        for arrival in Arrival.objects.filter(pk=arrival_id, dismissed=False):
            arrival.dismissed = True
            arrival.save(update_fields=["dismissed"])
            audit.record(by, Act.DISMISSED, detail=f"{arrival.tool_id} of {arrival.organization_name or '?'}")


def _of(environment: str, integration_id: str) -> QuerySet[Arrival]:
    return Arrival.objects.filter(environment=environment, integration_id=integration_id)
