"""What the page of one integration shows of its past, and of what Kombo says."""

from datetime import datetime
from typing import Any

from integrations.domain import raw_coverage
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.models import Integration
from integrations.upstream import issues
from integrations.webhooks import inbox

MOST_ISSUES = 50
MOST_INCIDENTS = 5
MOST_EVENTS = 20
MOST_RAW = 1000  # rows of the raw grid on one page


def past(integration: Integration, now: datetime) -> dict[str, Any]:
    """What was wrong with an integration, and what Kombo told of it, the latest first."""
    found = issues.of_integration(integration.pk)[:MOST_ISSUES]
    incidents = history_record.incidents(integration)[:MOST_INCIDENTS]
    return {
        "issues": [(issue, issues.is_open(issue)) for issue in found],
        "strip": history_text.day_strip(integration, now),
        "incidents": history_text.incident_texts(incidents, now),
        "events": inbox.of_integration(integration.pk)[:MOST_EVENTS],
    }


def raw(integration: Integration, query: str) -> dict[str, Any] | None:
    """The grid as Kombo told it, as far as a page can hold it; None if Kombo has not told of
    one.
    """
    if not integration.snapshot.coverage:
        return None
    rows = raw_coverage.read(integration.snapshot.coverage, query=query)
    groups = []
    left = MOST_RAW
    for head, fields in rows:
        if left <= 0:
            break
        groups.append((head, fields[:left]))
        left -= 1 + len(fields)
    return {"groups": groups, "is_cut": left < 0 or len(groups) < len(rows), "most": MOST_RAW}


def https(url: str) -> str:
    """An address from outside, if it may become a link."""
    return url if url.startswith("https://") else ""
