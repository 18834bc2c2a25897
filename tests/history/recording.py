"""An integration whose headline changes at chosen minutes, and what is kept of it."""

from datetime import datetime, timedelta
from typing import Any

from integrations.domain.headline import Key
from integrations.models import Incident, Integration, Source
from integrations.upstream import snapshots
from tests.conftest import NOW

HEALTHY: dict[str, Any] = {"status": "ACTIVE", "setup_status": "COMPLETED"}
NEUTRAL: dict[str, Any] = {
    **dict.fromkeys(("qa_status", "issue_title", "sync_state"), ""),
    **dict.fromkeys(("removed_at", "sign_in_failing_since", "data_expired_at")),
}
FACTS: dict[Key, dict[str, Any]] = {
    Key.REMOVED: HEALTHY | {"removed_at": NOW},
    Key.PAUSED: HEALTHY | {"status": "INACTIVE"},
    Key.RECONNECT_REQUIRED: HEALTHY | {"status": "INVALID"},
    Key.SIGN_IN_FAILING: HEALTHY | {"sign_in_failing_since": NOW},
    Key.SETUP_INCOMPLETE: HEALTHY | {"setup_status": "INCOMPLETE"},
    Key.QUALITY_CHECK: HEALTHY | {"qa_status": "FAILED"},
    Key.FIRST_SYNC: HEALTHY | {"setup_status": "FINAL_SYNC_PENDING"},
    Key.UPDATING: HEALTHY | {"data_expired_at": NOW},
    Key.DEGRADED: HEALTHY | {"issue_title": "Absences can't be read"},
    Key.CONNECTED: HEALTHY,
    Key.UNRECOGNISED: HEALTHY | {"status": "ASLEEP"},
    Key.PENDING: {"status": "", "setup_status": ""},
}


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def become(
    integration: Integration, key: Key, *, minutes: float = 0, source: Source = Source.CHECK
) -> None:
    """Let this headline hold, as of so many minutes from noon."""
    with snapshots.amend(integration, at=at(minutes), source=source) as row:
        for name, value in (NEUTRAL | FACTS[key]).items():
            setattr(row, name, value)


def incident() -> Incident:
    """The only one there is."""
    return Incident.objects.get()
