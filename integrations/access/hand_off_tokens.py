"""What stands in the address of a link that is a key: a random id, and our signature of it."""

from typing import Final

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SIGNATURE = 24  # characters of a hexadecimal HMAC: 96 bits
LONGEST_TOKEN = 32 + SIGNATURE
HAND_OFF: Final = "integrations.hand_offs"
INVITATION: Final = "integrations.invitations"
"""What a link is for: one of a kind is none of another."""


def sign(public_id: str, kind: str = HAND_OFF) -> str:
    """Return the token of a link."""
    return public_id + _signature(public_id, kind)


def public_id_in(token: str, kind: str = HAND_OFF) -> str:
    """Return the id of the link whose token we signed; an empty text if we did not."""
    public_id, signature = token[:-SIGNATURE], token[-SIGNATURE:]
    if not token.isascii() or len(token) > LONGEST_TOKEN:
        return ""
    return public_id if _is_ours(public_id, signature, kind) else ""


def _is_ours(public_id: str, signature: str, kind: str) -> bool:
    """One of our keys signed it: the present one, or one that it has taken the place of."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return any(constant_time_compare(signature, _signature(public_id, kind, key)) for key in keys)


def _signature(public_id: str, kind: str, key: str = "") -> str:
    signature = salted_hmac(kind, public_id, secret=key or None, algorithm="sha256")
    return signature.hexdigest()[:SIGNATURE]
