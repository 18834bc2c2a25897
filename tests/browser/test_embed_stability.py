"""A host's page does not jump while the frame comes, and Back within it is within it."""

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, hold, see
from tests.browser.embedded import FITS, FRAME, back, document_in, height, host, inside, said
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

PHONE = {"width": 412, "height": 823}
MOST = 0.05
SHIFTED = "takeShifts().reduce((sum, one) => sum + Number.parseFloat(one), 0)"


def test_the_page_around_does_not_jump_on_a_phone(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, viewport=PHONE)
    see(inside(page).locator("article.card")).to_have_count(3)
    assert height(page) > PHONE["height"]
    assert page.evaluate(SHIFTED) < MOST


@pytest.mark.parametrize("view", ["list", "integration", "banner", "badge"])
def test_a_reload_does_not_move_a_thing(browsing: Browsing, demo: Demo, view: str) -> None:
    page = host(browsing, demo, f"view={view}", viewport={"width": 1280, "height": 2400})
    before = height(page)
    page.evaluate("takeShifts()")
    release = hold(page, "/embed/\\?")
    page.reload(wait_until="commit")
    see(page.locator("kombo-integrations iframe.awaited")).to_have_count(1)
    assert height(page) == before, "the last one, kept free"
    release()
    see(said(page, "change")).not_to_have_count(0)
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


def test_nothing_to_do_leaves_no_place(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "view=banner")
    assert height(page) > 0
    demo.state("personio", "connected")
    demo.age(3600)
    own = browsing.open("alice", demo.tenant("acme"))
    see(own.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    page.reload()  # with the place of what was there
    page.wait_for_function(f"() => {FRAME}.className === '' && {FRAME}.offsetHeight === 0")


def test_only_the_first_view_is_remembered(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    before = height(page)
    inside(page).get_by_role("link", name=copy.DATA_ACCESS).first.click()
    see(inside(page).locator("#coverage")).to_be_visible()
    page.wait_for_function(f"() => {FRAME}.offsetHeight !== {before}")
    kept = page.evaluate("Object.entries(sessionStorage)")
    width = page.locator("kombo-integrations").evaluate("(node) => node.clientWidth")
    assert kept == [[f"kombo-integrations list  {width}", f"{before:.0f}"]]


def test_a_page_without_storage_shows_it_all_the_same(browsing: Browsing, demo: Demo) -> None:
    denied = """if (window === top) Object.defineProperty(window, "sessionStorage", {
        get() { throw new DOMException("denied", "SecurityError"); } });"""
    page = host(browsing, demo, script=denied)
    see(inside(page).locator("article.card")).to_have_count(3)


# --- Back -----------------------------------------------------------------------------------


def at_card(page: Page, name: str) -> None:
    see(inside(page).get_by_role("heading", name=name, level=1)).to_be_visible()


def test_back_and_forward_lead_within_the_frame(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    inside(page).get_by_role("link", name="Personio", exact=True).first.click()
    at_card(page, "Personio")
    inside(page).get_by_role("link", name=copy.HISTORY).first.click()
    see(
        inside(page).get_by_role("heading", name=copy.LABEL_HISTORY(label="Personio"))
    ).to_be_visible()
    back(page)
    at_card(page, "Personio")
    back(page)
    see(inside(page).locator("article.card")).to_have_count(3)
    page.evaluate("history.forward()")
    at_card(page, "Personio")
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
    inside(page).get_by_role("link", name=copy.DATA_ACCESS).first.click()
    see(inside(page).locator("#coverage")).to_be_visible()
    inside(page).locator("details.coverage-model summary").first.click()
    inside(page).locator("a.coverage-anchor").first.click()
    inside(page).get_by_role("link", name=copy.HISTORY).first.click()
    see(inside(page).get_by_role("heading", name=" history")).to_be_visible()
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
