"""The pages of the gallery, measured: one thing to press, few sizes and edges, nothing too wide or too
small.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from integrations.demo.gallery import GALLERY
from tests.browser.axe import SMALL, WIDE
from tests.browser.browsing import Browsing
from tests.browser.gallery import states
from tests.browser.measures import EDGES, FILLED, SIZES
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

GROUPS = [group for group in GALLERY if group not in {"Embed", "Admin"}]  # a host's pages, Django's
WIDTHS = (320, 390, 768, 1280, 1920)
MOST_SIZES = 6
MOST_EDGES = 16


def measure(page: Page, width: int) -> dict[str, Any]:
    """What is wrong with a page at a width."""
    page.set_viewport_size({"width": width, "height": 900})
    scroll_width, inner_width, _title = page.evaluate(WIDE)
    found = {"too wide": scroll_width > inner_width, "too small": page.evaluate(SMALL)}
    if width == 1280:
        filled, sizes, edges = (page.evaluate(script) for script in (FILLED, SIZES, EDGES))
        found["filled buttons"] = filled if len(filled) > 1 else []
        found["font sizes"] = sizes if len(sizes) > MOST_SIZES else []
        found["edges"] = edges if len(edges) > MOST_EDGES else []
    return {what: value for what, value in found.items() if value}


@pytest.mark.parametrize("group", GROUPS)
def test_pages_keep_to_the_measures(browsing: Browsing, demo: Demo, group: str) -> None:
    wrong: dict[tuple[str, int | str], Any] = {}
    for name, page in states(browsing, group):
        for width in WIDTHS:
            if found := measure(page, width):
                wrong[name, width] = found
    assert wrong == {}


def test_a_healthy_row_is_64_px_high(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("", "/demo/gallery/customer-all/", viewport={"width": 1280, "height": 900})
    rows = page.locator(".item[data-headline=connected]").all()
    heights = [row.evaluate("(row) => row.getBoundingClientRect().height") for row in rows]
    assert heights
    assert [height for height in heights if abs(height - 64) > 2] == []


def test_the_ruler_would_tell(browsing: Browsing, demo: Demo) -> None:
    """Without this, the tests above would hold for a blind ruler."""
    page = browsing.open("", "/demo/gallery/customer/", viewport={"width": 1280, "height": 900})
    assert len(page.evaluate(FILLED)) == 1
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync("main { font-size: 71px; border-top: 1px solid; }");
            document.adoptedStyleSheets.push(sheet);
            document.querySelector("main").appendChild(document.createElement("p")).append("large");
        }"""
    )
    assert 71 in page.evaluate(SIZES)
