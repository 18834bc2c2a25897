"""Making, seeing and revoking the links by which a colleague repairs something: staff, and customers who may."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrations.access import audit, hand_offs, permissions, rate_limits
from integrations.access.audit import Act
from integrations.access.hand_offs import State
from integrations.access.permissions import Visit
from integrations.mail import compose
from integrations.models import HandOff, Integration
from integrations.views.actors import actor_of
from integrations.views.customer import cards
from integrations.views.decorators import is_repeated, leads_back
from integrations.views.errors import too_many
from integrations.views.types import Request

LONGEST_ADDRESS = 254  # characters
MOST = 20  # links that a list shows
DAYS = range(1, hand_offs.LONGEST_LIFE.days + 1)


type Ways = Callable[[HandOff], tuple[str, str]]
"""Where the forms go that show a link again and take it back."""


@dataclass(frozen=True, slots=True)
class Row:
    """A link in a list."""

    link: HandOff
    state: State
    show: str
    revoke: str


class Unclear(Exception):
    """What was asked for can't be done, and why in words."""


class TooMany(Exception):
    """So many links were made of late that another has to wait for so many seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


# --- For the vendor's staff ----------------------------------------------------------------------------------------


def panel(request: Request, integration: Integration) -> dict[str, Any]:
    """What `components/hand_offs.html` shows of an integration on a page for staff."""
    act = "" if permissions.is_withheld(integration) else hand_offs.act_for(integration.snapshot)
    here = [integration.tenant.public_id, integration.public_id]

    def ways(one: HandOff) -> tuple[str, str]:
        args = [*here, one.public_id]
        return reverse("hand_off_show", args=args), reverse("hand_off_revoke", args=args)

    made = _panel(hand_offs.of(integration), act, reverse("hand_off_create", args=here), ways)
    return {"hand_offs": made | {"days": DAYS}}


@leads_back("workbench")
def create(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Make a link, perhaps mail it, and show it."""
    found = permissions.customers_integration(request.user, tenant_id, integration_id, with_grid=False)
    try:
        return _staff_page(request, found, shown=_make(request, found, lives=_lives(request)))
    except TooMany as error:
        return too_many(request, error.wait)
    except Unclear as error:
        return _staff_page(request, found, why=str(error))


@leads_back("workbench")
def show(request: Request, tenant_id: str, integration_id: str, hand_off_id: str) -> HttpResponse:
    """Show a link again."""
    found = permissions.customers_integration(request.user, tenant_id, integration_id, with_grid=False)
    try:
        return _staff_page(request, found, shown=_reveal(request, hand_offs.of(found), hand_off_id))
    except Unclear as error:
        return _staff_page(request, found, why=str(error))


@leads_back("workbench")
def revoke(request: Request, tenant_id: str, integration_id: str, hand_off_id: str) -> HttpResponse:
    """Take a link back."""
    found = permissions.customers_integration(request.user, tenant_id, integration_id, with_grid=False)
    _revoke(request, hand_offs.of(found), hand_off_id)
    return redirect("workbench", tenant_id, integration_id)


def _staff_page(request: Request, found: Integration, *, shown: HandOff | None = None, why: str = "") -> HttpResponse:
    context = panel(request, found) | {"integration": found}
    return _answer(request, "workspace/hand_offs.html", context, shown, why)


# --- For customers who may repair ----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def offer(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let a colleague do it: make a link, see and revoke those that the customer's people made."""
    place, found = permissions.integration(request.user, tenant_id, integration_id)
    if permissions.is_withheld(found) or not place.may_repair or place.as_guest or place.is_read_only:
        raise Http404
    theirs = hand_offs.of_customer(found, place.tenant)
    if request.method == "GET":
        return _offer(request, place, found)
    named = request.POST.get("hand_off", "")
    try:
        match request.POST.get("do"):
            case "revoke":
                _revoke(request, theirs, named)
                return redirect("hand_off_offer", tenant_id, integration_id)
            case "show":
                return _offer(request, place, found, shown=_reveal(request, theirs, named))
            case None | "make":
                return _offer(request, place, found, shown=_make(request, found))
        raise Http404
    except TooMany as error:
        return too_many(request, error.wait)
    except Unclear as error:
        return _offer(request, place, found, why=str(error))


def _offer(
    request: Request, place: Visit, found: Integration, *, shown: HandOff | None = None, why: str = ""
) -> HttpResponse:
    theirs, act, here = hand_offs.of_customer(found, place.tenant), hand_offs.act_for(found.snapshot), request.path
    context = {
        "place": place,
        "card": cards.card(place, found),
        "hand_offs": _panel(theirs, act, here, lambda _one: (here, here)),
    }
    return _answer(request, "customer/hand_off.html", context, shown, why)


# --- For both ------------------------------------------------------------------------------------------------------


def _make(request: Request, found: Integration, *, lives: timedelta = hand_offs.LIVES) -> HandOff:
    """Make a link for what is needed now. Raises Unclear, TooMany."""
    act, sent_to, by = hand_offs.act_for(found.snapshot), _address(request), actor_of(request)
    if permissions.is_withheld(found):
        raise Unclear(_("It is not confirmed yet whose connection this is, so no link to it can be made."))
    if not act:
        raise Unclear(_("Nothing has to be repaired here right now, so a link would lead nowhere."))
    with transaction.atomic():
        if is_repeated(request):
            raise Unclear(_("This link is made already. You find it in the list."))
        if wait := rate_limits.HAND_OFF.spend(str(request.user.pk)):
            raise TooMany(wait)
        made = hand_offs.read(hand_offs.create(found, act, by=by, lives=lives, sent_to=sent_to))
        if sent_to and compose.write_hand_off(made) is None:
            raise Unclear(_not_sent())
        audit.record(by, Act.HAND_OFF_REVEALED, integration=found)
    return made


def _reveal(request: Request, among: QuerySet[HandOff], public_id: str) -> HandOff:
    """One of these links, to be shown again. Raises Unclear if it leads nowhere any more, and Http404."""
    named = _named(among, public_id)
    if hand_offs.state_of(named, timezone.now()) is not State.OPEN:
        raise Unclear(_("This link leads nowhere any more. Please make a new one."))
    audit.record(actor_of(request), Act.HAND_OFF_REVEALED, integration=named.integration)
    return named


def _revoke(request: Request, among: QuerySet[HandOff], public_id: str) -> None:
    """Take one of these links back, and say so. Raises Http404."""
    hand_offs.revoke(_named(among, public_id), actor_of(request))
    messages.success(request, _("The link leads nowhere any more."))


def _named(among: QuerySet[HandOff], public_id: str) -> HandOff:
    for found in among.filter(public_id=public_id) if public_id.isprintable() else ():
        return found
    raise Http404


def _lives(request: Request) -> timedelta:
    """For how many days it is to work. Raises Unclear."""
    typed = request.POST.get("days", str(hand_offs.LIVES.days))
    if typed not in {str(days) for days in DAYS}:
        raise Unclear(_("A link works for 1 to %(most)s days. Please choose one of them.") % {"most": DAYS[-1]})
    return timedelta(days=int(typed))


def _address(request: Request) -> str:
    """To whom it is to be mailed, if to anybody. Raises Unclear."""
    typed = request.POST.get("send_to", "").strip()
    if typed and not compose.can_send():
        raise Unclear(_not_sent())
    if typed and not compose.address(typed):
        raise Unclear(_("This is no e-mail address. Please look at it once more."))
    return compose.address(typed)


def _not_sent() -> str:
    return _("No mail can be sent there. Please make a link without an address and pass it on yourself.")


def _panel(among: QuerySet[HandOff], act: str, address: str, ways: Ways) -> dict[str, Any]:
    """The list of links and the form to make one for an act, which goes to an address."""
    now = timezone.now()
    rows = [Row(one, hand_offs.state_of(one, now), *ways(one)) for one in among[:MOST]]
    return {
        "open": [row for row in rows if row.state is State.OPEN],
        "ended": [row for row in rows if row.state is not State.OPEN],
        "act": act,
        "address": address,
        "standard": hand_offs.LIVES.days,
    }


def _answer(request: Request, template: str, context: dict[str, Any], shown: HandOff | None, why: str) -> HttpResponse:
    """A page with the list; with a link that was revealed, or with why something can't be done and what was typed."""
    context["hand_offs"] |= {
        "shown": shown,
        "link": hand_offs.url_of(shown) if shown else "",
        "problem": why,
        "send_to": request.POST.get("send_to", "")[: 2 * LONGEST_ADDRESS] if why else "",
        "chosen": request.POST.get("days", "")[:10] if why else "",
    }
    return render(request, template, context, status=409 if why else 200)
