"""Speaking the language that an address asks for: where a host's page chose it, and no cookie
may.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

from integrations.views.types import Request, View


def asked_language(request: HttpRequest, otherwise: str = "") -> str:
    """Return the language of `?lang=`, if it is one of ours; else what the browser asks; else one
    that may be named here.
    """
    wanted = (_ours(request.GET.get("lang", "")), _browsers(request), _ours(otherwise))
    return next(filter(None, wanted), translation.get_language() or settings.LANGUAGE_CODE)


def _browsers(request: HttpRequest) -> str:
    """Return which of our languages the browser asks for, by a choice made before or its own
    settings; an empty text if none.
    """
    asked = [
        part.partition(";")[0] for part in request.headers.get("Accept-Language", "").split(",")
    ]
    tags = [request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), *asked]
    language = translation.get_language_from_request(request)
    return language if language in {_ours(tag.strip()) for tag in tags} else ""


def _ours(tag: str) -> str:
    """Return which of our languages a tag names: German is `de`, `de-AT`, and `DE_at` too."""
    try:
        return translation.get_supported_language_variant(tag.lower().replace("_", "-"))
    except LookupError:
        return ""


def in_asked_language[**P](view: View[P]) -> Callable[Concatenate[Request, P], HttpResponseBase]:
    """Have a view answer in the language of `?lang=`, if it is one of ours."""

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        with translation.override(asked_language(request)):
            return view(request, *args, **kwargs)

    return wrapped
