"""Adding a tenant by hand, before Kombo tells of it."""

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
