"""Choosing a language: arrow keys only choose, a button does it (WCAG 3.2.2)."""

from typing import Any

import pytest

from tests import copy
from tests.browser.browsing import Browsing, requests_of, see
from tests.browser.keyboard import press
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
HEIGHT = "one => one.getBoundingClientRect().height"


def test_an_arrow_key_changes_nothing_but_the_choice(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    sent = requests_of(page, lambda request: request.url.endswith("/language/"))
    choice = page.get_by_label(copy.LANGUAGE)
    press(page, choice, "ArrowDown")
    see(choice).to_have_value("de")
    press(page, choice, "ArrowDown")  # goes on from where the first one was
    see(choice).to_have_value("fr")
    assert sent == []
    see(page.locator("html")).to_have_attribute("lang", "en")
    press(page, page.get_by_role("button", name=copy.CHANGE, exact=True))
    see(page.locator("html")).to_have_attribute("lang", "fr")
    assert len(sent) == 1


def test_on_a_phone_the_header_stays_one_line(browsing: Browsing, demo: Demo) -> None:
    narrow: Any = {"viewport": {"width": 360, "height": 800}}
    page = browsing.context("alice", **narrow).new_page()
    page.goto(demo.tenant("acme"))
    header = page.locator("header.top")
    choice, change = (
        page.get_by_label(copy.LANGUAGE),
        page.get_by_role("button", name=copy.CHANGE, exact=True),
    )
    see(change).to_be_hidden()
    height = header.evaluate(HEIGHT)
    assert height < 2 * choice.evaluate(HEIGHT) + 16
    choice.select_option("de")
    see(change).to_be_visible()
    assert header.evaluate(HEIGHT) == height
    press(page, change)
    see(page.locator("html")).to_have_attribute("lang", "de")
