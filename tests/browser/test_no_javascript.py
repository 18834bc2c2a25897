"""The same pages in a browser that runs no scripts."""

import re

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, open_menu, see
from tests.browser.connecting import sign_in
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def plain(browsing: Browsing, person: str, path: str) -> Page:
    return browsing.open(person, path, java_script_enabled=False)


def test_pages_are_complete(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, "gina", demo.tenant("gallery"))
    see(page.locator("article.card")).to_have_count(12)
    attention = page.get_by_role("region", name=copy.NEEDS_YOUR_ATTENTION)
    see(attention.locator("article.card")).to_have_count(3)
    page.locator(demo.card("docebo")).get_by_role("link", name="Docebo").click()
    see(page.locator("#coverage details.coverage-model").first).to_be_visible()


def test_check_now(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, "alice", demo.tenant("acme"))
    demo.state("talentlms", "inactive")
    page.locator(demo.card("talentlms")).get_by_role("button", name=copy.CHECK_NOW).click()
    see(page.locator(demo.card("talentlms"))).to_have_attribute("data-headline", "paused")


def test_reconnect_through_a_link(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, "alice", demo.tenant("acme"))
    page.get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    sign_in(opened.value)
    see(
        opened.value.get_by_role("heading", name=copy.TOOL_IS_CONNECTED(tool="Personio"))
    ).to_be_visible()
    page.get_by_role("link", name=copy.BACK).click()
    see(page.locator(demo.card("personio"))).to_have_attribute(
        "data-headline", "reconnect_required"
    )
    page.get_by_role("button", name=copy.CHECK_NOW).click()
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")


def test_refused_link_is_said_in_words(browsing: Browsing, demo: Demo) -> None:
    demo.fault("foreign_link", "personio")
    page = plain(browsing, "alice", demo.tenant("acme"))
    page.get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    see(page.get_by_text(copy.WE_RECEIVED_AN_UNTRUSTED_LINK.core)).to_be_visible()
    page.get_by_role("link", name=copy.BACK).click()
    see(page.locator(demo.card("personio"))).to_be_visible()


def test_grid_works_by_loading_pages(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, "alice", demo.page("personio"))
    see(page.locator("details.coverage-model[open]")).to_have_count(0)
    row = page.locator("details.coverage-model").first
    row.locator("summary").click()
    row.get_by_role("link", name=copy.SHOW_FIELDS).click()
    see(row).to_have_attribute("open", "")
    see(row.locator(".coverage-field").first).to_be_visible()
    page.get_by_role("link", name=re.compile("^Not available")).click()
    see(page).to_have_url(re.compile("show=unavailable"))
    page.wait_for_load_state()  # the search knows of the chip only once the chips are there
    page.get_by_role("searchbox").fill("employee")
    page.get_by_role("button", name=copy.SEARCH).click()
    see(page).to_have_url(re.compile("q=employee"))
    see(page).to_have_url(re.compile("show=unavailable"))
    page.get_by_role("link", name=copy.EXPAND_ALL).click()
    see(page.locator("details.coverage-model:not([open])")).to_have_count(0)
    see(page.locator(".coverage-field[data-availability='available']")).to_have_count(0)
    see(page.locator(".coverage-field").first).to_be_visible()


def test_language_can_be_changed(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, "alice", demo.tenant("acme"))
    open_menu(page, copy.LANGUAGE)
    page.get_by_role("button", name="Deutsch").click()
    see(page.locator("html")).to_have_attribute("lang", "de")
    see(page.get_by_role("button", name="Jetzt prüfen").first).to_be_visible()
