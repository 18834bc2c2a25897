"""A snapshot for each headline."""

from datetime import UTC, datetime

from integrations.domain.headline import Key, Severity
from integrations.models import Snapshot

WHEN = datetime(2026, 11, 18, 9, 12, tzinfo=UTC)
HEALTHY: dict[str, object] = {"status": "ACTIVE", "setup_status": "COMPLETED"}

# The precedence: each row's sign, in the order in which they win. The signs of one axis can't occur
# together.
SIGNS: list[tuple[Key, dict[str, object]]] = [
    (Key.REMOVED, {"removed_at": WHEN}),
    (Key.PAUSED, {"status": "INACTIVE"}),
    (Key.RECONNECT_REQUIRED, {"status": "INVALID"}),
    (Key.SIGN_IN_FAILING, {"sign_in_failing_since": WHEN}),
    (Key.SETUP_INCOMPLETE, {"setup_status": "INCOMPLETE"}),
    (Key.QUALITY_CHECK, {"qa_status": "FAILED"}),
    (Key.FIRST_SYNC, {"setup_status": "FINAL_SYNC_PENDING"}),
    (Key.UPDATING, {"data_expired_at": WHEN}),
    (Key.DEGRADED, {"issue_title": "Absences can't be read"}),
    (Key.DEGRADED, {"sync_state": "PARTIALLY_FAILED"}),
    (Key.CONNECTED, {}),
]
EXAMPLES: list[tuple[Key, dict[str, object]]] = [
    *((key, HEALTHY | signs) for key, signs in SIGNS),
    (Key.UNRECOGNISED, HEALTHY | {"status": "PAUSED_BY_TOOL"}),
    (Key.PENDING, {}),
]
SEVERITIES = {
    Key.REMOVED: Severity.ATTENTION,
    Key.PAUSED: Severity.ATTENTION,
    Key.RECONNECT_REQUIRED: Severity.ACTION_REQUIRED,
    Key.SIGN_IN_FAILING: Severity.ACTION_REQUIRED,
    Key.SETUP_INCOMPLETE: Severity.ACTION_REQUIRED,
    Key.QUALITY_CHECK: Severity.WORKING,
    Key.FIRST_SYNC: Severity.WORKING,
    Key.UPDATING: Severity.WORKING,
    Key.DEGRADED: Severity.ATTENTION,
    Key.CONNECTED: Severity.OK,
    Key.UNRECOGNISED: Severity.UNKNOWN,
    Key.PENDING: Severity.UNKNOWN,
}


def snapshot(**facts: object) -> Snapshot:
    return Snapshot(**({"tool_label": "Personio"} | facts))
