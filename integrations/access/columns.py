"""What a page loads of an integration; loading anything else by accident raises (FETCH_RAISE)."""

import json
from typing import Any

from django.db.models import TextField
from django.db.models.functions import Cast, JSONArray

_OF_SNAPSHOT = (
    "status",
    "setup_status",
    "qa_status",
    "category",
    "tool_id",
    "tool_label",
    "logo",
    "creator_email",
    "organization_name",
    "origin_id",
    "scope_id",
    "has_no_settings",
    "former_account",
    "account_changed_at",
    "connected_at",
    "data_expired_at",
    "issue_title",
    "sign_in_failing_since",
    "trouble_since",
    "removed_at",
    "coverage_digest",
    "fetched_at",
    "watch_until",
    "repaired_at",
    "lease_until",
    "failures",
    "retry_at",
    "beta",
    "error_kind",
    "error_code",
    "error_at",
    "outdated_at",
    "open_issues",
    "synced_at",
    "sync_state",
    "complete_at",
    "data_changed_at",
    "coverage_changed_at",
)
SHOWN = (
    "environment",
    "integration_id",
    "public_id",
    "created_at",
    "confirmed_origin_id",
    "tenant__name",
    "tenant__origin_id",
    "tenant__public_id",
    *(f"snapshot__{name}" for name in _OF_SNAPSHOT),
)
_COMPARED = (*SHOWN, "tenant")


def as_text() -> Cast:
    """Return the expression of one text, JSON, of all these columns and whose they are. It differs
    where any of them does; nothing and an empty text are two things.
    """
    return Cast(JSONArray(*_COMPARED), TextField())


def read(text: str) -> dict[str, Any]:
    """Return what is in such a text; instants as each database writes them."""
    return dict(zip(_COMPARED, json.loads(text), strict=True))
