"""What every answer carries, and who may ask at all."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import SuspiciousOperation
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
)
from django.middleware.common import CommonMiddleware
from django.utils.cache import patch_cache_control

from integrations import logs
from integrations.views.types import EMBED_URLCONF, PREVIEW_URLCONF, Request

PROBES = {"/healthz", "/readyz"}
MOST_BYTES = 1024 * 1024  # of a request's body; the largest forms have a few thousand ticked boxes
_HEADERS = {
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
}


def request_id(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Name each request, so that what the log and a proxy say of it can be put together."""

    def middleware(request: HttpRequest) -> HttpResponse:
        proposed = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXY_COUNT else ""
        # Django itself writes when this is over already.
        request.log_id = logs.new_request_id(proposed)  # type: ignore[attr-defined]
        token = logs.request_id.set(request.log_id)  # type: ignore[attr-defined]
        try:
            response = get_response(request)
        finally:
            logs.request_id.reset(token)
        if response.status_code >= 400:
            response.headers["X-Request-ID"] = request.log_id  # type: ignore[attr-defined]
        return response

    return middleware


def forwarded_proto(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A scheme counts in any case (RFC 3986): a proxy that writes HTTPS means https."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if scheme := request.META.get("HTTP_X_FORWARDED_PROTO"):
            request.META["HTTP_X_FORWARDED_PROTO"] = scheme.lower()
        return get_response(request)

    return middleware


class HostMiddleware(CommonMiddleware):
    """Answers to the hosts that are ours; to a probe, which knows us by an address, in any case."""

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        if request.path_info.rstrip("/") in PROBES:
            return None
        return super().process_request(request)


def refuse_large_bodies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Nothing that is posted here is large, so what says that it is, is not read."""

    def middleware(request: HttpRequest) -> HttpResponse:
        try:
            length = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:  # then nothing is read
            length = 0
        if length > MOST_BYTES:
            return HttpResponse(status=413)
        return get_response(request)

    return middleware


def refuse_nul_cookies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """No cookie of ours holds a NUL, and PostgreSQL can't even look for one: a clear no."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if any("\0" in value for value in request.COOKIES.values()):
            raise SuspiciousOperation("a NUL in a cookie")
        return get_response(request)

    return middleware


class RefuseNulMiddleware:
    """Nothing that anybody types holds a NUL either.

    Looks once it is known that somebody may post at all: the body of whoever may not is not waited
    for. Bodies that no form posts, such as a webhook's, are left to whoever reads them.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_view(self, request: HttpRequest, view: object, *_args: object) -> None:
        """Look at what was asked for and posted, once it is known which view will read it."""
        sent = [request.GET]
        if not getattr(view, "reads_raw_body", False):
            sent.append(request.POST)
        for values in sent:
            if any("\0" in text for name, texts in values.lists() for text in (name, *texts)):
                raise SuspiciousOperation("a NUL in a form or an address")


def embed_frame(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """What a frame in a host's page asks for: the same names lead below /embed/, and cookies are
    not even read.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/embed/"):
            request.META.pop("HTTP_COOKIE", None)
            request.COOKIES.clear()
            request.urlconf = EMBED_URLCONF
        return get_response(request)

    return middleware


def preview(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """What staff look at as the customer sees it: the same names lead below
    /workspace/preview/.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/workspace/preview/"):
            request.urlconf = PREVIEW_URLCONF
        return get_response(request)

    return middleware


def private_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Nothing of a tenant's stays in a cache, unless the view said what may. No proxy rewrites it,
    such as addresses into "[email protected]": its script does not undo that in what is swapped in
    later.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        if "no-store" in response.headers["Cache-Control"]:
            patch_cache_control(response, no_transform=True)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every view needs a session unless it says otherwise; a fragment's request is told so instead
    of redirected.

    htmx follows redirects, so a card would otherwise be replaced by a sign-in page.
    """

    def handle_no_permission(  # type: ignore[override]
        self, request: Request, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if request.htmx:
            return HttpResponse(status=401)
        return super().handle_no_permission(request, view_func)
