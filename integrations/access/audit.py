"""The record of who did what: every act that changes something or reveals a link, by whomever, kept
for good.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.models import User
from django.utils import timezone

from integrations.domain.search import fold
from integrations.models import AuditEntry, Integration, Snapshot, Tenant

LONGEST = 500  # characters of a detail
BATCH = 500
MOVED_AWAY = "moved away"
MOVED_HERE = "moved here"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from which address.

    Without a `user` it is somebody known by what let them in.
    """

    user: User | None
    name: str
    address: str = ""


COMMAND = Actor(None, "command line")
WORKER = Actor(None, "worker")
EMBEDDED = "embedded page"
HAND_OFF = "hand-off link"


class Act(StrEnum):
    """What can be done. Words of one's own are not possible, so that the record can be searched."""

    ADMINISTERED = "administered"
    ANNOUNCED = "announced"
    ASSIGNED = "assigned"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    FEATURE_CHANGED = "feature_changed"
    HAND_OFF_CREATED = "hand_off_created"
    HAND_OFF_OPENED = "hand_off_opened"
    HAND_OFF_REVEALED = "hand_off_revealed"
    HAND_OFF_REVOKED = "hand_off_revoked"
    IMPORTED = "imported"
    LEFT_FRAME = "left_frame"
    MAIL_RESENT = "mail_resent"
    MAPPED = "mapped"
    NOTED = "noted"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no password
    PAUSED = "paused"
    PREFERENCES_CHANGED = "preferences_changed"
    RECONNECT_BEGUN = "reconnect_begun"
    RECONNECTED = "reconnected"
    REMINDERS_CHANGED = "reminders_changed"
    REPLAYED = "replayed"
    RESUMED = "resumed"
    SESSIONS_ENDED = "sessions_ended"
    SETUP_BEGUN = "setup_begun"
    SNOOZED = "snoozed"
    SYNCED = "synced"
    VIEW_DELETED = "view_deleted"
    VIEW_SAVED = "view_saved"
    VIEWED_AS_CUSTOMER = "viewed_as_customer"
    WOKEN = "woken"


def record(
    actor: Actor,
    what: Act,
    *,
    tenant: Tenant | None = None,
    integration: Integration | None = None,
    detail: str = "",
    at: datetime | None = None,
) -> None:
    """Add an act of an instant, or of now, to the record.

    In a transaction it stands or falls with what it tells of.
    """
    _entry(actor, what, tenant=tenant, integration=integration, detail=detail, at=at).save()


def record_moves(actor: Actor, what: Act, moved: Mapping[int, int]) -> None:
    """Add for integrations, by the tenant each had, that they went from there to where they are."""
    ids = sorted(moved)
    for start in range(0, len(ids), BATCH):
        _record_moves(actor, what, {pk: moved[pk] for pk in ids[start : start + BATCH]})


def _record_moves(actor: Actor, what: Act, moved: Mapping[int, int]) -> None:
    found = (
        Integration.objects.filter(pk__in=moved).select_related("tenant", "snapshot").order_by("pk")
    )
    left = Tenant.objects.in_bulk(set(moved.values()))
    at = timezone.now()
    entries = []
    for one in found.without_grid():
        entries.append(
            _entry(
                actor, what, tenant=left[moved[one.pk]], integration=one, detail=MOVED_AWAY, at=at
            )
        )
        entries.append(_entry(actor, what, integration=one, detail=MOVED_HERE, at=at))
    AuditEntry.objects.bulk_create(entries)


def _entry(
    actor: Actor,
    what: Act,
    *,
    tenant: Tenant | None = None,
    integration: Integration | None = None,
    detail: str = "",
    at: datetime | None = None,
) -> AuditEntry:
    tenant = tenant or (integration.tenant if integration else None)
    # Some have none: made by other means than ours.
    snapshot: Snapshot | None = getattr(integration, "snapshot", None)
    named = {
        "actor": actor.name[:200],
        "tenant": tenant.name if tenant else "",
        "tool": snapshot.tool_label[:200] if snapshot else "",
        "detail": detail[:LONGEST],
    }
    return AuditEntry(
        at=at or timezone.now(),
        what=what,
        actor_id=actor.user.pk if actor.user else None,
        address=actor.address[:45],
        tenant_id=tenant.pk if tenant else None,
        integration=integration.public_id if integration else "",
        words=fold("\n".join(named.values())),
        **named,
    )
