"""What can be wrong with how a document looks: it can't be read, does not stand out, moves, or does
not keep to the measures.
"""

import os
from itertools import product
from typing import Any, Literal

from playwright.sync_api import CDPSession, Frame

from tests.browser.axe import SMALL
from tests.browser.checkers import Checkers
from tests.browser.embedded import lay_ground
from tests.browser.measures import (
    EDGES,
    FAINT_BUTTONS,
    FAINT_FOCUS,
    FAINT_LINES,
    FAINT_PARTS,
    FAINT_TEXTS,
    FILLED,
    SIZES,
    TOUCHING,
)
from tests.browser.text_measures import CUT_OFF, OVERLAPPING

type Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
CHECKED: list[tuple[int, Theme]] = [(320, "dark"), (1280, "light")]
if os.environ.get("EVERY_LOOK"):
    CHECKED += [(320, "light"), (1280, "dark")]

# --- What stands out ---

FAINT = {
    "buttons": FAINT_BUTTONS,
    "lines": FAINT_LINES,
    "parts": FAINT_PARTS,
    "texts": FAINT_TEXTS,
    "touching": TOUCHING,
    "focus": FAINT_FOCUS,
}


def faint(document: Frame, **media: Any) -> dict[str, Any]:
    """What does not stand out of a document, by what it is."""
    document.page.emulate_media(**media)
    if document.parent_frame is not None:
        lay_ground(document.page)
    return _found(document, FAINT)


# --- What can be read ---

USUAL, LARGE = 16, 32  # pixels; all sizes follow it
MOVING = """() => document.getAnimations().filter((one) => one.playState === "running" && one.effect.getComputedTiming().activeDuration > 0)
    .map((one) => `${one.animationName ?? one.transitionProperty}: ${one.effect.target.outerHTML.slice(0, 90)}`)"""
# Rows far down are drawn when they come into view; until then they have no size.
DRAW_ALL = """() => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { content-visibility: visible !important; }");
    document.adoptedStyleSheets.push(sheet);
}"""
# Made of names that are too long for any place.
OVERLONG = ("customer-markup",)
# The list of staff shortens names, as each row is the link to all of them.
SHORTENED = ("list", "outage-list")
TOO_WIDE = "() => document.documentElement.scrollWidth > innerWidth"


def hard_to_read(document: Frame, name: str, width: int) -> dict[str, Any]:
    document.page.set_viewport_size({"width": width, "height": 800})
    checks = {"too wide": TOO_WIDE, "overlapping": OVERLAPPING}
    if not name.startswith(OVERLONG) and not (name.startswith(SHORTENED) and width == 1280):
        checks["cut off"] = CUT_OFF
    return _found(document, checks)


def enlarge(session: CDPSession, size: int) -> None:
    """Choose the size of text, as in the browser's settings."""
    sizes = {"standard": size, "fixed": size - 3}
    session.send("Page.setFontSizes", {"fontSizes": sizes})


# --- The measures ---

WIDTHS = (320, 390, 768, 1280, 1920)
MOST_SIZES = 6
MOST_EDGES = 16


def unmeasured(document: Frame, width: int) -> dict[str, Any]:
    """What of a page does not keep to the measures at a width."""
    document.page.set_viewport_size({"width": width, "height": 900})
    checks = {"too wide": TOO_WIDE, "too small": SMALL}
    most: dict[str, int] = {}
    if width == 1280:
        checks |= {"filled buttons": FILLED, "font sizes": SIZES, "edges": EDGES}
        most = {"filled buttons": 1, "font sizes": MOST_SIZES, "edges": MOST_EDGES}
    found = _found(document, checks)
    return {
        what: value for what, value in found.items() if what not in most or len(value) > most[what]
    }


# --- All of it ---


def troubles(
    document: Frame, name: str, checkers: Checkers, session: CDPSession, *, is_mail: bool
) -> dict[Any, Any]:
    """All that is wrong with a document, however it is looked at."""
    page = document.page
    found: dict[Any, Any] = {"moving": document.evaluate(MOVING)}
    checkers.enter(document)
    for width, theme in CHECKED:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        if document.parent_frame is not None:
            lay_ground(page)
        found["checkers", width, theme] = checkers.look(document)
    if document.parent_frame is None:
        found |= {("measures", width): unmeasured(document, width) for width in WIDTHS}
    page.set_viewport_size({"width": 1280, "height": 720})
    if not is_mail:  # whoever reads mail has a focus of their program's
        page.keyboard.press("Tab")  # from now on the focus shows
        for forced, theme in product(("active", "none"), THEMES):
            found["faint", theme, forced] = faint(
                document, color_scheme=theme, forced_colors=forced
            )
    document.evaluate(DRAW_ALL)
    for size, widths in ((USUAL, (320, 1280)), (LARGE, (360, 640, 1280))):
        enlarge(session, size)
        for width in widths:
            found["text", size, width] = hard_to_read(document, name, width)
    enlarge(session, USUAL)
    return {what: trouble for what, trouble in found.items() if trouble}


def _found(document: Frame, checks: dict[str, str]) -> dict[str, Any]:
    """What each of the checks finds, in one call: each would take longer than most of them do."""
    scripts = ",".join(f"{what!r}: ({script})()" for what, script in checks.items())
    found: dict[str, Any] = document.evaluate(f"() => ({{ {scripts} }})")
    return {what: value for what, value in found.items() if value}
