"""Several attempts to reconnect, and what the history tells of each."""

import re

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, see, see_acts
from tests.browser.connecting import dialog, open_connect, sign_in
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def attempts(page: Page) -> list[str]:
    return page.locator('[data-entry="repair"]').all_inner_texts()


def test_the_attempt_that_worked_is_the_one_that_is_told(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 422|Blocked autofocusing")
    demo.delivery("normal")
    page = browsing.open("alice", demo.tenant("acme"))
    open_connect(page, "Personio")
    page.keyboard.press("Escape")  # given up
    see(dialog(page)).to_have_count(0)
    connect = open_connect(page, "Personio")
    connect.get_by_label("Administrator’s user name").fill("admin")
    connect.get_by_label("Password").fill("wrong")
    connect.get_by_role("button", name="Connect", exact=True).click()
    see(connect.get_by_text("This password was not accepted")).to_be_visible()
    demo.wait_for(lambda: any(one["type"] == "connection-flow-failed" for one in demo.deliveries()))
    sign_in(connect)
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    page.goto(f"{demo.page('personio')}history/")
    worked, abandoned = attempts(page)[:2]
    assert "reconnected Personio" in worked
    assert copy.NO_RESULT_WAS_REPORTED in abandoned


def test_one_answer_brings_card_and_banner(browsing: Browsing, demo: Demo) -> None:
    demo.settings(lag=600)
    page = browsing.open("alice", demo.tenant("acme"))
    see_acts(page, 1)
    page.route(re.compile("/banner/"), lambda _route: None)  # no second answer ever comes
    sign_in(open_connect(page, "Personio"))
    see(
        page.locator(demo.card("personio")).get_by_text(copy.CHECKING_TOOL(tool="Personio"))
    ).to_be_visible()
    see_acts(page, 0)
    see(page).not_to_have_title(re.compile(r"\(\d"))
