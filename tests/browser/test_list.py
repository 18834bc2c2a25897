"""The account managers' list in a browser: how much of it shows, its keys, selection and menus."""

import re

import pytest
from playwright.sync_api import Locator, Page

from tests import copy
from tests.browser.browsing import Browsing, requests_of, see
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

LIST = "/workspace/?scope=all"


def rows(page: Page) -> Locator:
    return page.locator("tr[data-integration]")


def link_of(row: Locator) -> Locator:
    return row.locator("th a")


def picked(page: Page) -> Locator:
    return page.locator("input[name=integration]:checked")


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("locale", ["de-DE", "en-GB"])
def test_the_first_row_stands_high(locale: str, browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST, locale=locale)
    see(page.get_by_role("list", name=re.compile("views|Ansichten")).locator("a")).to_have_count(2)
    # What is wrong with the installation would stand above; nothing checks its integrations here.
    page.locator("[data-installation]").evaluate_all("(all) => all.forEach((one) => one.remove())")
    for width, most in ((1280, 220), (390, 330)):
        page.set_viewport_size({"width": width, "height": 900})
        assert rows(page).first.bounding_box()["y"] <= most, width  # type: ignore[index]


WIDTHS = (320, 390, 620, 768, 901, 1024, 1101, 1240, 1280, 1440, 1920)


def test_nothing_scrolls_sideways(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", f"{LIST}&feature={demo.feature('Org chart')}", locale="de-DE")
    menus = page.locator(".triage-page details.menu").all()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        for menu in menus:
            menu.locator("summary").click()
            box = menu.locator(".menu-list").bounding_box()
            assert box, width
            assert box["x"] >= 0, width
            assert box["x"] + box["width"] <= width
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
        page.keyboard.press("Escape")
        see(page.locator(".triage-page details.menu[open]")).to_have_count(0)


def test_rows_are_low_and_lower_if_wanted(browsing: Browsing, demo: Demo) -> None:
    def heights(page: Page) -> set[float]:
        return {row.bounding_box()["height"] for row in rows(page).all()}  # type: ignore[index]

    page = browsing.open("mia", LIST, viewport={"width": 1280, "height": 900})
    assert heights(page) == {36}
    menu = page.locator(".triage-tools details").first
    menu.locator("summary").click()
    menu.get_by_label(copy.COMPACT_ROWS).check()
    menu.get_by_label(copy.LAST_30_DAYS).uncheck()
    menu.get_by_role("button", name=copy.APPLY).click()
    see(page.locator(".triage-days")).to_have_count(0)
    assert heights(page) == {32}


def test_the_head_stays_in_sight(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST, viewport={"width": 1280, "height": 500})
    rows(page).first.hover()  # over the side bar it would be that which scrolls
    page.mouse.wheel(0, 400)
    head = page.get_by_role("columnheader", name=copy.DURATION)
    page.wait_for_function("() => scrollY > 200")
    assert head.bounding_box()["y"] == 0  # type: ignore[index]


def test_a_range_is_selected_and_said(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST)
    bar = page.locator(".picked")
    see(bar).to_be_hidden()
    boxes = page.locator("input[name=integration]")
    boxes.nth(1).click()
    boxes.nth(4).click(modifiers=["Shift"])
    see(picked(page)).to_have_count(4)
    see(bar).to_be_visible()
    see(page.locator("#announcer")).to_have_text(f"{copy.SELECTED} 4")
    bar.get_by_role("button", name=copy.CLEAR_SELECTION).click()
    see(picked(page)).to_have_count(0)
    see(bar).to_be_hidden()
    see(page.locator("#announcer")).to_have_text(f"{copy.SELECTED} 0")


def test_a_row_opens_wherever_it_is_pressed(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST, viewport={"width": 1280, "height": 900})
    target = str(link_of(rows(page).nth(2)).get_attribute("href"))
    rows(page).nth(2).locator(".triage-since").click()
    see(page).to_have_url(re.compile(re.escape(target)))


def test_keys_move_select_and_open(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST)
    for key in "jjjk":
        page.keyboard.press(key)
    second = rows(page).nth(1)
    see(link_of(second)).to_be_focused()
    page.keyboard.press("x")
    see(second.get_by_role("checkbox")).to_be_checked()
    see(picked(page)).to_have_count(1)
    target = str(link_of(second).get_attribute("href"))
    page.keyboard.press("Enter")
    see(page).to_have_url(re.compile(re.escape(target)))


def test_no_key_is_stolen_while_somebody_types(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST)
    page.keyboard.press("/")
    field = page.locator("#q")
    see(field).to_be_focused()
    page.keyboard.type("jkx?/")
    see(field).to_have_value("jkx?/")
    see(page.locator("dialog[open]")).to_have_count(0)
    field.fill("")
    field.blur()
    for key in ("Alt+j", "Control+x", "Alt+/"):
        page.keyboard.press(key)
    see(page.locator("body")).to_be_focused()


def test_single_keys_stay_off(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST)
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name=copy.KEYBOARD_SHORTCUTS)
    keys.get_by_role("button", name=copy.TURN_OFF_KEYS).click()
    see(page).to_have_url(re.compile(r"scope=all$"))
    page.keyboard.press("j")
    page.keyboard.press("?")
    see(keys).to_be_hidden()
    see(page.locator("tr:focus-within")).to_have_count(0)
    page.keyboard.press("Control+k")
    see(page.locator("#finder")).to_be_visible()


def test_anything_is_found_from_anywhere(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", "/workspace/features/")
    page.keyboard.press("Control+k")
    finder = page.get_by_role("dialog", name=copy.FIND)
    see(finder.get_by_role("searchbox")).to_be_focused()
    see(finder.get_by_role("link", name=copy.AUDIT_LOG)).to_be_visible()
    page.keyboard.type("acme per")
    found = finder.locator("[data-integration]")
    see(found).to_have_count(1)
    see(finder.get_by_role("status")).to_have_text(re.compile("1"))
    page.keyboard.press("ArrowDown")
    see(finder.get_by_role("link").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    see(finder.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Enter")
    see(page.get_by_role("heading", name="Personio", level=1)).to_be_visible()
    page.go_back()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    see(finder).to_be_hidden()


def test_filters_come_off_and_the_form_follows(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", f"{LIST}&tool=Personio&category=HRIS")
    documents = requests_of(page, lambda request: request.is_navigation_request())
    chips = page.get_by_role("list", name=copy.ACTIVE_FILTERS)
    chips.get_by_role("link", name="Personio").click()
    see(page).to_have_url(re.compile(r"scope=all&category=HRIS$"))
    see(page.get_by_label(copy.TOOL, exact=True)).to_have_value("")
    see(chips.locator(".chip")).to_have_count(1)
    chips.get_by_role("link", name=copy.CLEAR_FILTERS).click()
    see(page).to_have_url(re.compile(r"scope=all$"))
    see(page.locator("#f-category")).to_have_value("")
    assert not documents


@pytest.mark.exhaustive
def test_an_act_is_undone_without_scripts(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", LIST, java_script_enabled=False)
    row = page.locator(f"tr{demo.card('workday')}")
    row.get_by_role("checkbox").check()
    page.get_by_role("button", name=copy.SNOOZE, exact=True).click()
    see(row).to_contain_text(copy.SNOOZED_UNTIL)
    page.get_by_role("button", name=copy.UNDO).click()
    see(page.get_by_text(copy.UNDONE)).to_be_visible()
    see(row).not_to_contain_text(copy.SNOOZED_UNTIL)
    page.get_by_role("link", name=copy.FIND).click()
    page.locator("main").get_by_role("searchbox").fill("workday")
    page.get_by_role("button", name=copy.SEARCH).click()
    see(page.locator("main [data-integration]")).to_have_count(1)
