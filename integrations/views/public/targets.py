"""Where somebody wanted to go before they were asked who they are."""

from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def target_of(request: HttpRequest, proposed: str) -> str:
    """Return a proposed address if it is one of this site's, else that of the first page."""
    is_ours = url_has_allowed_host_and_scheme(
        proposed, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return proposed if is_ours else resolve_url(settings.LOGIN_REDIRECT_URL)
