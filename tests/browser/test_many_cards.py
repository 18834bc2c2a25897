"""A page of many cards: it is light, it looks at what somebody sees, and it says all that
changed.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests import copy
from tests.browser.browsing import TALL, Browsing, hold, mark, requests_of, see, see_acts
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

MOST_BYTES = 100 * 1024
MINUTES = 10


def looks(page: Page) -> list[str]:
    return requests_of(page, lambda request: "/poll/" in request.url)


def named(url: str) -> list[str]:
    """The cards that a look names."""
    (seen,) = parse_qs(urlsplit(url).query)["seen"]
    return [one.partition(".")[0] for one in seen.split("~")]


def until(page: Page, happened: Callable[[], object]) -> None:
    """Wait until something was noted about a page."""
    for _ in range(1500):
        if happened():
            return
        page.wait_for_timeout(10)
    raise AssertionError("it did not happen")


def tenant_of_500(demo: Demo) -> str:
    demo.multiply("talentlms", 497)
    return demo.tenant("acme")


def test_a_tenant_of_500_opens_light(browsing: Browsing, demo: Demo) -> None:
    page = browsing.context("alice").new_page()
    network = page.context.new_cdp_session(page)
    documents: list[str] = []
    sizes: dict[str, float] = {}

    def on_response(event: dict[str, Any]) -> None:
        if event["type"] == "Document":
            documents.append(event["requestId"])

    network.on("Network.responseReceived", on_response)
    network.on(
        "Network.loadingFinished",
        lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}),
    )
    network.send("Network.enable")
    page.goto(tenant_of_500(demo))
    see(page.locator("article.card")).to_have_count(50)
    took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    size = sizes[documents[0]]
    print(round(size), "bytes, loaded in", round(took), "ms")  # noqa: T201 - shown with -s
    assert size < MOST_BYTES
    page.get_by_role("link", name=copy.NEXT).click()
    see(page.get_by_text(copy.PAGE_N_OF_ALL(n=2, all=10))).to_be_visible()
    see(page.locator("article.card")).to_have_count(50)


def test_a_tenant_of_500_is_looked_at_once_a_minute(browsing: Browsing, demo: Demo) -> None:
    path = tenant_of_500(demo)
    page = browsing.context("alice").new_page()
    page.clock.install()
    polls = looks(page)
    page.goto(path)
    calls = demo.calls()
    for minute in range(MINUTES):
        page.clock.run_for(60_000)
        page.wait_for_function("performance.now() > 0")
        page.wait_for_timeout(50)  # for the answer
        assert len(polls) <= minute + 1, polls
    assert len(polls) >= 2
    in_view = page.evaluate(
        "[...document.querySelectorAll('article.card')].filter((one) => one.getBoundingClientRect().top < innerHeight).length"
    )
    assert {len(named(url)) for url in polls} == {in_view}
    assert in_view < 10
    assert demo.calls() == calls


def test_what_comes_into_view_is_looked_at(browsing: Browsing, demo: Demo) -> None:
    path = tenant_of_500(demo)
    demo.age(3600)
    page = browsing.context("alice").new_page()
    polls = looks(page)
    page.goto(path)
    last = page.locator("article.card").last
    integration = last.get_attribute("data-integration")
    assert integration
    until(page, lambda: polls)
    assert integration not in named(polls[0])
    last.scroll_into_view_if_needed()
    until(page, lambda: any(integration in named(url) for url in polls))


def test_all_that_one_answer_brings_is_said(browsing: Browsing, demo: Demo) -> None:
    demo.age(120)
    page = browsing.context("alice").new_page()
    poll = hold(page, "/poll/")
    page.goto(demo.tenant("acme"))
    demo.state("personio", "connected")
    demo.state("talentlms", "invalid")
    poll()
    announcer = page.locator("#announcer")
    see(announcer).to_contain_text("Personio: Connected")
    see(announcer).to_contain_text("TalentLMS: Reconnect required")
    see_acts(page, 1)


def test_what_is_gone_leaves_and_focus_stays_on_the_page(browsing: Browsing, demo: Demo) -> None:
    demo.age(120)
    page = browsing.context("alice").new_page()
    poll = hold(page, "/poll/")
    page.goto(demo.tenant("acme"))
    card = page.locator(demo.card("talentlms"))
    card.get_by_role("button", name=copy.CHECK_NOW).focus()
    demo.remove("talentlms")
    poll()
    see(card).to_have_count(0)
    see(page.locator("#main")).to_be_focused()
    see(page.locator(demo.card("personio"))).to_have_count(1)


def test_an_older_answer_takes_nothing_back(browsing: Browsing, demo: Demo) -> None:
    """Somebody checks while a look is under way, which then comes with what was so before."""
    demo.age(120)
    demo.state("talentlms", "data_expired")
    page = browsing.context("alice").new_page()
    waiting: list[tuple[Route, Any]] = []
    page.route(
        re.compile("/poll/"),
        lambda route: route.continue_() if waiting else waiting.append((route, route.fetch())),
    )
    page.goto(demo.tenant("acme"))
    until(page, lambda: waiting)
    card = page.locator(demo.card("talentlms"))
    demo.state("talentlms", "inactive")
    card.get_by_role("button", name=copy.CHECK_NOW).click()
    see(card).to_have_attribute("data-headline", "paused")
    same = mark(page, demo.card("talentlms"))
    (route, answer) = waiting[0]
    with page.expect_response(re.compile("/poll/")):
        route.fulfill(response=answer)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    see(same).to_have_attribute("data-headline", "paused")


def test_two_tabs_look_for_themselves(browsing: Browsing, demo: Demo) -> None:
    demo.age(120)
    context = browsing.context("alice", viewport=TALL)
    one, other = context.new_page(), context.new_page()
    for page in (one, other):
        page.goto(demo.tenant("acme"))
    demo.state("talentlms", "inactive")
    demo.age(120)
    one.locator(demo.card("talentlms")).get_by_role("button", name=copy.CHECK_NOW).click()
    card = one.locator(demo.card("talentlms"))
    see(card).to_have_attribute("data-headline", "paused")
    other.bring_to_front()
    other.evaluate("htmx.trigger('#poll', 'poll')")  # as every minute
    see(other.locator(demo.card("talentlms"))).to_have_attribute("data-headline", "paused")
