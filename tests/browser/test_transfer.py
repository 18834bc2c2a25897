"""How much a first visit loads, and that nothing on a page jumps."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.browsing import Browsing, hold, mark, see
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

MOST_BYTES = 60 * 1024
# The page, four of styles and four of scripts, three tools' logos, the vendor's two pictures and an
# icon.
MOST_REQUESTS = 15


def jumps(page: Page) -> list[str]:
    """What moved on the page since it was asked last.

    Two frames pass first, so that it has been noticed.
    """
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    moved: list[str] = page.evaluate("takeShifts()")
    return moved


@pytest.mark.parametrize("kind", ["tenant", "integration"])
def test_first_visit_is_light(browsing: Browsing, demo: Demo, kind: str) -> None:
    context = browsing.context("alice", is_new=True)
    page = context.new_page()
    network = context.new_cdp_session(page)
    requests: list[dict[str, Any]] = []
    loaded: list[float] = []
    network.on("Network.requestWillBeSent", lambda event: requests.append(event))
    network.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(
        demo.tenant("acme") if kind == "tenant" else demo.page("personio"), wait_until="networkidle"
    )
    urls = [event["request"]["url"] for event in requests]
    print(kind, round(sum(loaded)), "bytes in", len(urls), "requests")  # noqa: T201 - shown with -s
    assert all(url.startswith(f"{demo.site}/") for url in urls), urls
    if kind == "tenant":
        assert page.locator("article.card").count() == 3
        assert len(urls) <= MOST_REQUESTS, urls
    assert sum(loaded) <= MOST_BYTES


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_on_load(browsing: Browsing, demo: Demo, width: int) -> None:
    """Zero as it is usually rounded: on a busy machine the parser may pause, and paint, in the
    middle of a row.
    """
    viewport = {"width": width, "height": 800}
    places = (
        ("alice", demo.tenant("acme")),
        ("alice", demo.page("personio")),
        ("bob", demo.page("bamboohr")),
    )
    for person, path in places:
        page = browsing.open(person, path, is_new=True, viewport=viewport)
        page.wait_for_load_state("networkidle")
        moved = jumps(page)
        assert sum(float(one.partition(":")[0]) for one in moved) < 0.005, (path, moved)


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_jumps_when_a_card_is_confirmed(browsing: Browsing, demo: Demo, width: int) -> None:
    """By a poll, which leaves the card alone, and by a check, which brings the same card once
    more.
    """
    demo.age(120)
    page = browsing.context("alice", viewport={"width": width, "height": 3_000}).new_page()
    poll = hold(page, "/poll/")
    page.goto(demo.tenant("acme"))
    jumps(page)  # those of loading
    poll()
    for tool in ("personio", "talentlms"):
        see(page.locator(f"{demo.card(tool)} time[data-checked]")).to_have_text(re.compile("now"))
    for tool in ("personio", "talentlms"):
        same = mark(page, demo.card(tool))
        # Not a real click: what moves within half a second of one is forgiven.
        page.evaluate(
            "(id) => document.getElementById(`check-${id}`).click()", demo.public_id(tool)
        )
        see(same).to_have_count(0)
    assert jumps(page) == []


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("width", [360, 1280])
def test_skeletons_have_the_size_of_what_comes(browsing: Browsing, demo: Demo, width: int) -> None:
    demo.fault("none", "humaans")
    page = browsing.context("gina", viewport={"width": width, "height": 8_000}).new_page()
    poll = hold(page, "/poll/")
    with page.expect_request(re.compile("/poll/")):
        page.goto(demo.tenant("gallery"))
    card = page.locator(demo.card("humaans"))
    see(card).to_have_attribute("aria-busy", "true")
    jumps(page)  # those of loading
    poll()
    see(card).to_have_attribute("data-headline", "connected")
    # At 360 px its text takes a line more than the skeleton has.
    assert sum(float(one.partition(":")[0]) for one in jumps(page)) < 0.005
