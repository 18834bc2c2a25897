"""Hosts built with React, Vue, Turbo and htmx, which isolate themselves (COOP, COEP): everything a
customer does there, and what the framework does to the element.
"""

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, see
from tests.browser.connecting import frame, sign_in
from tests.browser.embedded import back, inside
from tests.browser.frameworks import ISOLATED, NAMES, Hosts
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

FRAMES = """[document, ...[...document.querySelectorAll("kombo-integrations")].map((one) => one.shadowRoot)]
    .reduce((sum, root) => sum + root.querySelectorAll("iframe").length, 0)"""


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def page(browsing: Browsing, hosts: Hosts, name: str) -> Page:
    """That host, once it shows the list."""
    opened = hosts.open(browsing, name, ISOLATED)
    see_list(opened)
    return opened


def see_list(page: Page) -> None:
    """One frame, alive, and no other."""
    see(inside(page).locator("article.card")).to_have_count(3)
    assert page.evaluate(FRAMES) == 1


def heard(page: Page, kind: str) -> list[str | None]:
    """The codes of the events of a kind."""
    found: list[tuple[str, str | None]] = page.evaluate("heard")
    return [code for raised, code in found if raised == kind]


@pytest.mark.exhaustive(keep=1)
def test_an_isolated_host_shows_the_list_also_put_back(page: Page, name: str) -> None:
    assert page.evaluate("crossOriginIsolated"), "the host's page is what this is about"
    assert (heard(page, "ready"), heard(page, "error")) == ([None], [])
    if name == "react":
        assert heard(page, "onready") == [None], "by the name that it gives to the event"
    see(inside(page).locator(":root")).to_have_attribute("data-density", "compact")
    for _ in range(2):
        page.get_by_role("button", name="Toggle").click()
        page.wait_for_function(f"{FRAMES} === 0")
        page.get_by_role("button", name="Toggle").click()
        see_list(page)
    assert heard(page, "error") == []


@pytest.mark.parametrize("name", ["htmx"])
def test_a_host_without_credentials_shows_it_too(
    browsing: Browsing, hosts: Hosts, name: str
) -> None:
    headers = ISOLATED | {"Cross-Origin-Embedder-Policy": "credentialless"}
    page = hosts.open(browsing, name, headers)
    see_list(page)
    assert page.evaluate("crossOriginIsolated")


@pytest.mark.exhaustive(keep=1)
def test_an_isolated_host_can_have_it_repaired(page: Page, demo: Demo) -> None:
    with page.context.expect_page() as opening:
        inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    window = opening.value
    see(
        window.get_by_role("heading", name=copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Personio"))
    ).to_be_visible()
    assert window.evaluate("opener") is None
    window.wait_for_load_state()  # and so have the scripts
    window.get_by_role("button", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    see(frame(window).get_by_role("heading", level=1)).to_be_visible()
    sign_in(frame(window))
    see(window.get_by_role("heading", name=copy.DONE)).to_be_visible()
    window.close()
    see(inside(page).locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    page.wait_for_function("heard.some(([type]) => type === 'reconnected')")
    assert heard(page, "error") == []


@pytest.mark.exhaustive(keep=1)
def test_back_leads_to_the_list_and_then_on(page: Page, name: str) -> None:
    inside(page).get_by_role("link", name="TalentLMS", exact=True).click()
    see(inside(page).locator("article.card")).to_have_count(1)
    back(page)
    see_list(page)
    for _ in range(3):
        page.get_by_role("link", name="Elsewhere").click()
        see(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
        back(page)
        see_list(page)
    assert page.url.endswith(f"/hosts/{name}")
