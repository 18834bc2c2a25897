"""The customer's pages: which tenant, its cards, and one integration."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from integrations.access import permissions
from integrations.access.permissions import Visit
from integrations.models import Integration
from integrations.upstream import snapshots
from integrations.views.customer import cards, coverage
from integrations.views.customer.cards import Card
from integrations.views.types import Request, View
from integrations.workspace import features


def opens_connect[**P](view: View[P]) -> View[P]:
    """Let this page frame Kombo Connect; every other page frames nothing."""

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        frames = settings.KOMBO_CONNECT_ORIGINS or ["'none'"]  # Django drops a directive whose list is empty
        return csp_override(settings.SECURE_CSP | {"frame-src": frames})(view)(request, *args, **kwargs)

    return wrapped


@require_safe
def home(request: Request) -> HttpResponse:
    """To the person's tenant, or to a choice if there are several; the vendor's staff to their workspace."""
    if request.user.is_staff:
        return redirect("triage")
    tenants = list(permissions.tenants_of(request.user)[:500])
    if len(tenants) == 1:
        return redirect("tenant", tenants[0].public_id)
    return render(request, "customer/home.html", {"tenants": tenants})


@require_safe
@opens_connect
def tenant(request: Request, tenant_id: str) -> HttpResponse:
    """All cards of a tenant; with a single integration also its grid, since there is nothing to choose."""
    place, integrations = permissions.integrations(request.user, tenant_id)
    if len(integrations) == 1:
        _, only = permissions.integration(request.user, tenant_id, integrations[0].public_id, with_grid=True)
        return _integration_page(request, place, only, alone=True)
    made = cards.cards(place, integrations)
    told = context(place, made) | {"features": features.answers(place.tenant, for_customer=True)}
    return render(request, "customer/tenant.html", told)


@require_safe
@opens_connect
@vary_on_headers("HX-Request")
def integration(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """One integration: its card and its grid. Search and chips of the grid are this page's own state."""
    place, found = permissions.integration(request.user, tenant_id, integration_id, with_grid=True)
    if request.htmx and not request.htmx.boosted:
        if permissions.is_withheld(found):
            raise Http404
        return coverage.results(request, place, found)
    return _integration_page(request, place, found, alone=False)


@require_safe
def card(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The card on its own: checks the integration if it is time to, and answers 204 if nothing is new."""
    place, found = permissions.integration(request.user, tenant_id, integration_id)
    found.snapshot = snapshots.revalidate(found)
    return card_response(request, place, found, seen=request.GET.get("seen", ""))


@require_safe
def banner(request: Request, tenant_id: str) -> HttpResponse:
    """The page's banner and title, anew after a headline changed."""
    place, integrations = permissions.integrations(request.user, tenant_id)
    only = request.GET.get("only", "")
    made = cards.cards(place, [one for one in integrations if only in {"", one.public_id}])
    if only and not made:
        raise Http404
    told = context(place, made) | {"only": only, "is_fragment": True}
    return render(request, "components/banner.html", told)


def card_response(request: Request, place: Visit, found: Integration, *, seen: str = "") -> HttpResponse:
    """A card for htmx, with what the polling script needs to know in headers."""
    made = cards.card(place, found)
    if seen == made.version:
        response = HttpResponse(status=204)
    else:
        response = render(request, "components/card.html", {"card": made, "place": place})
    response["Poll-After"] = f"{made.poll:.1f}"
    response["Checked-At"] = timezone.localtime(made.checked_at).isoformat() if made.checked_at else ""
    response["Coverage-Digest"] = made.coverage_digest
    return response


def _integration_page(request: Request, place: Visit, found: Integration, *, alone: bool) -> HttpResponse:
    made = cards.card(place, found)
    told = context(place, [made]) | {"card": made, "alone": alone, "only": "" if alone else made.id}
    if alone:
        told["features"] = features.answers(place.tenant, for_customer=True)
    if made.has_grid:
        told["panel"] = coverage.panel(request, place, found)
    return render(request, "customer/integration.html", told)


def context(place: Visit, made: list[Card]) -> dict[str, Any]:
    """What a page or banner with these cards is made of."""
    return {"place": place, "cards": made, "to_act": [card for card in made if card.must_act]}
