"""A sync that is asked for, and the end of a connection: by keyboard, without scripts, and by two of
the staff.
"""

import re

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import Browsing, hold, see
from tests.browser.keyboard import press, write
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
TOOL = "talentlms"
NAME = "TalentLMS"


def see_gone(page: Page, demo: Demo, by: str) -> None:
    card = page.locator(demo.card(TOOL))
    see(card).to_have_attribute("data-headline", "removed")
    see(card).to_contain_text(by)
    see(page.locator("#disconnect")).to_have_count(0)


def test_a_customer_disconnects_by_keyboard(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("422")  # for another name
    page = browsing.open("alice", demo.page(TOOL))
    press(page, page.locator("#disconnect a"))
    see(page.locator("[data-effect]").first).to_be_visible()
    field = page.locator("input[name=confirmation]")
    write(page, field, "something else")
    page.keyboard.press("Enter")
    see(field).to_be_focused()
    see(field).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+a")
    page.keyboard.type("talent lms")
    press(page, page.locator("form:has(input[name=confirmation]) button[data-kind=primary]"))
    see_gone(page, demo, "Alice")


def test_without_scripts_it_is_the_same(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.page(TOOL), java_script_enabled=False)
    page.locator(f"#sync-{demo.public_id(TOOL)} button").click()
    see(page.locator("[data-sync=queued]")).to_be_visible()
    page.locator("main section a.button").click()
    see(page.locator("[data-sync=limited]")).to_be_visible()
    page.locator("#disconnect a").click()
    page.locator("input[name=confirmation]").fill(NAME)
    page.keyboard.press("Enter")
    see_gone(page, demo, "Alice")


def test_what_kombo_does_not_confirm_is_shown_as_that(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", f"{demo.page(TOOL)}disconnect/")
    demo.fault("truncated", TOOL)
    page.locator("input[name=confirmation]").fill(NAME)
    page.keyboard.press("Enter")
    see(page.locator("[data-attempt=unconfirmed]")).to_be_visible()
    demo.fault("none", TOOL)
    page.locator("[data-attempt] form button").click()
    see_gone(page, demo, "Alice")


def test_two_of_the_staff_end_it(browsing: Browsing, demo: Demo) -> None:
    mia = browsing.open("mia", f"{demo.workbench(TOOL)}technical/")
    mia.locator("#disconnect a").click()
    mia.locator("textarea[name=reason]").fill("They left.")
    mia.locator("input[name=confirmation]").fill(NAME)
    mia.keyboard.press("Enter")
    see(mia.locator("[data-request]")).to_be_visible()
    see(mia.locator("input[name=confirmation]")).to_have_count(0)
    root = browsing.open("root", "/workspace/overview/?scope=all")
    root.locator(f"#to-approve a[href='{demo.workbench(TOOL)}disconnect/']").click()
    see(root.get_by_text("They left.")).to_be_visible()
    root.locator("input[name=confirmation]").fill(NAME)
    root.keyboard.press("Enter")
    see(root.locator("[data-standing=removed]")).to_be_visible()
    see_gone(browsing.open("alice", demo.page(TOOL)), demo, "Northwind")


def test_a_sync_is_asked_for_once_and_nothing_jumps(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.page(TOOL))
    other = browsing.open("alice", demo.page(TOOL))
    here = f"#sync-{demo.public_id(TOOL)}"
    page.evaluate("takeShifts()")
    release = hold(page, "/sync/$")
    page.locator(f"{here} button").dblclick()
    release()
    said = page.locator(f"{here}[data-sync=queued]")
    see(said).to_be_focused()
    see(said).to_contain_text(re.compile(r"\d\d:\d\d"))
    assert page.evaluate("takeShifts()") == []
    other.locator(f"{here} button").click()
    see(other.locator(f"{here}[data-sync=limited]")).to_be_focused()
