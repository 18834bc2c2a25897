"""How long a server asks us to stay away, as the headers of its answer say."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_WAIT = 3600.0  # seconds; a server asking for more is mistaken


def retry_after(headers: Mapping[str, str], *, fallback: str = "") -> float | None:
    """Return the seconds that the headers ask us to stay away, None if they do not.

    `ratelimit-reset` counts seconds too and stands in every answer, hence only a fallback after a
    429. Source: https://docs.kombo.dev, "Rate limiting"
    """
    for name in filter(None, ("retry-after", fallback)):
        seconds = _seconds(headers.get(name, ""))
        if seconds is not None:
            return min(max(seconds, 0.0), LONGEST_WAIT)
    return None


def _seconds(text: str) -> float | None:
    text = text.strip()
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        return (
            (date if date.tzinfo else date.replace(tzinfo=UTC)) - datetime.now(UTC)
        ).total_seconds()
    except (ValueError, OverflowError):
        return None
