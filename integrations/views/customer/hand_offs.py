"""Letting a colleague do it: the links that a customer's own people make, see and take back."""

from collections.abc import Callable
from typing import Any, Protocol

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from integrations.access import hand_off_lists, hand_offs, mapping_guard, permissions
from integrations.access.grants import AccessGrant
from integrations.access.hand_off_lists import Subject
from integrations.models import HandOff, Integration
from integrations.views import hand_off_forms
from integrations.views.customer import cards, connect_dialog
from integrations.views.customer.connect_dialog import subject_of
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
    subject = subject_of(grant, cards.card(grant, integration))
    back = reverse("integration", args=[grant.tenant.public_id, integration.public_id])
    act = hand_offs.act_for(integration.snapshot)
    links = links_of(grant, integration)
    return show_links(request, grant, subject, links, act, back=back, **found)


def show_links(
    request: Request,
    grant: AccessGrant,
    subject: connect_dialog.Subject,
    links: QuerySet[HandOff],
    act: str,
    *,
    back: str,
    send_to: str = "",
    **found: Any,
) -> HttpResponse:
    """Return the page of the links to something, or for htmx a dialog over the page that it was
    opened on, or what is in it; `act` is what another link would be for, `send_to` to whom.
    """
    in_dialog = bool(request.htmx) and not grant.as_guest  # a frame has none
    here = request.path
    context = {
        "grant": grant,
        "subject": subject,
        "back": back,
        "hand_offs": hand_off_forms.panel(links, act, here, lambda _hand_off: (here, here)),
        "send_to": send_to,
        "in_dialog": in_dialog,
    }
    part = ("#dialog" if request.method == "GET" else "#content") if in_dialog else ""
    return hand_off_forms.answer(request, f"customer/hand_off.html{part}", context, **found)
