"""Changing a connection that works, and looking at fields and tools, in a browser."""

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import Browsing, see
from tests.browser.connecting import dialog
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browsing: Browsing, demo: Demo) -> Page:
    """alice's page of a tool that works."""
    return browsing.open("alice", f"{demo.tenant('acme')}i/{demo.public_id('talentlms')}/")


def test_the_settings_open_in_kombo_connect(page: Page, demo: Demo) -> None:
    demo.steps("talentlms", on=True)
    page.locator("[data-change=settings] button").click()
    see(dialog(page).locator("iframe")).to_be_visible()


def test_where_there_are_none_the_button_goes(page: Page, demo: Demo) -> None:
    demo.steps("talentlms", on=False)
    page.locator("[data-change=settings] button").click()
    see(dialog(page)).to_be_visible()
    see(page.locator("[data-change=settings] button")).to_have_count(0)
    see(page.locator("[data-change=sign-in] button")).to_have_count(1)


def test_fields_come_without_a_reload(page: Page, demo: Demo) -> None:
    page.locator("nav.tabs a[href$='/fields/']").click()
    see(page.locator("#fields[hx-get]")).to_have_count(1)
    demo.fields('[{"id": "1", "key": "badge", "label": null, "model": "lms_users"}]')
    see(page.locator("li[data-field=badge]")).to_have_count(1)
    see(page.locator("#fields[hx-get]")).to_have_count(0)


def test_the_tools_are_there_for_everybody(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("", "/works-with/?category=LMS")
    see(page.locator("[data-tool=docebo]")).to_be_visible()
    see(page.locator("[data-tool=personio]")).to_have_count(0)
