"""An invitation to connect a tool, from the customer's page through Kombo Connect until it is
mapped, by whom nobody has heard of.
"""

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, see
from tests.browser.connecting import dialog, frame, sign_in
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
TO = "tom@acme.example"


def made(browsing: Browsing, demo: Demo, *, send_to: str = "") -> str:
    """Have alice send it to an address, or copy it; answers the link."""
    page = browsing.open("alice", f"{demo.tenant('acme')}connect/hris/workday/")
    page.locator("#invite").click()
    if send_to:
        page.locator("#hand-off-to").fill(send_to)
        page.get_by_role("button", name=copy.SEND_BY_EMAIL).click()
    else:
        page.get_by_role("button", name=copy.COPY_LINK).click()
    link = page.locator("#hand-off-link").input_value()
    see(page.locator("[data-hand-off][data-state=open]")).to_have_count(1)
    return link


def see_connected(browsing: Browsing, demo: Demo) -> None:
    """The customer has it, and no attempt any more."""
    page = browsing.open("alice", demo.tenant("acme"))
    see(page.locator("[data-attempt-status]")).to_have_count(0)
    see(page.locator("article.card")).to_have_count(4)


def status_of(page: Page, link: str) -> int:
    """Look at the link once more."""
    answer = page.goto(link)
    assert answer
    return answer.status


def test_a_stranger_connects_it_in_a_dialog(browsing: Browsing, demo: Demo) -> None:
    link = made(browsing, demo, send_to=TO)
    page = browsing.open("", link)
    see(page.locator("input[name=email]")).to_have_count(0)
    page.locator("#continue").click()
    sign_in(frame(page))
    see(page.get_by_role("heading", name=copy.DONE_THANK_YOU)).to_be_visible()
    see(dialog(page)).to_have_count(0)
    see_connected(browsing, demo)
    browsing.expects("410")
    page.goto(link)
    see(page.get_by_role("heading", name=copy.THIS_LINK_HAS_ALREADY_BEEN_USED)).to_be_visible()


def test_without_javascript_the_webhook_tells(browsing: Browsing, demo: Demo) -> None:
    demo.delivery("normal")
    link = made(browsing, demo)
    page: Page = browsing.open("", link, java_script_enabled=False)
    page.locator("input[name=email]").fill(TO)
    page.locator("#continue").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=copy.CONTINUE_WITH_TOOL(tool="Workday")).click()
    sign_in(opened.value)
    see(
        opened.value.get_by_role("heading", name=copy.TOOL_IS_CONNECTED(tool="Workday"))
    ).to_be_visible()
    browsing.expects("410")
    demo.wait_for(lambda: status_of(page, link) == 410)
    see(page.get_by_role("heading", name=copy.THIS_LINK_HAS_ALREADY_BEEN_USED)).to_be_visible()
    see_connected(browsing, demo)


def test_a_revoked_one_opens_nothing(browsing: Browsing, demo: Demo) -> None:
    link = made(browsing, demo)
    page = browsing.open("alice", demo.tenant("acme"))
    page.locator("[data-attempt-status=invited]").get_by_role("link", name=copy.SEND_AGAIN).click()
    page.get_by_role("button", name=copy.REVOKE).click()
    see(page.locator("[data-hand-off][data-state=revoked]")).to_have_count(1)
    browsing.expects("410")
    guest = browsing.open("", link)
    see(guest.get_by_role("heading", name=copy.THIS_LINK_WAS_REVOKED)).to_be_visible()
