"""A host's page as the demo serves it, and the frame in it."""

import json
from typing import Any

from playwright.sync_api import Frame, FrameLocator, Locator, Page

from tests import copy
from tests.browser.browsing import Browsing, see
from tests.browser.stage import Demo

# The frame's element, in the host's page: its shadow hides it from what copies the page.
FRAME = "document.querySelector('kombo-integrations').shadowRoot.querySelector('iframe')"
FITS = "() => Math.abs(innerHeight - document.body.getBoundingClientRect().height) <= 1"


def host(
    browsing: Browsing, demo: Demo, query: str = "", *, script: str = "", **options: Any
) -> Page:
    """The host's settings, once the frame in them shows something; `script` runs before all
    others.
    """
    page = browsing.context(**options).new_page()
    if script:
        page.add_init_script(script)
    page.goto(f"{demo.host}/?{query}")
    see(said(page, "change")).not_to_have_count(0)
    document_in(page).wait_for_function(FITS, polling=50)  # a click would miss what still moves
    return page


def inside(page: Page) -> FrameLocator:
    return page.frame_locator("kombo-integrations iframe").first


def open_integration(page: Page, demo: Demo, tool: str = "personio") -> None:
    """Go from the list to the page of a tool."""
    inside(page).locator(f"#name-{demo.public_id(tool)}").click()
    see(inside(page).locator("#coverage")).to_be_visible()


def open_history(page: Page) -> None:
    """Go on to its history."""
    inside(page).locator(".tabs").get_by_role("link", name=copy.HISTORY).click()
    see_history(page)


def see_history(page: Page) -> None:
    see(inside(page).locator(".tabs [aria-current]")).to_have_text(copy.HISTORY)


def to_list(page: Page) -> None:
    """Go back to the list."""
    inside(page).get_by_role("navigation", name=copy.BREADCRUMB).get_by_role("link").click()
    see(inside(page).locator("section.group:visible").first).to_be_visible()


def document_in(page: Page) -> Frame:
    """The frame itself, to look at what is in it."""
    found = page.locator("kombo-integrations iframe").first.element_handle().content_frame()
    assert found is not None
    return found


def lay_ground(page: Page) -> None:
    """Give the frame the host's ground, which shows through: a checker sees no further than it."""
    color = page.locator("body").evaluate("(body) => getComputedStyle(body).backgroundColor")
    document_in(page).evaluate("(it) => { document.documentElement.style.background = it; }", color)


def back(page: Page) -> None:
    """Press Back; Playwright's own waits for the page, and it may be the frame that goes back."""
    page.evaluate("history.back()")


def said(page: Page, kind: str) -> Locator:
    """The lines about events of a kind, the latest first."""
    return page.locator(f"#events [data-type={kind}]")


def heard(page: Page, kind: str) -> list[dict[str, Any]]:
    """What the latest events of a kind said, the latest first."""
    return [json.loads(text) for text in said(page, kind).locator("code").all_inner_texts()]


def height(page: Page) -> float:
    box = page.locator("kombo-integrations iframe").first.bounding_box()
    return box["height"] if box else 0
