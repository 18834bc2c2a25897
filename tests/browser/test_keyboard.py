"""What a mouse does is done by the keyboard alone: what customers do, and what the staff do.

Repairs, coverage, history and the embedded view are in the tests about them; a whole day of an
account manager is in test_workspace.py.
"""

import re

import pytest
from playwright.sync_api import Locator, Page

from tests import copy
from tests.browser.browsing import Browsing, see
from tests.browser.keyboard import press, reach, write
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
LIST = "/workspace/?scope=all"


def account_menu(page: Page) -> Locator:
    return page.locator("details.menu:has(.who) > summary")


def boxes(page: Page) -> Locator:
    return page.locator("input[name=integration]")


# --- Customers ------------------------------------------------------------------------------------


def test_a_request_is_sent_to_a_colleague(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    opener = page.get_by_role("link", name=copy.SEND_TO_A_COLLEAGUE)
    press(page, opener)
    dialog = page.get_by_role("dialog", name=copy.SEND_TO_A_COLLEAGUE)
    write(page, dialog.locator("#hand-off-to"), "tom@acme.example")
    write(page, dialog.locator("#hand-off-message"), "Hi Tom")
    press(page, dialog.get_by_role("button", name=copy.PREVIEW))
    see(dialog.locator(".previews blockquote")).to_have_text("Hi Tom")
    press(page, dialog.get_by_role("button", name=copy.SEND_BY_EMAIL))
    said = copy.THE_EMAIL_TO_TO_IS_ON_ITS_WAY(to="tom@acme.example")
    see(dialog.get_by_text(said)).to_be_visible()
    press(page, dialog.get_by_role("button", name=copy.REVOKE))
    see(dialog.locator("[data-hand-off][data-state=revoked]")).to_have_count(1)
    page.keyboard.press("Escape")
    see(page.get_by_role("dialog")).to_have_count(0)
    see(opener).to_be_focused()


def test_the_tab_key_stays_in_a_dialog(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    press(page, page.get_by_role("link", name=copy.SEND_TO_A_COLLEAGUE))
    dialog = page.get_by_role("dialog", name=copy.SEND_TO_A_COLLEAGUE)
    see(dialog.locator("#hand-off-to")).to_be_focused()
    outside = """() => document.activeElement !== document.body
        && !document.activeElement.closest("dialog[open]")"""
    for _ in range(20):
        page.keyboard.press("Tab")
        assert not page.evaluate(outside)


def test_menus_of_the_head_open_and_lead_on(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("gina", demo.tenant("gallery"))
    press(page, account_menu(page))
    reach(page, page.get_by_role("button", name=copy.SIGN_OUT))
    page.keyboard.press("Escape")
    see(page.locator("details.menu[open]")).to_have_count(0)
    see(account_menu(page)).to_be_focused()
    press(page, page.locator(".switcher > summary"))
    press(page, page.locator(".switcher a.organization:not([aria-current])").first)
    see(page).not_to_have_url(re.compile(re.escape(demo.tenant("gallery"))))
    press(page, account_menu(page), "Space")
    press(page, page.get_by_role("button", name=copy.SIGN_OUT))
    see(page).to_have_url(re.compile("/account/login/"))


# --- The staff ------------------------------------------------------------------------------------


def test_a_range_is_selected_snoozed_and_woken(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST)
    press(page, boxes(page).nth(0), "Space")
    press(page, boxes(page).nth(2), "Shift+Space")
    see(page.locator("input[name=integration]:checked")).to_have_count(3)
    see(page.locator("#announcer")).to_have_text(f"{copy.SELECTED} 3")
    days = page.locator("#bulk-days")
    reach(page, days)
    page.keyboard.press("ArrowDown")
    see(days).to_have_value("3")
    press(page, page.get_by_role("button", name=copy.SNOOZE, exact=True))
    see(page.locator("tr[data-snoozed]")).to_have_count(3)
    press(page, page.get_by_role("button", name=copy.UNDO))
    see(page.get_by_text(copy.UNDONE)).to_be_focused()
    see(page.locator("tr[data-snoozed]")).to_have_count(0)


def test_filters_are_set_kept_as_a_view_and_taken_off(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST)
    press(page, page.locator("#filters summary"))
    tool = page.locator("#f-tool")
    write(page, tool, "Personio")
    see(tool).to_have_value("Personio")
    see(page).to_have_url(re.compile("tool=Personio"))
    page.keyboard.press("Escape")
    see(page.locator("#filters summary")).to_be_focused()
    press(page, page.locator(".triage-tools summary", has_text=copy.VIEWS))
    write(page, page.locator("#view-name"), "Mine")
    page.keyboard.press("Enter")
    views = page.get_by_role("list", name=copy.SAVED_VIEWS)
    see(views.locator("[aria-current]")).to_have_text("Mine")
    press(page, page.locator(".chips .chip").first)
    see(page).not_to_have_url(re.compile("tool=Personio"))
    press(page, views.get_by_role("link", name="Mine", exact=True))
    see(page).to_have_url(re.compile("tool=Personio"))
    press(page, page.locator(".triage-tools summary", has_text=copy.VIEWS))
    press(page, page.locator(".triage-tools form button", has_text="Mine"))
    see(page.get_by_text(copy.VIEW_DELETED)).to_be_focused()
    see(views.get_by_role("link", name="Mine", exact=True)).to_have_count(0)


def test_a_note_is_written_and_kept(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", demo.workbench("hibob"))
    notes = page.locator("[data-note]")
    before = notes.count()
    write(page, page.get_by_label(copy.NEW_NOTE), "Called twice.")
    press(page, page.get_by_role("button", name=copy.SAVE_NOTE))
    see(notes).to_have_count(before + 1)
    see(notes.first).to_contain_text("Called twice.")


def test_the_vendors_color_is_tried_and_saved(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("root", "/workspace/identity/")
    theme = page.locator("#identity-preview link[rel=stylesheet]")
    before = str(theme.get_attribute("href"))
    color = page.locator("#id_accent")
    reach(page, color)
    page.keyboard.press("Control+a")
    page.keyboard.type("#0f766e")
    see(theme).not_to_have_attribute("href", before)
    see(color).to_be_focused()
    press(page, page.locator("form[enctype] button.button"))
    see(page).to_have_url(re.compile("saved=1"))
    see(page.locator(".notice[data-tone=success]")).to_be_visible()
    see(page.locator("#id_accent")).to_have_value("#0f766e")
