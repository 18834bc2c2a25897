"""What changes something is posted, and done once; a GET of its address leads to the page it
belongs to.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from integrations.access import rate_limits, recent
from integrations.views.types import Request, View

PAGE_IDS = ("tenant_id", "integration_id", "category", "tool_id")


def redirect_get_to(page: str) -> Callable[..., Any]:
    """Whoever gets here by a GET, as after signing in anew or choosing a language, is shown the
    page of this name.
    """

    def decorate[**P](view: View[P]) -> View[P]:
        @wraps(view)
        @require_http_methods(["GET", "POST"])
        def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "GET":
                ids = {name: kwargs[name] for name in PAGE_IDS if name in kwargs}
                return redirect(reverse(page, kwargs=ids))
            return view(request, *args, **kwargs)

        return wrapped

    return decorate


def require_recent[**P](view: View[P]) -> View[P]:
    """Whoever has not proved lately who they are is asked for it first, and then led back here."""

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated and not recent.is_recent(request.session):
            return redirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *args, **kwargs)

    return wrapped


def is_duplicate_submission(request: Request) -> bool:
    """This very form was done before: pressed twice, or sent again. To be asked in the transaction
    that does it.

    A form without a token, as of a program, is always another one.
    """
    token = request.POST.get("idempotency_key", "")
    return bool(token) and rate_limits.ONCE.spend(request.user.pk, token) > 0
