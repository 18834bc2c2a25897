"""Letting a colleague do it: the links that a customer's own people make, see and take back."""

from collections.abc import Callable
from typing import Any, Protocol

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from integrations.access import hand_off_lists, hand_offs, mapping_guard, permissions
from integrations.access.grants import AccessGrant
from integrations.access.hand_off_lists import Subject
from integrations.models import HandOff, Integration
from integrations.views import hand_off_forms
from integrations.views.customer import cards
from integrations.views.errors import too_many
from integrations.views.hand_off_forms import NotPossible, TooMany
from integrations.views.types import Request


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def offer(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let a colleague do it: make a link, see and revoke those that the customer's people made."""
    grant, integration = permissions.integration(request.user, tenant_id, integration_id)
    if mapping_guard.is_withheld(integration) or not grant.may_repair or grant.is_read_only:
        raise Http404

    def show(**found: Any) -> HttpResponse:
        return _offer(request, grant, integration, **found)

    return respond(request, grant, integration, lambda: hand_off_forms.act_of(integration), show)


class Page(Protocol):
    """Shows the links to something and the form for another, with what was done, as
    `hand_off_forms.answer` takes it.
    """

    def __call__(self, **found: Any) -> HttpResponse: ...


def respond(
    request: Request, grant: AccessGrant, subject: Subject, act: Callable[[], str], show: Page
) -> HttpResponse:
    """Do what a form of the page asks for, and show the page: `act` says what a new link would be
    for, or raises NotPossible.
    """
    if request.method == "GET":
        return show()
    links, named = links_of(grant, subject), request.POST.get("hand_off", "")
    try:
        match request.POST.get("do"):
            case "revoke":
                hand_off_forms.take_back(request, links, named)
                # A frame has no cookie to keep the message for another request.
                return show() if request.htmx or grant.as_guest else redirect(request.path)
            case "show":
                return show(revealed=hand_off_forms.reveal(request, links, named))
            case None | "make" if request.POST.get("way") == "preview":
                return show(shown=hand_off_forms.preview(request, subject, act()))
            case None | "make":
                return show(revealed=hand_off_forms.make(request, subject, act()))
        raise Http404
    except TooMany as error:
        if not request.htmx:
            return too_many(request, error.wait)
        why = ngettext(
            "Too many attempts. Try again in %(n)s second.",
            "Too many attempts. Try again in %(n)s seconds.",
            error.wait,
        )
        return show(why=why % {"n": error.wait})
    except NotPossible as error:
        return show(why=str(error))


def links_of(grant: AccessGrant, subject: Subject) -> QuerySet[HandOff]:
    """Return the links that one may see and take back: in an embedded view nobody knows who looks,
    so those of people with an account are not among them.
    """
    if grant.as_guest:
        return hand_off_lists.of_guests(subject)
    return hand_off_lists.of_customer(subject, grant.tenant)


def _offer(
    request: Request,
    grant: AccessGrant,
    integration: Integration,
    **found: Any,
) -> HttpResponse:
    """Return the page, or for htmx a dialog over the page that it was opened on, or what is in
    it.
    """
    in_dialog = bool(request.htmx) and not grant.as_guest  # a frame has none
    links = links_of(grant, integration)
    act = hand_offs.act_for(integration.snapshot)
    here = request.path
    context = {
        "grant": grant,
        "card": cards.card(grant, integration),
        "hand_offs": hand_off_forms.panel(links, act, here, lambda _hand_off: (here, here)),
        "in_dialog": in_dialog,
    }
    part = part_of(request, in_dialog=in_dialog)
    return hand_off_forms.answer(request, f"customer/hand_off.html{part}", context, **found)


def part_of(request: Request, *, in_dialog: bool) -> str:
    """Return which part of the template an answer is: the dialog, or what is in it."""
    if not in_dialog:
        return ""
    return "#dialog" if request.method == "GET" else "#content"
