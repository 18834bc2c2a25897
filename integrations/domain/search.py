"""How texts of the world are compared: one way for what is searched and for what is typed.

Case, accents and the many ways to write one letter make no difference, so that "istanbul" finds
İSTANBUL, "Muller" finds Müller, and Korean is found whether a file system took it apart or not.
"""

import re
import unicodedata

# Letters that Unicode does not take apart into another and a mark.
_PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
)


def fold(text: str) -> str:
    """Return a text as it is compared."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    bare = "".join(
        character
        for character in apart
        if unicodedata.category(character) not in {"Mn", "Me", "Cf"}
    )
    return bare.translate(_PLAIN)


def words(text: str) -> list[str]:
    """Return the words of a text as they are compared; an emoji is a word of its own."""
    return [
        word
        for word in re.findall(r"[^\W_]+|[^\w\s]", fold(text))
        if word.isalnum() or unicodedata.category(word) == "So"
    ]


def has_words(text: str, query: list[str]) -> bool:
    """Whether all of these, which are folded, stand somewhere in a text."""
    folded = fold(text)
    return all(word in folded for word in query)


def is_same_name(typed: str, name: str) -> bool:
    """Whether somebody typed a name as they read it: case, accents, spaces and signs that nobody
    sees make no difference.
    """
    return bool(name.strip()) and (
        _bare(typed) == _bare(name) != "" or typed.strip() == name.strip()
    )


def _bare(text: str) -> str:
    return "".join(fold(text).split())


def compose(text: str) -> str:
    """Return the one way to write a name that is compared letter by letter."""
    return unicodedata.normalize("NFC", text)
