"""Ids from outside: one rule for them, at every door that they come in by."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

# Nothing to be seen of these either, although Unicode calls them letters, marks or symbols:
# joiners, fillers, vowels that are never shown, variation selectors and the empty braille cell.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)


def hidden_character(text: str) -> str:
    """Return the first character that nobody sees, by code point and name, or an empty text.

    Of blanks only the ordinary one is seen for what it is.
    """
    for character in text:
        if not character.isprintable() or _UNSEEN.match(character):
            name = unicodedata.name(character, "")
            return f"U+{ord(character):04X} ({name})" if name else f"U+{ord(character):04X}"
    return ""


def why_no_id(text: str) -> str:
    """Return why a text can't be an id, to whoever typed it; nothing if it can."""
    hidden = hidden_character(text)
    words = _("This contains an invisible character: %(character)s. Type the text again.")
    return words % {"character": hidden} if hidden else ""


def validate_id(text: str) -> None:
    """Raises ValidationError for an id in which something can't be seen."""
    if reason := why_no_id(text):
        raise ValidationError(reason)
