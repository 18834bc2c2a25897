"""Connecting a tool as a customer's person does: from the list to a working card, again, in vain,
without scripts, and out of a host's page.
"""

import re

import pytest

from tests.browser.browsing import Browsing, see, told
from tests.browser.connecting import dialog, frame, opened, refused, sign_in
from tests.browser.embedded import host, inside
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
ON_ITS_WAY = re.compile("connected|setup_incomplete")
CARD = re.compile(r"/i/[\w-]+/$")


def tool(demo: Demo, name: str, category: str = "hris") -> str:
    return f"{demo.tenant('acme')}connect/{category}/{name}/"


def test_from_the_list_to_a_card_that_works(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", f"{demo.tenant('acme')}connect/")
    page.locator("#q").fill("workd")
    see(page.locator(".tool")).to_have_count(3)  # as HR system, for recruiting and for learning
    page.locator(f".tool a[href='{tool(demo, 'workday')}']").click()
    see(page.locator("[data-feature]").first).to_be_visible()
    opened(page, "#connect-new")
    sign_in(frame(page))
    page.wait_for_url(CARD)
    see(page.locator("article.card")).to_have_attribute("data-headline", ON_ITS_WAY)
    see(page.locator("#coverage [data-datapoint]").first).to_be_visible()
    see(page.locator(".crumbs")).to_contain_text("Workday")
    page.goto(tool(demo, "workday"))
    see(page.locator("[data-connected]")).to_be_visible()
    see(page.locator("#connect-new")).to_have_count(0)


def test_what_is_left_or_refused_stays_with_a_next_step(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("422")  # for a wrong password
    browsing.expects("autofocusing")
    demo.delivery("normal")
    page = browsing.open("alice", tool(demo, "hibob"))
    refused(opened(page, "#connect-new"))
    dialog(page).locator("header button").click()
    see(page.locator("#connect-new")).to_be_focused()
    told(demo, "connection-flow-failed")
    page.goto(demo.tenant("acme"))
    attempt = page.locator("[data-attempt-status]")
    see(attempt).to_have_attribute("data-attempt-status", "failed")
    attempt.locator("a.button[href*='/connect/']").first.click()
    see(page.locator("#connect-new")).to_be_visible()
    page.goto(demo.tenant("acme"))
    attempt.locator("form:has(button) button").last.click()
    see(attempt).to_have_count(0)


def test_a_second_connection_is_made_only_if_meant(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", tool(demo, "talentlms", "lms"))
    see(page.locator("[data-connected]")).to_be_visible()
    page.locator("[data-connected] summary").click()
    opened(page, "#connect-second")
    sign_in(frame(page))
    page.wait_for_url(CARD)
    page.goto(demo.tenant("acme"))
    see(page.locator("article.card")).to_have_count(4)


def test_without_scripts_a_link_leads_there(browsing: Browsing, demo: Demo) -> None:
    demo.delivery("normal")
    page = browsing.open("alice", f"{demo.tenant('acme')}connect/", java_script_enabled=False)
    page.locator("#q").fill("workday")
    page.keyboard.press("Enter")
    page.locator(f".tool a[href='{tool(demo, 'workday')}']").click()
    page.locator("#connect-new").click()
    with page.context.expect_page() as opened:
        page.locator("section a[target=_blank]").click()
    sign_in(opened.value)
    told(demo, "integration-created")
    page.goto(demo.tenant("acme"))
    see(page.locator("article.card")).to_have_count(4)


def test_from_a_hosts_page_it_happens_in_a_window(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    inside(page).locator("header a[href*='/connect/']").click()
    inside(page).locator(".tool a[href$='/connect/hris/hibob/']").click()
    with page.context.expect_page() as opened:
        inside(page).locator("#connect-new").click()
    window = opened.value
    window.locator("input[name=email]").fill("hr@acme.example")
    window.locator("#continue").click()
    sign_in(frame(window))
    see(window.locator("[data-end]")).to_be_visible()
    see(inside(page).locator("article.card")).to_have_attribute("data-headline", ON_ITS_WAY)
    see(inside(page).locator("[data-leave]")).to_have_count(0)
