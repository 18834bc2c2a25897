"""The pages of the gallery, measured: one thing to press, few sizes and edges, nothing too wide, too
small or too faint, with each face of the vendor's.
"""

from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from integrations.demo.faces import FACES
from integrations.demo.gallery import GALLERY
from tests.browser.axe import SMALL, WIDE
from tests.browser.browsing import Browsing
from tests.browser.gallery import states
from tests.browser.measures import (
    EDGES,
    FAINT_BUTTONS,
    FAINT_EDGES,
    FAINT_LINES,
    FAINT_TEXTS,
    FILLED,
    SIZES,
)
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

GROUPS = [group for group in GALLERY if group not in {"Embed", "Admin"}]  # a host's pages, Django's
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
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
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            if faint := page.evaluate(FAINT_LINES):
                wrong[name, theme] = faint
    assert wrong == {}


def test_a_healthy_row_is_64_px_high(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("", "/demo/gallery/customer-all/", viewport={"width": 1280, "height": 900})
    rows = page.locator(".item[data-headline=connected]").all()
    heights = [row.evaluate("(row) => row.getBoundingClientRect().height") for row in rows]
    assert heights
    assert [height for height in heights if abs(height - 64) > 2] == []


@pytest.mark.parametrize("face", FACES)
def test_every_face_can_be_read(browsing: Browsing, demo: Demo, face: str) -> None:
    faint = {}
    for group in ("Headlines", "Customer", "Without an account"):
        for name, page in states(browsing, group, f"face={face}"):
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)
                for script in (FAINT_BUTTONS, FAINT_TEXTS, FAINT_EDGES):
                    if found := page.evaluate(script):
                        faint[name, theme] = found
    assert faint == {}


@pytest.mark.parametrize("group", ["Customer", "Workspace"])
def test_pages_fit_as_readers_set_them(browsing: Browsing, demo: Demo, group: str) -> None:
    """With colors forced, and with text twice as large."""
    wide = {}
    for name, page in states(browsing, group, forced_colors="active"):
        page.context.new_cdp_session(page).send(
            "Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}}
        )
        page.reload()
        for width in (640, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            scroll_width, inner_width, _title = page.evaluate(WIDE)
            if scroll_width > inner_width:
                wide[name, width] = scroll_width
    assert wide == {}


def test_nothing_moves_for_who_wants_it_still(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("", "/demo/gallery/cold/")
    page.goto("/demo/gallery/customer-all/")
    moving = "document.getAnimations().filter((one) => one.playState === 'running').length"
    assert page.evaluate(moving) == 0


def test_the_ruler_would_tell(browsing: Browsing, demo: Demo) -> None:
    """Without this, the tests above would hold for a blind ruler."""
    page = browsing.open("", "/demo/gallery/customer/", viewport={"width": 1280, "height": 900})
    assert len(page.evaluate(FILLED)) == 1
    page.evaluate(
        """() => {
            const main = document.querySelector("main");
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`.button { color: #888 !important; background: #999 !important; }
                input { border-color: #eee !important; } main { font-size: 71px; border-top: 1px solid; }`);
            document.adoptedStyleSheets.push(sheet);
            const label = main.appendChild(document.createElement("label"));
            label.append("large", document.createElement("input"));
        }"""
    )
    assert page.evaluate(FAINT_BUTTONS)
    assert page.evaluate(FAINT_TEXTS)
    assert page.evaluate(FAINT_LINES)
    assert 71 in page.evaluate(SIZES)
