"""How light and quick an embed is."""

import pytest
from playwright.sync_api import Request

from tests.browser.browsing import Browsing, hold, requests_of, see
from tests.browser.embedded import inside
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
MOST_BYTES = 67 * 1024  # a fifth of it headers, of twenty files


def test_content_is_two_round_trips_away(browsing: Browsing, demo: Demo) -> None:
    """The token and the shell with its files at once; then the session, which brings the content
    with it.
    """
    for first, other in (
        ("/embed/\\?", "/integration-token"),
        ("/integration-token", "/embed/\\?"),
    ):
        page = browsing.context(is_new=True).new_page()
        release = hold(page, first)
        with page.expect_request(lambda request, other=other: other.strip("\\?") in request.url):  # type: ignore[misc]
            page.goto(demo.host, wait_until="commit")
        release()
        see(inside(page).locator("article.card")).to_have_count(3)
    page = browsing.context(is_new=True).new_page()
    asked = requests_of(
        page,
        lambda request: (
            "/static/" not in request.url and not request.url.endswith((".css", ".svg"))
        ),
    )
    page.goto(demo.host)
    inside(page).locator("article.card").first.wait_for()
    paths = [url.partition("?")[0].removeprefix(demo.host).removeprefix(demo.site) for url in asked]
    needed = [path for path in paths if not path.startswith(("/logos/", "/identity/"))]
    assert sorted(needed[3:5]) == ["/embed/", "/integration-token"]
    assert needed[5:] == ["/embed/session"], "the content comes with the session"


def test_a_first_visit_is_light(browsing: Browsing, demo: Demo) -> None:
    page = browsing.context(is_new=True).new_page()
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))
    page.goto(demo.host)
    see(inside(page).locator("article.card")).to_have_count(3)
    page.wait_for_load_state("networkidle")
    ours = [one for one in done if one.url.startswith(f"{demo.site}/")]
    sizes = {
        one.url: one.sizes()["responseBodySize"] + one.sizes()["responseHeadersSize"]
        for one in ours
    }
    print("embedded", sum(sizes.values()), "bytes in", len(sizes), "requests")  # noqa: T201 - shown with -s
    assert sum(size for url, size in sizes.items() if "/logos/" not in url) > 10_000, (
        "they were counted"
    )
    assert sum(sizes.values()) <= MOST_BYTES, sizes
    loader = next(size for url, size in sizes.items() if url.endswith("/embed.js"))
    assert loader < 5 * 1024
