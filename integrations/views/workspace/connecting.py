"""Having a customer connect a tool: staff choose it, and invite somebody who can."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from integrations.access import connections, hand_off_lists, permissions, roles
from integrations.domain import search
from integrations.mail import compose
from integrations.models import ConnectionAttempt, RepairAct, Tenant
from integrations.tenants import attempts, connecting
from integrations.upstream import tool_catalogue
from integrations.views import hand_off_forms
from integrations.views.actors import actor_of
from integrations.views.customer.cards import category_name
from integrations.views.decorators import redirect_get_to
from integrations.views.errors import too_many
from integrations.views.hand_off_forms import NotPossible, TooMany
from integrations.views.pager import page_of
from integrations.views.types import Request

PER_PAGE = 48
LONGEST_QUERY = 100  # characters


@require_safe
def tools(request: Request, tenant_id: str) -> HttpResponse:
    """The tools that can be connected to a customer; `q` leaves some of them."""
    tenant = _tenant(request, tenant_id)
    environment = tool_catalogue.environment_of(tenant)
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    typed = search.fold(query).split()
    known = list(tool_catalogue.tools(environment))
    connected = connections.connected_to(tenant)
    tools_of = set(connected.values_list("snapshot__category", "snapshot__tool_id"))
    paged = page_of(request, [one for one in known if search.has_words(one.label, typed)], PER_PAGE)
    here = reverse("workspace_connect", args=[tenant_id])
    context = {
        "tenant": tenant,
        "query": query,
        "is_empty": not known,
        "tools": [
            (
                one,
                category_name(one.catalogue.category),
                reverse("workspace_invite", args=[tenant_id, *_ids(one)]),
                (one.catalogue.category, one.tool_id) in tools_of,
            )
            for one in paged
        ],
        "paged": paged,
        "page_url": f"{here}?{urlencode({'q': query})}" if query else here,
    }
    return render(request, "workspace/connect.html", context)


@require_http_methods(["GET", "POST"])
def invite(request: Request, tenant_id: str, category: str, tool_id: str) -> HttpResponse:
    """Invite somebody to connect a tool. An attempt is stored along with the first link."""
    tenant = _tenant(request, tenant_id)
    environment = tool_catalogue.environment_of(tenant)
    tool = tool_catalogue.tool(environment, category.upper(), tool_id)
    if tool is None:
        raise Http404
    attempt = attempts.draft(tenant, tool, by=actor_of(request))
    return _respond(request, attempt)


@require_http_methods(["GET", "POST"])
def remind(request: Request, tenant_id: str, attempt_id: str) -> HttpResponse:
    """Invite somebody once more to finish what was begun."""
    attempt = connections.attempt_of(_tenant(request, tenant_id), attempt_id)
    if not attempts.may_continue(attempt, timezone.now()):
        return redirect("workspace_tenant", tenant_id)
    return _respond(request, attempt)


@redirect_get_to("workspace_tenant")
def dismiss(request: Request, tenant_id: str, attempt_id: str) -> HttpResponse:
    """Take an unfinished attempt off the pages, and end its links."""
    attempt = connections.attempt_of(_tenant(request, tenant_id), attempt_id)
    connecting.dismiss(attempt, actor_of(request))
    messages.success(request, _("Connection attempt dismissed."))
    return redirect("workspace_tenant", tenant_id)


def _tenant(request: Request, tenant_id: str) -> Tenant:
    tenant = permissions.tenant_for_staff(request.user, tenant_id)
    roles.require_acting(request.user)
    if not settings.CONNECT_CATEGORIES:
        raise Http404
    return tenant


def _ids(one: Any) -> tuple[str, str]:
    return one.catalogue.category.lower(), one.tool_id


def _respond(request: Request, attempt: ConnectionAttempt) -> HttpResponse:
    """Do what a form of the page asks for, and show the page."""
    if request.method == "GET":
        return _show(request, attempt)
    links, named = hand_off_lists.links_to(attempt), request.POST.get("hand_off", "")
    try:
        match request.POST.get("do"):
            case "revoke":
                hand_off_forms.take_back(request, links, named)
                return redirect(request.path)
            case "show":
                revealed = hand_off_forms.reveal(request, links, named)
                return _show(request, attempt, revealed=revealed)
            case None:
                return _make(request, attempt)
    except TooMany as error:
        return too_many(request, error.wait)
    except NotPossible as error:
        return _show(request, attempt, why=str(error))
    raise Http404


def _make(request: Request, attempt: ConnectionAttempt) -> HttpResponse:
    lives = hand_off_forms.lifetime(request)
    act = RepairAct.CONNECT
    if request.POST.get("way") == "preview":
        shown = hand_off_forms.preview(request, attempt, act, lives=lives)
        return _show(request, attempt, shown=shown)
    return _show(request, attempt, revealed=hand_off_forms.make(request, attempt, act, lives=lives))


def _show(request: Request, attempt: ConnectionAttempt, **found: Any) -> HttpResponse:
    links = hand_off_lists.links_to(attempt)
    here = request.path
    panel = hand_off_forms.panel(links, RepairAct.CONNECT, here, lambda _link: (here, here))
    contact = compose.address(attempt.tenant.contact_email)
    context = {
        "tenant": attempt.tenant,
        "attempt": attempt,
        "category": category_name(attempt.category),
        "is_connected": connections.has_tool(attempt.tenant, attempt.category, attempt.tool_id),
        "hand_offs": panel | {"days": hand_off_forms.DAYS},
        "send_to": hand_off_forms.last_address(links) or contact,
    }
    return hand_off_forms.answer(request, "workspace/connect_invite.html", context, **found)
