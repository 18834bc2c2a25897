"""Asking somebody who is signed in who they are, before something grave."""

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from integrations.access import audit, provider_accounts, recent, second_factor
from integrations.access.audit import Act
from integrations.views.actors import actor_of, client_address
from integrations.views.errors import too_many
from integrations.views.public.auth import refund_attempt, spend_attempt
from integrations.views.public.targets import target_of
from integrations.views.types import Request


@require_http_methods(["GET", "POST"])
def page(request: Request) -> HttpResponse:
    """Ask by password, second factor or identity provider, and lead back to what was wanted."""
    target = target_of(request, request.POST.get("next", request.GET.get("next", "")))
    if request.method == "GET":
        return _ask(request, target)
    user = cast("User", request.user)
    name, address = user.get_username().casefold(), client_address(request)
    if _is_by_password(request):
        if wait := spend_attempt(name, address):
            return too_many(request, wait)
        way = "password" if user.check_password(request.POST["password"]) else ""
        if way:
            refund_attempt(name, address)
    elif settings.USES_ALLAUTH:
        if wait := second_factor.spend_try(user, address):
            return too_many(request, wait)
        way = _second_factor().way_shown(request, user)
        if way:
            second_factor.refund_try(user, address)
    else:
        way = ""
    if not way:
        audit.record(actor_of(request), Act.SIGN_IN_FAILED, code="reauthentication")
        return _ask(request, target, is_wrong=True)
    recent.note(request.session)
    audit.record(actor_of(request), Act.REAUTHENTICATED, way=way)
    return redirect(target)


def _ask(request: Request, target: str, *, is_wrong: bool = False) -> HttpResponse:
    user = cast("User", request.user)
    context: dict[str, Any] = {
        "next": target,
        "is_wrong": is_wrong,
        "takes_password": user.has_usable_password() and not settings.SSO_ONLY,
        "sso": settings.SSO if provider_accounts.is_linked(user) else None,
    }
    if second_factor.is_set_up(user):
        context |= _second_factor().offer(user)
    return render(request, "public/confirm.html", context)


def _is_by_password(request: HttpRequest) -> bool:
    return "password" in request.POST and not settings.SSO_ONLY


def _second_factor() -> Any:
    """Return the views of the second factor, which need the packages of the extra."""
    from integrations.views.public import second_factor as views

    return views
