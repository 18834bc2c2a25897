"""What every answer carries, and who may ask at all."""

from collections.abc import Callable

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseBase

from integrations.views.types import FRAMED, LOOKED_AT, Request

_HEADERS = {
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def refuse_nul(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """No cookie of ours holds a NUL, and PostgreSQL can't even look for one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if any("\0" in value for value in request.COOKIES.values()):
            return HttpResponseBadRequest()
        return get_response(request)

    return middleware


def in_a_frame(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """What a frame in a host's page asks for: the same names lead below /embed/, and cookies are not even read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/embed/"):
            request.META.pop("HTTP_COOKIE", None)
            request.COOKIES.clear()
            request.urlconf = FRAMED
        return get_response(request)

    return middleware


def as_customer(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """What staff look at as the customer sees it: the same names lead below /accounts/as-customer/."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/accounts/as-customer/"):
            request.urlconf = LOOKED_AT
        return get_response(request)

    return middleware


def private_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Nothing of a tenant's stays in a cache, unless the view said what may."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every view needs a session unless it says otherwise; a fragment's request is told so instead of redirected.

    htmx follows redirects, so a card would otherwise be replaced by a sign-in page.
    """

    def handle_no_permission(  # type: ignore[override]
        self, request: Request, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if request.htmx:
            return HttpResponse(status=401)
        return super().handle_no_permission(request, view_func)
