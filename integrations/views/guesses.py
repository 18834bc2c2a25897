"""Whoever shows many keys that open nothing has to wait."""

from django.http import HttpRequest, HttpResponse

from integrations.access import rate_limits
from integrations.access.rate_limits import Limit
from integrations.views.actors import client_address
from integrations.views.errors import too_many


def refuse_guess(
    request: HttpRequest, kind: str, limit: Limit | None = None
) -> HttpResponse | None:
    """Count a link or key that opens nothing. Return the refusal once there were too many.

    A true one is never refused, whatever others try from the same address: unlike a password, it is
    long and random, and nobody hits on it.
    """
    wait = (limit or rate_limits.GUESS).spend(kind, client_address(request))
    return too_many(request, wait) if wait else None
