"""What only webhooks tell of an integration: its issues and its syncs.

Each function changes a record of the store and returns the events that say so, in their order.
"""

from datetime import UTC, datetime
from typing import Any

from integrations.simulator import payloads
from integrations.simulator.issues import AUTHENTICATION, KINDS
from integrations.simulator.payloads import Event
from integrations.simulator.store import Record

SYNC_STATES = (
    "SUCCEEDED",
    "PARTIALLY_FAILED",
    "FAILED",
    "AUTHENTICATION_FAILED",
    "CANCELLED",
    "TIMED_OUT",
)
QA_STATES = ("PASSED", "PENDING", "FAILED")
SYNC_SECONDS = 20
"""How long a sync takes."""
MOST_CHANGED = 3


def timestamp(seconds: float) -> str:
    """Write a time as Kombo does."""
    return (
        datetime.fromtimestamp(seconds, UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def standing(record: Record) -> tuple[bool, str, str, str]:
    """Return whether an integration is gone, and what `integration-state-changed` tells of it
    otherwise.
    """
    details = record["details"]
    return record["deleted"], details["status"], details["setup_status"], record["qa_status"]


def open_issue(record: Record, kind: str) -> str | None:
    """Return the id of the open issue of a kind, if there is one."""
    return next((str(issue["id"]) for issue in record["issues"] if issue["kind"] == kind), None)


def raise_issue(record: Record, kind: str, *, now: float) -> list[Event]:
    """Open an issue unless one of its kind is open; raises ValueError for an unknown kind."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of issue: {kind}")
    if open_issue(record, kind):
        return []
    issue = {"id": payloads.new_id(), "kind": kind, "first_observed_at": timestamp(now)}
    record["issues"].append(issue)
    return [_changed(record, issue, "raised", None)]


def resolve_issues(
    record: Record, *, now: float, issue_id: str | None = None, kind: str | None = None
) -> list[Event]:
    """Resolve all open issues, or the one with an id, or of a kind."""
    gone = [
        issue
        for issue in record["issues"]
        if issue_id in (None, issue["id"]) and kind in (None, issue["kind"])
    ]
    for issue in gone:
        record["issues"].remove(issue)
    return [_changed(record, issue, "resolved", timestamp(now)) for issue in gone]


def end_sync(record: Record, state: str, *, now: float) -> list[Event]:
    """End the queued sync now, or one nobody had queued; raises ValueError for an unknown state."""
    if state not in SYNC_STATES:
        raise ValueError(f"no such end of a sync: {state}")
    sync = queued_sync(record)
    if sync:
        record["pending"].remove(sync)
    report = {
        "sync_id": sync["sync_id"] if sync else payloads.new_id(),
        "state": state,
        "started_at": timestamp(
            (min(sync["at"], now + SYNC_SECONDS) if sync else now) - SYNC_SECONDS
        ),
        "ended_at": timestamp(now),
    }
    record["last_sync"] = report
    events = [payloads.sync_finished(record["details"], **report)]
    if state == "SUCCEEDED":
        record["details"]["data_expired_at"] = None
        if record["details"]["setup_status"] == "FINAL_SYNC_PENDING":
            record["details"]["setup_status"] = "COMPLETED"
    return events + _consequences(record, state, now)


def queued_sync(record: Record) -> dict[str, Any] | None:
    """Return the pending change that is a sync, if one is queued."""
    return next((change for change in record["pending"] if "sync_id" in change), None)


def cancel_sync(record: Record, *, now: float) -> list[Event]:
    """End the queued sync, if there is one, because what it was for is no longer so."""
    return end_sync(record, "CANCELLED", now=now) if queued_sync(record) else []


def outcome(record: Record) -> str:
    """Say how a sync ends when nobody decides otherwise: while signing in fails, that is what it
    meets.
    """
    return "AUTHENTICATION_FAILED" if open_issue(record, AUTHENTICATION) else "SUCCEEDED"


def _consequences(record: Record, state: str, now: float) -> list[Event]:
    if state == "AUTHENTICATION_FAILED":
        return raise_issue(record, AUTHENTICATION, now=now)
    if state not in ("SUCCEEDED", "PARTIALLY_FAILED"):
        return []
    models = [model["id"] for model in record["details"]["read_models"] if model["is_available"]][
        :MOST_CHANGED
    ]
    events = [payloads.data_changed(record["details"], models)] if models else []
    # A sync begins with signing in, so one that got through has disproved the issue.
    return events + resolve_issues(record, now=now, kind=AUTHENTICATION)


def _changed(record: Record, issue: dict[str, Any], change: str, resolved_at: str | None) -> Event:
    return payloads.issue_changed(
        record["details"],
        issue_id=issue["id"],
        kind=issue["kind"],
        change=change,
        first_observed_at=issue["first_observed_at"],
        resolved_at=resolved_at,
    )
