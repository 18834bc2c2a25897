"""Kombo's webhook events as plain data, and the signature they come with. Nothing here knows the
simulator.

Each builder takes the body of a details answer and explicit values, times as
`YYYY-MM-DDTHH:mm:ss.sssZ`. Reference: https://docs.kombo.dev/webhooks
"""

import hmac
import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from integrations.simulator.issues import KINDS
from integrations.simulator.states import ALPHABET, Details

type Event = dict[str, Any]
"""`id`, `type` and `data`, as Kombo posts them."""

SIGNATURE = "X-Kombo-Signature"
LOGS = "https://app.kombo.dev/env/production/logs"
CHANGES = {"raised": "OPEN", "resolved": "RESOLVED"}
"""What can happen to an issue, and how it stands afterwards."""


def state_changed(
    details: Details, *, at: str, qa_status: str = "PASSED", event_id: str | None = None
) -> Event:
    """`integration-state-changed`: what the details answer calls `status` is `state` here."""
    data = {
        **_named(details),
        "end_user": _end_user(details),
        "qa_status": qa_status,
        "setup_status": details["setup_status"],
        "state": details["status"],
        "updated_at": at,
    }
    return _event("integration-state-changed", data, event_id)


def created(details: Details, *, event_id: str | None = None) -> Event:
    """`integration-created`."""
    return _event("integration-created", _integration(details), event_id)


def deleted(details: Details, *, at: str, event_id: str | None = None) -> Event:
    """`integration-deleted`."""
    return _event("integration-deleted", {**_integration(details), "deleted_at": at}, event_id)


def issue_changed(
    details: Details | None,
    *,
    issue_id: str,
    kind: str,
    change: str,
    first_observed_at: str,
    resolved_at: str | None = None,
    event_id: str | None = None,
) -> Event:
    """`issue-status-changed`; `kind` is one of `issues.KINDS`, `change` one of CHANGES.

    Without details it is an issue of the whole environment. Raises KeyError for another kind or
    change, ValueError for a resolved issue without the time of it.
    """
    if change == "resolved" and resolved_at is None:
        raise ValueError("a resolved issue needs resolved_at")
    known = KINDS[kind]
    issue = {
        "id": issue_id,
        "type": known.type,
        "title": known.title,
        "status": CHANGES[change],
        "markdown_message": known.message(details["tool"]["label"] if details else "the tool"),
        "first_observed_at": first_observed_at,
        "resolved_at": resolved_at,
    }
    data = {
        "change": change,
        "issue": issue,
        "integration": _integration(details) if details else None,
    }
    return _event("issue-status-changed", data, event_id)


def sync_finished(
    details: Details,
    *,
    state: str,
    started_at: str,
    ended_at: str,
    sync_id: str | None = None,
    event_id: str | None = None,
) -> Event:
    """`sync-finished`; `state` is any text, as it is with Kombo."""
    duration = datetime.fromisoformat(ended_at) - datetime.fromisoformat(started_at)
    data = {
        "sync_id": sync_id or new_id(),
        "sync_state": state,
        "sync_started_at": started_at,
        "sync_ended_at": ended_at,
        "sync_duration_seconds": round(duration.total_seconds()),
        **_named(details),
        "end_user": _end_user(details),
        "log_url": f"{LOGS}?interactionId={new_id()}",
    }
    return _event("sync-finished", data, event_id)


def flow_failed(details: Details, *, event_id: str | None = None) -> Event:
    """`connection-flow-failed`: Kombo names tool and end user, but no integration."""
    named = _named(details)
    del named["integration_id"]
    data = {**named, "end_user": _end_user(details), "log_url": f"{LOGS}?flowId={new_id()}"}
    return _event("connection-flow-failed", data, event_id)


def data_changed(details: Details, models: Iterable[str], *, event_id: str | None = None) -> Event:
    """`data-changed`; `models` are ids of read models."""
    changed = [{"name": model} for model in models]
    return _event("data-changed", {**_named(details), "changed_models": changed}, event_id)


def sign(body: bytes, secret: str) -> str:
    """Return the value of the X-Kombo-Signature header for a body, byte for byte as it is sent."""
    return urlsafe_b64encode(hmac.digest(secret.encode(), body, "sha256")).rstrip(b"=").decode()


def encoded(event: Event) -> bytes:
    """Return the body an event is posted as: compact and in UTF-8, as JavaScript writes JSON."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def new_id() -> str:
    """Make up an id in the look of Kombo's."""
    return "".join(secrets.choice(ALPHABET) for _ in range(24))


def _event(kind: str, data: dict[str, Any], event_id: str | None) -> Event:
    return {"id": event_id or new_id(), "type": kind, "data": data}


def _named(details: Details) -> dict[str, Any]:
    """The integration, as most events name it."""
    return {
        "integration_id": details["id"],
        "integration_tool": details["tool"]["id"],
        "integration_category": details["category"],
    }


def _integration(details: Details) -> dict[str, Any]:
    """The integration, as those events name it that are about its being there, or nest it."""
    return {
        "id": details["id"],
        "tool": details["tool"]["id"],
        "category": details["category"],
        "end_user": _end_user(details),
    }


def _end_user(details: Details) -> dict[str, Any]:
    return {
        key: details["end_user"][key] for key in ("origin_id", "creator_email", "organization_name")
    }
