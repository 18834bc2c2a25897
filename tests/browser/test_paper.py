"""Pages on paper: nothing of the screen's controls, nothing cut off, and no blank page before what
fits.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import Browsing
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
A4: Any = {"width": 794 - 2 * 57, "height": 1123}  # CSS pixels between margins of 15 mm
# What can be pressed, and what is wider than the paper.
UNFIT = """() => [...document.querySelectorAll("button, input, select, .top, .tabs, main *")].filter((one) =>
  one.checkVisibility() && one.getBoundingClientRect().width > 1
  && (one.matches("button, input, select, .top, .tabs") || one.getBoundingClientRect().right > innerWidth + 1)
).map((one) => one.outerHTML.slice(0, 90)).slice(0, 5)"""


def pages_of(page: Page) -> int:
    """How many sheets the page takes."""
    return len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4")))


PAGES: dict[str, tuple[str, Callable[[Demo], str], int]] = {
    "list": ("gina", lambda demo: demo.tenant("gallery"), 2),
    "grid": ("alice", lambda demo: demo.page("personio"), 3),
    "whole grid": ("alice", lambda demo: f"{demo.page('personio')}?open=all", 20),
    "history": ("alice", lambda demo: f"{demo.page('personio')}history/", 2),
}


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_on_paper(browsing: Browsing, demo: Demo, name: str) -> None:
    person, path, most = PAGES[name]
    page = browsing.open(person, path(demo), color_scheme="dark", viewport=A4)
    page.emulate_media(media="print")
    assert page.evaluate(UNFIT) == []
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(247, 247, 249)", "light, whatever the screen is"
    assert pages_of(page) <= most
