"""Cards that keep themselves current: quietly, only while somebody looks, and without taking
anything away.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Response, Route

from tests import copy
from tests.browser.browsing import TALL, Browsing, hold, mark, requests_of, see, see_acts
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def poll_of(demo: Demo, tool: str, status: int) -> Callable[[Response], bool]:
    """Whether an answer is one to a look at a tool's card."""
    seen = re.compile(rf"/poll/\?.*{demo.public_id(tool)}\.")
    return lambda response: bool(seen.search(response.url)) and response.status == status


def test_card_changes_by_itself(browsing: Browsing, demo: Demo) -> None:
    demo.age(120)
    demo.state("personio", "connected")
    demo.state("talentlms", "invalid")
    page = browsing.open("alice", demo.tenant("acme"))
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    see(page.locator(demo.card("talentlms"))).to_have_attribute(
        "data-headline", "reconnect_required"
    )
    see(page.locator(demo.card("talentlms")).get_by_role("heading")).to_contain_text(
        copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="TalentLMS")
    )
    see_acts(page, 1)
    see(page).to_have_title(re.compile(r"^\(1\) "))


def test_banner_follows_changes_that_come_close_together(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    slow: list[Route] = []  # the first look at the banner, which never comes back

    def hold_the_first(route: Route) -> None:
        if slow:
            route.continue_()
        else:
            slow.append(route)

    page.route(re.compile("/banner/"), hold_the_first)
    for tool, label in (("talentlms", "TalentLMS"), ("greenhouse", "Greenhouse")):
        demo.state(tool, "invalid")
        page.locator(demo.card(tool)).get_by_role("button", name=copy.CHECK_NOW).click()
        see(page.locator("#announcer")).to_contain_text(label)
    see_acts(page, 3)


def test_unchanged_card_is_left_alone(browsing: Browsing, demo: Demo) -> None:
    demo.age(3600)
    page = browsing.context("alice", viewport=TALL).new_page()
    poll = hold(page, "/poll/")
    page.goto(demo.tenant("acme"))
    card = demo.card("talentlms")
    same = mark(page, card)
    see(page.locator(f"{card} time[data-checked]")).to_have_text(
        re.compile(copy.N_MINUTES_AGO(n=60))
    )
    with page.expect_response(poll_of(demo, "talentlms", 204)):
        poll()
    see(page.locator(f"{card} time[data-checked]")).to_have_text("now")
    see(same).to_have_count(1)
    see(page.locator("#announcer")).to_have_text("")


def test_later_polls_ask_the_site_and_not_kombo(browsing: Browsing, demo: Demo) -> None:
    context = browsing.context("bob")
    context.clock.install()
    page = context.new_page()
    page.goto(demo.tenant("bolt"))
    calls = demo.calls()
    with page.expect_response(poll_of(demo, "bamboohr", 204)):
        page.clock.run_for(73_000)
    assert demo.calls() == calls, "the snapshot was fresh"


def test_hidden_page_does_not_poll(browsing: Browsing, demo: Demo) -> None:
    context = browsing.context("bob")
    context.clock.install()
    context.add_init_script("""
        window.away = false;
        Object.defineProperty(document, "hidden", { get: () => window.away });
        window.turn = (away) => { window.away = away; document.dispatchEvent(new Event("visibilitychange")); };
    """)
    page = context.new_page()
    page.goto(demo.tenant("bolt"))
    polls = requests_of(page, lambda request: "/poll/" in request.url)
    page.evaluate("turn(true)")
    page.clock.run_for(600_000)
    assert polls == []
    with page.expect_response(poll_of(demo, "bamboohr", 204)):
        page.evaluate("turn(false)")
        page.clock.run_for(100)


def test_focus_survives_a_swap(browsing: Browsing, demo: Demo) -> None:
    demo.age(120)
    demo.state("talentlms", "data_expired")
    page = browsing.context("alice").new_page()
    poll = hold(page, "/poll/")
    page.goto(demo.tenant("acme"))
    card = page.locator(demo.card("talentlms"))
    button = card.get_by_role("button", name=copy.CHECK_NOW)
    same = mark(page, demo.card("talentlms"))
    button.focus()
    poll()
    see(card).to_have_attribute("data-headline", "updating")
    see(same).to_have_count(0)
    see(button).to_be_focused()


def test_focus_does_not_fall_when_its_button_goes(browsing: Browsing, demo: Demo) -> None:
    demo.age(120)
    demo.state("personio", "connected")
    page = browsing.context("alice").new_page()
    poll = hold(page, "/poll/")
    page.goto(demo.tenant("acme"))
    page.get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.focus()
    poll()
    see_acts(page, 0)
    see(page.locator("body")).not_to_be_focused()


def test_check_now_asks_at_once_and_says_how_it_went(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    card = page.locator(demo.card("talentlms"))
    demo.state("talentlms", "inactive")
    card.get_by_role("button", name=copy.CHECK_NOW).press("Enter")
    see(card).to_have_attribute("data-headline", "paused")
    see(page.locator("#announcer")).to_have_text("TalentLMS: Paused")
    see(card.get_by_role("button", name=copy.CHECK_NOW)).to_be_focused()


def test_a_poll_leaves_a_card_whose_button_waits(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    card = page.locator(demo.card("talentlms"))
    check = hold(page, "/check/")
    same = mark(page, demo.card("talentlms"))
    demo.age(120)
    demo.state("talentlms", "inactive")
    card.get_by_role("button", name=copy.CHECK_NOW).click()
    with page.expect_response(lambda answer: "/poll/" in answer.url and answer.status == 200):
        page.evaluate("htmx.trigger('#poll', 'poll')")
        page.evaluate("setInterval(() => htmx.trigger('#poll', 'poll'), 500)")
    see(same).to_have_count(1)
    check()
    see(page.locator("#announcer")).to_have_text("TalentLMS: Paused")
    see(same).to_have_count(0)


def test_too_many_checks_are_said_in_words(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 429|Status Error Code 429")
    page = browsing.open("alice", demo.tenant("acme"))
    button = page.locator(demo.card("talentlms")).get_by_role("button", name=copy.CHECK_NOW)
    for status in (*[200] * 6, 429):
        same = mark(page, demo.card("talentlms"))
        with page.expect_response(re.compile("/check/")) as answer:
            button.click()
        assert answer.value.status == status
        # A click on a button that is being replaced is lost.
        see(same).to_have_count(0 if status == 200 else 1)
    see(page.locator("#trouble")).to_contain_text("Try again in")
    see(page.locator(demo.card("talentlms"))).to_have_attribute("data-headline", "connected")


def test_kombo_out_of_reach_leaves_what_was_known(browsing: Browsing, demo: Demo) -> None:
    demo.age(3600)
    demo.fault("unavailable", "talentlms")
    page = browsing.open("alice", demo.tenant("acme"), viewport=TALL)
    card = page.locator(demo.card("talentlms"))
    see(page.locator(".stale-notice")).to_be_visible()
    see(card).to_contain_text(re.compile(copy.N_MINUTES_AGO(n=60)))
    see(card).to_have_attribute("data-headline", "connected")


def test_skeleton_turns_into_a_card(browsing: Browsing, demo: Demo) -> None:
    demo.fault("none", "humaans")
    page = browsing.open("gina", demo.tenant("gallery"), viewport=TALL)
    card = page.locator(demo.card("humaans"))
    see(card).to_have_attribute("data-headline", "connected")
    see(card).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("by", ["check", "poll"])
def test_grid_refreshes_by_itself_and_keeps_open_rows(
    browsing: Browsing, demo: Demo, by: str
) -> None:
    page = browsing.context("bob").new_page()
    if by == "poll":
        page.clock.install()
    page.goto(demo.tenant("bolt"))
    opened, other = "hris_employees", "hris_absences"
    page.locator(f"details[id='{opened}'] > summary").click()
    field = page.locator(
        f"details[id='{opened}'] .coverage-field[data-availability='available']"
    ).first
    datapoint = field.get_attribute("data-datapoint")
    demo.opt_out("bamboohr", str(datapoint))
    if by == "poll":
        demo.age(120)
        page.clock.run_for(73_000)
    else:
        page.get_by_role("button", name=copy.CHECK_NOW).click()
    see(page.locator(f"[data-datapoint='{datapoint}']")).to_have_attribute(
        "data-availability", "opted_out"
    )
    see(page.locator(f"details[id='{opened}']")).to_have_attribute("open", "")
    see(page.locator(f"details[id='{other}']")).not_to_have_attribute("open", "")


def test_what_is_held_back_takes_its_grid_along(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("bob", demo.page("bamboohr"))
    see(page.locator("#coverage")).to_be_visible()
    demo.fault("wrong_owner", "bamboohr")
    page.get_by_role("button", name=copy.CHECK_NOW).click()
    see(page.locator("#coverage")).to_have_count(0)
    see(page.locator("article.card")).to_contain_text(copy.NOT_CONFIRMED_YET)
