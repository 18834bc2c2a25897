"""The request as our middleware leaves it, and a view of it, for the type checker."""

from collections.abc import Callable
from typing import Concatenate

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails


class Request(HttpRequest):
    """A signed-in request with htmx details."""

    user: User
    htmx: HtmxDetails


type View[**P] = Callable[Concatenate[Request, P], HttpResponse]
