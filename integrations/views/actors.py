"""Who acts, as limits and the audit record know them."""

import ipaddress

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from integrations.access import audit
from integrations.access.audit import Actor


def client_address(request: HttpRequest) -> str:
    """The address next to the proxies we trust, counted from the right: what is further left is
    hearsay.

    Of an IPv6 address the /64: that is what one customer of a provider has.
    """
    hops = [
        hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()
    ]
    trusted = settings.TRUSTED_PROXY_COUNT
    address = (
        hops[-trusted]
        if trusted and len(hops) >= trusted
        else str(request.META.get("REMOTE_ADDR", ""))
    )
    try:
        if ipaddress.ip_address(address).version == 6:
            return str(ipaddress.ip_network(f"{address}/64", strict=False))
    except ValueError:
        pass  # a socket's name, or nonsense from a proxy: good enough to count by
    return address


def actor_of(request: HttpRequest, *, otherwise: str = audit.EMBEDDED) -> Actor:
    """Whom the audit record names: the user, or else by what somebody without an account was let
    in.
    """
    user = request.user if isinstance(request.user, User) else None
    return Actor(user, user.get_username() if user else otherwise, client_address(request))
