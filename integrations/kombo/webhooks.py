"""Kombo's webhooks: is it really Kombo, and what does it say.

A body is trusted only after its signature was checked over the raw bytes. Ids and names stand in
different places per type, and `state` is what the API calls `status`: here they get one place and
one name. Keys that this version does not know are tolerated, as are unknown members of an enum.
Only what is used is read, and only that is kept: the bodies name people.
Source: https://docs.kombo.dev/webhooks
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct, field

from .enums import Category, SetupStatus, Status
from .overrides import drop_overrides
from .schema import Id, Instant, StoredId, require_storable

MAX_BYTES = 256 * 1024
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{43}=?")  # 32 bytes in base64url


class BadEvent(Exception):
    """A signed body that is not an event, or not the one its type promises."""


class EndUser(Struct, frozen=True, kw_only=True):
    """The customer that an event is about, without the address of whoever connected the tool."""

    organization_name: str
    origin_id: str | None = None

    def __repr__(self) -> str:
        return "EndUser(...)"


class StateChanged(Struct, frozen=True, kw_only=True):
    """`integration-state-changed`: where it stands now. `updated_at` orders these events among
    themselves.
    """

    integration_id: StoredId
    tool: str = field(name="integration_tool", default="")
    category: Category = field(name="integration_category", default=Category.HRIS)
    status: Status = field(name="state")
    setup_status: SetupStatus = SetupStatus.COMPLETED
    qa_status: str = ""
    end_user: EndUser | None = None
    updated_at: Instant


class Created(Struct, frozen=True, kw_only=True):
    """`integration-created`: somebody connected a tool."""

    integration_id: StoredId = field(name="id")
    tool: Id
    category: Category
    end_user: EndUser


class Deleted(Struct, frozen=True, kw_only=True):
    """`integration-deleted`: it is gone for good."""

    integration_id: StoredId = field(name="id")
    deleted_at: Instant


class Issue(Struct, frozen=True, kw_only=True):
    """What Kombo found wrong: a title meant for customers, and a message in Markdown, from a third
    party.
    """

    id: StoredId
    type: str = ""
    title: str
    status: str = ""
    markdown_message: str | None = None
    first_observed_at: Instant
    resolved_at: Instant | None = None

    def __repr__(self) -> str:
        return f"Issue(type={self.type!r})"


class IntegrationRef(Struct, frozen=True, kw_only=True):
    """The integration an issue is about."""

    id: StoredId


class IssueChanged(Struct, frozen=True, kw_only=True):
    """`issue-status-changed`: raised or resolved. Without an integration it is about the whole
    environment.
    """

    change: str
    issue: Issue
    integration: IntegrationRef | None = None

    @property
    def integration_id(self) -> str:
        return self.integration.id if self.integration else ""

    @property
    def is_resolved(self) -> bool:
        return self.change == "resolved" or self.issue.status == "RESOLVED"


class SyncFinished(Struct, frozen=True, kw_only=True):
    """`sync-finished`: Kombo read the tool's data, or tried to."""

    sync_id: StoredId
    sync_state: str = ""  # empty: it is not known how it ended
    sync_started_at: Instant
    sync_ended_at: Instant
    integration_id: StoredId
    log_url: str | None = None


class FlowFailed(Struct, frozen=True, kw_only=True):
    """`connection-flow-failed`: somebody did not get through Kombo Connect. It names no
    integration.
    """

    tool: Id = field(name="integration_tool")
    category: Category = field(name="integration_category", default=Category.HRIS)
    end_user: EndUser


class DataChanged(Struct, frozen=True, kw_only=True):
    """`data-changed`: new data came in."""

    integration_id: StoredId


type Report = (
    StateChanged | Created | Deleted | IssueChanged | SyncFinished | FlowFailed | DataChanged
)

TYPES: dict[str, type[Report]] = {
    "integration-state-changed": StateChanged,
    "integration-created": Created,
    "integration-deleted": Deleted,
    "issue-status-changed": IssueChanged,
    "sync-finished": SyncFinished,
    "connection-flow-failed": FlowFailed,
    "data-changed": DataChanged,
}


class Event(Struct, frozen=True, kw_only=True):
    """One event: Kombo's id for it, its type, and what it reports; None for a type that we do not
    use.
    """

    id: str
    type: str
    report: Report | None


class _Envelope(Struct, frozen=True, kw_only=True):
    id: StoredId
    type: Annotated[str, Meta(min_length=1, max_length=100)]
    data: msgspec.Raw


def sign(body: bytes, secret: str) -> str:
    """The signature Kombo sends for a body: HMAC-SHA256, base64url without padding."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def looks_signed(signature: str) -> bool:
    """Return whether a text could be a signature, without padding or with it."""
    return bool(_SIGNATURE.fullmatch(signature))


def is_signed(body: bytes, signature: str, secrets: Iterable[str]) -> bool:
    """Whether one of the secrets signed exactly these bytes. All are tried, in constant time."""
    given = signature.removesuffix("=").encode()
    return any([hmac.compare_digest(sign(body, secret).encode(), given) for secret in secrets])  # noqa: C419 - all tried


def parse(body: bytes) -> Event:
    """Read a body whose signature was checked. Raises BadEvent."""
    try:
        if "\0" in body.decode():
            raise BadEvent("a NUL")
        envelope = _envelopes.decode(drop_overrides(body))
        decoder = _reports.get(envelope.type)
        report = decoder.decode(envelope.data) if decoder else None
        if report is None:
            _objects.decode(envelope.data)  # no more is asked of a type we do not use
        _require_all_storable((envelope.id, envelope.type, report))
    except (ValueError, RecursionError) as error:
        raise BadEvent(str(error)) from error
    return Event(id=envelope.id, type=envelope.type, report=report)


def time_of(report: Report | None) -> datetime | None:
    """Return when what a report tells of happened, if it says so.

    A raised issue does not: it may have been observed for long.
    """
    match report:
        case StateChanged():
            return report.updated_at
        case Deleted():
            return report.deleted_at
        case SyncFinished():
            return report.sync_ended_at
        case IssueChanged() if report.is_resolved:
            return report.issue.resolved_at
    return None


def kept(event: Event) -> str:
    """Return an event as it is stored, for `parse`: of a type that we do not use, id and type
    alone.
    """
    data: Report | dict[str, Any] = {} if event.report is None else event.report
    return msgspec.json.encode({"id": event.id, "type": event.type, "data": data}).decode()


def _require_all_storable(value: Any) -> None:
    """Every text and instant below `value` has to be one that any database can hold."""
    if isinstance(value, str):
        if "\0" in value:
            raise BadEvent("a NUL")
    elif isinstance(value, datetime):
        require_storable(value)
    elif isinstance(value, Struct):
        _require_all_storable(msgspec.structs.astuple(value))
    elif isinstance(value, tuple):
        for item in value:
            _require_all_storable(item)


# All at import: see the decoders of `schema`.
_envelopes = msgspec.json.Decoder(_Envelope)
_objects = msgspec.json.Decoder(dict[str, Any])
_reports: dict[str, msgspec.json.Decoder[Report]] = {
    name: msgspec.json.Decoder(kind) for name, kind in TYPES.items()
}
