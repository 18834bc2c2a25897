"""What staff sign in with beside their password, which they set up themselves."""

import json
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe
from qrcode.main import QRCode

from integrations.access import permissions, second_factor, second_factor_keys
from integrations.access.audit import Actor
from integrations.views.actors import actor_of, client_address
from integrations.views.decorators import redirect_get_to, require_recent
from integrations.views.errors import too_many
from integrations.views.public import second_step
from integrations.views.public.second_factor import LONGEST_CODE, credential_in

_SECRET = "new_app"  # noqa: S105 - the session's key for it


def _enter(request: HttpRequest) -> User | None:
    """Return whose keys they are: of whoever is signed in, or of whoever may only be so once they
    have set up the first; None if nobody is here. Raises Http404 for who needs none.
    """
    if request.user.is_authenticated:
        return _signed_in(request)
    pending = second_step.pending(request)
    return pending if pending and not second_factor.is_set_up(pending) else None


@login_not_required
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """List them."""
    user = _enter(request)
    if user is None:
        return redirect_to_login(request.get_full_path())
    keys = list(second_factor.keys_of(user))
    context = {
        "is_first": not request.user.is_authenticated,
        "is_demanded": second_factor.is_demanded(user),
        "app": next((key for key in keys if key.type == "totp"), None),
        "passkeys": [key for key in keys if key.type == "webauthn"],
        "has_codes": any(key.type == "recovery_codes" for key in keys),
        "codes_left": second_factor_keys.unused_recovery_codes(user),
    }
    return render(request, "public/security.html", context)


@login_not_required
@require_recent
@require_http_methods(["GET", "POST"])
def app(request: HttpRequest) -> HttpResponse:
    """Show the secret of a new authenticator app, and take the first code that it shows."""
    user = _enter(request)
    if user is None:
        return redirect_to_login(request.get_full_path())
    if second_factor.keys_of(user).filter(type="totp").exists():
        return redirect("security")
    is_wrong = False
    if request.method == "POST":
        if wait := second_factor.spend_try(user, client_address(request)):
            return too_many(request, wait)
        secret, code = request.session.get(_SECRET, ""), request.POST.get("code", "")[:LONGEST_CODE]
        codes = secret and second_factor_keys.add_app(user, secret, code, _by(request, user))
        if isinstance(codes, list):
            second_factor.refund_try(user, client_address(request))
            del request.session[_SECRET]
            return _added(request, user, codes, "totp")
        is_wrong = True
    secret = request.session.setdefault(_SECRET, second_factor_keys.new_secret())
    address = second_factor_keys.app_address(user, secret)
    squares, size = _qr_code(address)
    context = {"secret": secret, "squares": squares, "size": size, "is_wrong": is_wrong}
    return render(request, "public/security_app.html", context)


@login_not_required
@require_recent
@require_http_methods(["GET", "POST"])
def passkey(request: HttpRequest) -> HttpResponse:
    """Have the browser make a passkey, and take it."""
    user = _enter(request)
    if user is None:
        return redirect_to_login(request.get_full_path())
    name = request.POST.get("name", "").strip() or _("Passkey")
    is_wrong = False
    if request.method == "POST":
        made = credential_in(request)
        codes = second_factor_keys.add_passkey(user, name, made, _by(request, user))
        if codes is not None:
            return _added(request, user, codes, "webauthn")
        is_wrong = True
    options = json.dumps(second_factor_keys.passkey_options(user))
    context = {"options": options, "is_wrong": is_wrong}
    return render(request, "public/security_passkey.html", context)


@redirect_get_to("security")
@require_recent
def codes(request: HttpRequest) -> HttpResponse:
    """Make new recovery codes, and show them this once."""
    user = _signed_in(request)
    if not second_factor.is_set_up(user):
        return redirect("security")
    made = second_factor_keys.renew_recovery_codes(user, actor_of(request))
    return _show_codes(request, made)


@redirect_get_to("security")
@require_recent
def remove(request: HttpRequest) -> HttpResponse:
    """Remove an app or a passkey."""
    user = _signed_in(request)
    key = request.POST.get("key", "")
    number = int(key) if key.isascii() and key.isdigit() and len(key) < 19 else 0
    if second_factor_keys.remove(user, number, actor_of(request)):
        messages.success(request, _("Removed."))
    return redirect("security")


def _signed_in(request: HttpRequest) -> User:
    user = permissions.require_staff(cast("User", request.user))
    if not second_factor.is_offered(user):
        raise Http404
    return user


def _by(request: HttpRequest, user: User) -> Actor:
    """Return who sets something up, signed in or about to be."""
    return Actor(user, user.get_username(), client_address(request))


def _added(request: HttpRequest, user: User, codes: list[str], way: str) -> HttpResponse:
    """Show recovery codes, if there are new ones; whoever has set up the first key is in."""
    target = ""
    if not request.user.is_authenticated:
        target = second_step.target(request)
        second_step.finish(request, user, target, way)
    return _show_codes(request, codes, target) if codes else redirect("security")


def _show_codes(request: HttpRequest, codes: list[str], target: str = "") -> HttpResponse:
    return render(request, "public/security_codes.html", {"codes": codes, "target": target})


def _qr_code(text: str) -> tuple[str, int]:
    """Return the path of a QR code's squares, each of 1, and how many are in a row."""
    code = QRCode(border=0)
    code.add_data(text)
    code.make()
    rows = code.get_matrix()
    squares = [f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, on in enumerate(row) if on]
    return "".join(squares), len(rows)
