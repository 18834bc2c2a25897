"""What happened to an integration: its last 90 days, its incidents, and every entry, newest first."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.models import Kind
from integrations.views.customer import cards
from integrations.views.types import Request

PER_PAGE = 50
MOST_INCIDENTS = 20


@require_safe
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Kind and page of the list live in the URL."""
    place, found = permissions.integration(request.user, tenant_id, integration_id)
    if permissions.is_withheld(found):
        raise Http404
    now = timezone.localtime()
    asked = request.GET.get("kind", "")
    kind = asked if asked in Kind.values else ""
    paged = Paginator(history_record.entries(found, kind), PER_PAGE).get_page(request.GET.get("page"))
    card = cards.card(place, found)
    context = {
        "place": place,
        "card": card,
        "strip": history_text.strip(found, now),
        "spells": history_text.spells(history_record.incidents(found)[:MOST_INCIDENTS], now),
        "kinds": [(value, history_text.kind_name(value)) for value in ("", *Kind.values)],
        "kind": kind,
        "lines": history_text.lines(paged, tool=card.label),
        "paged": paged,
    }
    return render(request, "customer/history.html", context)
