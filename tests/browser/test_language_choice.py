"""Choosing a language: arrow keys only choose, a button does it (WCAG 3.2.2)."""

import pytest

from tests.browser.browsing import Browsing, requests_of, see
from tests.browser.keyboard import press
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def test_an_arrow_key_changes_nothing_but_the_choice(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    sent = requests_of(page, lambda request: request.url.endswith("/language/"))
    choice = page.get_by_label("Language")
    press(page, choice, "ArrowDown")
    see(choice).to_have_value("de")
    press(page, choice, "ArrowDown")  # goes on from where the first one was
    see(choice).to_have_value("fr")
    assert sent == []
    see(page.locator("html")).to_have_attribute("lang", "en")
    press(page, page.get_by_role("button", name="Change", exact=True))
    see(page.locator("html")).to_have_attribute("lang", "fr")
    assert len(sent) == 1
