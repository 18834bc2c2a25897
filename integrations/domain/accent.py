"""The vendor's accent: a fill that stays as it is, what can be read on it, and what of it can be
read on our grounds.

`static/js/theme.js` does the same to a host's accent; a test compares the two.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

DEFAULT = "#3b4fd8"
READABLE = 4.5  # WCAG 2, 1.4.3: text
VISIBLE = 3.0  # 1.4.11: where something that can be pressed ends
BLACK, WHITE = "#000000", "#ffffff"
# The darkest ground of the light look, and the lightest of the dark one, that text stands on.
LIGHT_GROUND, DARK_GROUND = "#e9ecf1", "#262a33"
_HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Palette:
    """An accent and the colours that follow from it, each as `#rrggbb`."""

    accent: str  # fills
    on_accent: str  # text and icons on it
    edge_light: str  # the border of a fill, in each look
    edge_dark: str
    hover: str  # the fill under a pointer
    text_light: str  # the accent as text and lines, in each look
    text_dark: str


def is_colour(text: str) -> bool:
    """Whether a text is a colour as `#rrggbb`."""
    return _HEX.fullmatch(text) is not None


def palette(accent: str) -> Palette:
    """Return the colours that follow from an accent. Raises ValueError if it is no `#rrggbb`."""
    if not is_colour(accent):
        raise ValueError("not a colour as #rrggbb")
    accent = accent.lower()
    on_accent = max(WHITE, BLACK, key=lambda ink: contrast(accent, ink))
    return Palette(
        accent=accent,
        on_accent=on_accent,
        edge_light=_apart(mix(accent, BLACK, 0.18), LIGHT_GROUND, BLACK, VISIBLE),
        edge_dark=_apart(mix(accent, WHITE, 0.22), DARK_GROUND, WHITE, VISIBLE),
        hover=_hover(accent, on_accent),
        text_light=_apart(accent, LIGHT_GROUND, BLACK, READABLE),
        text_dark=_apart(accent, DARK_GROUND, WHITE, READABLE),
    )


@lru_cache(maxsize=32)
def stylesheet(accent: str) -> str:
    """Return theme.css: the tokens that follow from an accent. Raises ValueError as `palette`."""
    colours = palette(accent)
    tokens = {
        "accent": colours.accent,
        "on-accent": colours.on_accent,
        "accent-edge": f"light-dark({colours.edge_light},{colours.edge_dark})",
        "accent-hover": colours.hover,
        "accent-wash": f"color-mix(in oklab,{colours.accent} 9%,var(--surface))",
        "accent-text": f"light-dark({colours.text_light},{colours.text_dark})",
    }
    return f":root{{{';'.join(f'--{name}:{value}' for name, value in tokens.items())}}}"


@lru_cache(maxsize=32)
def stylesheet_name(accent: str) -> str:
    """Return what names theme.css by its content: the accent, and a digest of what follows."""
    digest = hashlib.blake2s(stylesheet(accent).encode(), digest_size=5).hexdigest()
    return f"{accent.removeprefix('#').lower()}-{digest}"


def contrast(one: str, other: str) -> float:
    """Return WCAG's contrast of two colours, from 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def mix(colour: str, towards: str, share: float) -> str:
    """Return a colour with a share, from 0 to 1, of another one."""
    pairs = zip(_channels(colour), _channels(towards), strict=True)
    mixed = (int(value + (goal - value) * share + 0.5) for value, goal in pairs)
    return "#" + "".join(f"{value:02x}" for value in mixed)


def _hover(accent: str, on_accent: str) -> str:
    """Return a fill that is seen to be another, and that its text can still be read on with ease:
    with a little of the text's colour, or of its opposite where that would make it too weak.
    """
    hover = mix(accent, on_accent, 0.14)
    if contrast(hover, on_accent) >= 7:
        return hover
    return mix(accent, BLACK if on_accent == WHITE else WHITE, 0.14)


def _apart(colour: str, ground: str, towards: str, least: float) -> str:
    """Return a colour with at least this contrast to a ground: this one, or the first on the way to
    another one.
    """
    while contrast(colour, ground) < least:
        colour = mix(colour, towards, 0.08)
    return colour


def _channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    """Return the relative luminance, from 0 to 1. Source: WCAG 2.2."""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
