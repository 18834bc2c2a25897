"""What a customer sees, for whoever of the staff takes care of it: the customer's own pages, where
nothing can be done.

All of it is in the address, so that two tabs do not mix: `middleware.preview` chooses the addresses
below /workspace/preview/, so every link stays there, and `for_preview` puts a guest with
`is_preview` in the place of the person.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrations.access import audit, permissions
from integrations.access.audit import Act, Actor
from integrations.models import Integration, Tenant
from integrations.views.actors import actor_of
from integrations.views.customer import coverage, pages, polling
from integrations.views.types import Request, View


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """Who is looked at, for the bar above the page; which speaks the language of whoever looks."""

    tenant: Tenant
    integration: Integration | None
    language: str
    own_language: str
    by: Actor


def for_preview[**P](view: View[P]) -> View[P]:
    """Show a customer's page, in the customer's language, to who takes care of them, and keep that
    it was seen.
    """

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        is_fragment = _is_fragment(request, view)
        tenant, integration = _enter(request, kwargs, is_fragment=is_fragment)
        by = actor_of(request)
        language = _language(request, tenant)
        request.preview = PreviewRequest(
            tenant, integration, language, translation.get_language() or "", by
        )
        request.user = permissions.preview_guest(request.user, tenant)
        with translation.override(language):
            response = view(request, *args, **kwargs)
        response["Content-Language"] = language
        if response.status_code == 200 and not is_fragment:
            audit.record(by, Act.VIEWED_AS_CUSTOMER, tenant=tenant, integration=integration)
        return response

    return wrapped


tenant = for_preview(pages.tenant)


@require_http_methods(["GET", "POST"])
def refuse(request: Request, tenant_id: str, integration_id: str = "", **_ids: str) -> HttpResponse:
    """Whatever the customer could do here: whoever only looks can't."""
    ids = {"tenant_id": tenant_id} | ({"integration_id": integration_id} if integration_id else {})
    _enter(request, ids, is_fragment=False)
    back = reverse("integration" if integration_id else "tenant", kwargs=ids)
    if request.method == "GET":
        return redirect(back)
    message = _("You’re viewing as the customer. Changes are disabled.")
    if request.htmx:
        return HttpResponse(message, status=403, content_type="text/plain; charset=utf-8")
    context = {"message": message, "back": back}
    return render(request, "workspace/read_only.html", context, status=403)


def _is_fragment(request: Request, view: View[Any]) -> bool:
    """It only keeps a page current that was asked for before: those can be asked for in pieces, no
    others.
    """
    if view is pages.integration:
        return bool(request.htmx) and not request.htmx.boosted
    return bool(request.htmx) and view in {polling.poll, pages.banner, coverage.fields}


def _enter(
    request: Request, ids: dict[str, Any], *, is_fragment: bool
) -> tuple[Tenant, Integration | None]:
    """Let somebody of the staff in to their customer, or to one integration of it.

    Raises Http404.
    """
    if is_fragment or "integration_id" not in ids:  # a fragment looks for its integration by itself
        return permissions.tenant_for_staff(request.user, ids["tenant_id"]), None
    integration = permissions.integration_for_staff(
        request.user, ids["tenant_id"], ids["integration_id"], with_grid=False
    )
    return integration.tenant, integration


def _language(request: Request, tenant: Tenant) -> str:
    """The language that the page's address asks for, else the customer's."""
    language = request.GET.get("language") or _language_around(request)
    return (
        language
        if language in dict(settings.LANGUAGES)
        else tenant.language or settings.LANGUAGE_CODE
    )


def _language_around(request: Request) -> str:
    """Return the `language` of the page around a fragment; an empty text if it names none."""
    around = request.htmx.current_url if request.htmx else ""
    with suppress(ValueError):  # what a browser sends there is an address
        return parse_qs(urlsplit(around or "").query).get("language", [""])[-1]
    return ""
