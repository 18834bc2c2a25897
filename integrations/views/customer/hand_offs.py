"""Letting a colleague do it: the links that a customer's own people make, see and take back."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from integrations.access import hand_offs, mapping_guard, permissions
from integrations.access.grants import AccessGrant
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
    links = _links(grant, integration)
    if request.method == "GET":
        return _offer(request, grant, integration)
    named = request.POST.get("hand_off", "")
    try:
        match request.POST.get("do"):
            case "revoke":
                hand_off_forms.take_back(request, links, named)
                # A frame has no cookie to keep the message for another request.
                if request.htmx or grant.as_guest:
                    return _offer(request, grant, integration)
                return redirect("hand_off_offer", tenant_id, integration_id)
            case "show":
                return _offer(
                    request,
                    grant,
                    integration,
                    revealed=hand_off_forms.reveal(request, links, named),
                )
            case None | "make" if request.POST.get("way") == "preview":
                shown = hand_off_forms.preview(request, integration)
                return _offer(request, grant, integration, shown=shown)
            case None | "make":
                made = hand_off_forms.make(request, integration)
                return _offer(request, grant, integration, revealed=made)
        raise Http404
    except TooMany as error:
        if not request.htmx:
            return too_many(request, error.wait)
        why = ngettext(
            "Too many attempts. Try again in %(n)s second.",
            "Too many attempts. Try again in %(n)s seconds.",
            error.wait,
        )
        return _offer(request, grant, integration, why=why % {"n": error.wait})
    except NotPossible as error:
        return _offer(request, grant, integration, why=str(error))


def _links(grant: AccessGrant, integration: Integration) -> QuerySet[HandOff]:
    """Return the links that one may see and take back: in an embedded view nobody knows who looks,
    so those of people with an account are not among them.
    """
    if grant.as_guest:
        return hand_offs.of_guests(integration)
    return hand_offs.of_customer(integration, grant.tenant)


def _offer(
    request: Request,
    grant: AccessGrant,
    integration: Integration,
    *,
    revealed: HandOff | None = None,
    why: str = "",
    shown: dict[str, Any] | None = None,
) -> HttpResponse:
    """Return the page, or for htmx a dialog over the page that it was opened on, or what is in
    it.
    """
    in_dialog = bool(request.htmx) and not grant.as_guest  # a frame has none
    links = _links(grant, integration)
    act = hand_offs.act_for(integration.snapshot)
    here = request.path
    context = {
        "grant": grant,
        "card": cards.card(grant, integration),
        "hand_offs": hand_off_forms.panel(links, act, here, lambda _hand_off: (here, here)),
        "in_dialog": in_dialog,
    }
    part = ""
    if in_dialog:
        part = "#dialog" if request.method == "GET" else "#content"
    return hand_off_forms.answer(
        request,
        f"customer/hand_off.html{part}",
        context,
        revealed=revealed,
        why=why,
        shown=shown,
    )
