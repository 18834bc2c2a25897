"""The history of what was there before there was a history: one state per integration, and what is broken now."""

from typing import Any

from django.db import migrations
from django.db.models import Exists, OuterRef

BATCH = 1000  # snapshots in memory at once
READ = (
    *("status", "setup_status", "qa_status", "issue_title", "sync_state", "removed_at", "sign_in_failing_since"),
    *("data_expired_at", "status_since", "fetched_at"),
)


def begin(apps: Any, schema_editor: Any) -> None:
    snapshots, entries, incidents = (
        apps.get_model("integrations", name).objects for name in ("Snapshot", "Entry", "Incident")
    )
    told = entries.filter(integration_id=OuterRef("pk"), kind="state")
    fetched = snapshots.filter(~Exists(told), fetched_at__isnull=False).only(*READ).order_by("pk")
    last = 0
    while rows := list(fetched.filter(pk__gt=last)[:BATCH]):
        last = rows[-1].pk
        entries.bulk_create([entries.model(**_state(row)) for row in rows])
        incidents.bulk_create([incidents.model(**_incident(row)) for row in rows if _key(row) in BROKEN])


def _state(row: Any) -> dict[str, Any]:
    begun = {"integration_id": row.pk, "at": _since(row), "source": "check"}
    return {**begun, "kind": "state", "what": _key(row), "data": {"from": "pending"}}


def _incident(row: Any) -> dict[str, Any]:
    key = _key(row)
    begun = {"integration_id": row.pk, "opened_at": _since(row), "detected_by": "check"}
    return {**begun, "first_key": key, "key": key}


def _since(row: Any) -> Any:
    return row.removed_at or row.status_since or row.fetched_at


BROKEN = {"reconnect_required", "sign_in_failing", "degraded"}


def _key(row: Any) -> str:
    """`headline.key_of` as it was when the history began."""
    signs = {
        "removed": row.removed_at,
        "paused": row.status == "INACTIVE",
        "reconnect_required": row.status == "INVALID",
        "sign_in_failing": row.sign_in_failing_since and row.status == "ACTIVE",
        "setup_incomplete": row.setup_status == "INCOMPLETE",
        "quality_check": row.qa_status == "FAILED",
        "first_sync": row.setup_status == "FINAL_SYNC_PENDING",
        "updating": row.data_expired_at,
        "degraded": row.issue_title or row.sync_state in {"PARTIALLY_FAILED", "FAILED", "TIMED_OUT"},
        "connected": row.status == "ACTIVE" and row.setup_status == "COMPLETED",
        "unrecognised": row.status or row.setup_status,
    }
    return next((key for key, holds in signs.items() if holds), "pending")


class Migration(migrations.Migration):
    dependencies = [("integrations", "0002_webhooks_and_history")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
