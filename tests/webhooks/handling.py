"""Events as Kombo tells them, and what is known after them."""

from datetime import datetime, timedelta
from typing import Any

from integrations.domain.headline import Key, key_of
from integrations.history import record as history_record
from integrations.models import Event, Incident, Integration, Kind, Snapshot
from tests.conftest import NOW
from tests.webhook_payloads import TOOL, tell

FETCHED = NOW - timedelta(hours=1)
EARLIER, LATER = NOW - timedelta(hours=2), NOW - timedelta(minutes=30)
SIGN_IN, FAILING = "integration.authentication_failed", "integration.action_failing"


def connected(made: Integration, **more: Any) -> Integration:
    facts = {
        "status": "ACTIVE",
        "setup_status": "COMPLETED",
        "category": "HRIS",
        "tool_id": TOOL,
        "tool_label": "Personio",
        "fetched_at": FETCHED,
        "status_since": FETCHED,
        "check_at": NOW + timedelta(minutes=15),
    }
    Snapshot.objects.filter(pk=made.pk).update(**facts | more)
    return made


def snapshot(made: Integration) -> Snapshot:
    return Snapshot.objects.get(pk=made.pk)


def key(made: Integration) -> Key:
    return key_of(snapshot(made))


def state_changed(
    state: str = "ACTIVE", *, at: datetime, setup: str = "COMPLETED", qa: str = "PASSED"
) -> Event:
    return tell(
        "integration-state-changed", state=state, setup_status=setup, qa_status=qa, updated_at=at
    )


def raised(
    at: datetime, *, kind: str = SIGN_IN, issue: str = "1", title: str = "It fails", **data: Any
) -> Event:
    told: dict[str, Any] = {
        "issue__id": issue,
        "issue__type": kind,
        "issue__title": title,
        "issue__first_observed_at": at,
    }
    return tell("issue-status-changed", **told | data)


def resolved(at: datetime, *, first: datetime, **data: Any) -> Event:
    over: dict[str, Any] = {
        "change": "resolved",
        "issue__status": "RESOLVED",
        "issue__resolved_at": at,
    }
    return raised(first, **over | data)


def sync_finished(
    state: str, at: datetime, *, took: timedelta = timedelta(minutes=5), **data: Any
) -> Event:
    told: dict[str, Any] = {
        "sync_id": f"sync {state} {at}",
        "sync_state": state,
        "sync_started_at": at - took,
        "sync_ended_at": at,
    }
    return tell("sync-finished", **told | data)


def entries(made: Integration, kind: Kind) -> list[tuple[str, str, datetime]]:
    """What the history says of one kind, oldest first: what, how we know, when."""
    return [(one.what, one.source, one.at) for one in reversed(history_record.entries(made, kind))]


def incident(made: Integration) -> Incident:
    return Incident.objects.get(integration=made)
