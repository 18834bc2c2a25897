"""Kombo Connect closed before its end, or refused by the tool: what everybody sees of it, and how it
goes on, for a customer, by invitation, in a host's page and without scripts.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import Browsing, see, told
from tests.browser.connecting import dialog, frame, invited, opened, refused, sign_in
from tests.browser.embedded import host, inside
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def see_attempt(browsing: Browsing, demo: Demo, status: str) -> None:
    """Whoever comes to the customer's page sees it as it is; a report may still be on its way."""
    page = browsing.open("alice", demo.tenant("acme"))
    attempt = page.locator("[data-attempt-status]")

    def is_seen() -> bool:
        page.reload()
        return attempt.get_attribute("data-attempt-status") == status

    demo.wait_for(is_seen)
    see(attempt.locator("a.button[href*='/connect/']").first).to_be_visible()


def cancel_inside(page: Page) -> None:
    frame(page).locator("button[value=cancel]").click()


def cancel_above(page: Page) -> None:
    dialog(page).locator("header button").click()


def go_away(page: Page) -> None:
    page.goto("about:blank")


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("close", [cancel_inside, go_away, cancel_above, Page.reload])
def test_a_customer_who_closes_it_has_left(
    close: Callable[[Page], object], browsing: Browsing, demo: Demo
) -> None:
    address = f"{demo.tenant('acme')}connect/hris/hibob/"
    page = browsing.open("alice", address)
    opened(page, "#connect-new")
    see_attempt(browsing, demo, "begun")
    close(page)
    see_attempt(browsing, demo, "left")
    page.goto(address)
    see(page.locator("[data-attempt-status=left]")).to_be_visible()
    sign_in(opened(page, "#connect-new"))
    page.wait_for_url("**/i/*/")
    page.goto(demo.tenant("acme"))
    see(page.locator("[data-attempt-status]")).to_have_count(0)


@pytest.mark.exhaustive
def test_by_invitation(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 422|Blocked autofocusing")
    demo.delivery("normal")
    page = browsing.open("", invited(browsing, demo))
    page.locator("input[name=email]").fill("tom@acme.example")
    opened(page, "#continue")
    cancel_inside(page)
    see_attempt(browsing, demo, "left")
    refused(opened(page, "#continue"))
    told(demo, "connection-flow-failed")
    see_attempt(browsing, demo, "failed")
    sign_in(frame(page))
    see(page.locator("[data-headline=setup_incomplete], [data-severity]").first).to_be_visible()
    told(demo, "integration-created")
    see(browsing.open("alice", demo.tenant("acme")).locator("article.card")).to_have_count(4)


def window_of(page: Page) -> Page:
    """The window in which a tool is connected out of a host's page, with Kombo Connect open."""
    with page.context.expect_page() as coming:
        inside(page).locator("#connect-new").click()
    window = coming.value
    window.locator("input[name=email]").fill("hr@acme.example")
    opened(window, "#continue")
    return window


def test_from_a_hosts_page(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 422|Blocked autofocusing")
    demo.delivery("normal")
    page = host(browsing, demo)
    inside(page).locator("header a[href*='/connect/']").click()
    inside(page).locator(".tool a[href$='/connect/hris/hibob/']").click()
    window = window_of(page)
    see(inside(page).locator("[data-leave]")).to_be_visible()
    window.close(run_before_unload=True)
    see(inside(page).locator("[data-leave]")).to_have_count(0)
    see_attempt(browsing, demo, "left")
    window = window_of(page)
    refused(frame(window))
    told(demo, "connection-flow-failed")
    see_attempt(browsing, demo, "failed")
    sign_in(frame(window))
    see(inside(page).locator("article.card")).to_be_visible()
    see(inside(page).locator("[data-leave]")).to_have_count(0)


def tab_of(page: Page, button: str) -> Page:
    """Kombo Connect in a tab of its own, as without scripts."""
    page.locator(button).click()
    with page.context.expect_page() as coming:
        page.locator("section a[target=_blank]").click()
    return coming.value


@pytest.mark.exhaustive
def test_without_scripts(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 422|Blocked autofocusing")
    demo.delivery("normal")
    address = f"{demo.tenant('acme')}connect/hris/hibob/"
    page = browsing.open("alice", address, java_script_enabled=False)
    tab = tab_of(page, "#connect-new")
    tab.locator("button[value=cancel]").click()
    see_attempt(browsing, demo, "begun")  # nobody tells us: it is said that it isn't finished
    page.goto(address)
    tab = tab_of(page, "#connect-new")
    refused(tab)
    told(demo, "connection-flow-failed")
    see_attempt(browsing, demo, "failed")
    sign_in(tab)
    told(demo, "integration-created")
    page.goto(demo.tenant("acme"))
    see(page.locator("[data-attempt-status]")).to_have_count(0)
    see(page.locator("article.card")).to_have_count(4)


def test_a_button_that_goes_leaves_the_focus_on_the_page(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.page("talentlms"))
    demo.steps("talentlms", on=False)
    page.locator("[data-change=settings] button").click()
    see(dialog(page)).to_be_visible()
    page.keyboard.press("Escape")
    see(dialog(page)).to_have_count(0)
    see(page.locator("#main")).to_be_focused()
