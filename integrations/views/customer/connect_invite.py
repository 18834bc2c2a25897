"""Letting a colleague connect a tool: the links that a customer's own people make, see and take
back.
"""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods
from django.views.decorators.vary import vary_on_headers

from integrations.access import connections
from integrations.access.grants import AccessGrant
from integrations.models import ConnectionAttempt, RepairAct
from integrations.tenants import attempts
from integrations.views import hand_off_forms
from integrations.views.actors import actor_of
from integrations.views.customer.connecting import connected_by, enter, subject_of, tool_for
from integrations.views.customer.hand_offs import links_of, respond, show_links
from integrations.views.types import Request


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def of_tool(request: Request, tenant_id: str, category: str, tool_id: str) -> HttpResponse:
    """Ask a colleague to connect a tool that is not connected yet. An attempt is stored along with
    the first link.
    """
    grant = enter(request, tenant_id, to_connect=True)
    found = tool_for(grant, category, tool_id)
    if connected_by(grant, found):
        return redirect("connect_tool", tenant_id, category, tool_id)
    attempt = attempts.draft(grant.tenant, found, by=actor_of(request))
    return _respond(request, grant, attempt)


@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def of_attempt(request: Request, tenant_id: str, attempt_id: str) -> HttpResponse:
    """Ask a colleague, or ask once more, to finish what was begun."""
    grant = enter(request, tenant_id, to_connect=True)
    attempt = connections.attempt(grant, attempt_id)
    if not attempts.may_continue(attempt, timezone.now()):
        return redirect("tenant", tenant_id)
    return _respond(request, grant, attempt)


def _respond(request: Request, grant: AccessGrant, attempt: ConnectionAttempt) -> HttpResponse:
    if grant.is_read_only:
        raise Http404

    def show(**found: Any) -> HttpResponse:
        return _show(request, grant, attempt, **found)

    return respond(request, grant, attempt, lambda: RepairAct.CONNECT, show)


def _show(
    request: Request, grant: AccessGrant, attempt: ConnectionAttempt, **found: Any
) -> HttpResponse:
    links = links_of(grant, attempt)
    subject = subject_of(attempt)
    more = {"back": subject.back, "send_to": hand_off_forms.last_address(links)}
    return show_links(request, grant, subject, links, RepairAct.CONNECT, **more, **found)
