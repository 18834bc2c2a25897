"""Connecting a tool: the tools there are, what one would be good for, and the way into Kombo
Connect.
"""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import connections, permissions, rate_limits
from integrations.access.audit import Actor
from integrations.access.grants import AccessGrant
from integrations.domain.bidi import isolate
from integrations.kombo.errors import KomboError
from integrations.mail import compose
from integrations.models import CatalogueTool, ConnectionAttempt, Integration, RepairOutcome
from integrations.tenants import attempts, connecting
from integrations.upstream import tool_catalogue
from integrations.upstream.connect_links import ConnectLink, LinkRefused
from integrations.views.actors import actor_of
from integrations.views.customer import attempts as attempt_rows
from integrations.views.customer import cards, connect_dialog, connect_offer
from integrations.views.customer.cards import category_name
from integrations.views.customer.connect_dialog import Subject
from integrations.views.customer.pages import opens_connect
from integrations.views.customer.repair import TOKEN, RepairNotBegun
from integrations.views.decorators import redirect_get_to
from integrations.views.errors import too_many
from integrations.views.types import Request
from integrations.workspace import feature_text, gains, repair_guides

LEFT = "left"  # how static/js/connect.js says that Kombo Connect was closed before its end


class AlreadyConnected(Exception):
    """The tool is connected, and nobody has said yet that it is to be connected once more."""


def show_tool(request: Request, tenant_id: str, category: str, tool_id: str) -> HttpResponse:
    """One tool before it is connected: what it would be good for, and what it takes."""
    grant = enter(request, tenant_id)
    found = tool_for(grant, category, tool_id)
    return render(request, "customer/connect_tool.html", _tool_context(request, grant, found))


tool = require_safe(opens_connect(show_tool))


@redirect_get_to("connect_tool")
@opens_connect
def start(request: Request, tenant_id: str, category: str, tool_id: str) -> HttpResponse:
    """Mint a link and open Kombo Connect with it."""
    enter(request, tenant_id, to_connect=True)
    email = email_of(request)
    if not email:
        return redirect("connect_tool", tenant_id, category, tool_id)
    try:
        grant, attempt = planned(request, tenant_id, category, tool_id)
    except AlreadyConnected:  # by a colleague, or in another tab: the page now asks what is meant
        return lead(request, reverse("connect_tool", args=[tenant_id, category, tool_id]))
    if wait := rate_limits.REPAIR.spend(request.user.pk, grant.tenant.pk):
        return too_many(request, wait)
    return open_connect(request, grant, attempt, email=email)


def planned(
    request: Request, tenant_id: str, category: str, tool_id: str
) -> tuple[AccessGrant, ConnectionAttempt]:
    """Return the attempt that a form asks for. A tool that is connected is connected once more only
    if that is what somebody means: `way` is then "second", or the public id of the integration to
    be replaced. Raises AlreadyConnected, Http404.
    """
    grant = enter(request, tenant_id, to_connect=True)
    found = tool_for(grant, category, tool_id)
    way = request.POST.get("way", "")
    connected = {known.public_id: known for known in connected_by(grant, found)}
    if connected and not way:
        raise AlreadyConnected
    if way not in connected.keys() | {"", "second"}:
        raise Http404
    by = actor_of(request)
    return grant, attempts.plan(grant.tenant, found, by=by, replaces=connected.get(way))


def open_connect(
    request: Request, grant: AccessGrant, attempt: ConnectionAttempt, *, email: str, back: str = ""
) -> HttpResponse:
    """Mint a link for an attempt and open Kombo Connect with it; `back` leads to where it began."""
    subject = subject_of(attempt, back=back)
    try:
        link = mint(attempt, email=email, by=actor_of(request))
    except RepairNotBegun as error:
        return connect_dialog.show_problem(request, grant, subject, str(error))
    return connect_dialog.show(request, grant, subject, link)


def mint(attempt: ConnectionAttempt, *, email: str, by: Actor, revives: bool = True) -> ConnectLink:
    """Mint the link by which somebody sets out to connect the tool. Raises RepairNotBegun."""
    language = get_language() or "en"
    try:
        return connecting.begin(attempt, email=email, language=language, by=by, revives=revives)
    except LinkRefused as error:
        refused = _("We received an untrusted link and didn’t open it. Contact %(vendor)s.")
        raise RepairNotBegun(refused % {"vendor": isolate(settings.VENDOR_NAME)}) from error
    except KomboError as error:
        failed = _("The connection couldn’t be started. Try again in a moment.")
        raise RepairNotBegun(failed) from error


@redirect_get_to("tenant")
def completed(request: Request, tenant_id: str) -> HttpResponse:
    """Kombo Connect reported success in the reader's browser."""
    grant = enter(request, tenant_id, to_connect=True)
    attempt = connections.attempt(grant, request.POST.get("attempt", ""))
    action = reverse("connect_completed", args=[tenant_id])
    match finish(request, grant, attempt, action=action):
        case HttpResponse() as problem:
            return problem
        case Integration() as made:
            return lead(request, reverse("integration", args=[tenant_id, made.public_id]))
    return lead(request, reverse("tenant", args=[tenant_id]))


def finish(
    request: Request,
    grant: AccessGrant,
    attempt: ConnectionAttempt,
    *,
    action: str,
    back: str = "",
    by: Actor | None = None,
) -> Integration | HttpResponse | None:
    """Map what Kombo Connect's token stands for and return it; None if there is no token that is
    worth a call, and an answer that says what is true if nothing was mapped, or nothing where
    somebody left. `action` is to try again, `back` leads to where it began; `by` is who else it was
    than the request's user.
    """
    if request.POST.get("end") == LEFT:
        connecting.leave(attempt)
        return HttpResponse(status=204)
    token = request.POST.get("token", "")
    if not TOKEN.fullmatch(token) or not attempts.is_under_way(attempt):
        return None
    if wait := rate_limits.UNKNOWN_TOKEN.spend(attempt.pk):
        return too_many(request, wait)
    subject = subject_of(attempt, back=back)
    completion = connecting.complete(attempt, token, by=by or actor_of(request))
    if completion.integration:
        rate_limits.UNKNOWN_TOKEN.forget(attempt.pk)
        return completion.integration
    names = {"tool": isolate(attempt.tool_label), "vendor": isolate(settings.VENDOR_NAME)}
    if completion.outcome is RepairOutcome.FAILED:
        words = _(
            "The account that was connected doesn’t belong to your organization, so it isn’t shown "
            "here. Contact %(vendor)s."
        )
        return connect_dialog.show_problem(request, grant, subject, words % names, is_open=True)
    words = _(
        "%(tool)s was connected, but we couldn’t confirm it yet. Try again in a moment. You don’t "
        "need to connect it once more."
    )
    retry = {"action": action, "token": token, "attempt": attempt.public_id}
    return connect_dialog.show_problem(
        request, grant, subject, words % names, is_open=True, retry=retry
    )


@redirect_get_to("tenant")
def dismiss(request: Request, tenant_id: str, attempt_id: str) -> HttpResponse:
    """Take an unfinished attempt off the page."""
    grant = enter(request, tenant_id, to_connect=True)
    connecting.dismiss(connections.attempt(grant, attempt_id), actor_of(request))
    return redirect("tenant", tenant_id)


def subject_of(attempt: ConnectionAttempt, *, back: str = "") -> Subject:
    """Return a tool as what is being connected."""
    names = {"tool": isolate(attempt.tool_label)}
    ids = attempt.tenant.public_id, attempt.category.lower(), attempt.tool_id
    return Subject(
        id="new",
        label=attempt.tool_label,
        title=_("Connect %(tool)s") % names,
        next_step=_("Sign in to %(tool)s as an admin and follow the steps.") % names,
        back=back or reverse("connect_tool", args=ids),
    )


def enter(request: Request, tenant_id: str, *, to_connect: bool = False) -> AccessGrant:
    """Let a person in to a tenant, for whom something can be connected. Raises Http404."""
    grant = permissions.grant_access(request.user, tenant_id)
    if not settings.CONNECT_CATEGORIES or (to_connect and not grant.may_repair):
        raise Http404
    return grant


def tool_for(grant: AccessGrant, category: str, tool_id: str) -> CatalogueTool:
    """Return a tool that can be connected to the tenant. Raises Http404."""
    environment = tool_catalogue.environment_of(grant.tenant)
    found = tool_catalogue.tool(environment, category.upper(), tool_id)
    if found is None:
        raise Http404
    return found


def connected_by(grant: AccessGrant, one: CatalogueTool) -> list[Integration]:
    """Return the tenant's integrations of a tool, that are there still."""
    rows = connections.connected_to(grant.tenant).filter(
        snapshot__category=one.catalogue.category, snapshot__tool_id=one.tool_id
    )
    return list(rows.order_by("pk"))


def email_of(request: Request) -> str:
    """Return the address of whoever connects, which Kombo asks for: their account's, else the one
    that they typed.
    """
    own = getattr(request.user, "email", "")
    return compose.address(own) or compose.address(request.POST.get("email", "").strip())


def _tool_context(request: Request, grant: AccessGrant, one: CatalogueTool) -> dict[str, Any]:
    ids = grant.tenant.public_id, one.catalogue.category.lower(), one.tool_id
    return {
        "grant": grant,
        "tool": one,
        "category": category_name(one.catalogue.category),
        "card": {"logo_key": str(one.logo_id or "")},
        **connect_offer.of(one),
        "connected": cards.cards(grant, connected_by(grant, one)),
        "last_attempt": attempt_rows.row_of_tool(grant, one),
        "start_url": reverse("connect_start", args=ids),
        # In a frame the address is asked for where it leads to.
        "asks_email": not (grant.as_guest or compose.address(getattr(request.user, "email", ""))),
        "may_connect": grant.may_repair,
        "guide": repair_guides.of_tool(one),
        "features": feature_text.of_tool(one, gains.public_features()),
    }


def lead(request: Request, url: str) -> HttpResponse:
    """Lead on to a page of ours, out of a dialog too."""
    if request.htmx:
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)
