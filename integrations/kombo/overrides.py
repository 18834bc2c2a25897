"""Signs that turn text round, which no name needs: dropped from whatever Kombo says."""

import re

# U+202A to U+202E and U+2066 to U+2069, as they are in UTF-8 and as JSON may write them: an even
# number of backslashes before is text of its own.
_PLAIN = re.compile(rb"\xe2(?:\x80[\xaa-\xae]|\x81[\xa6-\xa9])")
_ESCAPED = re.compile(rb"(?<!\\)((?:\\\\)*)\\u(?:202[a-e]|206[6-9])", re.IGNORECASE)


def drop_overrides(body: bytes) -> bytes:
    """Return JSON without them."""
    body = _PLAIN.sub(b"", body)
    while (cleaned := _ESCAPED.sub(rb"\1", body)) != body:  # one may stand right behind another
        body = cleaned
    return body
