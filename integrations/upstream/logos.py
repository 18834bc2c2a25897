"""Tool logos through our own origin, so that no reader's address reaches a third party.

A logo is fetched when it is first asked for, from allow-listed hosts only, checked, kept, and
refreshed now and then; the last good one stays. Until then, and whenever there is none, a monogram
stands in.
"""

import hashlib
import time
import zlib
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.html import escape

from integrations.domain import pictures
from integrations.domain.clock import age, is_over
from integrations.kombo.http import Http
from integrations.kombo.schema import Tool
from integrations.kombo.transfer import TransferError
from integrations.models import Logo

MAX_BYTES = 256 * 1024
DEADLINE = 3.0  # seconds
MAX_AGE = timedelta(days=7)
RETRY_AFTER = timedelta(minutes=10)  # also the lease: nobody else tries meanwhile
_http = Http()
_COLOURS = ("#3b4fd8", "#157347", "#8b3fb0", "#b4530a", "#0e7490", "#a21c5b", "#4d5b16", "#52525b")


def register(tool: Tool) -> Logo:
    """The logo row of a tool: the square icon, else the wide logo, else none but its name."""
    url = tool.icon_url or tool.logo_url or ""
    key = hashlib.blake2s(f"{url}\0{tool.label}".encode(), digest_size=12).hexdigest()
    logo, _created = Logo.objects.get_or_create(key=key, defaults={"url": url, "label": tool.label})
    return logo


def picture(key: str) -> tuple[bytes, str] | None:
    """The picture's bytes and content type, or None where a monogram must do.

    Fetches it if it is time to.
    """
    logo = Logo.objects.filter(key=key).first()
    if logo is None:
        return None
    if _is_stale(logo) and _may_fetch(logo.url) and _claim(logo):
        _fetch(logo)
    return (bytes(logo.content), logo.content_type) if logo.content else None


def fetch_due(*, limit: int = 1) -> int:
    """Fetch pictures that are missing or old, and may be tried. Return how many were tried."""
    now = timezone.now()
    due = (
        Logo.objects.filter(_stale_at(now), _free_at(now))
        .exclude(url="")
        .defer("content")
        .order_by("pk")
    )
    tried = [logo for logo in due[:100] if _may_fetch(logo.url)][:limit]
    for logo in tried:
        if _claim(logo):
            _fetch(logo)
    return len(tried)


def monogram(label: str) -> bytes:
    """A square SVG with the first letter of a tool's name on a colour of its own."""
    letter = next((character for character in label if character.isalnum()), "?").upper()
    colour = _COLOURS[zlib.crc32(label.encode()) % len(_COLOURS)]
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 44 44">'
        f'<rect width="44" height="44" fill="{colour}"/>'
        '<text x="22" y="29.5" text-anchor="middle" font-family="system-ui,sans-serif" '
        'font-size="21" '
        f'font-weight="600" fill="#fff">{escape(letter)}</text></svg>'
    ).encode()


def label(key: str) -> str:
    """The tool's name for a logo, or an empty text."""
    return Logo.objects.filter(key=key).values_list("label", flat=True).first() or ""


def _may_fetch(url: str) -> bool:
    try:
        parts = urlsplit(url)
        loopback = parts.hostname in {"127.0.0.1", "localhost"}
        return parts.netloc in settings.KOMBO_LOGO_HOSTS and (parts.scheme == "https" or loopback)
    except ValueError:
        return False


def _is_stale(logo: Logo) -> bool:
    return age(logo.fetched_at, timezone.now()) > MAX_AGE


def _stale_at(now: datetime) -> Q:
    return Q(fetched_at__isnull=True) | Q(fetched_at__lt=now - MAX_AGE)


def _free_at(now: datetime) -> Q:
    return is_over("retry_at", now, at_most=RETRY_AFTER)


def _claim(logo: Logo) -> bool:
    """One fetch at a time over all processes, and not again soon after a failure."""
    now = timezone.now()
    return bool(Logo.objects.filter(_free_at(now), pk=logo.pk).update(retry_at=now + RETRY_AFTER))


def _fetch(logo: Logo) -> None:
    try:
        answer = _http.request(
            "GET", logo.url, deadline=time.monotonic() + DEADLINE, max_bytes=MAX_BYTES
        )
    except TransferError:
        return
    content_type = pictures.content_type(answer.body) if answer.status == 200 else ""
    if content_type:
        logo.content = answer.body
        logo.content_type = content_type
        logo.fetched_at = timezone.now()
        logo.save(update_fields=["content", "content_type", "fetched_at"])
