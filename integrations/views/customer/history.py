"""What happened to an integration: its last 90 days, its incidents, and every entry, newest
first.
"""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations.access import mapping_guard, permissions
from integrations.history import days as history_days
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.models import Kind
from integrations.views.customer.pages import integration_context
from integrations.views.pager import page_of
from integrations.views.types import Request

PER_PAGE = 50
MOST_INCIDENTS = 20
# What happens once at most is found without a filter.
FILTERS = [kind for kind in Kind.values if kind != Kind.DISCONNECT]


def show_history(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The history of one integration; kind and page of the list live in the URL."""
    grant, integration = permissions.integration(request.user, tenant_id, integration_id)
    if mapping_guard.is_withheld(integration):
        raise Http404
    now = timezone.localtime()
    requested = request.GET.get("kind", "")
    kind = requested if requested in FILTERS else ""
    paged = page_of(request, history_record.entries(integration, kind), PER_PAGE)
    context = integration_context(grant, integration, tab="history")
    context |= {
        "strip": history_days.day_strip(integration, now),
        "incidents": history_text.incident_texts(
            history_record.incidents(integration)[:MOST_INCIDENTS], now
        ),
        "kinds": [(value, history_text.kind_name(value)) for value in ("", *FILTERS)],
        "kind": kind,
        "lines": history_text.entry_texts(paged, tool=context["card"].label),
        "paged": paged,
    }
    return render(request, "customer/history.html", context)


page = require_safe(show_history)
