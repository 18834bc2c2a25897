"""Names in letters that run from right to left, kept from turning round the sentence they stand in.

Only those are wrapped: our languages run from left to right, where no other name turns anything.
"""

import re
import unicodedata

_ISOLATE, _END = "\u2068", "\u2069"  # the isolate takes its direction from its first strong letter
MARKS = _ISOLATE + _END
"""What `isolate` puts around a name."""
# Source: Unicode Standard Annex #9, table 4.
_SIGNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_TURNING = {"R", "AL", "AN", "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def turns(text: str) -> bool:
    """Whether any character of a text may change the direction of what is around it."""
    return not text.isascii() and any(
        unicodedata.bidirectional(character) in _TURNING for character in text
    )


def without_signs(text: str) -> str:
    """Return a text without the signs that turn others round, which no name needs."""
    return _SIGNS.sub("", text)


def isolate(text: str) -> str:
    """Return a name as it stands in a sentence that is no HTML."""
    return f"{_ISOLATE}{text}{_END}" if turns(text) else text
