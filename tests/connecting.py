"""How what Kombo says of an integration comes into the tables: by a fetch, or as one leaves it."""

import json

from django.db import transaction
from django.utils import timezone

from integrations.domain import events
from integrations.domain.events import SnapshotChanged
from integrations.domain.headline import key_of
from integrations.history import record
from integrations.kombo.schema import Details, decode
from integrations.models import Integration, Snapshot, Source, Tenant, Upstream
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import snapshots
from integrations.upstream.snapshot_updates import apply_details


def shortened(body: states.Details) -> states.Details:
    """A grid of two models and one action: a page shows it in a fraction of the time."""
    models, actions = body["read_models"][:2], body["write_actions"][:1]
    return {**body, "read_models": models, "write_actions": actions}


def fetch(kombo: Simulator, tenant: Tenant, integration_id: str) -> Integration:
    """Map an integration and ask Kombo about it, as the product does."""
    made = mapping.create(tenant, integration_id)
    made.snapshot = snapshots.revalidate(made)
    return made


def store(kombo: Simulator, tenant: Tenant, integration_id: str) -> Integration:
    """Write what `fetch` would leave, without a call and in half the statements.

    That both come to the same is tested beside the fetch. While Kombo is in trouble it is a fetch.
    """
    if kombo.world.store.fault_for(integration_id) != "none":
        return fetch(kombo, tenant, integration_id)
    answer = json.dumps({"status": "success", "data": kombo.details(integration_id)})
    details = decode(answer.encode(), Details)
    columns = frozenset(field.name for field in Snapshot._meta.concrete_fields)
    Upstream.objects.bulk_create([Upstream(pk="production")], ignore_conflicts=True)
    with transaction.atomic():
        made = Integration.objects.create(tenant=tenant, integration_id=integration_id)
        began = timezone.now()
        row = Snapshot(integration=made)
        before = key_of(row)
        apply_details(row, details, began)
        since = record.observe(row, before, at=began, source=Source.CHECK)
        row.save(force_insert=True)
        events.publish(SnapshotChanged(row, columns, since))
    made.snapshot = row
    return made
