"""What every answer carries, and who may ask at all."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware, get_user
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import SuspiciousOperation
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
)
from django.middleware.common import CommonMiddleware
from django.utils.cache import patch_cache_control
from django.utils.functional import SimpleLazyObject

from integrations import logs
from integrations.access import account_sessions, session_store
from integrations.views.types import EMBED_URLCONF, PREVIEW_URLCONF, Request

BY_ITSELF = "By-Itself"  # what a page asks for without anybody touching it: `dashboard.js`
PROBES = {"/healthz", "/readyz"}
METRICS = "/metrics"
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
        with logs.about(request=logs.new_request_id(proposed)) as ids:
            request.log_ids = ids  # type: ignore[attr-defined]
            response = get_response(request)
        # What anybody may cache is an answer to others' requests, too.
        if "public" not in response.headers.get("Cache-Control", ""):
            response.headers["X-Request-ID"] = ids["request"]
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
    """Answers to the hosts that are ours; to a probe, or to who reads metrics, which know us by an
    address, in any case.
    """

    def process_request(self, request: HttpRequest) -> HttpResponsePermanentRedirect | None:
        path = request.path_info.rstrip("/")
        if path in PROBES or (settings.METRICS_ON and path == METRICS):
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


def account_session(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Nobody is signed in by a session that was left alone for too long, or is too old: asked
    where somebody asks who this is, so that what is for everybody costs nothing.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        request.user = SimpleLazyObject(lambda: _signed_in(request))  # type: ignore[assignment]
        return get_response(request)

    return middleware


def _signed_in(request: HttpRequest) -> User | AnonymousUser:
    user = session_store.user_of(request.session) or get_user(request)
    if not isinstance(user, User):
        return AnonymousUser()
    is_alive = account_sessions.keep_alive(
        request.session,
        user,
        request.headers.get("User-Agent", ""),
        is_used=_is_of_a_person(request),
    )
    if is_alive:
        return user
    request.session.flush()
    return AnonymousUser()


def _is_of_a_person(request: HttpRequest) -> bool:
    """Whether somebody did something, and no page that is left open: it asks for news, and has its
    icon follow them.
    """
    is_picture = request.headers.get("Sec-Fetch-Dest") == "image"
    return BY_ITSELF not in request.headers and not is_picture


class SignInRequiredMiddleware(LoginRequiredMiddleware):
    """Every view needs a session unless it says otherwise; a fragment's request is told so instead
    of redirected.

    htmx follows redirects, so a card would otherwise be replaced by a sign-in page.
    """

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Name in the log whom and what a request is about, as far as that is known by now."""
        logs.note_address(view_kwargs)
        refusal = super().process_view(request, view_func, view_args, view_kwargs)
        if refusal is None and getattr(view_func, "login_required", True):
            logs.note(user=str(request.user.pk))
        return refusal

    def handle_no_permission(  # type: ignore[override]
        self, request: Request, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        if request.htmx:
            return HttpResponse(status=401)
        return super().handle_no_permission(request, view_func)
