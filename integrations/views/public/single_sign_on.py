"""Signing in at the vendor's identity provider, and being asked there anew."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from integrations import counters
from integrations.access import audit, provider_accounts, rate_limits, recent
from integrations.access.audit import Act, Actor
from integrations.access.provider_accounts import NotAdmitted
from integrations.views.actors import actor_of, client_address
from integrations.views.errors import too_many
from integrations.views.public import oidc
from integrations.views.public.oidc import Failed, Failure
from integrations.views.public.targets import target_of

AWAY = 424  # Failed Dependency: the fault is not ours, and the answer is for a person


@login_not_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Send somebody to the provider, by a page that leads there: a form's answer may not."""
    _require_provider()
    target = target_of(request, request.POST.get("next", ""))
    is_confirming = request.POST.get("purpose") == "confirm" and request.user.is_authenticated
    if request.user.is_authenticated and not is_confirming:
        return redirect(target)
    if wait := rate_limits.SINGLE_SIGN_ON.spend(client_address(request)):
        counters.SIGN_INS_REFUSED.add("too_many")
        return too_many(request, wait)
    purpose = "confirm" if is_confirming else "sign_in"
    try:
        address = oidc.leave(request, purpose=purpose, target=target)
    except Failed as failed:
        return _refuse(request, failed.failure, purpose=purpose, target=target)
    return render(request, "public/sign_in_leave.html", {"sso": settings.SSO, "address": address})


@login_not_required
@require_safe
def callback(request: HttpRequest) -> HttpResponse:
    """Where the provider sends somebody back to."""
    _require_provider()
    try:
        person, state, asked_at = oidc.come_back(request)
    except Failed as failed:
        purpose, target = failed.state.get("purpose", ""), failed.state.get("next", "")
        return _refuse(request, failed.failure, purpose=purpose, target=target)
    target = target_of(request, state.get("next", ""))
    if state["purpose"] == "confirm":
        return _confirm(request, person.subject, asked_at, target)
    address = client_address(request)
    try:
        user = provider_accounts.admit(person, address)
    except NotAdmitted as refused:
        return _refuse(request, refused.reason, user=refused.user, target=target)
    login(request, user)
    recent.note(request.session, asked_at)
    audit.record(Actor(user, user.get_username(), address), Act.SIGNED_IN, way="provider")
    return redirect(target)


def _confirm(request: HttpRequest, subject: str, asked_at: float, target: str) -> HttpResponse:
    user = request.user
    if not (isinstance(user, User) and provider_accounts.is_theirs(user, subject)):
        return _refuse(request, "another_person", purpose="confirm", target=target)
    recent.note(request.session, asked_at)
    audit.record(actor_of(request), Act.REAUTHENTICATED, way="provider")
    return redirect(target)


def _refuse(
    request: HttpRequest,
    reason: str,
    *,
    user: User | None = None,
    purpose: str = "",
    target: str = "",
) -> HttpResponse:
    by = actor_of(request, otherwise=audit.STRANGER)
    account = user.get_username() if user else ""
    counters.SIGN_INS_REFUSED.add("provider")
    audit.record(by, Act.SIGN_IN_FAILED, account=account, way="provider", code=str(reason))
    context = {
        "sso": settings.SSO,
        "reason": str(reason),
        "purpose": purpose,
        "next": target_of(request, target),
    }
    status = AWAY if reason == Failure.AWAY else 403
    return render(request, "public/sign_in_refused.html", context, status=status)


def _require_provider() -> None:
    """Raises Http404 where there is no identity provider."""
    if settings.SSO is None:
        raise Http404
