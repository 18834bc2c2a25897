"""Inside a frame of the host's page: the loader, the empty shell, what a token buys, and the door
that it opens.

The shell holds no data. A session's key comes with every request as a bearer header; cookies are
not even read.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial, wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csp import csp_override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from integrations import counters
from integrations.access import (
    audit,
    embed_sessions,
    permissions,
    rate_limits,
)
from integrations.access.audit import Act, Actor
from integrations.access.embed_sessions import Guest, Refused, UnknownTenant
from integrations.models import Tenant
from integrations.tenants import adding
from integrations.views.actors import actor_of, bearer, client_address
from integrations.views.customer import history, pages, statement
from integrations.views.errors import too_many
from integrations.views.guesses import refuse_guess
from integrations.views.language import in_asked_language
from integrations.views.types import Request, View
from kombo_dashboard import static_files

LOADER = "js/embed/loader.js"
THEMES = ("light", "dark")
LOADER_AGE = 300  # seconds that the loader's stable name may be cached
# The pages of one integration, as hosts name them: their address and their view.
_PAGES = {
    "integration": ("integration", pages.show_integration),
    "shared": ("integration", pages.show_integration),
    "history": ("history", history.show_history),
    "statement": ("statement", statement.show_statement),
}


def guest[**P](view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Let whoever shows a session's key see a customer's page; 401 for everybody else."""

    @csrf_exempt  # nothing is let in that a browser adds by itself
    @login_not_required
    @wraps(view)
    @vary_on_headers("Authorization")
    def wrapped(request: Any, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        key = bearer(request)
        session = embed_sessions.guest_of(key)
        if session is None:
            # Frames that wake up show a key that has ended: as many may as may exchange a token.
            refusal = refuse_guess(request, "key", rate_limits.EXCHANGE) if key else None
            return refusal or HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        request.user = session
        return view(request, *args, **kwargs)

    return wrapped


@login_not_required
@require_safe
def loader(request: HttpRequest) -> HttpResponse:
    """The script of the host's page under its stable name; any page may load it, and it holds
    nothing.
    """
    headers = {
        "Cache-Control": f"public, max-age={LOADER_AGE}",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return HttpResponse(
        static_files.read(LOADER), content_type="text/javascript; charset=utf-8", headers=headers
    )


def framed_by_hosts[**P](view: View[P]) -> View[P]:
    """Let the configured origins frame this page; every other page refuses to be framed."""

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        hosts = settings.EMBED_ORIGINS or ["'none'"]  # Django drops a directive whose list is empty
        fonts = [*settings.SECURE_CSP["font-src"], *settings.EMBED_FONTS.values()]
        policy = settings.SECURE_CSP | {"frame-ancestors": hosts, "font-src": fonts}
        return csp_override(policy)(view)(request, *args, **kwargs)

    return wrapped


@login_not_required
@require_safe
@framed_by_hosts
@in_asked_language
def shell(request: Request) -> HttpResponse:
    """The same empty page for every tenant, which only the configured origins may frame.

    Its address says whether the host's page is light or dark, so that it is so from the start.
    """
    if not embed_sessions.is_on():
        return render(request, "embed/off.html", status=404)
    theme = request.GET.get("theme", "")
    context = {
        "theme": theme if theme in THEMES else "",
        "origins": " ".join(settings.EMBED_ORIGINS),
        "fonts": json.dumps(settings.EMBED_FONTS),
    }
    response = render(request, "embed/shell.html", context)
    response["Cache-Control"] = f"public, max-age={LOADER_AGE}"
    # A host's page that isolates itself shows only frames that do so as well, and say who may.
    # Everything within is of this origin.
    response["Cross-Origin-Embedder-Policy"] = "require-corp"
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


@csrf_exempt
@login_not_required
@require_POST
def session(request: Request) -> HttpResponse:
    """Take a host's token; answer the session's key and the first content in one go."""
    if not embed_sessions.is_on():
        return _refused("embedding_off", "EMBED_ORIGINS and EMBED_SECRETS are not set.", 404)
    if wait := rate_limits.EXCHANGE.spend(client_address(request)):
        counters.EMBED_SESSIONS.add("too_many")
        return too_many(request, wait)
    with transaction.atomic():  # a token that leads to nothing is not spent
        try:
            admission = embed_sessions.exchange(bearer(request), add_tenant=_adding(request))
        except UnknownTenant as error:
            return _refused(error.code, str(error), 404, request)
        except Refused as error:
            return _refused(error.code, str(error), 401, request)
        request.user = admission.guest
        try:
            content, address = _first(request, admission.guest)
        except Http404:
            transaction.set_rollback(True)
            return _refused("unknown_integration", "This tenant has no such integration.", 404)
        scope = ["view", "repair"] if admission.guest.may_repair else ["view"]
        tenant = admission.guest.tenant
        audit.record(actor_of(request), Act.SESSION_BEGUN, tenant=tenant, scope=scope)
    counters.EMBED_SESSIONS.add("opened")
    answer = {
        "key": admission.key,
        "seconds": admission.seconds,
        "tenant": admission.guest.tenant.public_id,
        "address": address,
        "content": content.content.decode(),
    }
    return JsonResponse(answer)


def _adding(request: Request) -> Callable[[str, str], Tenant] | None:
    """Return how a tenant that nobody has added comes to be, if tokens may do that."""
    by = Actor(None, audit.EMBEDDED, client_address(request))
    return partial(adding.ensure, by=by) if settings.EMBED_CREATES_TENANTS else None


session.answers_json = True  # type: ignore[attr-defined] # errors too


def _first(request: Request, guest: Guest) -> tuple[HttpResponse, str]:
    """Return what a view of the frame shows first, and its address. Raises Http404."""
    tenant_id = guest.tenant.public_id
    match request.POST.get("view", "list"):
        case "none":  # a renewal: all is there already
            return HttpResponse(), ""
        case "banner":
            return pages.show_banner(request, tenant_id), reverse("banner", args=[tenant_id])
        case "badge":
            return _show_badge(request, tenant_id), reverse("badge", args=[tenant_id])
        case "integration":
            return _page_of_one(request, guest, "integration")
        case _:
            # What a link of the host's leads to may be gone by now: then all that there is.
            with suppress(Http404):
                return _page_of_one(request, guest, request.POST.get("page", ""))
            return pages.show_tenant(request, tenant_id), reverse("tenant", args=[tenant_id])


def _page_of_one(request: Request, guest: Guest, page: str) -> tuple[HttpResponse, str]:
    """Return a page of the integration that the host named, and its address. Raises Http404."""
    if page not in _PAGES:
        raise Http404
    name, show = _PAGES[page]
    found = permissions.integration_by_any_id(guest.tenant, request.POST.get("integration", ""))
    ids = guest.tenant.public_id, found.public_id
    return show(request, *ids), reverse(name, args=ids)


def _show_badge(request: Request, tenant_id: str) -> HttpResponse:
    """Return the badge: the state of all integrations in one line."""
    return render(request, "embed/badge.html", pages.overview(*pages.front_of(request, tenant_id)))


badge = require_safe(_show_badge)


def _refused(code: str, message: str, status: int, request: Request | None = None) -> JsonResponse:
    """An answer that says why, which is kept too if a request's token was refused; not of all that
    somebody tries a minute, as anybody can try.
    """
    counters.EMBED_SESSIONS.add(code)
    if request and not rate_limits.REFUSED_TOKEN.spend(client_address(request)):
        by = Actor(None, audit.STRANGER, client_address(request))  # no cookie is read here
        audit.record(by, Act.TOKEN_REFUSED, code=code)
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JsonResponse({"error": code, "message": message}, status=status, headers=headers)
