"""Links into Kombo Connect: checked, handed to one answer, and never stored or logged."""

import logging
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings

logger = logging.getLogger(__name__)


class LinkRefused(Exception):
    """Kombo answered a link that does not lead to Kombo Connect."""


@dataclass(frozen=True, slots=True)
class ConnectLink:
    """A way into Kombo Connect for one person and one hour; `attempt` names it in the history."""

    url: str
    origin: str
    attempt: str = ""

    @property
    def frame_url(self) -> str:
        """The link as Kombo's own browser library frames it: with the version of its message
        protocol.

        Source: @kombo-api/connect 1.3.0.
        """
        parts = urlsplit(self.url)
        return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, "sdkv=1.3.0"]))))

    def __repr__(self) -> str:
        return f"ConnectLink(origin={self.origin!r})"


def checked(url: str) -> ConnectLink:
    """Return a link whose origin is exactly one of those allowed; no other may reach a browser.

    Raises LinkRefused.
    """
    try:
        parts = urlsplit(url)
    # A bracket without its other half, or a letter that browsers read as a slash.
    except ValueError:
        parts = urlsplit("")
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    # urlsplit forgives control characters and browsers read a backslash as a slash: neither belongs
    # in a link.
    clean = url.isascii() and url.isprintable() and "\\" not in url and " " not in url
    if not clean or origin not in settings.KOMBO_CONNECT_ORIGINS:
        logger.error("Kombo answered a link outside KOMBO_CONNECT_ORIGINS; it was not shown")
        raise LinkRefused
    return ConnectLink(url=url, origin=origin)
