"""The customer's pages: which tenant, its cards, and one integration."""

from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from integrations.access import mapping_guard, permissions
from integrations.access.grants import AccessGrant
from integrations.models import Integration
from integrations.upstream import snapshots
from integrations.views.customer import cards, coverage
from integrations.views.customer.cards import Card
from integrations.views.types import Request, View
from integrations.workspace import feature_text


def opens_connect[**P](view: View[P]) -> View[P]:
    """Let this page frame Kombo Connect; every other page frames nothing."""

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        # Django drops a directive whose list is empty.
        frames = settings.KOMBO_CONNECT_ORIGINS or ["'none'"]
        return csp_override(settings.SECURE_CSP | {"frame-src": frames})(view)(
            request, *args, **kwargs
        )

    return wrapped


@require_safe
def home(request: Request) -> HttpResponse:
    """To the person's tenant, or to a choice if there are several; the vendor's staff to their
    workspace.
    """
    if request.user.is_staff:
        return redirect("triage")
    tenants = list(permissions.tenants_of(request.user)[:500])
    if len(tenants) == 1:
        return redirect("tenant", tenants[0].public_id)
    return render(request, "customer/home.html", {"tenants": tenants})


def show_tenant(request: Request, tenant_id: str) -> HttpResponse:
    """All cards of a tenant; with a single integration also its grid, since there is nothing to
    choose.
    """
    grant, integrations = permissions.integrations(request.user, tenant_id)
    if len(integrations) == 1:
        _, only = permissions.integration(
            request.user, tenant_id, integrations[0].public_id, with_grid=True
        )
        return _integration_page(request, grant, only, alone=True)
    made = cards.cards(grant, integrations)
    told = context(grant, made) | {
        "features": feature_text.answers_of(grant.tenant, for_customer=True)
    }
    return render(request, "customer/tenant.html", told)


tenant = require_safe(opens_connect(show_tenant))


def show_integration(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """One integration: its card and its grid. Search and chips of the grid are this page's own
    state.
    """
    grant, found = permissions.integration(request.user, tenant_id, integration_id, with_grid=True)
    if request.htmx and not request.htmx.boosted:
        if mapping_guard.is_withheld(found):
            raise Http404
        return coverage.results(request, grant, found)
    return _integration_page(request, grant, found, alone=False)


integration = require_safe(opens_connect(vary_on_headers("HX-Request")(show_integration)))


@require_safe
def card(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The card on its own: checks the integration if it is time to, and answers 204 if nothing is
    new.
    """
    grant, found = permissions.integration(request.user, tenant_id, integration_id)
    found.snapshot = snapshots.revalidate(found)
    return card_response(request, grant, found, seen=request.GET.get("seen", ""))


def show_banner(request: Request, tenant_id: str) -> HttpResponse:
    """The page's banner and title, anew after a headline changed."""
    grant, integrations = permissions.integrations(request.user, tenant_id)
    only = request.GET.get("only", "")
    made = cards.cards(grant, [one for one in integrations if only in {"", one.public_id}])
    if only and not made:
        raise Http404
    told = context(grant, made) | {"only": only, "is_fragment": True}
    return render(request, "components/banner.html", told)


def _with_banner(request: Request, grant: AccessGrant, response: HttpResponse, only: str) -> None:
    """Have the card's answer bring the page's banner too, so that the two never disagree."""
    _grant, integrations = permissions.integrations(request.user, grant.tenant.public_id)
    made = cards.cards(grant, [one for one in integrations if only in {"", one.public_id}])
    told = context(grant, made) | {"only": only, "is_fragment": True, "is_beside": True}
    response.write(render_to_string("components/banner.html", told, request))


banner = require_safe(show_banner)


def card_response(
    request: Request, grant: AccessGrant, found: Integration, *, seen: str = ""
) -> HttpResponse:
    """A card for htmx, with what the polling script needs to know in headers.

    With another headline than the page has `shown`, its banner comes along.
    """
    made = cards.card(grant, found)
    page = request.POST if request.method == "POST" else request.GET
    only = found.public_id if page.get("only") else ""
    if seen == made.version:
        response = HttpResponse(status=204)
    else:
        has_banner = "shown" in page
        told = {"card": made, "grant": grant, "only": only, "has_banner": has_banner}
        response = render(request, "components/card.html", told)
        if has_banner and page["shown"] != made.state:
            _with_banner(request, grant, response, only)
    response["Poll-After"] = f"{made.poll:.1f}"
    response["Checked-At"] = (
        timezone.localtime(made.checked_at).isoformat(timespec="seconds") if made.checked_at else ""
    )
    response["Coverage-Digest"] = made.coverage_digest
    return response


def _integration_page(
    request: Request, grant: AccessGrant, found: Integration, *, alone: bool
) -> HttpResponse:
    made = cards.card(grant, found)
    told = context(grant, [made]) | {"card": made, "alone": alone, "only": "" if alone else made.id}
    if alone:
        told["features"] = feature_text.answers_of(grant.tenant, for_customer=True)
    if made.has_grid:
        told["panel"] = coverage.panel(request, grant, found)
    return render(request, "customer/integration.html", told)


def context(grant: AccessGrant, made: list[Card]) -> dict[str, Any]:
    """What a page or banner with these cards is made of."""
    to_act = [card for card in made if card.must_act]
    return {"grant": grant, "cards": made, "to_act": to_act, "has_banner": True}
