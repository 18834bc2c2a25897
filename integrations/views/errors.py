"""Error pages in the same look, beyond those that Django renders from 400.html, 403.html and
404.html.

They know nothing of who asks, so that every 404 is the same.
"""

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render


def server_error(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before a sign-in in another tab, or from elsewhere.

    Or from here, but by a proxy that names another host than the browser: an operator's to mend.
    """
    is_elsewhere = reason.startswith(REASON_BAD_ORIGIN.partition("%")[0])
    return render(request, "403_csrf.html", {"is_elsewhere": is_elsewhere}, status=403)


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """429 with the seconds to wait, for people and for programs."""
    response = render(request, "429.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(wait)
    return response
