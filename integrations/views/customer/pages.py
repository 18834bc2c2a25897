"""The customer's pages: which tenant, its cards, and one integration."""

from collections.abc import Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from integrations.access import connections, mapping_guard, permissions
from integrations.access.grants import AccessGrant
from integrations.access.listing import Part
from integrations.access.loading import Rows
from integrations.models import Integration
from integrations.views.customer import attempts, cards, coverage, kept_cards
from integrations.views.customer.card import Card, CardGroup
from integrations.views.customer.card_details import one_with_details, with_details
from integrations.views.pager import page_of
from integrations.views.types import Request, View
from integrations.workspace import feature_text

PER_PAGE = 50
MOST_NAMED = 10  # of the cards that somebody must do something about, in the banner


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
        return redirect("overview")
    organizations = permissions.organizations(request.user)
    if len(organizations) == 1:
        return redirect("tenant", organizations[0].tenant.public_id)
    in_need_first = sorted(organizations, key=lambda one: not one.acts)
    return render(request, "customer/home.html", {"organizations": in_need_first})


def show_tenant(request: Request, tenant_id: str) -> HttpResponse:
    """The cards of a tenant, page by page; with a single integration also its grid, since there is
    nothing to choose.
    """
    grant, front = front_of(request, tenant_id)
    total, _acts = front.counts
    if total == 1:
        _, only = permissions.integration(request.user, tenant_id, front.first_id, with_grid=True)
        return _integration_page(request, grant, only, is_home=True)
    paged = page_of(request, range(total), PER_PAGE)
    page_context = (
        overview(grant, front)
        | {
            "paged": paged,
            "page": paged.number,
            "is_beyond_first": paged.number > 1,
            "features": feature_text.answers_of(grant.tenant, for_customer=True),
        }
        | _connecting(grant)
    )
    here, page_cards = front, page_context["cards"]
    if paged.number > 1:
        part = Part(first=(paged.number - 1) * PER_PAGE, most=PER_PAGE)
        _, here = permissions.rows(request.user, tenant_id, part)
        page_cards = cards.in_order(kept_cards.cards_of(grant, here))
    page_cards = with_details(grant, page_cards, here.integrations)
    page_context |= {"groups": _groups(page_cards), "has_twins": _has_twins(page_cards)}
    return render(request, "customer/tenant.html", page_context)


tenant = require_safe(opens_connect(show_tenant))


def _has_twins(page_cards: list[Card]) -> bool:
    """Return whether a tool is connected twice, so that its name alone tells nobody which it is."""
    labels = [card.label for card in page_cards if card.connected_at]
    return len(set(labels)) < len(labels)


def _groups(page_cards: list[Card]) -> list[tuple[CardGroup, str, list[Card]]]:
    """Return every group of the list with its name and its cards, also those without any: a card
    may come to them while the page is open.
    """
    names = {
        CardGroup.RECENT: _("Just updated"),
        CardGroup.ATTENTION: _("Needs your attention"),
        CardGroup.LIMITED: _("Not fully working"),
        CardGroup.PROGRESS: _("In progress"),
        CardGroup.WORKING: _("Working"),
    }
    members: dict[CardGroup, list[Card]] = {group: [] for group in CardGroup}
    for card in page_cards:
        members[card.group].append(card)
    return [(group, names[group], members[group]) for group in CardGroup]


def show_integration(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """One integration: its card and its grid. Search and chips of the grid are this page's own
    state.
    """
    grant, integration = permissions.integration(
        request.user, tenant_id, integration_id, with_grid=True
    )
    if request.htmx and not request.htmx.boosted:
        if mapping_guard.is_withheld(integration):
            raise Http404
        return coverage.results(request, grant, integration)
    return _integration_page(request, grant, integration)


integration = require_safe(opens_connect(vary_on_headers("HX-Request")(show_integration)))


def show_banner(request: Request, tenant_id: str) -> HttpResponse:
    """The page's banner and title, anew after a headline changed."""
    return HttpResponse(banner_for(request, tenant_id, request.GET))


banner = require_safe(show_banner)


def banner_for(
    request: Request, tenant_id: str, page: Mapping[str, str], *, is_beside: bool = False
) -> str:
    """Return the banner and title of a page that says of itself which it is; with `is_beside` for
    an answer that brings cards, so that the two never disagree.
    """
    if only := page.get("only", ""):
        page_context = context(*_only(request, tenant_id, only))
    else:
        page_context = overview(*front_of(request, tenant_id))
    number = page.get("page", "")
    page_context |= {
        "only": only,
        "alone": page.get("alone", ""),
        "page": number,
        # Without a page it stands for itself, in a frame.
        "is_beyond_first": number != "1",
        "is_fragment": True,
    }
    return render_to_string(
        "components/banner.html", page_context | {"is_beside": is_beside}, request
    )


def _integration_page(
    request: Request, grant: AccessGrant, integration: Integration, *, is_home: bool = False
) -> HttpResponse:
    page_context = integration_context(grant, integration, tab="shared", is_home=is_home)
    card = page_context["card"]
    if card.may_check:
        page_context["replaced"] = connections.replaced_by(integration)
    if is_home:
        page_context["features"] = feature_text.answers_of(grant.tenant, for_customer=True)
    if page_context["alone"]:
        page_context |= _connecting(grant)
    if card.has_grid:
        page_context["panel"] = coverage.Panel(
            request, grant, integration, may_change_sharing=card.may_change_sharing
        )
    return render(request, "customer/integration.html", page_context)


def _connecting(grant: AccessGrant) -> dict[str, Any]:
    """What a tenant's home says of tools that are to be connected."""
    may_connect = bool(settings.CONNECT_CATEGORIES) and grant.may_repair
    return {"may_connect": may_connect, "attempts": attempts.rows_of(grant)}


def integration_context(
    grant: AccessGrant, integration: Integration, *, tab: str, is_home: bool = False
) -> dict[str, Any]:
    """What each page of one integration is made of: its card and its tabs, of which one is shown.
    The home of a tenant that has no other stands for all of the tenant's.
    """
    alone = is_home or connections.is_alone(integration)
    card = one_with_details(grant, cards.card(grant, integration), integration)
    return context(grant, [card]) | {
        "card": card,
        "alone": "1" if alone else "",
        "only": "" if is_home else card.id,
        "tab": tab,
        "page": 1,
    }


def overview(grant: AccessGrant, front: Rows) -> dict[str, Any]:
    """What is said of all of a tenant's integrations, of which these are the first."""
    page_cards = cards.in_order(kept_cards.cards_of(grant, front))
    # Some may have been taken away since they were counted.
    total, acts = (number - len(front) + len(page_cards) for number in front.counts)
    page_context = context(grant, page_cards)
    # What is all there needs no counting by the short rows, which know nothing newer.
    if total > len(page_cards):
        page_context |= {"total": total, "acts": max(acts, page_context["acts"])}
    return page_context | {"more": page_context["acts"] - len(page_context["to_act"])}


def context(grant: AccessGrant, page_cards: list[Card]) -> dict[str, Any]:
    """What a page or banner with these cards is made of, those that must be seen first in front."""
    to_act = [card for card in page_cards if card.must_act]
    return {
        "grant": grant,
        "cards": page_cards,
        "worst": page_cards[0] if page_cards else None,
        "to_act": to_act[:MOST_NAMED],
        "outages": list(dict.fromkeys(card.outage for card in page_cards if card.outage)),
        "acts": len(to_act),
        "total": len(page_cards),
        "has_banner": True,
    }


def front_of(request: Request, tenant_id: str) -> tuple[AccessGrant, Rows]:
    """The first page's integrations: whoever must act is among them."""
    return permissions.rows(request.user, tenant_id, Part(most=PER_PAGE))


def _only(request: Request, tenant_id: str, only: str) -> tuple[AccessGrant, list[Card]]:
    if not only.isprintable():  # PostgreSQL can't even look for a NUL
        raise Http404
    grant, integration = permissions.integration(request.user, tenant_id, only)
    return grant, [cards.card(grant, integration)]
