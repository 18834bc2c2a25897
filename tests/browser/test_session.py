"""A session that ends while a page is open."""

import re

import pytest

from tests import copy
from tests.browser.browsing import Browsing, hold, open_menu, see
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def test_ended_session_is_told_and_the_cards_stay(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 401|Status Error Code 401")
    demo.age(120)
    demo.state("personio", "connected")
    context = browsing.context("alice")
    page = context.new_page()
    poll = hold(page, "/poll/")
    page.goto(demo.tenant("acme"))
    context.clear_cookies(name="sessionid")
    poll()
    notice = page.locator("#session-ended")
    see(notice).to_contain_text(copy.YOUR_SESSION_HAS_ENDED)
    see(page.locator("article.card")).to_have_count(3)
    see(page.locator(demo.card("personio"))).to_have_attribute(
        "data-headline", "reconnect_required"
    )
    notice.get_by_role("link", name=copy.SIGN_IN_AGAIN).click()
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name=copy.SIGN_IN).click()
    see(page).to_have_url(re.compile(re.escape(demo.tenant("acme"))))
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")


def test_click_after_the_session_ended_is_told_too(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 401|Status Error Code 401")
    context = browsing.context("alice")
    page = context.new_page()
    page.goto(demo.tenant("acme"))
    context.clear_cookies(name="sessionid")
    page.get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    see(page.locator("#session-ended")).to_contain_text(copy.YOUR_SESSION_HAS_ENDED)
    see(page.locator("dialog")).to_have_count(0)


def test_signing_out_ends_at_the_sign_in(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    open_menu(page, copy.ACCOUNT_OF_NAME.core)
    page.get_by_role("button", name=copy.SIGN_OUT).click()
    see(page.get_by_role("heading", name=copy.SIGN_IN)).to_be_visible()
    page.goto(demo.tenant("acme"))
    see(page.get_by_role("heading", name=copy.SIGN_IN)).to_be_visible()
