"""What Kombo finds wrong with an integration, as a snapshot keeps it for its card: a short list."""

from datetime import datetime

import msgspec
from msgspec import Struct


class OpenIssue(Struct, frozen=True, kw_only=True):
    """An issue that is open; `message` is Kombo's Markdown, `since` when it was last raised."""

    id: str
    type: str
    title: str
    message: str
    since: datetime


# Made at import: see the decoders of `kombo.schema`.
_decoder = msgspec.json.Decoder(tuple[OpenIssue, ...])


def encode(issues: list[OpenIssue]) -> str:
    """Return issues as text for the snapshot's column; nothing for none."""
    return msgspec.json.encode(issues).decode() if issues else ""


def decode(stored: str) -> tuple[OpenIssue, ...]:
    """Return the issues that `encode` stored."""
    return _decoder.decode(stored) if stored else ()
