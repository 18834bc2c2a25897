"""Who acts, as limits and the audit record know them."""

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest

from integrations.access import audit
from integrations.access.audit import Actor

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052
_PORT = r"(?::[0-9]{1,5})?"
# As proxies write it: an IPv4 address, perhaps with a port; an IPv6 address, perhaps in brackets
# and then perhaps with a port. No longer than the longest of them.
_HOP = re.compile(
    rf"([0-9.]{{7,15}}){_PORT}|\[([0-9a-f:.]{{2,45}})\]{_PORT}|([0-9a-f:.]{{2,45}})", re.I
)


def client_address(request: HttpRequest) -> str:
    """What an address counts as for limits and the audit record: of an IPv6 address the /64, as
    that is what one customer of a provider has.
    """
    address = client_ip(request)
    if isinstance(address, IPv6Address):
        return str(IPv6Network((int(address), 64), strict=False))
    # A socket's name is good enough to count by.
    return str(address or request.META.get("REMOTE_ADDR", ""))


def client_ip(request: HttpRequest) -> IPv4Address | IPv6Address | None:
    """The address next to the proxies we trust, counted from the right: what is further left is
    hearsay.

    An IPv4 address counts as such in whichever dress it comes. What is no address counts as the
    peer that sent it; None if that has none either.
    """
    hops = [
        hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()
    ]
    trusted = settings.TRUSTED_PROXY_COUNT
    forwarded = _parsed(hops[-trusted]) if trusted and len(hops) >= trusted else None
    return forwarded or _parsed(str(request.META.get("REMOTE_ADDR", "")))


def _parsed(hop: str) -> IPv4Address | IPv6Address | None:
    """The address that a proxy has written; None if it is none."""
    match = _HOP.fullmatch(hop)
    try:
        address = ip_address(match[1] or match[2] or match[3]) if match else None
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return _ipv4_in(address) or address
    return address


def _ipv4_in(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for: mapped, translated or tunnelled."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    _server, teredo = address.teredo or (None, None)
    return address.ipv4_mapped or address.sixtofour or teredo


def bearer(request: HttpRequest) -> str:
    """Return the key or token that a program shows; empty if it shows none."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def actor_of(request: HttpRequest, *, otherwise: str = audit.EMBEDDED) -> Actor:
    """Whom the audit record names: the user, whoever looks as a customer, or else by what somebody
    without an account was let in.
    """
    if preview := getattr(request, "preview", None):
        return cast("Actor", preview.by)
    user = request.user if isinstance(request.user, User) else None
    return Actor(user, user.get_username() if user else otherwise, client_address(request))
