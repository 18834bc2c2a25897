"""An invitation to connect a tool, from the customer's page through Kombo Connect until it is
mapped, by whom nobody has heard of.
"""

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, see
from tests.browser.connecting import dialog, frame, invited, sign_in
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
TO = "tom@acme.example"


def see_connected(browsing: Browsing, demo: Demo) -> None:
    """The customer has it, and no attempt any more."""
    page = browsing.open("alice", demo.tenant("acme"))
    see(page.locator("[data-attempt-status]")).to_have_count(0)
    see(page.locator("article.card")).to_have_count(4)


def finish_setup(page: Page) -> None:
    """Go through the steps that are left once the tool is connected: a page of their own."""
    see(page.locator("[data-severity=action_required] #continue")).to_be_visible()
    page.locator("#continue").click()
    frame(page).get_by_role("button", name="Finish setup").click()


def is_connected(page: Page, link: str) -> bool:
    """Look at the link once more."""
    page.goto(link)
    return page.locator("[data-headline=setup_incomplete]").count() == 1


def test_a_stranger_connects_it_in_a_dialog(browsing: Browsing, demo: Demo) -> None:
    link = invited(browsing, demo, send_to=TO)
    page = browsing.open("", link)
    see(page.locator("input[name=email]")).to_have_count(0)
    page.locator("#continue").click()
    sign_in(frame(page))
    finish_setup(page)
    see(page.get_by_role("heading", name=copy.DONE_THANK_YOU)).to_be_visible()
    see(dialog(page)).to_have_count(0)
    see_connected(browsing, demo)
    browsing.expects("410")
    page.goto(link)
    see(page.get_by_role("heading", name=copy.THIS_LINK_HAS_ALREADY_BEEN_USED)).to_be_visible()


def test_without_javascript_the_webhook_tells(browsing: Browsing, demo: Demo) -> None:
    demo.delivery("normal")
    link = invited(browsing, demo)
    page: Page = browsing.open("", link, java_script_enabled=False)
    page.locator("input[name=email]").fill(TO)
    page.locator("#continue").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=copy.CONTINUE_WITH_TOOL(tool="Workday")).click()
    sign_in(opened.value)
    see(
        opened.value.get_by_role("heading", name=copy.TOOL_IS_CONNECTED(tool="Workday"))
    ).to_be_visible()
    demo.wait_for(lambda: is_connected(page, link))
    page.locator("#continue").click()
    page.locator("#continue").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=copy.CONTINUE_WITH_TOOL(tool="Workday")).click()
    opened.value.get_by_role("button", name="Finish setup").click()
    see(opened.value.get_by_role("heading")).to_be_visible()
    see_connected(browsing, demo)


def test_a_revoked_one_opens_nothing(browsing: Browsing, demo: Demo) -> None:
    link = invited(browsing, demo)
    page = browsing.open("alice", demo.tenant("acme"))
    page.locator("[data-attempt-status=invited]").get_by_role("link", name=copy.SEND_AGAIN).click()
    page.get_by_role("button", name=copy.REVOKE).click()
    see(page.locator("[data-hand-off][data-state=revoked]")).to_have_count(1)
    browsing.expects("410")
    guest = browsing.open("", link)
    see(guest.get_by_role("heading", name=copy.THIS_LINK_WAS_REVOKED)).to_be_visible()
