"""All that is stored of tenants as one file: what they may ask for, and take elsewhere."""

import json
from collections import Counter
from collections.abc import Collection
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import QuerySet

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.models import Tenant
from integrations.tenants import belongings

# Keys, or what would help to make one; and the claim of whoever asks Kombo at this moment.
SECRET = {"password", "digest", "lease", "lease_until"}
DERIVED = {"words"}  # a search's index, of what is elsewhere


def counts(tenant: Tenant) -> Counter[str]:
    """Return how many rows each part of a tenant's export holds."""
    parts = _parts(tenant)
    return Counter({name: rows.count() for name, rows in parts.items()})


def write(tenants: Collection[Tenant], file: IO[bytes], by: Actor) -> None:
    """Write a ZIP file with a JSON file for each table, in a folder for each of several tenants."""
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        for tenant in tenants:
            folder = f"{tenant.public_id}/" if len(tenants) > 1 else ""
            with transaction.atomic():
                for name, rows in _parts(tenant).items():
                    archive.writestr(f"{folder}{name}.json", _json(rows))
                audit.record(by, Act.TENANT_EXPORTED, tenant=tenant)


def _parts(tenant: Tenant) -> dict[str, QuerySet[Any]]:
    parts = belongings.of_tenant(tenant)
    return {name: rows for name, rows in parts.items() if name not in DERIVED}


def _json(rows: QuerySet[Any]) -> str:
    columns = [
        concrete_field.attname
        for concrete_field in rows.model._meta.concrete_fields
        if concrete_field.name not in SECRET
    ]
    values = list(rows.order_by("pk").values(*columns))
    return json.dumps(values, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
