"""A logo that a browser can't show gives way to its monogram."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import Browsing, see
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def shown(page: Page) -> bool:
    return bool(page.locator("img.logo").first.evaluate("picture => picture.naturalWidth > 0"))


def test_a_broken_logo_gives_way_to_its_monogram(browsing: Browsing, demo: Demo) -> None:
    context = browsing.context("alice")
    page = context.new_page()
    broken = {"status": 200, "content_type": "image/png", "body": b"\x89PNG\r\n\x1a\n"}
    page.route(re.compile(r"/logos/[0-9a-f]+/$"), lambda route: route.fulfill(**broken))
    page.goto(demo.tenant("acme"))
    logo = page.locator("img.logo").first
    see(logo).to_have_attribute("src", re.compile(r"\?monogram$"))
    demo.wait_for(lambda: shown(page))
