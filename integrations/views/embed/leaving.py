"""Out of a frame: what a host's page could lay anything over happens in a window of its own, to
which these lead.
"""

import re

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from integrations.access import (
    audit,
    connections,
    mapping_guard,
    permissions,
    rate_limits,
    repair_handles,
)
from integrations.access.audit import Act
from integrations.models import ConnectionAttempt, RepairAct
from integrations.views.actors import actor_of
from integrations.views.customer import cards, connecting, pages
from integrations.views.customer.connecting import AlreadyConnected
from integrations.views.customer.repair import asks_for_scope
from integrations.views.errors import too_many
from integrations.views.types import Request


@require_POST
def leave_to_reconnect(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Lead to where the customer reconnects."""
    return _leave(request, tenant_id, integration_id, RepairAct.RECONNECT)


@require_POST
def leave_to_set_up(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Lead to where the customer finishes the setup."""
    return _leave(request, tenant_id, integration_id, RepairAct.SETUP)


def _leave(request: Request, tenant_id: str, integration_id: str, act: RepairAct) -> HttpResponse:
    """A repair does not happen in a frame: answer the way to a window of its own."""
    grant, integration = permissions.integration(request.user, tenant_id, integration_id)
    if mapping_guard.is_withheld(integration) or not grant.may_repair:
        raise Http404
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    audit.record(actor_of(request), Act.LEFT_FRAME, integration=integration, purpose=act)
    context = {
        "handle": repair_handles.make(
            integration,
            act,
            request.POST.get("handle", ""),
            with_scope=asks_for_scope(request),
        ),
        "card": cards.card(grant, integration),
    }
    return render(request, "embed/leave.html", context)


@require_POST
def leave_to_connect(request: Request, tenant_id: str, category: str, tool_id: str) -> HttpResponse:
    """Lead to where a tool is connected: that does not happen in a frame either."""
    try:
        grant, attempt = connecting.planned(request, tenant_id, category, tool_id)
    except AlreadyConnected:  # meanwhile: the page now asks what is meant
        response = connecting.show_tool(request, tenant_id, category, tool_id)
        response["HX-Retarget"] = "#main"
        return response
    if wait := rate_limits.REPAIR.spend(request.user.pk, grant.tenant.pk):
        return too_many(request, wait)
    by, tool = actor_of(request), attempt.tool_id
    audit.record(by, Act.LEFT_FRAME, tenant=grant.tenant, purpose=RepairAct.CONNECT, tool=tool)
    context = {
        "handle": repair_handles.make(attempt, RepairAct.CONNECT, request.POST.get("handle", "")),
        "card": {"id": "", "label": attempt.tool_label},
        "progress": _progress_url(tenant_id, attempt),
    }
    return render(request, "embed/leave.html", context)


@require_safe
def connect_progress(request: Request, tenant_id: str, attempt_id: str) -> HttpResponse:
    """Return the page of what came of an attempt to connect a tool in another window; nothing as
    long as nothing has. If that was closed, the way to it goes, which works no more.
    """
    grant = connecting.enter(request, tenant_id)
    attempt = connections.attempt(grant, attempt_id)
    if attempt.integration:
        response = pages.show_integration(request, tenant_id, attempt.integration.public_id)
    elif _is_left(attempt, request.GET.get("since", "")):
        response = HttpResponse(headers={"HX-Reswap": "none"})
    else:
        return HttpResponse(status=204)
    response.write('<div id="connect" hx-swap-oob="true"></div>')  # the way out is done
    return response


def _progress_url(tenant_id: str, attempt: ConnectionAttempt) -> str:
    """Return where to look for what comes of an attempt from now on."""
    here = reverse("connect_progress", args=[tenant_id, attempt.public_id])
    return f"{here}?since={timezone.now().timestamp():.3f}"


def _is_left(attempt: ConnectionAttempt, since: str) -> bool:
    """Whether somebody closed Kombo Connect after an instant, in seconds as `_progress_url` gave
    it.
    """
    is_number = re.fullmatch(r"[0-9]{1,12}\.[0-9]{3}", since, re.ASCII)
    return bool(is_number and attempt.left_at and attempt.left_at.timestamp() > float(since))
