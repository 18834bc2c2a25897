"""The views of an embed, and how it looks, reads and is worked in a host's page."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page

from tests import copy
from tests.browser.axe import AXE, RUN, SMALL, WIDE
from tests.browser.browsing import Browsing, see, see_acts
from tests.browser.connecting import frame, sign_in
from tests.browser.embedded import (
    FRAME,
    document_in,
    heard,
    height,
    host,
    inside,
    lay_ground,
    open_history,
    said,
)
from tests.browser.looks import THEMES
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

# Colours as the browser computed them, in numbers: the text of a link, and what button and page are
# painted with.
CONTRAST = """([text, ground]) => {
    const paint = (colour) => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d");
        canvas.fillStyle = colour;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const light = (colour) => paint(colour).map((value) => value / 255)
        .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
        .reduce((sum, value, at) => sum + value * [0.2126, 0.7152, 0.0722][at], 0);
    const [a, b] = [light(text), light(ground)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
}"""


def style(found: Locator, name: str) -> str:
    value: str = found.evaluate("(node, name) => getComputedStyle(node)[name]", name)
    return value


def test_the_banner_shows_only_while_somebody_must_act(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "view=banner")
    see(
        inside(page).get_by_role("heading", name=copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Personio"))
    ).to_be_visible()
    see(inside(page).locator("article.card")).to_have_count(0)
    page.wait_for_function(f"() => {FRAME}.offsetHeight > 60")
    with page.expect_popup() as opening:
        inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).click()
    window = opening.value
    see(window.get_by_role("heading", level=1)).to_be_visible()
    window.wait_for_load_state()  # and so have the scripts
    window.get_by_role("button", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    see(frame(window).get_by_role("heading", level=1)).to_be_visible()
    sign_in(frame(window))
    see(window.get_by_role("heading", name=copy.DONE)).to_be_visible()
    window.close()
    see_acts(inside(page), 0)
    see(said(page, "reconnected")).to_have_count(1)
    page.wait_for_function(f"() => {FRAME}.offsetHeight === 0")


def test_the_banner_takes_no_room_where_all_is_well(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "as=bolt&view=banner")
    assert heard(page, "change")[0]["actionRequired"] == 0
    assert height(page) == 0


def test_a_banner_of_several_unfolds_into_the_list(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "as=gallery&view=banner")
    inside(page).get_by_role("link", name=copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="HiBob")).click()
    see(inside(page).locator(demo.card("hibob"))).to_be_visible()
    assert heard(page, "change")[0]["actionRequired"] == 3


def test_the_badge_is_one_line(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "view=badge")
    see(inside(page).get_by_text("Personio: Reconnect required")).to_be_visible()
    page.wait_for_function(f"() => {FRAME}.offsetHeight > 0")
    assert height(page) < 40
    page = host(browsing, demo, "as=gallery&view=badge")
    attention = copy.N_CONNECTIONS_NEED_YOUR_ATTENTION(n=3)
    see(inside(page).get_by_text(attention)).to_be_visible()


def test_the_badge_follows(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "view=badge")
    other = host(browsing, demo)
    demo.state("personio", "connected")
    inside(other).get_by_role("button", name=copy.CHECK_NOW).first.click()
    see(inside(other).locator(demo.card("personio"))).to_have_attribute(
        "data-headline", "connected"
    )
    # As every half minute.
    document_in(page).evaluate("htmx.trigger(document.body, 'headline-changed')")
    see(inside(page).get_by_text("Personio: Reconnect required")).to_have_count(0)
    see(page.locator("#attention")).to_be_hidden()


def test_one_integration_by_kombos_id_is_all_there_is(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, f"view=integration&integration={demo.kombo_id('personio')}")
    see(inside(page).get_by_role("heading", level=1)).to_have_text(
        copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Personio")
    )
    see(inside(page).locator("#coverage")).to_be_visible()
    see(inside(page).get_by_role("navigation", name=copy.BREADCRUMB)).to_have_count(0)
    assert heard(page, "change")[0]["total"] == 1
    open_history(page)
    inside(page).get_by_role("link", name=copy.WHAT_IS_SHARED).click()
    see(inside(page).locator("#coverage")).to_be_visible()


def test_german(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "lang=de")
    see(inside(page).get_by_role("heading", name="Integrationen", level=1)).to_be_visible()
    see(inside(page).get_by_role("button", name="Personio neu verbinden").first).to_be_visible()
    inside(page).locator(f"#name-{demo.public_id('personio')}").click()
    inside(page).locator(".tabs").get_by_role("link", name="Verlauf").click()
    see(inside(page).locator(".tabs [aria-current]")).to_have_text("Verlauf")


def test_the_look_can_be_changed_at_any_time(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "theme=light")
    card, usual = (
        inside(page).locator("article.card").first,
        style(inside(page).locator("article.card").first, "color"),
    )
    page.get_by_label("Theme").select_option("Dark")
    see(inside(page).locator(":root")).to_have_attribute("data-theme", "dark")
    assert style(card, "color") != usual
    page.get_by_label("Corners").select_option("Square")
    see(card).to_have_css("border-radius", "0px")
    page.get_by_label("Corners").select_option("Default")
    see(card).to_have_css("border-radius", "12px")
    page.get_by_label("Density").select_option("Compact")
    see(inside(page).locator(":root")).to_have_attribute("data-density", "compact")
    page.get_by_label("Font").select_option("Serif")
    see(card).to_have_css("font-family", re.compile("Georgia"))
    assert len(heard(page, "ready")) == 1, "the frame stays"


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize(("scheme", "expected"), [("light", "light"), ("dark", "dark")])
def test_without_a_theme_the_frame_looks_as_the_page_around_it(
    browsing: Browsing, demo: Demo, scheme: str, expected: str
) -> None:
    page = host(browsing, demo, color_scheme=scheme)
    ground = "() => getComputedStyle(document.querySelector('.card')).backgroundColor"
    followed = document_in(page).evaluate(ground)
    page.get_by_label("Theme").select_option(expected)
    see(inside(page).locator(":root")).to_have_attribute("data-theme", expected)
    assert document_in(page).evaluate(ground) == followed


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_accent_that_cannot_be_read_is_repaired(
    browsing: Browsing, demo: Demo, theme: str
) -> None:
    page = host(browsing, demo, f"theme={theme}")
    button = inside(page).locator(".card .button[data-kind=primary]").first
    for accent in ("#ffcc00", "#ffffff", "#000000", "#777777", "#10132b", "#00ff00"):
        was = style(button, "backgroundColor")
        page.evaluate(
            "(it) => document.querySelector('kombo-integrations').setAttribute('accent', it)",
            accent,
        )
        see(button).not_to_have_css("background-color", was)
        pair = [style(button, "color"), style(button, "backgroundColor")]
        assert page.evaluate(CONTRAST, pair) >= 4.5, (accent, pair)


def test_the_tab_key_goes_in_and_out(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, "view=banner")
    page.get_by_role("link", name=copy.NOTIFICATIONS).focus()
    page.keyboard.press("Tab")
    see(
        inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio"))
    ).to_be_focused()
    assert (
        style(
            inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")),
            "outlineStyle",
        )
        != "none"
    )
    page.keyboard.press("Tab")
    see(page.get_by_label(copy.CUSTOMER)).to_be_focused()
    page.keyboard.press("Shift+Tab")
    see(
        inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio"))
    ).to_be_focused()


def ended(page: Page) -> None:
    page.route("**/integration-token?*", lambda route: route.fulfill(status=500))


def leaving(page: Page) -> None:
    with page.expect_popup():
        inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    see(inside(page).locator("#connect .notice")).to_be_visible()


VIEWS: dict[str, tuple[str, Callable[[Page], None] | None]] = {
    "list": ("view=list", None),
    "integration": ("view=integration", None),
    "banner": ("view=banner", None),
    "badge": ("view=badge", None),
    "leaving": ("view=list", leaving),
    "leaving, banner": ("view=banner", leaving),
    "ended": ("view=list", ended),
}


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("name", VIEWS)
def test_everybody_can_use_it(browsing: Browsing, demo: Demo, name: str) -> None:
    browsing.expects("status of 401|Status Error Code 401|status of 500|^500: .*integration-token")
    query, act = VIEWS[name]
    page = host(browsing, demo, query)
    if act:
        act(page)
    if name == "ended":
        demo.end_embeds()
        inside(page).get_by_role("button", name=copy.CHECK_NOW).first.click()
        see(inside(page).locator("#session-ended .notice")).to_be_visible()
    within = document_in(page)
    for document in (within, page.main_frame):
        document.evaluate(AXE)
        # The host's heading is the page's; a banner and a badge are parts that need none.
        part = (
            "page-has-heading-one"
            if document is within and name in ("banner", "badge", "leaving, banner")
            else "none"
        )
        for scheme in THEMES:
            page.emulate_media(color_scheme=scheme)
            lay_ground(page)
            wrong = [one for one in document.evaluate(RUN) if not one.startswith(part)]
            assert wrong == [], scheme
        assert document.evaluate(SMALL) == []
    for width in (320, 360):
        page.set_viewport_size({"width": width, "height": 800})
        for document in (within, page.main_frame):
            scroll_width, inner_width, _title = document.evaluate(WIDE)
            assert scroll_width <= inner_width
