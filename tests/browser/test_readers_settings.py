"""A reader's own settings, as every state is looked at with (`test_gallery.py`): text twice as large,
and nothing that moves.
"""

import pytest

from tests.browser.browsing import Browsing
from tests.browser.looks import LARGE, MOVING, USUAL, enlarge, hard_to_read
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def test_text_follows_the_size_that_is_set(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("", "/demo/gallery/customer/")
    size = "parseFloat(getComputedStyle(document.body).fontSize)"
    usual = page.evaluate(size)
    enlarge(page.context.new_cdp_session(page), LARGE)
    assert page.evaluate(size) == usual * LARGE / USUAL


def test_what_moves_would_be_seen(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("", "/demo/gallery/customer/", reduced_motion="no-preference")
    page.evaluate("document.body.animate([{ opacity: 0 }, { opacity: 1 }], 60_000)")
    assert len(page.evaluate(MOVING)) == 1


def test_unreadable_text_would_be_seen(browsing: Browsing, demo: Demo) -> None:
    """Without this, that of the gallery would hold for a blind ruler."""
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
