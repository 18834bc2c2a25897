"""Ending a connection for good: a page that says what that means, and a name to be typed."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrations.access import mapping_guard, permissions, rate_limits
from integrations.access.grants import AccessGrant
from integrations.domain.search import is_same_name
from integrations.history import text as history_text
from integrations.kombo.errors import KomboError
from integrations.models import Integration
from integrations.upstream import disconnecting, repairs
from integrations.upstream.disconnecting import KEPT_BY_KOMBO, NotThere, UnderWay
from integrations.views.actors import actor_of
from integrations.views.customer import cards
from integrations.views.customer.cards import may_be_disconnected
from integrations.views.errors import too_many
from integrations.views.types import Request
from integrations.workspace import dependence

CONFLICT = 409
UNPROCESSABLE = 422
LOOK_AGAIN = 5  # seconds, for a minute: then the reader looks
LOOKS_FOR = timedelta(minutes=1)


@require_http_methods(["GET", "POST"])
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Say what happens; a POST with the tool's name does it."""
    grant, integration = permissions.integration(request.user, tenant_id, integration_id)
    if mapping_guard.is_withheld(integration) or not settings.CUSTOMER_DISCONNECT:
        raise Http404
    if not grant.may_disconnect or not integration.snapshot.tool_label:
        raise Http404
    if not may_be_disconnected(grant, integration.snapshot):
        return redirect("integration", tenant_id, integration_id)  # gone already
    if request.method == "GET":
        return _page(request, grant, integration)
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    typed = request.POST.get("confirmation", "")[:200]
    if not is_same_name(typed, integration.snapshot.tool_label):
        return _page(request, grant, integration, typed=typed, is_wrong=True, status=UNPROCESSABLE)
    try:
        disconnecting.disconnect(integration, by=actor_of(request))
    except UnderWay:
        return redirect("disconnect", tenant_id, integration_id)
    except NotThere:
        pass
    except KomboError as error:
        if repairs.may_have_happened(error):
            return redirect("disconnect", tenant_id, integration_id)
        return _page(request, grant, integration, problem=refusal(error), status=CONFLICT)
    return redirect("integration", tenant_id, integration_id)


def effects(integration: Integration) -> dict[str, Any]:
    """Return what is to be said of the end of a connection before it comes."""
    return {
        "features": dependence.carried_alone(integration),
        "deleted_on": timezone.localdate() + KEPT_BY_KOMBO,
    }


def refusal(error: KomboError) -> str:
    """Say that nothing changed, and whether to try again."""
    if error.retry_after is not None:
        return _("Kombo can’t be asked right now. Nothing changed. Try again in a few minutes.")
    return _("Kombo declined the request. Nothing changed.")


def pending(integration: Integration) -> dict[str, Any]:
    """Return the context of an attempt of which nobody knows what came of it; nothing if there is
    none.
    """
    attempt = disconnecting.under_way(integration)
    if attempt is None:
        return {}
    who = history_text.person_name(attempt.actor) if attempt.actor else ""
    return {"attempt": attempt, "who": who}


def looking_again(response: HttpResponse, context: dict[str, Any]) -> HttpResponse:
    """Have a browser look again for a minute at what Kombo may be about to confirm."""
    if (attempt := context.get("attempt")) and timezone.now() < attempt.at + LOOKS_FOR:
        response["Refresh"] = str(LOOK_AGAIN)
    return response


def _page(
    request: Request,
    grant: AccessGrant,
    integration: Integration,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    context = {
        "grant": grant,
        "card": cards.card(grant, integration),
        "effects": effects(integration),
        "check_url": reverse("check", args=[grant.tenant.public_id, integration.public_id]),
    }
    context |= more | pending(integration)
    return looking_again(
        render(request, "customer/disconnect.html", context, status=status), context
    )
