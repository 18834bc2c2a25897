"""Repairing an integration, from the click to the card that says so."""

import re

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, hold, mark, see, see_acts
from tests.browser.connecting import dialog, frame, open_connect, repair_button, sign_in
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


@pytest.fixture
def page(browsing: Browsing, demo: Demo) -> Page:
    """alice's page, with Personio to be reconnected; a reload would wipe the mark."""
    opened = browsing.open("alice", demo.tenant("acme"))
    opened.evaluate("document.body.dataset.mark = 'not reloaded'")
    return opened


def see_unchanged(page: Page, demo: Demo) -> None:
    see(dialog(page)).to_have_count(0)
    see(page.locator(demo.card("personio"))).to_have_attribute(
        "data-headline", "reconnect_required"
    )
    see(page.locator("#announcer")).to_have_text("")
    see(repair_button(page, "Personio")).to_be_focused()


def test_completed_reconnection_shows_without_reload(page: Page, demo: Demo) -> None:
    card = page.locator(demo.card("personio"))
    see(page).to_have_title(re.compile(r"^\(1\) "))
    see_acts(page, 1)
    sign_in(open_connect(page, "Personio"))
    see(card).to_have_attribute("data-headline", "connected")
    see(dialog(page)).to_have_count(0)
    see_acts(page, 0)
    see(page).not_to_have_title(re.compile(r"\(\d"))
    see(page.locator("#announcer")).to_have_text("Personio: Connected")
    see(card.get_by_role("button", name=re.compile("Reconnect"))).to_have_count(0)
    see(page.locator("body")).to_have_attribute("data-mark", "not reloaded")


def test_focus_is_somewhere_useful_after_a_reconnection(page: Page, demo: Demo) -> None:
    sign_in(open_connect(page, "Personio"))
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    see_acts(page, 0)
    see(page.locator(f"#name-{demo.public_id('personio')}")).to_be_focused()


def test_card_says_checking_while_kombo_lags(page: Page, demo: Demo) -> None:
    demo.settings(lag=600)
    card = page.locator(demo.card("personio"))
    sign_in(open_connect(page, "Personio"))
    see(card.get_by_text(copy.CHECKING_TOOL(tool="Personio"))).to_be_visible()
    see(card).to_have_attribute("data-headline", "reconnect_required")
    demo.state("personio", "connected")  # at last
    see(card).to_have_attribute("data-headline", "connected")
    see(card.get_by_text(copy.CHECKING_TOOL(tool="Personio"))).to_have_count(0)
    see(page.locator("#announcer")).to_have_text("Personio: Connected")


def test_visible_cancel_changes_nothing(page: Page, demo: Demo) -> None:
    open_connect(page, "Personio")
    dialog(page).get_by_role("button", name=copy.CANCEL).click()
    see_unchanged(page, demo)


def test_escape_changes_nothing(page: Page, demo: Demo) -> None:
    open_connect(page, "Personio")
    page.keyboard.press("Escape")
    see_unchanged(page, demo)


def test_cancelling_inside_kombo_connect_changes_nothing(page: Page, demo: Demo) -> None:
    open_connect(page, "Personio").get_by_role("button", name=copy.CANCEL).click()
    see_unchanged(page, demo)


def test_cancelled_reconnection_can_be_begun_anew(page: Page, demo: Demo) -> None:
    open_connect(page, "Personio")
    page.keyboard.press("Escape")
    see(dialog(page)).to_have_count(0)
    sign_in(open_connect(page, "Personio"))
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")


def test_link_leaves_the_page_with_the_dialog(page: Page) -> None:
    open_connect(page, "Personio")
    assert "/connect/v1?" in page.content()
    page.keyboard.press("Escape")
    see(page.locator("dialog")).to_have_count(0)  # it closes first, and goes then
    assert "/connect/v1?" not in page.content()


def test_rejected_sign_in_stays_in_kombo_connect(
    page: Page, demo: Demo, browsing: Browsing
) -> None:
    browsing.expects("status of 422|Blocked autofocusing")
    connect = open_connect(page, "Personio")
    connect.get_by_label("Administrator’s user name").fill("admin")
    connect.get_by_label("Password").fill("wrong")
    connect.get_by_role("button", name="Connect", exact=True).click()
    see(connect.get_by_text("This password was not accepted")).to_be_visible()
    sign_in(connect)
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")


def test_expired_link_says_so_and_can_be_left(page: Page, demo: Demo, browsing: Browsing) -> None:
    browsing.expects("status of 410")
    connect = open_connect(page, "Personio")
    demo.forget_links()
    sign_in(connect)
    see(frame(page).get_by_role("heading", name=copy.THIS_LINK_HAS_EXPIRED)).to_be_visible()
    dialog(page).get_by_role("button", name=copy.CANCEL).click()
    see_unchanged(page, demo)


def test_link_on_a_foreign_origin_is_refused_in_words(page: Page, demo: Demo) -> None:
    demo.fault("foreign_link", "personio")
    repair_button(page, "Personio").click()
    see(dialog(page)).to_contain_text(copy.WE_RECEIVED_AN_UNTRUSTED_LINK.core)
    see(page.locator("iframe")).to_have_count(0)
    assert "example.net" not in page.content()
    dialog(page).get_by_role("button", name=copy.CLOSE).click()
    see_unchanged(page, demo)


def test_kombo_out_of_reach_is_said_in_words(page: Page, demo: Demo) -> None:
    demo.fault("unavailable", "personio")
    repair_button(page, "Personio").click()
    see(dialog(page)).to_contain_text(copy.THE_CONNECTION_COULD_NOT)
    page.keyboard.press("Escape")
    see_unchanged(page, demo)


def test_setup_can_be_continued(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("gina", demo.page("teamtailor"))
    card = page.locator(demo.card("teamtailor"))
    see(card).to_have_attribute("data-headline", "setup_incomplete")
    connect = open_connect(page, "Teamtailor", verb="Continue setup of")
    connect.get_by_role("button", name="Finish setup").click()
    see(card).to_have_attribute("data-headline", "first_sync")
    see_acts(page, 0)
    see(page.locator("#announcer")).to_have_text("Teamtailor: First sync in progress")


def test_reconnection_speaks_the_readers_language(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"), locale="de-DE")
    connect = open_connect(page, "Personio", verb="")
    see(connect.get_by_role("heading", name="Personio neu verbinden")).to_be_visible()


def test_what_is_shared_can_be_changed_while_connected(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("bob", f"{demo.page('bamboohr')}?open=all")
    page.get_by_role("button", name=copy.CHANGE_SHARED_DATA).click()
    choice = frame(page).get_by_role("checkbox", checked=True).first
    datapoint = choice.get_attribute("value")
    choice.uncheck()
    sign_in(frame(page))
    see(dialog(page)).to_have_count(0)
    see(page.locator(f'[data-datapoint="{datapoint}"]')).to_have_attribute(
        "data-availability", "opted_out"
    )


def test_another_tab_follows_by_itself(browsing: Browsing, demo: Demo) -> None:
    mine = browsing.context("alice")
    session = mine.storage_state()
    other = browsing.context(storage_state=session).new_page()
    other.clock.install()
    other.goto(demo.tenant("acme"))
    page = mine.new_page()
    page.goto(demo.tenant("acme"))
    sign_in(open_connect(page, "Personio"))
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    see(other.locator(demo.card("personio"))).to_have_attribute(
        "data-headline", "reconnect_required"
    )
    other.clock.run_for(75_000)
    see(other.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    see_acts(other, 0)
    see(other).not_to_have_title(re.compile(r"\(\d"))
    see(other.locator("#announcer")).to_have_text("Personio: Connected")


def test_a_new_banner_waits_for_the_answer_to_its_button(browsing: Browsing, demo: Demo) -> None:
    """On a page after the first, whose banner has the button of a card that is not there."""
    demo.multiply("talentlms", 60)
    demo.fault("foreign_link", "personio")
    page = browsing.open("alice", f"{demo.tenant('acme')}?page=2")
    answer = hold(page, "/reconnect/")
    same = mark(page, "#banner section")
    repair_button(page, "Personio").click()
    with page.expect_response(re.compile("/banner/")):
        page.evaluate("htmx.trigger(document.body, 'headline-changed')")
    answer()
    see(dialog(page)).to_contain_text(copy.WE_RECEIVED_AN_UNTRUSTED_LINK.core)
    see(same).to_have_count(0)
