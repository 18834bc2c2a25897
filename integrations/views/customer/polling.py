"""How a page keeps its cards current: it names those in view with the version it shows of each, and
is brought what changed.
"""

import re
from datetime import datetime
from operator import attrgetter
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.access.grants import AccessGrant
from integrations.access.listing import Part
from integrations.access.loading import Rows
from integrations.domain.freshness import FIRST, LAST_RETRY, LEASED_LOOK, in_need
from integrations.models import Integration
from integrations.upstream import snapshots
from integrations.views.customer import cards, kept_cards
from integrations.views.customer.card import Card, state_in
from integrations.views.customer.card_details import one_with_details, with_details
from integrations.views.customer.pages import PER_PAGE, banner_for
from integrations.views.types import Request

# A public ID, and after a dot the version; what has no ID ahead is passed over.
_SEEN = re.compile(r"(?:\A|(?<=~))([-\w]{1,32})(?:\.([^~]*))?(?:~|\Z)", re.ASCII)


@require_safe
def poll(request: Request, tenant_id: str) -> HttpResponse:
    """Look at the cards in view: `?seen=<public id>.<version>~<public id>.<version>`, in one
    parameter or in several.

    Checks a few of those for which it is time, and answers the cards that are new and the removal
    of those that are gone, or 204. The headers are those of `_with_headers`.
    """
    seen = _seen(request)
    grant, rows = permissions.rows(request.user, tenant_id, Part(only=seen))
    if seen and not rows:
        raise Http404
    by_id = {card.id: card for card in _checked(grant, rows)}
    changed = [card for card in by_id.values() if card.version != seen[card.id]]
    gone = [public_id for public_id in seen if public_id not in by_id]
    if changed or gone:
        shown = with_details(grant, cards.in_order(changed), rows.integrations)
        context = {"grant": grant, "changed": shown, "gone": gone} | _page(request)
        response = render(request, "components/cards_changed.html", context)
        if gone or any(card.state != state_in(seen[card.id]) for card in changed):
            _add_banner(request, tenant_id, response)
    else:
        response = HttpResponse(status=204)
    return _with_headers(response, [by_id.get(public_id) for public_id in seen])


def card_response(request: Request, grant: AccessGrant, integration: Integration) -> HttpResponse:
    """Return a card for htmx after something was done to it, with the headers of a poll."""
    card = one_with_details(grant, cards.card(grant, integration), integration)
    context = {"card": card, "grant": grant} | _page(request)
    response = render(request, "components/card.html", context)
    if request.POST.get("shown") != card.state:
        _add_banner(request, grant.tenant.public_id, response)
    return _with_headers(response, [card])


def _checked(grant: AccessGrant, rows: Rows) -> list[Card]:
    """Return the cards, after those that need it most were checked, if any is due."""
    found = kept_cards.cards_of(grant, rows)
    due = in_need((card for card in found if card.is_due), attrgetter("checks"), timezone.now())
    if not due:
        return found
    asked = [card.pk for card in due[: snapshots.MOST_CHECKS]]
    still = rows.integrations(asked)
    snapshots.revalidate_some(still)
    # Without those that were taken away in the meantime.
    others = [card for card in found if card.pk not in asked]
    return others + cards.cards(grant, still)


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
    said = "~".join(request.GET.getlist("seen"))
    return dict(_SEEN.findall(said)[:PER_PAGE])


def _with_headers(response: HttpResponse, requested: list[Card | None]) -> HttpResponse:
    """Say when to look again, how old each answer is in the order in which the cards were asked
    for, and of a single card which grid belongs to it.
    """
    existing = [card for card in requested if card]
    response["Poll-After"] = f"{_next_look(existing):.1f}"
    response["Checked-At"] = ", ".join(card.checked_text if card else "" for card in requested)
    if len(requested) == len(existing) == 1:
        response["Coverage-Digest"] = existing[0].coverage_digest
    return response


def _next_look(page_cards: list[Card]) -> float:
    """Return the seconds until the page looks again: as soon as a restless card wants it, else when
    all are due, so that many calm cards cost no more looks than one.
    """
    now = timezone.now()
    if restless := [card.look_after(now) for card in page_cards if card.is_restless]:
        look = min(restless)
    else:
        # Of those that wait for nothing, the one that was fetched last is due last.
        last = max(page_cards, key=_fetched_at, default=None)
        waiting = [card for card in page_cards if card.checks.retry_at or card is last]
        look = max((card.look_after(now) for card in waiting), default=LAST_RETRY)
    return look or LEASED_LOOK  # it was not among the few that were checked


def _fetched_at(card: Card) -> datetime:
    return card.checks.fetched_at or FIRST
