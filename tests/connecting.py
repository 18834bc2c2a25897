"""How what Kombo says of an integration comes into the tables: by a fetch, or as one leaves it."""

import json
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from integrations.access import hand_offs
from integrations.domain.events import SnapshotChanged
from integrations.domain.headline import key_of
from integrations.followers import FOLLOWERS
from integrations.history import record
from integrations.kombo.schema import Details, decode
from integrations.models import Integration, Snapshot, Source, Summary, Tenant, Upstream, Word
from integrations.simulator import states
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import snapshots
from integrations.upstream.snapshot_updates import apply_details
from integrations.workspace import features, summaries

# What these do is done here in fewer statements; and no link leads to what is new.
NOT_NEEDED = {
    summaries.on_snapshot_changed,
    features.on_snapshot_changed,
    hand_offs.on_snapshot_changed,
}


def shortened(body: states.Details) -> states.Details:
    """A grid of two models and one action: a page shows it in a fraction of the time."""
    models, actions = body["read_models"][:2], body["write_actions"][:1]
    return {**body, "read_models": models, "write_actions": actions}


def fetch(kombo: Simulator, tenant: Tenant, integration_id: str) -> Integration:
    """Map an integration and ask Kombo about it, as the product does."""
    integration = mapping.create(tenant, integration_id)
    integration.snapshot = snapshots.revalidate(integration)
    return integration


def store(kombo: Simulator, tenant: Tenant, integration_id: str) -> Integration:
    """Write what `fetch` would leave, without a call and in few statements.

    That both come to the same is tested beside the fetch. While Kombo is in trouble it is a fetch.
    """
    if kombo.world.store.fault_for(integration_id) != "none":
        return fetch(kombo, tenant, integration_id)
    answer = json.dumps({"status": "success", "data": kombo.details(integration_id)})
    details = decode(answer.encode(), Details)
    columns = frozenset(field.name for field in Snapshot._meta.concrete_fields)
    # As one call leaves it.
    called = Upstream(pk="production", recent_calls=1)
    Upstream.objects.bulk_create([called], ignore_conflicts=True)
    with transaction.atomic():
        integration = Integration.objects.create(tenant=tenant, integration_id=integration_id)
        began = timezone.now()
        row = Snapshot(integration=integration)
        before = key_of(row)
        apply_details(row, details, began)
        since = record.observe(row, before, at=began, source=Source.CHECK)
        row.save(force_insert=True)
        _summarise(row, row.trouble_since or since or integration.created_at)
        for kind, follow in FOLLOWERS:
            if kind is SnapshotChanged and follow not in NOT_NEEDED:
                follow(SnapshotChanged(row, columns, since))
        Tenant.objects.filter(pk=tenant.pk).update(answers_due=True)
    integration.snapshot = row
    return integration


def _summarise(snapshot: Snapshot, since: datetime) -> None:
    """Write the summary of an integration that has none, without looking for one first."""
    row = summaries.columns(snapshot, snapshot.integration)
    summary = Summary(integration=snapshot.integration, since=since, **row)
    Summary.objects.bulk_create([summary])
    Word.objects.bulk_create(
        Word(summary=summary, word=word.encode()) for word in row["words"].split()
    )
