"""Where a host leads its customers in the frame, what it hears of their way, and what they can do
on it.
"""

import re

import pytest

from tests import copy
from tests.browser.browsing import Browsing, see
from tests.browser.embedded import (
    back,
    heard,
    host,
    inside,
    open_history,
    open_integration,
    said,
    see_history,
    to_list,
)
from tests.browser.keyboard import press, write
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
PRIMARY = ".button[data-kind=primary]"
# Filled, and so what one sees first.
FILLED = """(buttons) => {
    const ground = getComputedStyle(document.querySelector(".hero")).backgroundColor;
    return buttons.filter((one) => one.checkVisibility() && getComputedStyle(one).backgroundColor !== ground).length;
}"""


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (404, "unknown_integration", copy.THIS_CONNECTION_IS_NOT_AVAILABLE_HERE),
        (401, "bad_signature", copy.THIS_VIEW_IS_NOT_SET_UP_CORRECTLY.core),
        (404, "embedding_off", copy.THIS_VIEW_IS_NOT_SET_UP_CORRECTLY.core),
        (429, "", copy.WE_CANNOT_LOAD_YOUR_INTEGRATIONS),
        (200, "", copy.WE_CANNOT_LOAD_YOUR_INTEGRATIONS),  # something else answers
    ],
)
def test_what_went_wrong_says_what_may_help(
    browsing: Browsing, demo: Demo, status: int, code: str, words: str
) -> None:
    browsing.expects(f"status of {status}")
    page = browsing.context().new_page()
    body = {"error": code, "message": ""} if code else None
    page.route(
        "**/embed/session",
        lambda route: (
            route.fulfill(status=status, json=body) if body else route.fulfill(status=status)
        ),
    )
    page.goto(demo.host)
    see(inside(page).get_by_role("alert")).to_contain_text(words)
    page.unroute("**/embed/session")
    inside(page).get_by_role("button", name=copy.TRY_AGAIN).click()
    see(inside(page).locator("article.card")).to_have_count(3)


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    ("initial", "tab"),
    [
        ("integration", copy.WHAT_IS_SHARED),
        ("shared", copy.WHAT_IS_SHARED),
        ("history", copy.HISTORY),
        ("statement", copy.ACCESS_STATEMENT),
    ],
)
@pytest.mark.parametrize("known", ["kombo_id", "public_id"])
def test_a_list_opens_at_a_page(
    browsing: Browsing, demo: Demo, initial: str, tab: str, known: str
) -> None:
    page = host(browsing, demo, script=asking(f"{initial}:{getattr(demo, known)('talentlms')}"))
    see(inside(page).locator(".tabs [aria-current]")).to_have_text(tab)
    see(inside(page).locator("article.card")).to_have_attribute(
        "data-integration", demo.public_id("talentlms")
    )
    assert heard(page, "change")[0]["total"] == 3, "the host's number is of all"
    to_list(page)
    see(inside(page).locator("article.card")).to_have_count(3)


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "initial",
    ["history:personio:unknown", "history:", "history", "send:personio", "../i/:x", "list:x"],
)
def test_what_leads_nowhere_leads_to_the_list(browsing: Browsing, demo: Demo, initial: str) -> None:
    page = host(browsing, demo, script=asking(initial))
    see(inside(page).locator("article.card")).to_have_count(3)
    assert heard(page, "error") == []


def test_another_place_to_begin_at_moves_nobody(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    page.locator("kombo-integrations").evaluate(
        "(node, initial) => node.setAttribute('initial', initial)",
        f"history:{demo.public_id('personio')}",
    )
    open_integration(page, demo)
    assert len(heard(page, "ready")) == 1


def test_the_host_hears_where_its_customer_is(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    personio = demo.public_id("personio")
    open_integration(page, demo)
    open_history(page)
    inside(page).get_by_role("link", name=copy.STATUS, exact=True).click()  # the same place
    back(page)
    back(page)
    see(said(page, "navigate")).to_have_count(3)
    to_list(page)
    see(said(page, "navigate")).to_have_count(4)
    assert heard(page, "navigate")[::-1] == [
        {"view": "integration", "integration": personio},
        {"view": "history", "integration": personio},
        {"view": "integration", "integration": personio},
        {"view": "list", "integration": ""},
    ]


def test_a_way_that_fails_is_not_told(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 404|Status Error Code 404")
    page = host(browsing, demo)
    demo.remove("talentlms")
    inside(page).locator(f"#name-{demo.public_id('talentlms')}").click()
    see(inside(page).locator("#trouble")).to_be_visible()
    assert heard(page, "navigate") == []


def test_a_colleague_can_be_sent_a_link_from_the_frame(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("Blocked autofocusing")
    page = host(browsing, demo)
    inside(page).get_by_role("link", name=copy.SEND_TO_A_COLLEAGUE).click()
    see(inside(page).get_by_role("heading", level=1)).to_have_text(copy.SEND_TO_A_COLLEAGUE)
    inside(page).get_by_role("button", name=copy.COPY_LINK).click()
    link = inside(page).locator("#hand-off-link")
    see(link).to_have_value(re.compile(f"^{re.escape(demo.site)}/hand-off/"))
    see(link).to_be_focused()
    see(inside(page).locator("#hand-off-copy")).to_be_visible()
    guest = browsing.open("", link.input_value())
    see(guest.get_by_role("heading", level=1)).to_contain_text("Personio")
    inside(page).get_by_role("button", name="Revoke").click()
    see(inside(page).get_by_text(copy.LINK_REVOKED)).to_be_visible()
    browsing.expects("status of 410")
    guest.reload()
    see(guest.get_by_text(copy.THIS_LINK_WAS_REVOKED)).to_be_visible()
    assert heard(page, "navigate")[0] == {
        "view": "send",
        "integration": demo.public_id("personio"),
    }


def test_a_link_that_cannot_be_made_says_why_in_the_frame(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 409|Blocked autofocusing")
    page = host(browsing, demo)
    inside(page).get_by_role("link", name=copy.SEND_TO_A_COLLEAGUE).click()
    see(inside(page).get_by_role("button", name=copy.COPY_LINK)).to_be_visible()
    own = browsing.open("alice", demo.tenant("acme"))
    demo.state("personio", "connected")
    own.locator(demo.card("personio")).get_by_role("button", name=copy.CHECK_NOW).click()
    see(own.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    inside(page).get_by_role("button", name=copy.COPY_LINK).click()
    see(
        inside(page).get_by_role("alert").filter(has_text=copy.THIS_CONNECTION_DOES_NOT_NEED)
    ).to_be_visible()


def test_a_statement_of_another_day_opens_in_the_frame(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, script=asking(f"statement:{demo.public_id('personio')}"))
    day = inside(page).get_by_label(copy.DATE, exact=True)
    day.fill(str(day.get_attribute("min")))
    with page.expect_response(re.compile(r"/statement/\?on=")) as answer:
        inside(page).get_by_role("button", name="Show", exact=True).click()
    assert answer.value.status == 200
    see(inside(page).locator("article.statement")).to_be_visible()
    assert page.url.startswith(f"{demo.host}/")


def test_one_button_is_filled_also_during_a_repair(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    filled = inside(page).locator(PRIMARY)
    assert filled.evaluate_all(FILLED) == 1
    with page.expect_popup():
        inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).click()
    see(inside(page).locator("#connect .notice")).to_be_in_viewport()
    assert filled.evaluate_all(FILLED) == 1
    see(inside(page).locator(f"#connect {PRIMARY}")).to_be_visible()


@pytest.mark.exhaustive
def test_the_keyboard_alone_finds_a_field_and_sends_a_link(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("Blocked autofocusing")
    page = host(browsing, demo)
    frame = inside(page)
    press(page, frame.locator(f"#name-{demo.public_id('talentlms')}"))
    see(frame.locator("#coverage")).to_be_visible()
    press(page, frame.get_by_role("link", name=copy.HISTORY, exact=True))
    see_history(page)
    press(page, frame.get_by_role("link", name=copy.WHAT_IS_SHARED))
    write(page, frame.get_by_role("searchbox"), "name")
    see(frame.locator(".coverage-field").first).to_be_visible()
    press(page, frame.locator("a.coverage-anchor").first)
    see(frame.locator("a.coverage-anchor").first).to_be_focused()
    press(page, frame.get_by_role("navigation", name=copy.BREADCRUMB).get_by_role("link"))
    press(page, frame.get_by_role("link", name=copy.SEND_TO_A_COLLEAGUE))
    press(page, frame.get_by_role("button", name=copy.COPY_LINK))
    see(frame.locator("#hand-off-link")).to_be_focused()


def asking(initial: str) -> str:
    """A script that lets the host's element begin at a place."""
    return f"""if (window === top) new MutationObserver(() =>
        document.querySelector("kombo-integrations:not([initial])")?.setAttribute("initial", {initial!r})
    ).observe(document, {{ childList: true, subtree: true }});"""
