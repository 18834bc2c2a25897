"""Integrations inside a host's page: what a customer does there, without a single cookie."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, requests_of, see
from tests.browser.connecting import dialog, frame, sign_in
from tests.browser.embedded import (
    FRAME,
    document_in,
    heard,
    host,
    inside,
    open_history,
    open_integration,
    said,
    to_list,
)
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

COOKIE = "document.cookie = 'mark=1; SameSite=None; Secure', document.cookie"
SCROLLS = "document.documentElement.scrollHeight > document.documentElement.clientHeight"
# In the frame, so that one clock measures both: from a change of the content until all of it is in
# view.
FOLLOWS = """async () => {
    const block = document.createElement("p");
    block.textContent = "new";
    block.style.height = "777px";
    const before = innerHeight;
    const began = performance.now();
    document.querySelector("#main").append(block);
    while (innerHeight < before + 777 && performance.now() - began < 5000)
        await new Promise((done) => setTimeout(done, 5));
    const took = performance.now() - began;
    block.remove();
    while (innerHeight > before + 1 && performance.now() - began < 10000)
        await new Promise((done) => setTimeout(done, 5));
    return [took, innerHeight - before];
}"""


def tokens(page: Page) -> list[str]:
    return requests_of(page, lambda request: "/integration-token" in request.url)


def leave(page: Page) -> Page:
    """Press the button in the frame; the window that opens."""
    with page.expect_popup() as opening:
        inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    window = opening.value
    see(
        window.get_by_role("heading", name=copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Personio"))
    ).to_be_visible()
    window.wait_for_load_state()  # and so have the scripts
    return window


def repair(window: Page) -> None:
    window.get_by_role("button", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    see(frame(window).get_by_role("heading", level=1)).to_be_visible()
    sign_in(frame(window))
    see(window.get_by_role("heading", name=copy.DONE)).to_be_visible()


def test_a_browser_that_keeps_no_cookies_in_frames(browsing: Browsing, demo: Demo) -> None:
    """Without this, the tests here would hold for a browser that lets frames keep cookies."""
    page = host(browsing, demo)
    assert document_in(page).evaluate(COOKIE) == ""
    own = page.context.new_page()
    own.goto("/account/login/")
    assert own.evaluate(COOKIE) == "mark=1"


def test_list_and_host_know_how_many_need_somebody(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    see(inside(page).locator("article.card")).to_have_count(3)
    see(inside(page).locator('[data-group="attention"] article.card')).to_have_count(1)
    needs = {
        "severity": "action_required",
        "headline": "reconnect_required",
        "actionRequired": 1,
        "total": 3,
    }
    assert heard(page, "change") == [needs]
    see(page.get_by_role("link", name="Integrations 1 need attention")).to_be_visible()


def test_the_grid_can_be_opened_and_searched(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    open_integration(page, demo)
    inside(page).locator("details.coverage-model summary").first.click()
    see(inside(page).locator(".coverage-field").first).to_be_visible()
    inside(page).get_by_role("searchbox").fill("nothing at all")
    see(inside(page).locator(".coverage-empty")).to_contain_text(copy.NOTHING_IS_CALLED_QUERY.core)
    assert page.url.startswith(f"{demo.host}/"), "the host's page stays"


def test_a_data_sheet_can_be_saved(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    open_integration(page, demo)
    demo.end_embeds()  # and what saves it renews the session
    browsing.expects("status of 401")
    with page.expect_download() as saving:
        inside(page).locator("a[href$='.csv']").click()
    assert saving.value.suggested_filename.endswith(".csv")
    assert "," in Path(saving.value.path()).read_text(encoding="utf-8-sig").splitlines()[0]


def test_an_access_statement_can_be_saved(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    open_integration(page, demo)
    inside(page).locator(".tabs").get_by_role("link", name=copy.ACCESS_STATEMENT).click()
    see(inside(page).locator("article.statement")).to_be_visible()
    digest = inside(page).locator("article.statement").get_attribute("data-statement")
    with page.expect_download() as saving:
        inside(page).get_by_role("link", name=copy.DOWNLOAD_JSON).click()
    assert json.loads(Path(saving.value.path()).read_text())["sha256"] == digest


def test_history_and_back(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    open_integration(page, demo)
    open_history(page)
    see(inside(page).locator("svg.strip")).to_be_visible()
    inside(page).get_by_role("link", name=copy.WHAT_IS_SHARED).click()
    see(inside(page).locator("#coverage")).to_be_visible()
    to_list(page)
    see(inside(page).locator("article.card")).to_have_count(3)


def test_a_link_leads_to_the_top_of_what_it_opens(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "as=gallery")
    at = (
        "() => Math.round(document.querySelector('kombo-integrations').getBoundingClientRect().top)"
    )
    last = inside(page).locator("article.card").last
    last.get_by_role("link").click()
    see(inside(page).get_by_role("heading", level=1)).to_be_in_viewport()
    # It stands at the top, or lower where the page got too short to be scrolled so far.
    page.wait_for_function(f"() => ({at})() >= 0")


def test_what_is_read_can_be_printed(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    document_in(page).evaluate(
        "window.print = () => { document.body.dataset.printed = innerHeight; }"
    )
    open_integration(page, demo)
    inside(page).locator("a[href*='print']").first.click()
    see(inside(page).locator("body[data-printed]")).to_be_visible()


def test_the_frame_is_as_high_as_its_content_within_200_ms(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    took, left = zip(*[document_in(page).evaluate(FOLLOWS) for _ in range(5)], strict=True)
    assert min(took) <= 200, took  # the quickest of five: the machine may be busy
    assert max(left) <= 1, left
    assert document_in(page).evaluate(SCROLLS) is False
    open_integration(page, demo)
    inside(page).get_by_role("link", name=copy.EXPAND_ALL).click()
    see(inside(page).locator(".coverage-field").first).to_be_visible()
    page.wait_for_function(f"() => {FRAME}.offsetHeight > 2000")
    document_in(page).wait_for_function(f"() => !({SCROLLS})")


def test_a_reconnection_happens_in_a_window_of_its_own(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    window = leave(page)
    assert window.evaluate("opener") is None
    see(inside(page).get_by_text(copy.CONTINUE_WITH_IN_THE_NEW(tool="Personio"))).to_be_visible()
    repair(window)
    window.close()
    see(inside(page).locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    see(said(page, "reconnected")).to_have_count(1)
    assert heard(page, "reconnected") == [
        {"integration": demo.public_id("personio"), "headline": "connected"}
    ]
    see(inside(page).locator("#connect section")).to_have_count(0)
    see(page.locator("#attention")).to_be_hidden()
    assert heard(page, "change")[0]["actionRequired"] == 0


def test_a_card_of_its_own_page_counts_for_the_whole_list(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    open_integration(page, demo, "talentlms")
    see(inside(page).locator("article.card")).to_have_count(1)
    to_list(page)
    open_integration(page, demo)
    see(inside(page).locator("article.card")).to_have_count(1)
    assert len(heard(page, "change")) == 1, "the same three, whatever is looked at"
    demo.state("personio", "connected")
    inside(page).get_by_role("button", name=copy.CHECK_NOW).click()
    see(said(page, "change")).to_have_count(2)
    assert (heard(page, "change")[0]["actionRequired"], heard(page, "change")[0]["total"]) == (0, 3)


def test_where_windows_are_blocked_there_is_a_link(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, script="if (window !== top) window.open = () => null;")
    inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    with page.expect_popup() as opening:
        inside(page).get_by_role("link", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    opening.value.wait_for_load_state()
    repair(opening.value)
    see(inside(page).locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")


def test_the_way_out_needs_no_scripts(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, script="if (window !== top) window.open = () => null;")
    inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    way = (
        inside(page)
        .get_by_role("link", name=copy.CONTINUE_WITH_TOOL(tool="Personio"))
        .get_attribute("href")
    )
    plain = browsing.open("", str(way), java_script_enabled=False)
    plain.get_by_role("button", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    see(plain.get_by_role("link", name=copy.CONTINUE_WITH_TOOL(tool="Personio"))).to_have_attribute(
        "href", re.compile(f"^{demo.simulator}/connect/v1")
    )


def test_a_way_out_is_good_once(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 404")
    page = host(browsing, demo)
    window = leave(page)
    window.get_by_role("button", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    see(dialog(window)).to_be_visible()
    window.goto(window.url)
    see(window.get_by_role("heading", name=copy.THIS_LINK_HAS_EXPIRED)).to_be_visible()


def test_only_looking_offers_no_button(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "scope=view")
    see(inside(page).get_by_text(copy.YOU_HAVE_VIEW_ONLY_ACCESS).first).to_be_visible()
    see(inside(page).get_by_role("button", name=re.compile("Reconnect"))).to_have_count(0)


@pytest.mark.parametrize("act", [copy.CHECK_NOW, "Personio", copy.RECONNECT_TOOL(tool="Personio")])
def test_a_session_that_ended_is_renewed_once_and_silently(
    browsing: Browsing, demo: Demo, act: str
) -> None:
    browsing.expects("status of 401|Status Error Code 401")
    page = host(browsing, demo)
    bought = tokens(page)
    demo.end_embeds()
    if act == copy.CHECK_NOW:
        demo.state("personio", "connected")
        inside(page).get_by_role("button", name=act).first.click()
        see(inside(page).locator(demo.card("personio"))).to_have_attribute(
            "data-headline", "connected"
        )
    elif act == "Personio":
        open_integration(page, demo)
    else:
        leave(page)
    assert len(bought) == 1
    see(inside(page).locator("#session-ended .notice")).to_be_hidden()
    assert heard(page, "error") == []


def test_without_a_new_token_the_frame_says_so_and_can_revive(
    browsing: Browsing, demo: Demo
) -> None:
    browsing.expects("status of 401|Status Error Code 401|status of 500|^500: .*integration-token")
    page = host(browsing, demo)
    page.route("**/integration-token?*", lambda route: route.fulfill(status=500))
    demo.end_embeds()
    inside(page).get_by_role("button", name=copy.CHECK_NOW).first.click()
    notice = inside(page).locator("#session-ended .notice")
    see(notice).to_contain_text(copy.YOUR_SESSION_HAS_ENDED)
    see(said(page, "error").first).to_contain_text("token_endpoint")
    see(inside(page).locator("article.card")).to_have_count(3)
    notice.get_by_role("button", name=copy.TRY_AGAIN).click()
    see(notice).to_be_visible()
    page.unroute("**/integration-token?*")
    notice.get_by_role("button", name=copy.TRY_AGAIN).click()
    see(notice).to_be_hidden()
    see(inside(page).locator("article.card")).to_have_count(3)
    inside(page).get_by_role("button", name=copy.CHECK_NOW).first.click()
    see(inside(page).locator("#announcer")).to_have_text("Personio: Reconnect required")


def test_a_host_without_a_token_shows_words_from_the_start(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 500|^500: .*integration-token")
    page = browsing.context().new_page()
    page.route("**/integration-token?*", lambda route: route.fulfill(status=500))
    page.goto(demo.host)
    see(inside(page).get_by_text(copy.WE_COULD_NOT_CONFIRM_WHO_YOU_ARE)).to_be_visible()
    page.unroute("**/integration-token?*")
    inside(page).get_by_role("button", name=copy.TRY_AGAIN).click()
    see(inside(page).locator("article.card")).to_have_count(3)


def test_two_elements_on_one_page_do_not_know_of_each_other(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    page.evaluate("""() => {
        const other = document.createElement("kombo-integrations");
        other.setAttribute("token-url", "/integration-token?as=bolt");
        document.querySelector("main").append(other);
    }""")
    see(page.frame_locator("iframe").nth(1).get_by_text("BambooHR").first).to_be_visible()
    see(inside(page).locator("article.card")).to_have_count(3)
    see(inside(page).get_by_text("BambooHR")).to_have_count(0)
    assert len(heard(page, "ready")) == 1


def test_an_element_can_be_removed_and_put_back(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    page.evaluate(
        "() => { window.kept = document.querySelector('kombo-integrations'); kept.remove(); }"
    )
    see(page.locator("iframe")).to_have_count(0)
    page.evaluate("() => { document.querySelector('main').append(kept); }")
    see(inside(page).locator("article.card")).to_have_count(3)
    see(page.locator("iframe")).to_have_count(1)
    see(said(page, "ready")).to_have_count(2)


def test_a_function_may_give_the_token_instead(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    page.evaluate("""() => {
        const other = document.createElement("kombo-integrations");
        other.getToken = async () => (await (await fetch("/integration-token?as=bolt")).json()).token;
        document.querySelector("kombo-integrations").replaceWith(other);
    }""")
    see(inside(page).get_by_text("BambooHR").first).to_be_visible()
