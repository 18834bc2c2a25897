"""Snapshots that change, and the row that tells of them."""

from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from integrations.models import Integration, Source, Summary, Word
from integrations.upstream import snapshots

NOW = datetime(2026, 11, 18, 9, 12, tzinfo=UTC)
KEPT = ("since", "contacted_at", "snoozed_until")  # what no other table tells
STATES: dict[str, tuple[str, int, str]] = {
    "invalid": ("reconnect_required", 0, "customer"),
    "setup_incomplete": ("setup_incomplete", 0, "customer"),
    "inactive": ("paused", 1, "vendor"),
    "unknown_status": ("unrecognised", 2, "vendor"),
    "final_sync_pending": ("first_sync", 4, "nobody"),
    "connected": ("connected", 5, "nobody"),
}


def row(integration: Integration) -> Summary:
    return Summary.objects.get(pk=integration.pk)


def told_of(integration: Integration) -> dict[str, Any]:
    """All that a summary tells, with the words that lead to it, save what only it knows."""
    names = [field.attname for field in Summary._meta.concrete_fields if field.name not in KEPT]
    words = sorted(bytes(one.word).decode() for one in Word.objects.filter(summary=integration.pk))
    return {name: getattr(row(integration), name) for name in names} | {"found by": words}


def change(integration: Integration, *, at: datetime | None = None, **facts: Any) -> None:
    """Let a snapshot be another, as whoever writes one does."""
    with snapshots.amend(integration, at=at or timezone.now(), source=Source.CHECK) as stored:
        for name, value in facts.items():
            setattr(stored, name, value)


def break_it(integration: Integration) -> None:
    change(integration, status="INVALID")
