"""The record of who did what: every act that changes something, lets somebody in, takes data away
or reveals a link, by whomever.

What an act is about is kept as keys and values: names, ids and words of a closed set, never
sentences. `access.audit_words` tells them in the reader's language.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.contrib.auth.models import User
from django.utils import timezone

from integrations.domain.search import fold
from integrations.models import AuditEntry, Integration, Snapshot, Tenant

LONGEST = 200  # characters of a value
MOST = 50  # values under one key
BATCH = 500

type Value = str | int | list[str] | dict[str, list[str]]


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
STRANGER = "stranger"
FORGOTTEN = "forgotten person"


class Act(StrEnum):
    """What can be done. Words of one's own are not possible, so that the record can be searched."""

    ACCOUNT_SESSIONS_ENDED = "account_sessions_ended"
    ACCOUNT_ADDED = "account_added"
    ACCOUNT_LINKED = "account_linked"
    ADMINISTERED = "administered"
    ANNOUNCED = "announced"
    ASKED = "asked"
    ASSIGNED = "assigned"
    BULK_CHECKED = "bulk_checked"
    CHECKED = "checked"
    CONFIRMED = "confirmed"
    CONNECT_BEGUN = "connect_begun"
    CONNECT_DISMISSED = "connect_dismissed"
    CONNECTED = "connected"
    DISCONNECT_APPROVED = "disconnect_approved"
    DISCONNECT_BEGUN = "disconnect_begun"
    DISCONNECT_REQUESTED = "disconnect_requested"
    DISCONNECT_WITHDRAWN = "disconnect_withdrawn"
    DISCONNECTED = "disconnected"
    DISMISSED = "dismissed"
    EXPORTED = "exported"
    FEATURE_CHANGED = "feature_changed"
    FIELD_MAPPED = "field_mapped"
    HAND_OFF_CREATED = "hand_off_created"
    HAND_OFF_OPENED = "hand_off_opened"
    HAND_OFF_REVEALED = "hand_off_revealed"
    HAND_OFF_REVOKED = "hand_off_revoked"
    IDENTITY_CHANGED = "identity_changed"
    IMPORTED = "imported"
    INVITATION_ACCEPTED = "invitation_accepted"
    INVITATION_REVOKED = "invitation_revoked"
    INVITED = "invited"
    LEFT_FRAME = "left_frame"
    MAIL_RESENT = "mail_resent"
    MAPPED = "mapped"
    NOTED = "noted"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - no password
    PAUSED = "paused"
    PERSON_CHANGED = "person_changed"
    PERSON_FORGOTTEN = "person_forgotten"
    PREFERENCES_CHANGED = "preferences_changed"
    REAUTHENTICATED = "reauthenticated"
    RECONNECT_BEGUN = "reconnect_begun"
    RECONNECTED = "reconnected"
    REMINDERS_CHANGED = "reminders_changed"
    REMINDERS_RELEASED = "reminders_released"
    REPLAYED = "replayed"
    RESET_ASKED = "reset_asked"
    RESUMED = "resumed"
    ROLES_SET = "roles_set"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    SESSION_BEGUN = "session_begun"
    SESSIONS_ENDED = "sessions_ended"
    SETTINGS_OPENED = "settings_opened"
    SETUP_BEGUN = "setup_begun"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_IN = "signed_in"
    SIGNED_OUT = "signed_out"
    SNOOZED = "snoozed"
    SYNCED = "synced"
    TENANT_ADDED = "tenant_added"
    TENANT_EXPORTED = "tenant_exported"
    TENANT_FORGOTTEN = "tenant_forgotten"
    TOKEN_MADE = "token_made"  # noqa: S105 - no token
    TOOL_NOTE_CHANGED = "tool_note_changed"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - no token
    VIEW_DELETED = "view_deleted"
    VIEW_SAVED = "view_saved"
    VIEWED = "viewed"
    VIEWED_AS_CUSTOMER = "viewed_as_customer"
    WOKEN = "woken"


class Detail(StrEnum):
    """What is kept of an act; `audit_words` has a word for each."""

    ACCOUNT = "account"
    ADDED = "added"  # by field: names
    CHANGES = "changes"  # by field: what was, and what is
    CODE = "code"
    CREATED = "created"  # how many
    CHANGED = "changed"  # how many
    DONE = "done"  # created, changed or deleted
    EVENT = "event"
    FIELDS = "fields"
    FILE = "file"
    KIND = "kind"
    MOVED = "moved"  # away or here
    NAME = "name"
    NUMBER = "number"
    OBJECT = "object"  # a model's name
    ORGANIZATION = "organization"
    ORIGIN_ID = "origin_id"
    OUTCOME = "outcome"
    PURPOSE = "purpose"  # reconnect, setup or scope
    REMOVED = "removed"  # by field: names
    ROLE = "role"  # of the staff, or of a membership
    SCOPE = "scope"
    SOURCE = "source"  # a field of the tool's
    TO = "to"
    TOOL = "tool"
    UNTIL = "until"
    WANTED = "wanted"  # fields
    WAY = "way"


def account_named(name: str) -> str:
    """Return the name of the account that somebody failed to sign in to, or an empty text: what is
    nobody's name may be a password.
    """
    known = User.objects.filter(username=name).values_list("username", flat=True)
    return known.first() or ""


def record(
    actor: Actor,
    act: Act,
    *,
    tenant: Tenant | None = None,
    integration: Integration | None = None,
    at: datetime | None = None,
    **details: Value,
) -> None:
    """Add an act of an instant, or of now, to the record; `details` are named as in `Detail`.

    In a transaction it stands or falls with what it tells of. Raises ValueError for another name.
    """
    _entry(actor, act, details, tenant=tenant, integration=integration, at=at).save()


def record_moves(actor: Actor, act: Act, moved: Mapping[int, int]) -> None:
    """Add for integrations, by the tenant each had, that they went from there to where they are."""
    ids = sorted(moved)
    for start in range(0, len(ids), BATCH):
        _record_moves(actor, act, {pk: moved[pk] for pk in ids[start : start + BATCH]})


def _record_moves(actor: Actor, act: Act, moved: Mapping[int, int]) -> None:
    integrations = (
        Integration.objects.filter(pk__in=moved).select_related("tenant", "snapshot").order_by("pk")
    )
    left = Tenant.objects.in_bulk(set(moved.values()))
    at = timezone.now()
    entries = []
    for integration in integrations.without_grid():
        old = left[moved[integration.pk]]
        entries.append(
            _entry(actor, act, {"moved": "away"}, tenant=old, integration=integration, at=at)
        )
        entries.append(_entry(actor, act, {"moved": "here"}, integration=integration, at=at))
    AuditEntry.objects.bulk_create(entries)


def _entry(
    actor: Actor,
    act: Act,
    details: Mapping[str, Value],
    *,
    tenant: Tenant | None = None,
    integration: Integration | None = None,
    at: datetime | None = None,
) -> AuditEntry:
    tenant = tenant or (integration.tenant if integration else None)
    # Some have none: made by other means than ours.
    snapshot: Snapshot | None = getattr(integration, "snapshot", None)
    kept = {Detail(name): _cut(value) for name, value in details.items() if value not in ("", {})}
    details_kept = json.dumps(kept, ensure_ascii=False) if kept else ""
    named = {
        "actor": actor.name[:200],
        "tenant": tenant.name if tenant else "",
        "tool": snapshot.tool_label[:200] if snapshot else "",
        "details": details_kept,
    }
    return AuditEntry(
        at=at or timezone.now(),
        what=act,
        actor_id=actor.user.pk if actor.user else None,
        address=actor.address[:45],
        tenant_id=tenant.pk if tenant else None,
        integration=integration.public_id if integration else "",
        words=words_of(**named),
        **named,
    )


def words_of(*, actor: str, tenant: str, tool: str, details: str) -> str:
    """Return what a search for words finds an entry by."""
    return fold("\n".join((actor, tenant, tool, details)))


def _cut(value: Value) -> Value:
    """Return a value no longer than the record keeps: texts of LONGEST characters, MOST items."""
    match value:
        case str():
            return value[:LONGEST]
        case list():
            return [item[:LONGEST] for item in value[:MOST]]
        case dict():
            return {name: [str(item)[:LONGEST] for item in items] for name, items in value.items()}
    return value
