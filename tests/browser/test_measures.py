"""The measures of pages, as every state keeps to them (`test_gallery.py`): one thing to press, few
sizes and edges, nothing too wide or too small.
"""

import pytest

from tests.browser.browsing import Browsing, see
from tests.browser.measures import FILLED, SIZES
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def test_a_healthy_row_is_64_px_high(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("", "/demo/gallery/customer-all/", viewport={"width": 1280, "height": 900})
    rows = page.locator(".item[data-headline=connected]").all()
    heights = [row.evaluate("(row) => row.getBoundingClientRect().height") for row in rows]
    assert heights
    assert [height for height in heights if abs(height - 64) > 2] == []


@pytest.mark.parametrize("width", [360, 1280])
def test_only_twins_say_what_tells_them_apart(browsing: Browsing, demo: Demo, width: int) -> None:
    page = browsing.open("", "/demo/gallery/customer/", viewport={"width": width, "height": 900})
    shown = page.locator(".twin:visible")
    see(shown).to_have_count(0)
    page.evaluate(
        "document.querySelectorAll('.group').forEach((one) => { one.dataset.twins = ''; })"
    )
    see(shown.first).to_be_visible()


def test_the_ruler_would_tell(browsing: Browsing, demo: Demo) -> None:
    """Without this, that of the gallery would hold for a blind ruler."""
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
