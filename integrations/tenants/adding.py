"""Adding a tenant, before Kombo tells of it."""

from django.db import IntegrityError, transaction

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.models import Tenant


def add(tenant: Tenant, by: Actor) -> Tenant | None:
    """Store a new tenant, and return it; None if somebody else has just added one with the same
    origin id.
    """
    try:
        with transaction.atomic():
            tenant.save(force_insert=True)
            audit.record(by, Act.TENANT_ADDED, tenant=tenant)
    except IntegrityError:
        return None
    return tenant


def ensure(origin_id: str, name: str, by: Actor) -> Tenant:
    """Return the tenant of an origin id, which is added with this name if there is none."""
    added = add(Tenant(origin_id=origin_id, name=name), by)
    return added or Tenant.objects.get(origin_id=origin_id)
