"""axe finds nothing on pages that somebody did something on, in light and dark, narrow and wide; the
keyboard gets everywhere.
"""

import re
from collections.abc import Callable
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.axe import AXE, RUN, SMALL, UNSTICK, WIDE
from tests.browser.browsing import Browsing, see
from tests.browser.connecting import dialog, frame, open_connect, repair_button
from tests.browser.keyboard import RING, press, write
from tests.browser.stage import Demo
from tests.browser.workspace import DESK, Way, at

pytestmark = pytest.mark.browser
# How axe looks at each; the states of the gallery, which have an address and so are not among
# these pages, are looked at the other way round.
LOOKS: dict[int, Literal["light", "dark"]] = {360: "light", 1280: "dark"}


def in_connect(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("alice", demo.tenant("acme"))
    open_connect(page, "Personio")
    return page


def with_problem(browsing: Browsing, demo: Demo) -> Page:
    demo.fault("foreign_link", "personio")
    page = browsing.open("alice", demo.tenant("acme"))
    repair_button(page, "Personio").click()
    see(dialog(page)).to_be_visible()
    return page


def login_error(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("", "/account/login/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name=copy.SIGN_IN).click()
    see(page.locator(".errorlist")).to_be_visible()
    return page


def too_many(browsing: Browsing, demo: Demo) -> Page:
    browsing.expects("status of 429")
    page = browsing.open("alice", demo.tenant("acme"))
    path = f"{demo.page('talentlms')}check/"
    for _ in range(7):
        page.goto(demo.tenant("acme"))
        with page.expect_navigation():
            page.evaluate(
                "(path) => document.querySelector(`form[action='${path}']`).submit()", path
            )
    see(page.get_by_role("heading", name=copy.TOO_MANY_REQUESTS)).to_be_visible()
    return page


def session_ended(browsing: Browsing, demo: Demo) -> Page:
    browsing.expects("status of 401|Status Error Code 401")
    page = browsing.open("alice", demo.tenant("acme"))
    page.context.clear_cookies(name="sessionid")
    page.get_by_role("button", name=copy.CHECK_NOW).first.click()
    see(page.locator("#session-ended")).to_contain_text(copy.YOUR_SESSION_HAS_ENDED)
    return page


def checking(browsing: Browsing, demo: Demo) -> Page:
    demo.fault("unavailable")
    demo.age(600)
    page = browsing.open("alice", demo.tenant("acme"))
    for card in page.locator("article.card").all():  # each is looked at once it is in view
        card.scroll_into_view_if_needed()
        see(card).to_have_attribute("data-stale", "")
    see(page.locator(".stale-notice")).to_be_visible()
    return page


def every_state(browsing: Browsing, demo: Demo) -> Page:
    """The one card that nothing is known of looks as soon as it is in view, and is replaced."""
    page = browsing.open("gina", demo.tenant("gallery"))
    page.locator(demo.card("humaans")).scroll_into_view_if_needed()
    see(page.locator(demo.card("humaans"))).not_to_have_attribute("aria-busy", "true")
    return page


def with_issue(browsing: Browsing, demo: Demo) -> Page:
    """An issue opened down to its technical details."""
    page = browsing.open("gina", demo.page("factorial"))
    for summary in (".issue > summary", ".technical > summary"):
        page.locator(summary).click()
    see(page.locator(".technical code")).to_be_visible()
    return page


PAGES: dict[str, Way] = {
    "every state": every_state,
    "with an issue": with_issue,
    "Connect": in_connect,
    "session ended": session_ended,
    "problem": with_problem,
    "out of reach": checking,
    "too many": too_many,
    "sign-in, refused": login_error,
    "staff, with the mapping guard": at("mia", lambda demo: demo.tenant("mismatch")),
    "integration, a row opened": at(
        "alice", lambda demo: f"{demo.page('personio')}?open=hris_employees"
    ),
    "alone, in every reason": at("bob", lambda demo: f"{demo.tenant('bolt')}?show=unavailable"),
    **DESK,
}


@pytest.mark.exhaustive(keep=4)
@pytest.mark.parametrize("name", PAGES)
def test_page_is_accessible(browsing: Browsing, demo: Demo, name: str) -> None:
    page = PAGES[name](browsing, demo)
    page.wait_for_load_state()  # some ways end with a click that leads elsewhere
    page.evaluate(AXE)
    found: dict[str, Any] = {}
    for width in (320, *LOOKS):
        page.set_viewport_size({"width": width, "height": 800})
        scroll_width, inner_width, _title = page.evaluate(WIDE)
        if scroll_width > inner_width:
            found[f"overflow at {width}"] = scroll_width
        if small := page.evaluate(SMALL):
            found[f"small targets at {width}"] = small
        if scheme := LOOKS.get(width):
            page.evaluate(UNSTICK)
            page.emulate_media(color_scheme=scheme)
            if violations := page.evaluate(RUN):
                found[f"axe, {scheme} at {width}"] = violations
    assert not found, "\n".join(f"{where}: {what}" for where, what in found.items())


def test_axe_would_tell(browsing: Browsing, demo: Demo) -> None:
    """Without this, the tests above would hold for a blind axe."""
    page = browsing.open("alice", demo.tenant("acme"))
    page.evaluate(AXE)
    page.evaluate("document.querySelector('.card button').replaceChildren()")
    assert [one for one in page.evaluate(RUN) if one.startswith("button-name: ")]


def tab_to(page: Page, wanted: Callable[[str], bool], *, within: int = 60) -> None:
    """Press Tab until something wanted has the focus; each stop on the way has to be visible and
    marked.
    """
    for _ in range(within):
        page.keyboard.press("Tab")
        name: str = page.evaluate("document.activeElement.innerText || document.activeElement.id")
        assert page.evaluate(f"({RING})(document.activeElement)"), f"no focus ring: {name}"
        if wanted(name):
            return
    raise AssertionError("the Tab key does not get there")


def test_keyboard_reaches_everything_on_the_tenant_page(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    page.keyboard.press("Tab")
    see(page.get_by_role("link", name=copy.SKIP_TO_CONTENT)).to_be_in_viewport()
    page.keyboard.press("Enter")
    see(page.locator("main")).to_be_focused()
    tab_to(page, lambda name: name == copy.RECONNECT_TOOL(tool="Personio"))
    page.keyboard.press("Enter")
    see(dialog(page)).to_be_visible()
    see(dialog(page).get_by_role("button", name=copy.CANCEL)).to_be_focused()
    page.keyboard.press("Escape")
    see(repair_button(page, "Personio")).to_be_focused()
    tab_to(page, lambda name: name == copy.CHECK_NOW)
    page.keyboard.press("Enter")
    see(page.locator("#announcer")).not_to_have_text("")
    assert page.evaluate("document.activeElement.innerText") == copy.CHECK_NOW


def test_keyboard_works_the_grid(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.page("personio"))
    tab_to(page, lambda name: name == "grid-query")
    tab_to(page, lambda name: name.startswith(copy.OPTED_OUT))
    page.keyboard.press("Enter")
    see(page.get_by_role("link", name=re.compile("^Opted out"))).to_have_attribute(
        "aria-current", "true"
    )
    see(page.get_by_role("link", name=re.compile("^Opted out"))).to_be_focused()
    page.goto(demo.page("personio"))
    tab_to(page, lambda name: name == copy.EXPAND_ALL)
    tab_to(page, lambda name: "hris_" in name)
    page.keyboard.press("Space")
    see(page.locator("details.coverage-model[open] .coverage-field").first).to_be_visible()
    tab_to(page, lambda name: "hris_" not in name, within=3)


def test_keyboard_goes_from_the_list_to_a_field(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    press(page, page.locator(f"#name-{demo.public_id('personio')}"))
    see(page).to_have_url(re.compile(re.escape(demo.page("personio"))))
    for name in (copy.HISTORY, copy.ACCESS_STATEMENT, copy.WHAT_IS_SHARED):
        press(page, page.locator(".tabs").get_by_role("link", name=name))
        see(page.locator(".tabs [aria-current]")).to_have_text(name)
    write(page, page.get_by_role("searchbox"), "birth")
    see(page).to_have_url(re.compile(r"q=birth"))
    field = page.locator("a.coverage-anchor").first
    press(page, field)
    see(page).to_have_url(re.compile("#"))
    see(field).to_be_focused()


def test_keyboard_alone_reconnects(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    press(page, page.get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")))
    connect = frame(page)
    write(page, connect.get_by_label("Administrator’s user name"), "admin")
    write(page, connect.get_by_label("Password"), "right")
    page.keyboard.press("Enter")
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    see(page.locator(f"#name-{demo.public_id('personio')}")).to_be_focused()


def test_results_are_announced(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.page("personio"))
    page.get_by_role("searchbox").fill("birth")
    see(page.locator("#announcer")).not_to_have_text("")
    first = page.locator("#announcer").inner_text()
    page.get_by_role("searchbox").fill("nothing at all")
    see(page.locator(".coverage-empty")).to_contain_text(copy.NOTHING_IS_CALLED_QUERY.core)
    see(page.locator("#announcer")).not_to_have_text(first)
