"""A reader's own settings: text twice as large, and nothing that moves. Whatever the state of a page,
its text can be read, and nothing has to be scrolled sideways.
"""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Frame

from tests.browser.axe import WIDE
from tests.browser.browsing import Browsing
from tests.browser.gallery import OURS, documents
from tests.browser.stage import Demo
from tests.browser.text_measures import CUT_OFF, OVERLAPPING

pytestmark = pytest.mark.browser

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


def hard_to_read(document: Frame, name: str, width: int) -> dict[str, Any]:
    document.page.set_viewport_size({"width": width, "height": 800})
    scroll_width, inner_width, _title = document.evaluate(WIDE)
    found: dict[str, Any] = {
        "too wide": scroll_width > inner_width,
        "overlapping": document.evaluate(OVERLAPPING),
    }
    if not name.startswith(OVERLONG) and not (name.startswith(SHORTENED) and width == 1280):
        found["cut off"] = document.evaluate(CUT_OFF)
    return {what: all_of_it for what, all_of_it in found.items() if all_of_it}


def enlarge(session: CDPSession, size: int) -> None:
    """Choose the size of text, as in the browser's settings."""
    sizes = {"standard": size, "fixed": size - 3}
    session.send("Page.setFontSizes", {"fontSizes": sizes})


@pytest.mark.parametrize("group", OURS)
def test_text_can_be_read(browsing: Browsing, demo: Demo, group: str) -> None:
    found = {}
    session = None
    for name, document in documents(browsing, group):
        session = session or document.page.context.new_cdp_session(document.page)
        document.evaluate(DRAW_ALL)
        for size, widths in ((USUAL, (320, 1280)), (LARGE, (360, 640, 1280))):
            enlarge(session, size)
            for width in widths:
                if trouble := hard_to_read(document, name, width):
                    found[name, size, width] = trouble
        enlarge(session, USUAL)
    assert found == {}


@pytest.mark.parametrize("group", OURS)
def test_nothing_moves_for_who_wants_it_still(browsing: Browsing, demo: Demo, group: str) -> None:
    moving = {name: document.evaluate(MOVING) for name, document in documents(browsing, group)}
    assert {name: found for name, found in moving.items() if found} == {}


def test_what_moves_would_be_seen(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("", "/demo/gallery/customer/", reduced_motion="no-preference")
    page.evaluate("document.body.animate([{ opacity: 0 }, { opacity: 1 }], 60_000)")
    assert len(page.evaluate(MOVING)) == 1


def test_unreadable_text_would_be_seen(browsing: Browsing, demo: Demo) -> None:
    """Without this, the test above would hold for a blind ruler."""
    page = browsing.open("", "/demo/gallery/customer/")
    assert hard_to_read(page.main_frame, "customer", 1280) == {}
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`h1 { inline-size: 20px; overflow: hidden; white-space: nowrap; }
                h2 { inline-size: 300vw; } .item-name p { margin-block-start: -18px; }`);
            document.adoptedStyleSheets.push(sheet);
        }"""
    )
    found = hard_to_read(page.main_frame, "customer", 1280)
    assert found.keys() == {"too wide", "overlapping", "cut off"}
