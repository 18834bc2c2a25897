"""How much a first visit loads, and that nothing on a page jumps."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import Browsing, see
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

MOST_BYTES = 60 * 1024
MOST_REQUESTS = 8


def shift(page: Page) -> float:
    """The page's cumulative layout shift so far. Two frames pass first, so that what moved has been noticed."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    total: float = page.evaluate("window.shifts.reduce((sum, one) => sum + one, 0)")
    return total


@pytest.mark.parametrize("kind", ["tenant", "integration"])
def test_first_visit_is_light(browsing: Browsing, demo: Demo, kind: str) -> None:
    context = browsing.context("alice")
    page = context.new_page()
    network = context.new_cdp_session(page)
    requests: list[dict[str, Any]] = []
    loaded: list[float] = []
    network.on("Network.requestWillBeSent", lambda event: requests.append(event))
    network.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(demo.tenant("acme") if kind == "tenant" else demo.page("personio"), wait_until="networkidle")
    urls = [event["request"]["url"] for event in requests]
    print(kind, round(sum(loaded)), "bytes in", len(urls), "requests")  # noqa: T201 - shown with -s
    assert all(url.startswith(f"{demo.site}/") for url in urls), urls
    if kind == "tenant":
        assert page.locator("article.card").count() == 3
        assert len(urls) <= MOST_REQUESTS, urls
    assert sum(loaded) <= MOST_BYTES


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_on_load(browsing: Browsing, demo: Demo, width: int) -> None:
    viewport = {"width": width, "height": 800}
    for person, path in (
        ("alice", demo.tenant("acme")),
        ("alice", demo.page("personio")),
        ("bob", demo.page("bamboohr")),
    ):
        page = browsing.open(person, path, viewport=viewport)
        page.wait_for_load_state("networkidle")
        assert shift(page) == 0, path


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_when_a_card_is_confirmed(browsing: Browsing, demo: Demo, width: int) -> None:
    """By a poll, which leaves the card alone, and by a check, which brings the same card once more."""
    demo.age(120)
    page = browsing.open("alice", demo.tenant("acme"), viewport={"width": width, "height": 800})
    for tool in ("personio", "talentlms"):
        see(page.locator(f"{demo.card(tool)} time[data-checked]")).to_have_text(re.compile("now"))
    for tool in ("personio", "talentlms"):
        with page.expect_response(re.compile(f"{demo.public_id(tool)}/check/")) as answer:
            # Not a real click: what moves within half a second of one is forgiven.
            page.evaluate("(id) => document.getElementById(`check-${id}`).click()", demo.public_id(tool))
        assert answer.value.status == 200
    assert shift(page) == 0


@pytest.mark.parametrize("width", [360, 1280])
def test_skeletons_have_the_size_of_what_comes(browsing: Browsing, demo: Demo, width: int) -> None:
    demo.fault("none", "humaans")
    page = browsing.open("gina", demo.tenant("gallery"), viewport={"width": width, "height": 3_000})
    see(page.locator(demo.card("humaans"))).to_have_attribute("data-headline", "connected")
    assert shift(page) == 0
