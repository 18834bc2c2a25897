"""What the pages of one integration show of its past, of its data, and of what Kombo says."""

from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from integrations.access import hand_offs
from integrations.access.mapping_guard import is_withheld
from integrations.domain import coverage, raw_coverage
from integrations.domain.coverage import Part
from integrations.domain.kombo_words import failure
from integrations.history import days as history_days
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.mail import compose, reminder_spells
from integrations.models import Integration
from integrations.upstream import issues
from integrations.views.pager import page_of
from integrations.views.types import Request
from integrations.webhooks import inbox
from integrations.workspace import dependence

MOST_ISSUES = 50
INCIDENTS_PER_PAGE = 20
MOST_EVENTS = 20
MOST_RAW = 1000  # rows of the raw grid on one page


def beside(integration: Integration, now: datetime) -> dict[str, Any]:
    """Return what stands beside the timeline: the last days, what is on hold, what is shared, and
    what becomes of reminders.
    """
    snapshot, tenant = integration.snapshot, integration.tenant
    strip = history_days.day_strip(integration, now)
    must_act = bool(hand_offs.act_for(snapshot)) and not is_withheld(integration)
    held = (
        dependence.on_hold(tenant, [snapshot.coverage_digest])[snapshot.coverage_digest]
        if must_act and snapshot.coverage_digest
        else []
    )
    return {
        "unmailable": compose.unmailable(tenant.contact_email, snapshot.creator_email),
        "reminder": reminder_spells.at_work(integration),
        "strip": strip,
        "strip_days": [day for day, _word in strip.days],
        "on_hold": held,
        "shared": shared(integration),
    }


def shared(integration: Integration) -> dict[str, Any] | None:
    """Return how many of the fields that can be read are shared, and how many are not and why, for
    a bar and its legend; None before Kombo has told.
    """
    if not integration.snapshot.coverage:
        return None
    labels = {
        Part.SHARED: _("Shared"),
        Part.OPTED_OUT: pgettext("data points", "Opted out"),
        Part.NOT_REQUESTED: pgettext("data points", "Not requested"),
        Part.NOT_OFFERED: _("Not supported, or unknown"),
    }
    parts = coverage.split(coverage.read(integration.snapshot.coverage).read)
    return {
        "parts": parts,
        "legend": [
            {"part": part, "label": labels[part], "count": n} for part, n in parts.items() if n
        ],
    }


def past(request: Request, integration: Integration, now: datetime) -> dict[str, Any]:
    """Return the template's context for the last days and a page of the incidents."""
    paged = page_of(request, history_record.incidents(integration), INCIDENTS_PER_PAGE)
    return {
        "strip": history_days.day_strip(integration, now),
        "incidents": history_text.incident_texts(paged, now),
        "paged": paged,
        "page_url": request.path,
    }


def technical(integration: Integration) -> dict[str, Any]:
    """Return the template's context for what Kombo told: issues, webhooks, and its latest error."""
    rows = issues.of_integration(integration.pk)[:MOST_ISSUES]
    return {
        "issues": [(issue, issues.is_open(issue)) for issue in rows],
        "events": inbox.of_integration(integration.pk)[:MOST_EVENTS],
        "failure": failure(integration.snapshot),
        "log_url": https(integration.snapshot.error_log_url),
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
