"""Ending a connection as the staff do it: one of them asks, another one approves."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrations.access import permissions, rate_limits
from integrations.domain.search import is_same_name
from integrations.kombo.errors import KomboError
from integrations.models import Integration
from integrations.upstream import repairs
from integrations.upstream.disconnecting import NotThere, UnderWay
from integrations.views.actors import actor_of
from integrations.views.customer import disconnecting
from integrations.views.decorators import redirect_get_to, require_recent
from integrations.views.errors import too_many
from integrations.views.types import Request
from integrations.views.workspace import integration as pages
from integrations.views.workspace.integration_acts import CONFLICT, UNPROCESSABLE
from integrations.workspace import disconnect_requests
from integrations.workspace.disconnect_requests import PERMISSION, NotOpen, NotValid, OwnRequest

LONGEST_REASON = 1000


@require_recent
@require_http_methods(["GET", "POST"])
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Say what happens and what was asked for; a POST with a reason and the name asks for it."""
    integration = _enter(request, tenant_id, integration_id)
    if not pages.may_disconnect(integration):
        return _cannot(request, integration)
    if request.method == "GET":
        return _page(request, integration)
    reason = request.POST.get("reason", "").strip()[:LONGEST_REASON]
    typed = {"is_wrong": not _is_confirmed(request, integration), "lacks_reason": not reason}
    if any(typed.values()):
        return _page(request, integration, **typed, reason=reason, status=UNPROCESSABLE)
    try:
        disconnect_requests.ask(integration, reason, actor_of(request))
    except NotThere:
        return _back(request, integration)
    messages.success(request, _("Request saved. It waits for a colleague’s approval."))
    return redirect("workspace_disconnect", tenant_id, integration_id)


@redirect_get_to("workspace_disconnect")
@require_recent
def approve(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Do what a colleague asked for."""
    integration = _enter(request, tenant_id, integration_id)
    if not pages.may_disconnect(integration):
        return _cannot(request, integration)
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    if not _is_confirmed(request, integration):
        return _page(request, integration, is_wrong=True, status=UNPROCESSABLE)
    try:
        disconnect_requests.approve(integration, _number(request), actor_of(request))
    except NotOpen:
        return _refuse(request, integration, _not_open())
    except OwnRequest:
        return _refuse(request, integration, _("You can’t approve your own request."))
    except NotValid:
        words = _("Whoever asked for this may not do so any more. Withdraw the request.")
        return _refuse(request, integration, words)
    except NotThere:
        return _back(request, integration)
    except UnderWay:
        return redirect("workspace_disconnect", tenant_id, integration_id)
    except KomboError as error:
        if repairs.may_have_happened(error):
            return redirect("workspace_disconnect", tenant_id, integration_id)
        return _refuse(request, integration, disconnecting.refusal(error))
    messages.success(request, _("Disconnected."))
    return _back(request, integration)


@redirect_get_to("workspace_disconnect")
def withdraw(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let a request come to nothing, one's own or a colleague's."""
    integration = _enter(request, tenant_id, integration_id)
    try:
        disconnect_requests.withdraw(integration, _number(request), actor_of(request))
    except NotOpen:
        return _refuse(request, integration, _not_open())
    except UnderWay:
        return redirect("workspace_disconnect", tenant_id, integration_id)
    messages.success(request, _("Request withdrawn."))
    return _back(request, integration)


def _enter(request: Request, tenant_id: str, integration_id: str) -> Integration:
    permissions.require_staff(request.user, PERMISSION)
    return permissions.integration_for_staff(request.user, tenant_id, integration_id)


def _is_confirmed(request: Request, integration: Integration) -> bool:
    typed = request.POST.get("confirmation", "")[:200]
    return is_same_name(typed, integration.snapshot.tool_label)


def _number(request: Request) -> int:
    """Return which request somebody means; one that is none is nobody's."""
    number = request.POST.get("request", "")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0


def _not_open() -> str:
    return _("This request was withdrawn or is too old.")


def _cannot(request: Request, integration: Integration) -> HttpResponse:
    if integration.snapshot.removed_at:
        return _back(request, integration)
    words = _("This integration can’t be disconnected in its current status.")
    return pages.overview(request, integration, problem=words, status=CONFLICT)


def _refuse(request: Request, integration: Integration, words: str) -> HttpResponse:
    return _page(request, integration, problem=words, status=CONFLICT)


def _page(
    request: Request, integration: Integration, *, status: int = 200, **more: Any
) -> HttpResponse:
    asked = disconnect_requests.open_of(integration)
    here = [integration.tenant.public_id, integration.public_id]
    context = {
        "effects": disconnecting.effects(integration),
        "typed": request.POST.get("confirmation", "")[:200],
        "is_own": asked is not None and asked.requested_by == request.user,
        "check_url": reverse("workspace_check", args=here),
    }
    context |= more | disconnecting.pending(integration)
    response = pages.tab(request, integration, "disconnect", context, status=status)
    return disconnecting.looking_again(response, context)


def _back(request: Request, integration: Integration) -> HttpResponse:
    return redirect("workspace_integration", integration.tenant.public_id, integration.public_id)
