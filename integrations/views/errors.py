"""Error pages in the same look, beyond those that Django renders from 400.html, 403.html and
404.html.

They know nothing of who asks, so that every 404 is the same.
"""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import REASON_BAD_ORIGIN
from django.shortcuts import render

from integrations import counters
from integrations.database import outage
from integrations.workspace import identity

RETRY_AFTER = 5  # seconds; an outage is looked at every second


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for a fault of ours; for the database's, in a middleware too, say that it passes."""
    if outage.is_trouble(sys.exception()):
        return unavailable(request)
    return render(request, "500.html", _without_database(), status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503 without asking the database anything, for people and for programs."""
    view = getattr(request.resolver_match, "func", None)
    if getattr(view, "answers_json", False):
        payload = {"error": "unavailable", "message": "The service isn't available right now."}
        response: HttpResponse = JsonResponse(payload, status=503)
    else:
        response = render(request, "503.html", _without_database(), status=503)
    response.headers["Retry-After"] = str(RETRY_AFTER)
    return response


def _without_database() -> dict[str, object]:
    return {"identity": identity.from_settings()}


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from before a sign-in in another tab, or from elsewhere.

    Or from here, but by a proxy that names another host than the browser: an operator's to mend.
    """
    is_elsewhere = reason.startswith(REASON_BAD_ORIGIN.partition("%")[0])
    return render(request, "403_csrf.html", {"is_elsewhere": is_elsewhere}, status=403)


def too_many(request: HttpRequest, wait: int) -> HttpResponse:
    """429 with the seconds to wait, for people and for programs."""
    counters.TOO_MANY.add(getattr(request.resolver_match, "url_name", None) or counters.OTHER)
    response = render(request, "429.html", {"wait": wait}, status=429)
    response["Retry-After"] = str(wait)
    return response
