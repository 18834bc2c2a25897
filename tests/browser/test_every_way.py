"""What changes in a connection's life, in every way there is to it: on the customer's page, by a
guest link, in a host's page and without scripts.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests import copy
from tests.browser.browsing import Browsing, hold, see, told
from tests.browser.connecting import invited, open_connect, opened, sign_in
from tests.browser.embedded import host, inside, open_integration, to_list
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
OTHER = "other@acme.example"
TOOL = "talentlms"
CHOICE = ".tool a[href$='/connect/lms/talentlms/']"


def plain(browsing: Browsing, path: str) -> Page:
    return browsing.open("alice", path, java_script_enabled=False)


def tab_of(page: Page, button: Locator) -> Page:
    """Kombo Connect in a tab of its own, as without scripts."""
    button.click()
    with page.context.expect_page() as coming:
        page.locator("section a[target=_blank]").click()
    return coming.value


def window_of(page: Page, button: str) -> Page:
    """The window that a button in a host's page opens."""
    with page.context.expect_page() as coming:
        inside(page).locator(button).first.click()
    window = coming.value
    see(window.locator("#continue")).to_be_visible()
    window.wait_for_load_state()
    if window.locator("input[name=email]").count():
        window.locator("input[name=email]").fill(OTHER)
    return window


# --- Another account ----------------------------------------------------------------------------


def as_customer(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    sign_in(open_connect(page, "Personio"))
    see(page.locator(f"{demo.card('personio')} [data-account-changed]")).to_contain_text(OTHER)


def as_guest(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.page("personio"))
    page.get_by_role("link", name=copy.SEND_TO_A_COLLEAGUE).click()
    page.get_by_role("button", name=copy.COPY_LINK).click()
    guest = browsing.open("", page.locator("#hand-off-link").input_value())
    see(guest.locator("#disconnect, form[action*='/sync/']")).to_have_count(0)
    sign_in(opened(guest, "#continue"))
    see(guest.get_by_role("heading", name=copy.DONE_THANK_YOU)).to_be_visible()
    see(guest.get_by_text(OTHER)).to_have_count(0)  # who else connects it is not a guest's business


def in_a_frame(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    window = window_of(page, "form[action$='/reconnect/'] button")
    sign_in(opened(window, "#continue"))
    card = inside(page).locator(demo.card("personio"))
    see(card.locator("[data-account-changed]")).to_contain_text(OTHER)


def without_scripts(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, demo.page("personio"))
    sign_in(tab_of(page, page.locator("form[action$='/reconnect/'] button").first))
    page.goto(demo.page("personio"))
    page.get_by_role("button", name=copy.CHECK_NOW).first.click()
    see(page.locator("[data-account-changed]")).to_contain_text(OTHER)


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("way", [as_customer, as_guest, in_a_frame, without_scripts])
def test_another_account_is_told_to_customer_and_staff(
    way: Callable[[Browsing, Demo], None], browsing: Browsing, demo: Demo
) -> None:
    demo.account("personio", OTHER)
    way(browsing, demo)
    for person, path in (("alice", demo.page("personio")), ("mia", demo.workbench("personio"))):
        said = browsing.open(person, path).locator("[data-account-changed]")
        see(said).to_contain_text(OTHER)


# --- Connected twice ----------------------------------------------------------------------------


def test_a_guest_comes_to_a_tool_that_was_connected(browsing: Browsing, demo: Demo) -> None:
    link = invited(browsing, demo)
    guest = browsing.open("", link)
    guest.locator("input[name=email]").fill(OTHER)
    page = browsing.open("alice", f"{demo.tenant('acme')}connect/hris/workday/")
    sign_in(opened(page, "#connect-new"))
    page.wait_for_url("**/i/*/")
    browsing.expects("410")
    guest.locator("#continue").click()
    see(guest.locator("#trouble")).to_be_visible()
    see(guest.locator("iframe")).to_have_count(0)


@pytest.mark.exhaustive
def test_in_a_frame_a_second_one_is_made_if_meant(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    inside(page).locator("header a[href*='/connect/']").click()
    inside(page).locator("#q").fill("talent")
    inside(page).locator(CHOICE).click()
    see(inside(page).locator("#connect-new")).to_have_count(0)
    inside(page).locator("[data-connected] summary").click()
    release = hold(page, "/i/[^/]+/$")
    window = window_of(page, "#connect-second")
    with page.expect_request(re.compile("/i/[^/]+/$")) as grid:  # once there is one
        sign_in(opened(window, "#continue"))
    see(inside(page).locator("article.card")).to_be_visible()
    to_list(page)
    release()
    assert grid.value.response() is None, "it ended with its page"
    see(inside(page).locator("article.card")).to_have_count(4)
    see(inside(page).locator("section.group:visible").first).to_be_visible()


def test_one_takes_the_place_of_another(browsing: Browsing, demo: Demo) -> None:
    """Also without scripts; the old one stays, and is led to."""
    demo.delivery("normal")
    page = plain(browsing, f"{demo.tenant('acme')}connect/lms/talentlms/")
    page.locator("[data-connected] summary").click()
    sign_in(tab_of(page, page.locator(f"#connect-{demo.public_id(TOOL)}")))
    told(demo, "integration-created")
    page.goto(demo.tenant("acme"))
    see(page.locator("article.card")).to_have_count(4)
    cards = page.locator("article.card").filter(has_text="TalentLMS")
    new = cards.and_(page.locator(f"article:not({demo.card(TOOL)})"))
    page.goto(f"{demo.tenant('acme')}i/{new.get_attribute('data-integration')}/")
    old = page.locator(f"#replaced a[href$='/i/{demo.public_id(TOOL)}/']")
    see(old).to_be_visible()


# --- Settings, and a sync -----------------------------------------------------------------------

SETTINGS = "[data-change=settings] button"


def test_settings_and_sync_in_a_frame(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("autofocusing")
    page = host(browsing, demo)
    open_integration(page, demo, TOOL)
    demo.steps(TOOL, on=True)
    window = window_of(page, SETTINGS)
    opened(window, "#continue").get_by_role("button", name="Finish setup").click()
    see(window.get_by_role("heading", name=copy.DONE)).to_be_visible()
    sync = f"#sync-{demo.public_id(TOOL)}"
    inside(page).locator(f"{sync} button").click()
    see(inside(page).locator(f"{sync}[data-sync=queued]")).to_be_visible()
    # Once Kombo has told of it, nothing more comes of what was just set up.
    see(inside(page).locator(demo.card(TOOL))).to_have_attribute("data-headline", "updating")
    demo.steps(TOOL, on=False)
    window = window_of(page, SETTINGS)
    window.locator("#continue").click()
    see(window.locator("dialog[open]")).to_be_visible()
    see(window.locator("iframe")).to_have_count(0)
    to_list(page)
    open_integration(page, demo, TOOL)
    see(inside(page).locator("[data-change=sign-in] button")).to_be_visible()
    see(inside(page).locator(SETTINGS)).to_have_count(0)
    see(inside(page).locator("#disconnect")).to_have_count(0)


@pytest.mark.exhaustive
def test_settings_without_scripts(browsing: Browsing, demo: Demo) -> None:
    page = plain(browsing, demo.page(TOOL))
    demo.steps(TOOL, on=True)
    tab = tab_of(page, page.locator(SETTINGS))
    tab.get_by_role("button", name="Finish setup").click()
    see(tab.get_by_role("button")).to_have_count(0)
    page.goto(demo.page(TOOL))
    demo.steps(TOOL, on=False)
    page.locator(SETTINGS).click()
    page.get_by_role("link", name=copy.BACK).click()
    see(page.locator("[data-change=sign-in] button")).to_be_visible()
    see(page.locator(SETTINGS)).to_have_count(0)


# --- Disconnected, and connected again ----------------------------------------------------------

AGAIN = "article.card a[href*='/connect/?q=']"


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("has_scripts", [True, False], ids=["scripts", "none"])
def test_a_customer_connects_again_what_is_gone(
    has_scripts: bool, browsing: Browsing, demo: Demo
) -> None:
    demo.delivery("normal")
    path = f"{demo.page(TOOL)}disconnect/"
    page = browsing.open("alice", path, java_script_enabled=has_scripts)
    page.locator("input[name=confirmation]").fill("TalentLMS")
    page.keyboard.press("Enter")
    page.locator(AGAIN).click()
    page.locator(CHOICE).click()
    see(page.locator("[data-connected]")).to_have_count(0)
    if has_scripts:
        sign_in(opened(page, "#connect-new"))
        page.wait_for_url("**/i/*/")  # it goes there by itself
    else:
        sign_in(tab_of(page, page.locator("#connect-new")))
    told(demo, "integration-created")
    page.goto(demo.tenant("acme"))
    see(page.locator("article.card")).to_have_count(4)
    see(page.locator(demo.card(TOOL))).to_have_attribute("data-headline", "removed")


@pytest.mark.exhaustive
def test_in_a_frame_it_is_connected_again(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    open_integration(page, demo, TOOL)
    demo.state(TOOL, "deleted")
    inside(page).get_by_role("button", name=copy.CHECK_NOW).click()
    inside(page).locator(AGAIN).click()
    inside(page).locator(CHOICE).click()
    sign_in(opened(window_of(page, "#connect-new"), "#continue"))
    see(inside(page).locator("article.card")).not_to_have_attribute("data-headline", "removed")


def test_a_page_of_before_it_was_gone_says_so(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.page(TOOL))
    other = browsing.open("alice", f"{demo.page(TOOL)}disconnect/")
    other.locator("input[name=confirmation]").fill("TalentLMS")
    other.keyboard.press("Enter")
    see(other.locator(AGAIN)).to_be_visible()
    page.locator("[data-change=sign-in] button").click()
    said = page.locator("dialog[open]")
    see(said).to_contain_text(copy.TO_USE_IT_AGAIN)
    see(said.locator("iframe")).to_have_count(0)


def test_the_card_alone_says_what_it_says(browsing: Browsing, demo: Demo) -> None:
    """The page of one integration has no banner that says the same, also if that comes later."""
    page = browsing.open("alice", demo.page(TOOL))
    demo.state(TOOL, "invalid")
    page.get_by_role("button", name=copy.CHECK_NOW).click()
    see(page.locator("article.card")).to_have_attribute("data-headline", "reconnect_required")
    see(page.locator("#banner")).to_have_attribute("data-acts", "1")
    page.evaluate("htmx.trigger(document.body, 'headline-changed')")
    page.wait_for_load_state("networkidle")
    see(page.locator("#banner section")).to_have_count(0)
