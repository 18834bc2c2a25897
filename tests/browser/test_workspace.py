"""A day as an account manager: by the keyboard alone, with a list that keeps up, and without
scripts.
"""

import re

import pytest
from playwright.sync_api import Locator, Page

from tests import copy
from tests.browser.browsing import Browsing, hold, requests_of, see, told
from tests.browser.keyboard import press, reach, write
from tests.browser.stage import Demo
from tests.browser.workspace import ask_for_link, hand_off_page, open_menu

pytestmark = pytest.mark.browser


def row(page: Page, demo: Demo, tool: str) -> Locator:
    return page.locator(f"tr{demo.card(tool)}")


def group(page: Page, name: str = copy.WAITING_ON_CUSTOMER) -> Locator:
    return page.get_by_role("list", name=copy.STATUS).get_by_role(
        "link", name=re.compile(f"^{name}")
    )


def desk_link(page: Page, name: str) -> Locator:
    return page.get_by_role("navigation", name=copy.WORKSPACE).get_by_role(
        "link", name=name, exact=True
    )


def look_again(page: Page) -> None:
    """The list looks again once a minute while nobody is busy with it."""
    page.clock.run_for(61_000)


# --- A day, by the keyboard -----------------------------------------------------------------------


def begin_the_day(browsing: Browsing) -> Page:
    page = browsing.context().new_page()
    page.clock.install()
    page.goto("/workspace/")
    write(page, page.get_by_label("Username"), "mia")
    write(page, page.get_by_label("Password"), "demo")
    page.keyboard.press("Enter")
    see(page.get_by_role("heading", name=copy.INTEGRATIONS, level=1)).to_be_visible()
    return page


def find(page: Page, demo: Demo) -> None:
    """Search, choose a group, and open what is left."""
    see(page).to_have_title(re.compile(r"^\([2-9]\) "))
    write(page, page.get_by_role("searchbox"), "gallery hib")
    see(page).to_have_url(re.compile(r"q=gallery\+hib"))
    see(row(page, demo, "personio")).to_have_count(0)
    press(page, group(page))
    see(group(page)).to_have_attribute("aria-current", "true")
    see(group(page)).to_be_focused()
    see(page.locator("tr[data-integration]")).to_have_count(1)
    press(page, row(page, demo, "hibob").get_by_role("link", name="HiBob"))
    see(page.get_by_role("heading", name="HiBob", level=1)).to_be_visible()


def see_why_and_as_the_customer(page: Page) -> None:
    see(page.locator("#standing .badge")).to_contain_text("Reconnect")
    see(page.locator("[data-note]")).to_contain_text("Their administrator has left")
    press(page, page.locator("#acts summary", has_text=copy.MORE))
    press(page, page.get_by_role("link", name=copy.VIEW_AS_CUSTOMER))
    see(
        page.get_by_text(copy.YOU_ARE_VIEWING_THIS_PAGE(tenant="Gallery of states"))
    ).to_be_visible()
    see(page.get_by_role("button", name=copy.RECONNECT_TOOL(tool="HiBob")).first).to_be_disabled()
    press(page, page.get_by_role("link", name=copy.BACK_TO_THE_WORKSPACE))
    see(page.get_by_role("heading", name="HiBob", level=1)).to_be_visible()


def hand_off(page: Page) -> str:
    """Make a link, and answer it."""
    press(page, page.locator("#acts summary", has_text=copy.MORE))
    press(page, page.get_by_role("link", name=copy.CREATE_A_GUEST_LINK))
    press(page, page.get_by_role("button", name=copy.COPY_LINK))
    link = page.get_by_label(copy.LINK_TO_SHARE)
    reach(page, link)
    address = link.input_value()
    press(page, page.get_by_role("navigation", name=copy.BREADCRUMB).get_by_role("link").last)
    see(page.locator("[data-hand-off][data-state=open]").first).to_contain_text("Created by mia")
    return address


def snooze(page: Page, demo: Demo, tool: str) -> None:
    press(page, desk_link(page, "Integrations"))
    press(page, row(page, demo, tool).get_by_role("link").first)
    press(page, page.locator("#acts summary", has_text=copy.MORE))
    press(page, page.get_by_role("button", name=copy.N_3_DAYS))
    see(page.locator("#standing")).to_contain_text(copy.SNOOZED_UNTIL)
    press(page, desk_link(page, "Integrations"))
    see(row(page, demo, tool)).to_contain_text(copy.SNOOZED_UNTIL)


def repair(browsing: Browsing, address: str) -> None:
    """The colleague, who has no account, with a keyboard too."""
    page = browsing.context().new_page()
    page.goto(address)
    asks = copy.PERSON_OF_ORGANIZATION_ASKS(person="Mia", organization="Northwind", tool="HiBob")
    see(page.get_by_text(asks)).to_be_visible()
    press(page, page.get_by_role("button", name=copy.CONTINUE_WITH_TOOL(tool="HiBob")))
    connect = page.frame_locator("dialog[open] iframe")
    write(page, connect.get_by_label("Administrator’s user name"), "admin")
    write(page, connect.get_by_label("Password"), "right")
    press(page, connect.get_by_role("button", name="Connect", exact=True))
    see(page.get_by_role("heading", name=copy.DONE_THANK_YOU)).to_be_visible()
    page.goto(address)
    see(page.get_by_role("heading", name=copy.THIS_LINK_HAS_ALREADY_BEEN_USED)).to_be_visible()


@pytest.mark.exhaustive
def test_a_day_by_the_keyboard_alone(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 410")
    demo.delivery("normal")
    page = begin_the_day(browsing)
    find(page, demo)
    workbench = page.url
    see_why_and_as_the_customer(page)
    assert page.url == workbench
    address = hand_off(page)
    snooze(page, demo, "workday")
    title = page.title()
    see(row(page, demo, "hibob")).to_have_attribute("data-headline", "reconnect_required")
    repair(browsing, address)
    told(demo, "integration-state-changed")
    look_again(page)
    see(row(page, demo, "hibob")).to_have_attribute("data-headline", "connected")
    assert page.title() != title
    press(page, row(page, demo, "hibob").get_by_role("link").first)
    see(page.locator("#standing .badge")).to_contain_text(copy.CONNECTED)
    see(page.locator("[data-hand-off][data-state=used]")).to_have_count(1)


# --- A list that keeps up -------------------------------------------------------------------------


def test_filters_stand_in_the_address_and_the_way_back_works(
    browsing: Browsing, demo: Demo
) -> None:
    page = browsing.open("mia", "/workspace/?scope=all")
    documents = requests_of(page, lambda request: request.is_navigation_request())
    icon = page.locator("link[rel=icon]")
    before, everything = icon.get_attribute("href"), page.locator("tr[data-integration]").count()
    page.locator("#filters summary").press("Enter")
    tool = page.get_by_label(copy.TOOL, exact=True)
    tool.focus()
    tool.select_option("Personio")
    see(page).to_have_url(re.compile("tool=Personio"))
    see(page.locator("tr[data-integration]")).to_have_count(1)
    see(tool).to_be_focused()
    see(page).to_have_title(re.compile(r"^\(1\) "))
    see(icon).not_to_have_attribute("href", str(before))
    see(page.locator("#announcer")).to_have_text(copy.N_INTEGRATION(n=1))
    group(page).press("Enter")
    see(group(page)).to_have_attribute("aria-current", "true")
    see(page).to_have_url(re.compile("group=action_required&tool=Personio"))
    see(group(page)).to_be_focused()
    assert not documents, "the page was loaded anew"
    page.go_back()
    see(page).to_have_url(re.compile("tool=Personio"))
    see(group(page)).not_to_have_attribute("aria-current", "true")
    see(page.locator("tr[data-integration]")).to_have_count(1)
    see(page.get_by_label(copy.TOOL, exact=True)).to_have_value("Personio")
    page.go_back()
    see(page).to_have_url(re.compile(r"scope=all$"))
    see(page.locator("tr[data-integration]")).to_have_count(everything)
    see(page.get_by_label(copy.TOOL, exact=True)).to_have_value("")
    assert page.locator("link[rel=icon]").get_attribute("href") == before


def test_headings_turn_the_order_and_keep_the_focus(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", "/workspace/")
    heading = page.get_by_role("columnheader", name=copy.DURATION).get_by_role("link")
    first = page.locator("tr[data-integration]").first.get_attribute("data-integration")
    heading.press("Enter")
    see(page.get_by_role("columnheader", name=copy.DURATION)).to_have_attribute(
        "aria-sort", "ascending"
    )
    see(heading).to_be_focused()
    see(page.locator("tr[data-integration]").first).not_to_have_attribute(
        "data-integration", str(first)
    )
    see(page.locator("tr[data-integration]").first.locator(".badge")).to_have_attribute(
        "data-severity", "action_required"
    )


def test_all_are_ticked_at_once_and_a_list_in_use_stays_as_it_is(
    browsing: Browsing, demo: Demo
) -> None:
    page = browsing.context("mia").new_page()
    page.clock.install()
    page.goto("/workspace/")
    boxes = page.locator("input[name=integration]")
    page.get_by_label(copy.SELECT_ALL_ON_THIS_PAGE).press("Space")
    see(page.locator("input[name=integration]:checked")).to_have_count(boxes.count())
    boxes.first.press("Space")
    see(page.get_by_label(copy.SELECT_ALL_ON_THIS_PAGE)).not_to_be_checked()
    looks = requests_of(page, lambda request: "/workspace/" in request.url)
    look_again(page)
    assert not looks, "ticks would be lost"


def test_a_check_of_many_tells_how_far_it_is(browsing: Browsing, demo: Demo) -> None:
    page = browsing.context("mia").new_page()
    page.clock.install()
    page.goto("/workspace/")
    for tool in ("hibob", "workday"):
        row(page, demo, tool).get_by_role("checkbox").check()
    page.get_by_role("button", name=copy.CHECK_NOW).click()
    progress = page.locator("#check-progress")
    see(progress).to_contain_text("Checking: 0 of 2")
    demo.age(0)  # what the worker would have done by now
    see(progress).to_contain_text("Checked: 2 of 2")
    asked = requests_of(page, lambda request: "/checks/" in request.url)
    page.clock.run_for(60_000)
    assert not asked, "it is over"


def test_without_the_permission_account_managers_see_their_own(
    browsing: Browsing, demo: Demo
) -> None:
    browsing.expects("status of 404")
    page = browsing.open("max", "/workspace/")
    see(page.locator("tr[data-integration]")).to_have_count(3)
    see(page.get_by_role("list", name=copy.SHOW_CUSTOMERS)).to_have_count(0)
    page.goto(demo.workbench("personio"))
    see(page.get_by_role("heading", level=1)).not_to_contain_text("Personio")


# --- A page that keeps up -------------------------------------------------------------------------


def test_what_is_around_the_card_follows_a_check_but_no_typing(
    browsing: Browsing, demo: Demo
) -> None:
    page = browsing.open("mia", demo.workbench("hibob"))
    note = page.get_by_label(copy.NEW_NOTE)
    check = page.locator("#acts").get_by_role("button", name=copy.CHECK_NOW)
    note.fill("Called a")
    open_menu(page)
    fold = page.locator(".menu-fold > summary").first
    fold.click()
    page.get_by_label(copy.OR_UNTIL).fill("2030-01-01")
    demo.state("hibob", "connected")
    check.click()
    see(page.locator("#standing .badge")).to_contain_text(copy.CONNECTED)
    see(page.locator("#hand-offs")).to_contain_text(copy.YOU_CAN_CREATE_A_LINK)
    see(page.get_by_label(copy.OR_UNTIL)).to_have_value("2030-01-01")
    see(note).to_have_value("Called a")
    open_menu(page)
    page.get_by_label(copy.OR_UNTIL).fill("")
    fold.click()
    demo.fault("unavailable", "hibob")
    check.click()
    see(page.locator("[data-fact=failure]")).to_have_count(1)
    see(page.get_by_label(copy.OR_UNTIL)).to_have_count(0)


def test_facts_follow_a_check_that_brought_no_news(browsing: Browsing, demo: Demo) -> None:
    demo.age(90_000)
    page = browsing.context("mia").new_page()
    poll = hold(page, "/poll/")
    page.goto(demo.workbench("talentlms"))
    before = page.locator("#facts").inner_text()
    poll()
    see(page.locator("#facts")).not_to_have_text(before, use_inner_text=True)


def test_a_link_is_copied_at_a_press(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", demo.workbench("personio"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask_for_link(page)
    page.get_by_role("button", name=copy.COPY_LINK).click()
    link = page.get_by_label(copy.LINK_TO_SHARE)
    see(link).to_be_focused()
    said = page.get_by_role("status").filter(has_text=copy.LINK_COPIED)
    see(said).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link.input_value(), "at once"
    page.evaluate("navigator.clipboard.writeText('')")
    page.get_by_role("button", name=copy.COPY, exact=True).click()
    page.wait_for_function("text => getSelection().toString() === text", arg=link.input_value())
    see(said).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link.input_value()


def test_the_colleagues_page_is_as_wide_as_its_words(browsing: Browsing, demo: Demo) -> None:
    def width(selector: str) -> float:
        return float(page.locator(selector).evaluate("(one) => one.getBoundingClientRect().width"))

    page = hand_off_page(browsing, demo)
    assert width(".guest") < 700
    page.set_viewport_size({"width": 360, "height": 700})
    assert width("#continue") == width(".guest .steps")


# --- Without scripts ------------------------------------------------------------------------------


def plain(browsing: Browsing, path: str) -> Page:
    return browsing.open("mia", path, java_script_enabled=False)


def test_the_list_works_without_scripts(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, "/workspace/")
    page.locator("#filters summary").click()
    page.get_by_label(copy.TOOL, exact=True).select_option("Workday")
    page.get_by_role("button", name=copy.APPLY).click()
    see(page).to_have_url(re.compile("tool=Workday"))
    see(page.locator("tr[data-integration]")).to_have_count(1)
    group(page).click()
    see(group(page)).to_have_attribute("aria-current", "true")
    row(page, demo, "workday").get_by_role("checkbox").check()
    page.get_by_role("button", name=copy.SNOOZE, exact=True).click()
    see(row(page, demo, "workday")).to_contain_text(copy.SNOOZED_UNTIL)
    see(page).to_have_url(re.compile("tool=Workday"))
    row(page, demo, "workday").get_by_role("checkbox").check()
    page.get_by_role("button", name=copy.CHECK_NOW).click()
    see(page.locator("#check-progress")).to_contain_text("Checking: 0 of 1")
    demo.age(0)
    page.get_by_role("link", name=copy.REFRESH_LIST).click()
    see(page.locator("#check-progress")).to_contain_text("Checked: 1 of 1")


@pytest.mark.exhaustive
def test_acts_work_without_scripts(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, demo.workbench("personio"))
    page.get_by_label(copy.NEW_NOTE).fill("Called again.")
    page.get_by_role("button", name=copy.SAVE_NOTE).click()
    see(page.locator("[data-note]").first).to_contain_text("Called again.")
    open_menu(page)
    page.get_by_role("button", name=copy.N_1_WEEK).click()
    see(page.locator("#standing")).to_contain_text(copy.SNOOZED_UNTIL)
    open_menu(page)
    page.get_by_role("button", name=copy.END_SNOOZE).click()
    see(page.locator("#standing")).not_to_contain_text(copy.SNOOZED_UNTIL)
    open_menu(page)
    page.get_by_role("button", name=copy.MARK_AS_NOTIFIED).click()
    see(page.locator("[data-fact=told]")).not_to_contain_text(copy.NOT_YET)
    ask_for_link(page)
    page.get_by_role("button", name=copy.COPY_LINK).click()
    address = page.get_by_label(copy.LINK_TO_SHARE).input_value()
    colleague = browsing.open("", f"{address}?lang=en", java_script_enabled=False)
    colleague.get_by_role("button", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    with colleague.expect_popup() as opened:
        colleague.get_by_role("link", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    connect = opened.value
    connect.get_by_label("Administrator’s user name").fill("admin")
    connect.get_by_label("Password").fill("right")
    connect.get_by_role("button", name="Connect", exact=True).click()
    see(
        connect.get_by_role("heading", name=copy.TOOL_IS_CONNECTED(tool="Personio"))
    ).to_be_visible()
    page.goto(demo.workbench("personio"))
    page.get_by_role("button", name=copy.CHECK_NOW).first.click()
    see(page.locator("#standing .badge")).to_contain_text(copy.CONNECTED)
    see(page.locator("[data-hand-off][data-state=used]")).to_have_count(1)


def test_the_account_menu_opens_where_there_is_room(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("mia", "/workspace/", viewport={"width": 1280, "height": 900})
    page.locator(".side-account > summary").click()
    see(page.get_by_role("button", name=copy.SIGN_OUT)).to_be_in_viewport(ratio=1)
    over = "(menu) => menu.getBoundingClientRect().right - menu.closest('.side').clientWidth"
    assert page.locator(".side-account > .menu-list").evaluate(over) <= 0
