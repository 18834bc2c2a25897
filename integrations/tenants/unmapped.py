"""Integrations that Kombo tells of before anybody mapped them: each finds its tenant, or waits for
staff to say.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.kombo.schema import EndUser
from integrations.models import Integration, Tenant, UnmappedIntegration
from integrations.tenants import mapping


class UnknownTenant(Exception):
    """No tenant has this origin id."""


def map_or_keep(
    environment: str,
    integration_id: str,
    end_user: EndUser,
    *,
    tool: str,
    category: str,
    now: datetime,
) -> Integration | None:
    """Somebody connected a tool: map it to the tenant that Kombo names, or have staff say whose it
    is.
    """
    found = Integration.objects.filter(
        environment=environment, integration_id=integration_id
    ).first()
    if found:
        return found
    tenant = Tenant.objects.filter(origin_id=end_user.origin_id or "").first()
    if tenant and not _find(environment, integration_id).filter(removed_at__isnull=False).exists():
        _find(environment, integration_id).delete()
        return mapping.create(tenant, integration_id, environment)
    keep(environment, integration_id, end_user, tool=tool, category=category, now=now)
    return None


def keep(
    environment: str,
    integration_id: str,
    end_user: EndUser,
    *,
    tool: str,
    category: str,
    now: datetime,
) -> None:
    """Keep for staff that there is an integration which belongs to no tenant here."""
    told = {
        "origin_id": end_user.origin_id or "",
        "organization_name": end_user.organization_name,
        "tool_id": tool,
        "category": str(category),
    }
    UnmappedIntegration.objects.update_or_create(
        environment=environment,
        integration_id=integration_id,
        defaults=told,
        create_defaults={**told, "seen_at": now},
    )


def mark_removed(environment: str, integration_id: str, now: datetime) -> None:
    """It was deleted before anybody mapped it, and stays so, even if its creation is told of
    later.
    """
    ids = {"environment": environment, "integration_id": integration_id}
    UnmappedIntegration.objects.update_or_create(
        **ids, defaults={"removed_at": now}, create_defaults={"removed_at": now, "seen_at": now}
    )


def prune(before: datetime) -> int:
    """Forget what was deleted before an instant. Return how many."""
    return UnmappedIntegration.objects.filter(removed_at__lt=before).delete()[0]


def waiting() -> QuerySet[UnmappedIntegration]:
    """The integrations that wait for a tenant, the latest first."""
    same = {"environment": OuterRef("environment"), "integration_id": OuterRef("integration_id")}
    return UnmappedIntegration.objects.filter(
        ~Exists(Integration.objects.filter(**same)), dismissed=False, removed_at__isnull=True
    )


def with_named_tenants(
    found: list[UnmappedIntegration],
) -> list[tuple[UnmappedIntegration, Tenant | None]]:
    """Unmapped integrations, each with the tenant that Kombo names if there is one."""
    named = {
        tenant.origin_id: tenant
        for tenant in Tenant.objects.filter(origin_id__in=[a.origin_id for a in found])
    }
    return [
        (unmapped_integration, named.get(unmapped_integration.origin_id))
        for unmapped_integration in found
    ]


def assign(unmapped_integration: UnmappedIntegration, origin_id: str, by: Actor) -> Integration:
    """Give an integration that arrived to the tenant of an origin id.

    Raises UnknownTenant, and IntegrityError if somebody else has mapped it meanwhile.
    """
    tenant = Tenant.objects.filter(origin_id=origin_id).first()
    if tenant is None:
        raise UnknownTenant
    with transaction.atomic():
        made = mapping.create(
            tenant, unmapped_integration.integration_id, unmapped_integration.environment
        )
        unmapped_integration.delete()
        audit.record(by, Act.MAPPED, integration=made, detail=unmapped_integration.tool_id)
    return made


def assign_to_new(unmapped_integration: UnmappedIntegration, by: Actor) -> Integration:
    """Create the tenant that Kombo names and give it the integration.

    Raises IntegrityError, ValueError.
    """
    if not unmapped_integration.origin_id or len(unmapped_integration.origin_id) > mapping.LONGEST:
        raise ValueError("Kombo names no origin id that a tenant could have")
    name = (
        unmapped_integration.organization_name.strip()[: mapping.LONGEST]
        or unmapped_integration.origin_id
    )
    with transaction.atomic():
        Tenant.objects.get_or_create(
            origin_id=unmapped_integration.origin_id, defaults={"name": name}
        )
        return assign(unmapped_integration, unmapped_integration.origin_id, by)


def dismiss(unmapped_id: int, by: Actor) -> None:
    """It is nobody's, and that is right."""
    with transaction.atomic():
        for unmapped_integration in UnmappedIntegration.objects.filter(
            pk=unmapped_id, dismissed=False
        ):
            unmapped_integration.dismissed = True
            unmapped_integration.save(update_fields=["dismissed"])
            whose = unmapped_integration.organization_name or "?"
            audit.record(by, Act.DISMISSED, detail=f"{unmapped_integration.tool_id} of {whose}")


def _find(environment: str, integration_id: str) -> QuerySet[UnmappedIntegration]:
    return UnmappedIntegration.objects.filter(
        environment=environment, integration_id=integration_id
    )
