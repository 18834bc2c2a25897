"""Sending to a colleague, in a dialog over the page."""

import re

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, hold, see
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
WAITS = "(button) => getComputedStyle(button, '::after').content !== 'none'"


def opened(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("alice", demo.tenant("acme"))
    page.get_by_role("link", name=copy.SEND_TO_A_COLLEAGUE).click()
    see(page.get_by_role("dialog", name=copy.SEND_TO_A_COLLEAGUE)).to_be_visible()
    return page


def test_it_opens_over_the_page_and_leads_back(browsing: Browsing, demo: Demo) -> None:
    page = opened(browsing, demo)
    assert page.url.endswith(demo.tenant("acme"))
    see(page.locator("#hand-off-to")).to_be_focused()
    page.keyboard.press("Escape")
    see(page.get_by_role("dialog")).to_have_count(0)
    see(page.get_by_role("link", name=copy.SEND_TO_A_COLLEAGUE)).to_be_focused()


def test_what_is_written_is_seen_and_sent(browsing: Browsing, demo: Demo) -> None:
    page = opened(browsing, demo)
    page.locator("#hand-off-to").fill("tom@acme.example")
    page.locator("#hand-off-message").fill("Hi Tom")
    page.get_by_role("button", name=copy.PREVIEW).click()
    see(page.locator(".previews blockquote")).to_have_text("Hi Tom")
    see(page.locator("#hand-off-to")).to_have_value("tom@acme.example")
    page.get_by_role("button", name=copy.SEND_BY_EMAIL).click()
    said = copy.THE_EMAIL_TO_TO_IS_ON_ITS_WAY(to="tom@acme.example")
    see(page.get_by_role("dialog").get_by_text(said)).to_be_visible()
    page.get_by_role("button", name=copy.REVOKE).click()
    see(page.locator("[data-hand-off][data-state=revoked]")).to_have_count(1)


def test_a_refusal_and_a_failure_are_said_in_it(browsing: Browsing, demo: Demo) -> None:
    page = opened(browsing, demo)
    page.get_by_role("button", name=copy.SEND_BY_EMAIL).click()
    see(page.get_by_role("dialog").get_by_role("alert")).to_have_text(
        copy.ENTER_A_VALID_EMAIL_ADDRESS
    )
    browsing.expects("hand-off|sendError|ERR_FAILED")
    page.route(re.compile("/hand-off/"), lambda route: route.abort())
    page.get_by_role("button", name=copy.COPY_LINK).click()
    see(page.get_by_role("dialog").get_by_text(copy.SOMETHING_WENT_WRONG_TRY_AGAIN)).to_be_visible()


def test_a_button_that_waits_shows_it(browsing: Browsing, demo: Demo) -> None:
    page = opened(browsing, demo)
    release = hold(page, "/hand-off/")
    button = page.get_by_role("button", name=copy.COPY_LINK)
    assert not button.evaluate(WAITS)
    button.click()
    assert button.evaluate(WAITS)
    release()
    see(page.get_by_label(copy.LINK_TO_SHARE)).to_be_focused()
