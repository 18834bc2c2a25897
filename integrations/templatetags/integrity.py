"""What a browser compares a script with before it runs (Subresource Integrity)."""

import base64
import hashlib
from functools import cache

from django import template
from django.conf import settings

from kombo_dashboard import static_files

register = template.Library()


@register.simple_tag
def integrity(name: str) -> str:
    """Return the digest of a static file, for an `integrity` attribute."""
    return _digest(name) if settings.STATIC_IS_COLLECTED else _digest.__wrapped__(name)


@cache
def _digest(name: str) -> str:
    digest = hashlib.sha384(static_files.read(name)).digest()
    return f"sha384-{base64.b64encode(digest).decode()}"
