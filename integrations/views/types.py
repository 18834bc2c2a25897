"""The request as our middleware leaves it, and a view of it, for the type checker."""

from collections.abc import Callable
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponseBase
from django_htmx.middleware import HtmxDetails

from integrations.access.grants import Person

EMBED_URLCONF = "integrations.urls.embed"  # the addresses that a request from within a frame knows
PREVIEW_URLCONF = "integrations.urls.preview"  # those of staff who look at what a customer sees


class Request(HttpRequest):
    """A request of somebody who was let in, with htmx details."""

    user: Person  # type: ignore[assignment]
    htmx: HtmxDetails
    preview: (
        Any  # a `views.workspace.preview.PreviewRequest`, where staff look at what a customer sees
    )


type View[**P] = Callable[Concatenate[Request, P], HttpResponseBase]
