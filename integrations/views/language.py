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
    """The language of `?lang=`, if it is one of ours; else one that may be named here; else what
    the browser asks.
    """
    ours = dict(settings.LANGUAGES)
    wanted = (request.GET.get("lang", ""), otherwise)
    return next(
        (one for one in wanted if one in ours), translation.get_language() or settings.LANGUAGE_CODE
    )


def in_asked_language[**P](view: View[P]) -> Callable[Concatenate[Request, P], HttpResponseBase]:
    """Return in the language of `?lang=`, if it is one of ours."""

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        with translation.override(asked_language(request)):
            return view(request, *args, **kwargs)

    return wrapped
