"""Between a right password and being signed in: a second factor, to be shown or to be set up."""

import time
from typing import Any

from django.contrib.auth import login
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from integrations.access import audit, second_factor
from integrations.access.audit import Act
from integrations.views.actors import actor_of
from integrations.views.public.targets import target_of

LIVES = 600  # seconds
_KEY = "second_step"


def sign_in(request: HttpRequest, user: User, target: str) -> HttpResponse:
    """Sign somebody in whose password was right, or have them take the second step first."""
    if second_factor.is_set_up(user):
        return _begin(request, user, target, "second_factor")
    if second_factor.is_demanded(user):
        return _begin(request, user, target, "security")
    return finish(request, user, target)


def _begin(request: HttpRequest, user: User, target: str, page: str) -> HttpResponse:
    request.session.cycle_key()
    request.session[_KEY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),  # until the password is another
        "next": target,
        "at": time.time(),
    }
    return redirect(page)


def pending(request: HttpRequest) -> User | None:
    """Return who has yet to take the second step in this browser."""
    kept: dict[str, Any] = request.session.get(_KEY) or {}
    if not kept or not 0 <= time.time() - kept["at"] <= LIVES:
        return None
    user = second_factor.active_user(kept["user"])
    is_same = user and constant_time_compare(kept["hash"], user.get_session_auth_hash())
    return user if is_same else None


def target(request: HttpRequest) -> str:
    """Return where somebody wanted to go, who has yet to take the second step."""
    return target_of(request, (request.session.get(_KEY) or {}).get("next", ""))


def finish(request: HttpRequest, user: User, target: str, way: str = "") -> HttpResponse:
    """Sign somebody in who has shown all that is asked for."""
    request.session.pop(_KEY, None)
    login(request, user)
    audit.record(actor_of(request), Act.SIGNED_IN, way=way)
    return redirect(target_of(request, target))
