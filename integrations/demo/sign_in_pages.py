"""Pages of signing in that need an identity provider or a device, and of where an invitation leads,
with made-up ones.

Only where the packages of the extra are: the addresses on these pages are there with them.
"""

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.domain.headline import Key, Severity

_SSO = {"name": "Northwind ID"}
REFUSALS = ("away", "no_role", "address_not_verified", "deactivated", "not_trusted")
_CODES = [f"{number * 1_307_111 % 10**8:08}" for number in range(3, 13)]


def _key(kind: str, name: str, days: int | None) -> dict[str, Any]:
    """Return a made-up key, last used so many days ago."""
    used = None if days is None else timezone.now() - timedelta(days=days)
    return {"pk": 0, "type": kind, "wrap": {"name": name}, "last_used_at": used}


def _pages() -> dict[str, tuple[str, dict[str, Any]]]:
    """Return template and context of each page by name."""
    keys = [_key("webauthn", "Work laptop", 3), _key("webauthn", "Security key", None)]
    factor = {"takes_code": True, "has_app": True, "passkey": "{}"}
    security = {"passkeys": keys, "app": _key("totp", "", 12), "has_codes": True, "codes_left": 8}
    door = {"form": AuthenticationForm(label_suffix=""), "sso": _SSO}
    return {
        "sign-in-provider": ("registration/login.html", {**door, "takes_password": True}),
        "sign-in-provider-only": ("registration/login.html", {**door, "takes_password": False}),
        "second-factor": ("public/second_factor.html", factor),
        "second-factor-wrong": ("public/second_factor.html", {**factor, "is_wrong": True}),
        "security-set-up": ("public/security.html", security),
        "security-demanded": ("public/security.html", {"is_first": True}),
        "security-codes": ("public/security_codes.html", {"codes": _CODES}),
        "confirm-anyhow": (
            "public/confirm.html",
            {**factor, "takes_password": True, "sso": _SSO},
        ),
        **{
            f"sign-in-{reason.replace('_', '-')}": (
                "public/sign_in_refused.html",
                {"reason": reason, "sso": _SSO},
            )
            for reason in REFUSALS
        },
    }


NAMES = [*_pages()]


def _setup_left() -> dict[str, Any]:
    """Return what is made up of a tool that somebody connected by an invitation."""
    headline = {"key": Key.SETUP_INCOMPLETE, "severity": Severity.ACTION_REQUIRED}
    title = _("%(tool)s is connected") % {"tool": "Teamtailor"}
    return {"title": title, "card": {"headline": headline}, "press": ""}


@login_not_required
@require_safe
def page(request: HttpRequest, name: str) -> HttpResponse:
    """One of them."""
    pages = _pages() | {"setup-left": ("public/setup_left.html", _setup_left())}
    if name not in pages:
        raise Http404
    return render(request, *pages[name])
