"""How a page keeps its cards current: it names those in view with the version it shows of each, and
is brought what changed.
"""

import re
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.access.grants import AccessGrant
from integrations.access.listing import Part
from integrations.domain.freshness import LAST_RETRY, LEASED_LOOK
from integrations.models import Integration
from integrations.upstream import snapshots
from integrations.views.customer import cards
from integrations.views.customer.card import Card, state_in
from integrations.views.customer.pages import PER_PAGE, banner_for
from integrations.views.types import Request

PUBLIC_ID = re.compile(r"[-\w]{1,32}", re.ASCII)


@require_safe
def poll(request: Request, tenant_id: str) -> HttpResponse:
    """Look at the cards in view: `?seen=<public id>.<version>`, once for each.

    Checks a few of those for which it is time, and answers the cards that are new and the removal
    of those that are gone, or 204. The headers are those of `_with_headers`.
    """
    seen = _seen(request)
    grant, integrations = permissions.integrations(request.user, tenant_id, Part(only=seen))
    if seen and not integrations:
        raise Http404
    snapshots.revalidate_some(integrations)
    by_id = {card.id: card for card in cards.cards(grant, integrations)}
    changed = [card for card in by_id.values() if card.version != seen[card.id]]
    gone = [public_id for public_id in seen if public_id not in by_id]
    if changed or gone:
        shown = cards.with_details(grant, changed, integrations)
        context = {"grant": grant, "changed": shown, "gone": gone} | _page(request)
        response = render(request, "components/cards_changed.html", context)
        if gone or any(card.state != state_in(seen[card.id]) for card in changed):
            _add_banner(request, tenant_id, response)
    else:
        response = HttpResponse(status=204)
    return _with_headers(response, [by_id.get(public_id) for public_id in seen])


def card_response(request: Request, grant: AccessGrant, integration: Integration) -> HttpResponse:
    """Return a card for htmx after something was done to it, with the headers of a poll."""
    [card] = cards.with_details(grant, [cards.card(grant, integration)], [integration])
    context = {"card": card, "grant": grant} | _page(request)
    response = render(request, "components/card.html", context)
    if request.POST.get("shown") != card.state:
        _add_banner(request, grant.tenant.public_id, response)
    return _with_headers(response, [card])


def _page(request: Request) -> dict[str, Any]:
    """Return what the asking page says of itself: whether it has a banner, and which page it is."""
    params = request.POST if request.method == "POST" else request.GET
    return {name: params.get(name, "") for name in ("only", "alone", "page")} | {
        "has_banner": "only" in params
    }


def _add_banner(request: Request, tenant_id: str, response: HttpResponse) -> None:
    """Have an answer that changes a headline bring the page's banner too, if it has one."""
    page = _page(request)
    if page["has_banner"]:
        response.write(banner_for(request, tenant_id, page, is_beside=True))


def _seen(request: Request) -> dict[str, str]:
    """Return the version that the page shows of each card in view, by public id."""
    pairs = (value.partition(".") for value in request.GET.getlist("seen")[:PER_PAGE])
    return {public_id: version for public_id, _, version in pairs if PUBLIC_ID.fullmatch(public_id)}


def _with_headers(response: HttpResponse, requested: list[Card | None]) -> HttpResponse:
    """Say when to look again, how old each answer is in the order in which the cards were asked
    for, and of a single card which grid belongs to it.
    """
    existing = [card for card in requested if card]
    response["Poll-After"] = f"{_next_look(existing):.1f}"
    response["Checked-At"] = ", ".join(_checked_at(card) for card in requested)
    if len(requested) == len(existing) == 1:
        response["Coverage-Digest"] = existing[0].coverage_digest
    return response


def _next_look(page_cards: list[Card]) -> float:
    """Return the seconds until the page looks again: as soon as a restless card wants it, else when
    all are due, so that many calm cards cost no more looks than one.
    """
    restless = [card.poll for card in page_cards if card.is_restless]
    look = (
        min(restless) if restless else max((card.poll for card in page_cards), default=LAST_RETRY)
    )
    return look or LEASED_LOOK  # it was not among the few that were checked


def _checked_at(card: Card | None) -> str:
    return (
        timezone.localtime(card.checked_at).isoformat(timespec="seconds")
        if card and card.checked_at
        else ""
    )
