"""Integrations that Kombo tells of before anybody mapped them: each finds its tenant, or waits for
staff to say.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.kombo.webhooks import EndUser
from integrations.models import Integration, Tenant, UnmappedIntegration
from integrations.models.ids import hidden_character
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
    integration = Integration.objects.filter(
        environment=environment, integration_id=integration_id
    ).first()
    if integration:
        return integration
    tenant = Tenant.objects.filter(origin_id=end_user.origin_id or "").first()
    known = {"tool": tool, "category": str(category)}
    if tenant and (integration := mapping.ensure(tenant, integration_id, environment, **known)):
        return integration
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
    fields = {
        "origin_id": end_user.origin_id or "",
        "organization_name": end_user.organization_name,
        "tool_id": tool,
        "category": str(category),
    }
    UnmappedIntegration.objects.update_or_create(
        environment=environment,
        integration_id=integration_id,
        defaults=fields,
        create_defaults={**fields, "seen_at": now},
    )


def mark_removed(environment: str, integration_id: str, now: datetime) -> None:
    """It was deleted before anybody mapped it, and stays so, even if its creation is told of
    later.
    """
    ids = {"environment": environment, "integration_id": integration_id}
    UnmappedIntegration.objects.update_or_create(
        **ids, defaults={"removed_at": now}, create_defaults={"removed_at": now, "seen_at": now}
    )


def prune(*, removed_before: datetime, dismissed_before: datetime) -> int:
    """Forget what was deleted at Kombo, or dismissed here, before an instant. Return how many.

    If Kombo still tells of what was dismissed, it waits for staff again.
    """
    is_over = Q(removed_at__lt=removed_before) | Q(dismissed_at__lt=dismissed_before)
    return UnmappedIntegration.objects.filter(is_over).delete()[0]


def waiting(among: QuerySet[Tenant] | None = None) -> QuerySet[UnmappedIntegration]:
    """The integrations that wait for a tenant, the latest first; of those that name one, only
    those that name one of `among`, if it is given.
    """
    same = {"environment": OuterRef("environment"), "integration_id": OuterRef("integration_id")}
    named = Tenant.objects.filter(origin_id=OuterRef("origin_id"))
    in_scope: Any = Q()
    if among is not None:
        in_scope = Q(origin_id__in=among.order_by().values("origin_id")) | ~Exists(named)
    mapped = Integration.objects.filter(**same)
    return UnmappedIntegration.objects.filter(
        in_scope, ~Exists(mapped), dismissed_at__isnull=True, removed_at__isnull=True
    )


def with_named_tenants(
    rows: list[UnmappedIntegration], among: QuerySet[Tenant]
) -> list[tuple[UnmappedIntegration, Tenant | None]]:
    """Unmapped integrations, each with the tenant that Kombo names if it is one of these."""
    named = {
        tenant.origin_id: tenant
        for tenant in among.filter(origin_id__in=[row.origin_id for row in rows])
    }
    return [(row, named.get(row.origin_id)) for row in rows]


def assign(
    unmapped_integration: UnmappedIntegration,
    origin_id: str,
    by: Actor,
    *,
    among: QuerySet[Tenant],
) -> Integration:
    """Give an integration that arrived to the one of some tenants that has an origin id.

    Raises UnknownTenant, and IntegrityError if somebody else has mapped it meanwhile.
    """
    tenant = among.filter(origin_id=origin_id).first()
    if tenant is None:
        raise UnknownTenant
    with transaction.atomic():
        integration = mapping.create(
            tenant,
            unmapped_integration.integration_id,
            unmapped_integration.environment,
            tool=unmapped_integration.tool_id,
            category=unmapped_integration.category,
        )
        unmapped_integration.delete()
        audit.record(by, Act.MAPPED, integration=integration, tool=unmapped_integration.tool_id)
    return integration


def assign_to_new(unmapped_integration: UnmappedIntegration, by: Actor) -> Integration:
    """Create the tenant that Kombo names and give it the integration.

    Raises IntegrityError, ValueError.
    """
    origin_id = unmapped_integration.origin_id
    if not origin_id or len(origin_id) > mapping.LONGEST or hidden_character(origin_id):
        raise ValueError("Kombo names no origin id that a tenant could have")
    name = (
        unmapped_integration.organization_name.strip()[: mapping.LONGEST]
        or unmapped_integration.origin_id
    )
    with transaction.atomic():
        Tenant.objects.get_or_create(
            origin_id=unmapped_integration.origin_id, defaults={"name": name}
        )
        named = unmapped_integration.origin_id
        return assign(unmapped_integration, named, by, among=Tenant.objects.all())


def dismiss(unmapped_integration: UnmappedIntegration, by: Actor) -> None:
    """Take an unmapped integration off the list, as it belongs to no tenant here."""
    same = UnmappedIntegration.objects.filter(pk=unmapped_integration.pk, dismissed_at=None)
    with transaction.atomic():
        if same.update(dismissed_at=timezone.now()):
            organization = unmapped_integration.organization_name
            tool = unmapped_integration.tool_id
            audit.record(by, Act.DISMISSED, tool=tool, organization=organization)


def _find(environment: str, integration_id: str) -> QuerySet[UnmappedIntegration]:
    return UnmappedIntegration.objects.filter(
        environment=environment, integration_id=integration_id
    )
