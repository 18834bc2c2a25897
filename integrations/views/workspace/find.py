"""Finding customers, integrations and pages from anywhere in the workspace, and its keys."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from integrations.access import permissions
from integrations.domain.headline import staff_severity
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request
from integrations.workspace.find import find
from integrations.workspace.summaries import headline_name
from integrations.workspace.triage_filter import LONGEST

KEYS_COOKIE = "single_keys"
KEYS_OFF = "off"
KEYS_KEPT = 365 * 24 * 3600  # seconds


@require_safe
@vary_on_headers("HX-Request")
def page(request: Request) -> HttpResponse:
    """What a text leads to: for htmx the links alone, else a page with them."""
    user = permissions.require_staff(request.user)
    text = request.GET.get("q", "").strip()[:LONGEST]
    found = find(user, text)
    integrations = [
        (row, staff_severity(row.headline), headline_name(row.headline))
        for row in found.integrations
    ]
    context = {"q": text, "found": found, "found_integrations": integrations}
    name = "workspace/find_results.html" if request.htmx else "workspace/find.html"
    return render(request, name, context)


@redirect_get_to("find")
def keys(request: Request) -> HttpResponse:
    """Turn the shortcuts of a single key on or off in this browser, as some speech input needs."""
    permissions.require_staff(request.user)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = reverse("triage")
    response = redirect(back)
    if "on" in request.POST:
        response.delete_cookie(KEYS_COOKIE)
    else:
        response.set_cookie(
            KEYS_COOKIE,
            KEYS_OFF,
            max_age=KEYS_KEPT,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response
