"""The second factor, shown after a password, or to confirm who somebody is."""

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from integrations import counters
from integrations.access import audit, second_factor, second_factor_keys
from integrations.access.audit import Act
from integrations.views.actors import actor_of, client_address
from integrations.views.errors import too_many
from integrations.views.public import second_step

LONGEST_CODE = 32  # characters, spaces and dashes included


@login_not_required
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """Ask whoever gave the right password for their second factor."""
    user = second_step.pending(request)
    if user is None or not second_factor.is_set_up(user):
        return redirect("login")
    context = {"is_wrong": False}
    if request.method == "POST":
        if wait := second_factor.spend_try(user, client_address(request)):
            counters.SIGN_INS_REFUSED.add("too_many")
            return too_many(request, wait)
        if way := way_shown(request, user):
            second_factor.refund_try(user, client_address(request))
            return second_step.finish(request, user, second_step.target(request), way)
        by = actor_of(request, otherwise=audit.STRANGER)
        counters.SIGN_INS_REFUSED.add("second_factor")
        audit.record(by, Act.SIGN_IN_FAILED, account=user.get_username(), code="second_factor")
        context["is_wrong"] = True
    return render(request, "public/second_factor.html", {**context, **offer(user)})


def offer(user: User) -> dict[str, Any]:
    """Return what a page needs to ask for somebody's second factor."""
    kinds = {key.type for key in second_factor.keys_of(user)}
    has_passkey = "webauthn" in kinds
    return {
        "takes_code": bool(kinds),
        "has_app": "totp" in kinds,
        "passkey": json.dumps(second_factor_keys.passkey_request(user)) if has_passkey else "",
    }


def way_shown(request: HttpRequest, user: User) -> str:
    """Return how somebody has shown their second factor; an empty text if they have not."""
    credential = credential_in(request)
    if credential is not None:
        return "webauthn" if second_factor_keys.is_passkey(user, credential) else ""
    return second_factor_keys.kind_of_code(user, request.POST.get("code", "")[:LONGEST_CODE])


def credential_in(request: HttpRequest) -> dict[str, Any] | None:
    """Return what the browser says of a passkey, or None if it says nothing."""
    text = request.POST.get("credential", "")
    if not text:
        return None
    try:
        credential = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return credential if isinstance(credential, dict) else {}
