"""A host's page does not jump while the frame comes, and Back within it is within it."""

import re

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, hold, see
from tests.browser.embedded import (
    FITS,
    FRAME,
    back,
    document_in,
    height,
    host,
    inside,
    open_history,
    open_integration,
    said,
)
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

PHONE = {"width": 412, "height": 823}
MOST = 0.05
# Out of the page and back, as a framework does.
AGAIN = """() => {
    const one = document.querySelector("kombo-integrations");
    const [around, next] = [one.parentNode, one.nextSibling];
    one.remove();
    around.insertBefore(one, next);
}"""
# The host's page lists what it hears, the latest first: that is no shift of the element's making.
SHIFTED = """takeShifts()
    .filter((one) => !one.replace(/^[^:]*: /, "").split(" | ").every((source) => source.startsWith("<li data-type=")))
    .reduce((sum, one) => sum + Number.parseFloat(one), 0)"""


def test_the_page_around_does_not_jump_on_a_phone(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, is_new=True, viewport=PHONE)
    see(inside(page).locator("article.card")).to_have_count(3)
    assert height(page) > PHONE["height"]
    assert page.evaluate(SHIFTED) < MOST


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("view", ["list", "integration", "banner", "badge"])
def test_what_comes_again_does_not_move_a_thing(browsing: Browsing, demo: Demo, view: str) -> None:
    page = host(browsing, demo, f"view={view}", viewport={"width": 1280, "height": 2400})
    before = height(page)
    page.evaluate("takeShifts()")
    release = hold(page, "/embed/\\?")
    page.evaluate(AGAIN)
    see(page.locator("kombo-integrations iframe.awaited")).to_have_count(1)
    assert height(page) == before, "the last one, kept free"
    release()
    see(said(page, "ready")).to_have_count(2)
    document_in(page).wait_for_function(FITS, polling=50)
    assert page.evaluate(SHIFTED) < 0.001


def test_what_is_awaited_can_be_seen_and_goes(browsing: Browsing, demo: Demo) -> None:
    page = browsing.context().new_page()
    release = hold(page, "/embed/\\?")
    page.goto(demo.host, wait_until="commit")
    frame = page.locator("kombo-integrations iframe")
    background = "(node) => getComputedStyle(node).backgroundImage"
    assert "gradient" in frame.evaluate(background)
    release()
    see(inside(page).locator("article.card")).to_have_count(3)
    see(page.locator("kombo-integrations iframe.awaited")).to_have_count(0)
    assert frame.evaluate(background) == "none"


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize(
    ("query", "shape"),
    [("view=list", "list"), ("view=integration", "integration"), ("view=badge", "badge")],
)
def test_a_skeleton_stands_where_the_content_will(
    browsing: Browsing, demo: Demo, query: str, shape: str
) -> None:
    page = browsing.context().new_page()
    release = hold(page, "/embed/session$")
    page.goto(f"{demo.host}/?{query}")
    skeleton = inside(page).locator(f"#skeleton [data-for={shape}]")
    see(skeleton).to_be_visible()
    see(inside(page).locator("#skeleton [data-for]:visible")).to_have_count(1)
    see(page.locator("kombo-integrations iframe.awaited")).to_have_count(0)
    place = "(node) => [node.getBoundingClientRect().left, node.getBoundingClientRect().top]"
    first = ".hero" if shape != "badge" else ":scope"
    left, top = skeleton.locator(first).first.evaluate(place)
    release()
    real = inside(page).locator("article.hero" if shape != "badge" else "#banner").first
    see(real).to_be_visible()
    see(skeleton).to_be_hidden()
    assert real.evaluate(place) == [pytest.approx(left, abs=2), pytest.approx(top, abs=2)]
    assert document_in(page).evaluate("takeShifts()") == []


def test_a_skeleton_gives_way_to_what_went_wrong(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 500|^500: .*integration-token")
    page = browsing.context().new_page()
    page.route("**/integration-token?*", lambda route: route.fulfill(status=500))
    page.goto(demo.host)
    see(inside(page).get_by_role("alert").get_by_role("button")).to_be_visible()
    see(inside(page).locator("#skeleton")).to_be_hidden()


def test_nothing_to_do_leaves_no_place(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "view=banner")
    assert height(page) > 0
    demo.state("personio", "connected")
    demo.age(3600)
    own = browsing.open("alice", demo.tenant("acme"))
    see(own.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    page.evaluate(AGAIN)  # with the place of what was there
    page.wait_for_function(f"() => {FRAME}.className === '' && {FRAME}.offsetHeight === 0")


def test_only_the_first_view_is_remembered_and_nowhere_kept(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    before = height(page)
    open_integration(page, demo)
    page.wait_for_function(f"() => {FRAME}.offsetHeight !== {before}")
    hold(page, "/embed/\\?")
    page.evaluate(AGAIN)
    see(page.locator("kombo-integrations iframe.awaited")).to_have_count(1)
    assert height(page) == before
    assert page.evaluate("[sessionStorage.length, localStorage.length]") == [0, 0]


# --- Back -----------------------------------------------------------------------------------


def at_card(page: Page) -> None:
    see(inside(page).locator(".tabs [aria-current]")).to_have_text(copy.WHAT_IS_SHARED)


def test_back_and_forward_lead_within_the_frame(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    open_integration(page, demo)
    open_history(page)
    back(page)
    at_card(page)
    back(page)
    see(inside(page).locator("article.card")).to_have_count(3)
    page.evaluate("history.forward()")
    at_card(page)
    assert page.url.startswith(f"{demo.host}/")


def test_back_from_the_first_view_leaves_the_page(browsing: Browsing, demo: Demo) -> None:
    page = browsing.context().new_page()
    page.goto(f"{demo.site}/account/login/")
    page.goto(demo.host)
    see(inside(page).locator("article.card")).to_have_count(3)
    back(page)
    see(page).to_have_url(f"{demo.site}/account/login/")


def test_back_folds_a_banner_again(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "as=gallery&view=banner")
    inside(page).locator("#banner a[href^='#']").first.click()
    see(inside(page).locator("article.card").first).to_be_visible()
    back(page)
    see(inside(page).locator("article.card")).to_have_count(0)
    see(inside(page).locator("#banner section")).to_be_visible()
    see(inside(page).locator(":root")).to_have_attribute("data-view", "banner")


def test_a_field_in_the_grid_is_no_step_of_its_own(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    open_integration(page, demo)
    inside(page).locator("details.coverage-model summary").first.click()
    inside(page).locator("a.coverage-anchor").first.click()
    open_history(page)
    back(page)
    see(inside(page).locator("#coverage")).to_be_visible()


def test_a_link_of_an_issue_opens_beside_the_page(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("went elsewhere")
    page = host(browsing, demo)
    document_in(page).evaluate(
        "document.querySelector('#main').insertAdjacentHTML('beforeend', \"<a href='https://x.example/'>x</a>\")"
    )
    page.context.route("https://x.example/**", lambda route: route.fulfill(body="elsewhere"))
    with page.context.expect_page() as opening:
        inside(page).get_by_role("link", name="x", exact=True).click()
    see(opening.value).to_have_url("https://x.example/")
    see(inside(page).locator("article.card")).to_have_count(3)


def test_a_poll_ends_with_the_cards_it_asks_for(browsing: Browsing, demo: Demo) -> None:
    """Also one that began while the next page was on its way, and is answered after it."""
    page = host(browsing, demo)
    next_page, poll = hold(page, "/i/"), hold(page, "/poll/")
    inside(page).locator(f"#name-{demo.public_id('personio')}").click()
    demo.state("talentlms", "invalid")
    with page.expect_request(re.compile("/poll/")) as asked:
        document_in(page).evaluate("htmx.trigger('#poll', 'poll')")
    next_page()
    see(inside(page).locator("#coverage")).to_be_visible()
    poll()
    assert asked.value.response() is None, "let go"
