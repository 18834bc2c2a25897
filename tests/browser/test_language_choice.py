"""Choosing a language: one press on its name, in a menu."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page

from tests import copy
from tests.browser.browsing import Browsing, open_menu, requests_of, see
from tests.browser.keyboard import press
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
HEIGHT = "one => one.getBoundingClientRect().height"


def opener(page: Page) -> Locator:
    return page.locator("details.languages > summary")


def test_a_language_is_chosen_by_one_press(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    sent = requests_of(page, lambda request: request.url.endswith("/language/"))
    press(page, opener(page))
    assert sent == []
    press(page, page.get_by_role("button", name="Français"))
    see(page.locator("html")).to_have_attribute("lang", "fr")
    assert len(sent) == 1


def test_escape_closes_the_menu_and_leads_back(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    sent = requests_of(page, lambda request: request.url.endswith("/language/"))
    press(page, opener(page))
    press(page, page.get_by_role("button", name="Deutsch"), "Escape")
    see(page.locator("details.languages[open]")).to_have_count(0)
    see(opener(page)).to_be_focused()
    assert sent == []


def test_on_a_phone_the_header_stays_one_line(browsing: Browsing, demo: Demo) -> None:
    narrow: Any = {"viewport": {"width": 360, "height": 800}}
    page = browsing.context("alice", **narrow).new_page()
    page.goto(demo.tenant("acme"))
    header = page.locator("header.top")
    height = header.evaluate(HEIGHT)
    assert height < 2 * opener(page).evaluate(HEIGHT) + 16
    open_menu(page, copy.LANGUAGE)
    choice = page.get_by_role("button", name="Deutsch")
    see(choice).to_be_in_viewport(ratio=1)
    assert header.evaluate(HEIGHT) == height
    choice.click()
    see(page.locator("html")).to_have_attribute("lang", "de")
