"""The record of who did what: every act that changes something or reveals a link, by whomever, kept for good."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations import spreadsheet
from integrations.models import AuditEntry, Integration, Snapshot, Tenant

LONGEST = 500  # characters of a detail
BATCH = 500
MOVED_AWAY, MOVED_HERE = "moved away", "moved here"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from which address. Without a `user` it is somebody known by what let them in."""

    user: User | None
    name: str
    address: str = ""


COMMAND = Actor(None, "command line")
WORKER = Actor(None, "worker")


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
    PAUSED = "paused"
    RECONNECT_BEGUN = "reconnect_begun"
    RECONNECTED = "reconnected"
    REMINDERS_CHANGED = "reminders_changed"
    REPLAYED = "replayed"
    RESUMED = "resumed"
    SESSIONS_ENDED = "sessions_ended"
    SETUP_BEGUN = "setup_begun"
    SNOOZED = "snoozed"
    SYNCED = "synced"
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
    """Add an act of an instant, or of now, to the record. In a transaction it stands or falls with what it tells of."""
    _entry(actor, what, tenant=tenant, integration=integration, detail=detail, at=at).save()


def record_moves(actor: Actor, what: Act, moved: Mapping[int, int]) -> None:
    """Add for integrations, by the tenant each had, that they went from there to where they are."""
    ids = sorted(moved)
    for start in range(0, len(ids), BATCH):
        _record_moves(actor, what, {pk: moved[pk] for pk in ids[start : start + BATCH]})


def _record_moves(actor: Actor, what: Act, moved: Mapping[int, int]) -> None:
    found = Integration.objects.filter(pk__in=moved).select_related("tenant", "snapshot").order_by("pk")
    left, at = Tenant.objects.in_bulk(set(moved.values())), timezone.now()
    entries = []
    for one in found.defer("snapshot__coverage"):
        entries.append(_entry(actor, what, tenant=left[moved[one.pk]], integration=one, detail=MOVED_AWAY, at=at))
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
    snapshot: Snapshot | None = getattr(integration, "snapshot", None)  # some have none: made by other means than ours
    return AuditEntry(
        at=at or timezone.now(),
        what=what,
        actor_id=actor.user.pk if actor.user else None,
        actor=actor.name[:200],
        address=actor.address[:45],
        tenant_id=tenant.pk if tenant else None,
        tenant=tenant.name if tenant else "",
        integration=integration.public_id if integration else "",
        tool=snapshot.tool_label[:200] if snapshot else "",
        detail=detail[:LONGEST],
    )


def entries(
    *, query: str = "", what: str = "", tenants: QuerySet[Tenant] | None = None, since: datetime | None = None
) -> QuerySet[AuditEntry]:
    """The record, newest first. `query` is looked for in names and details, `tenants` limits whose acts."""
    found = AuditEntry.objects.all()
    for word in query.split()[:5]:
        found = found.filter(
            Q(actor__icontains=word)
            | Q(tenant__icontains=word)
            | Q(tool__icontains=word)
            | Q(detail__icontains=word)
            | Q(address__startswith=word)
        )
    if what:
        found = found.filter(what=what)
    if tenants is not None:
        found = found.filter(tenant_id__in=tenants.order_by().values("pk"))
    return found.filter(at__gte=since) if since else found


def older_than(found: QuerySet[AuditEntry], entry_id: int) -> QuerySet[AuditEntry]:
    """What of these comes after an entry, in the order of the record."""
    last = AuditEntry.objects.filter(pk=entry_id).first()
    return found.filter(Q(at__lt=last.at) | Q(at=last.at, pk__lt=last.pk)) if last else found


def csv_rows(found: QuerySet[AuditEntry]) -> Iterator[str]:
    """Yield entries line by line, headings first, in the language that is active now."""
    headings = (
        *(_("When"), _("Who"), _("What"), "act", _("Tenant"), _("Tool"), _("Integration"), _("Detail")),
        _("From where"),
    )
    return _lines(headings, {str(act): name_of(act) for act in Act}, found)


def _lines(headings: tuple[str, ...], names: dict[str, str], found: QuerySet[AuditEntry]) -> Iterator[str]:
    yield spreadsheet.row(*headings)
    for one in found.iterator():
        at = timezone.localtime(one.at).isoformat(timespec="seconds")
        what = (names.get(one.what, one.what), one.what)
        yield spreadsheet.row(at, one.actor, *what, one.tenant, one.tool, one.integration, one.detail, one.address)


def name_of(what: str) -> str:
    """An act in words; one of another version's stays as it is."""
    words: dict[str, str] = {
        Act.ADMINISTERED: _("Changed in the administration"),
        Act.ANNOUNCED: _("Said that the customer was told"),
        Act.ASSIGNED: _("Assigned to an account manager"),
        Act.CONFIRMED: _("Mapping confirmed"),
        Act.DISMISSED: _("Unmapped integration dismissed"),
        Act.FEATURE_CHANGED: _("Feature changed"),
        Act.HAND_OFF_CREATED: _("Hand-off link made"),
        Act.HAND_OFF_OPENED: _("Hand-off link opened"),
        Act.HAND_OFF_REVEALED: _("Hand-off link shown"),
        Act.HAND_OFF_REVOKED: _("Hand-off link revoked"),
        Act.IMPORTED: _("Mapping imported"),
        Act.LEFT_FRAME: _("Repair link made in an embedded page"),
        Act.MAIL_RESENT: _("Mail sent again"),
        Act.MAPPED: _("Integration mapped"),
        Act.NOTED: _("Note written"),
        Act.PAUSED: _("Paused"),
        Act.RECONNECT_BEGUN: _("Reconnection begun"),
        Act.RECONNECTED: _("Reconnection ended"),
        Act.REMINDERS_CHANGED: _("Reminders changed"),
        Act.REPLAYED: _("Webhook replayed"),
        Act.RESUMED: _("Resumed"),
        Act.SESSIONS_ENDED: _("Embedded sessions ended"),
        Act.SETUP_BEGUN: _("Setup continued"),
        Act.SNOOZED: _("Snoozed"),
        Act.SYNCED: _("Sync requested"),
        Act.VIEWED_AS_CUSTOMER: _("Viewed as the customer"),
        Act.WOKEN: _("Snooze ended"),
    }
    return words.get(what, what)
