"""Speaking the language that an address asks for: where a host's page chose it, and no cookie may."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation

from integrations.views.types import Request, View


def in_asked_language[**P](view: View[P]) -> Callable[Concatenate[Request, P], HttpResponse]:
    """Answer in the language of `?lang=`, if it is one of ours."""

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else translation.get_language()
        with translation.override(language):
            return view(request, *args, **kwargs)

    return wrapped
