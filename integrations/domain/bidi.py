"""Names in letters that run from right to left, kept from turning round the sentence they stand in.

Only those are wrapped: our languages run from left to right, where no other name turns anything.
"""

import unicodedata

_ISOLATE, _END = "\u2068", "\u2069"  # the isolate takes its direction from its first strong letter
# Source: Unicode Standard Annex #9, table 4.
_TURNING = {"R", "AL", "AN", "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def turns(text: str) -> bool:
    """Whether letters or signs in a text may change the direction of what is around it."""
    return not text.isascii() and any(unicodedata.bidirectional(c) in _TURNING for c in text)


def isolate(text: str) -> str:
    """Return a name as it stands in a sentence that is no HTML."""
    return f"{_ISOLATE}{text}{_END}" if turns(text) else text
