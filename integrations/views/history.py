"""What happened to an integration: its last 90 days, its incidents, and every entry, newest first."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations import access, cards, history, narrative
from integrations.models import Kind
from integrations.views.types import Request

PER_PAGE = 50
MOST_INCIDENTS = 20


@require_safe
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Kind and page of the list live in the URL."""
    place, found = access.integration(request.user, tenant_id, integration_id)
    if access.is_withheld(found):
        raise Http404
    now = timezone.localtime()
    asked = request.GET.get("kind", "")
    kind = asked if asked in Kind.values else ""
    paged = Paginator(history.entries(found, kind), PER_PAGE).get_page(request.GET.get("page"))
    card = cards.card(place, found)
    context = {
        "place": place,
        "card": card,
        "strip": narrative.strip(found, now),
        "spells": narrative.spells(history.incidents(found)[:MOST_INCIDENTS], now),
        "kinds": [(value, narrative.kind_name(value)) for value in ("", *Kind.values)],
        "kind": kind,
        "lines": narrative.lines(paged, tool=card.label),
        "paged": paged,
    }
    return render(request, "integrations/history.html", context)
