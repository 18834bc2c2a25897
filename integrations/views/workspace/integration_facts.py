"""What the page of one integration shows of its past, and of what Kombo says."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from integrations.access.mapping_guard import is_withheld
from integrations.domain import raw_coverage
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.mail import compose
from integrations.models import Integration
from integrations.upstream import issues
from integrations.webhooks import inbox

MOST_ISSUES = 50
MOST_INCIDENTS = 5
MOST_EVENTS = 20
MOST_RAW = 1000  # rows of the raw grid on one page


def past(integration: Integration, now: datetime) -> dict[str, Any]:
    """What was wrong with an integration, and what Kombo told of it, the latest first."""
    rows = issues.of_integration(integration.pk)[:MOST_ISSUES]
    incidents = history_record.incidents(integration)[:MOST_INCIDENTS]
    return {
        "issues": [(issue, issues.is_open(issue)) for issue in rows],
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


def access_statement(integration: Integration, recipient: str) -> dict[str, str]:
    """Where the customer's access statement is, and an email to them that names the place; nothing
    where there is none to be shown.
    """
    if is_withheld(integration) or not integration.snapshot.coverage:
        return {}
    path = reverse("statement", args=[integration.tenant.public_id, integration.public_id])
    address = settings.SITE_URL + path
    with translation.override(compose.language_of(integration.tenant)):
        names = {"vendor": settings.VENDOR_NAME, "tool": integration.snapshot.tool_label}
        subject = _("What %(vendor)s reads from %(tool)s") % names
    mail = urlencode({"subject": subject, "body": address}, quote_via=quote)
    return {
        "statement_url": path,
        "statement_address": address,
        "statement_mail": f"mailto:{quote(recipient, safe='@')}?{mail}",
    }


def https(url: str) -> str:
    """An address from outside, if it may become a link."""
    return url if url.startswith("https://") else ""
