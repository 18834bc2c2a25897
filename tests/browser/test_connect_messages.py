"""Who may talk to the dialog: Kombo Connect's frame from Kombo Connect's origin, and nobody
else.
"""

import re

import pytest
from playwright.sync_api import Frame, Page

from tests.browser.browsing import Browsing, requests_of, see
from tests.browser.connecting import dialog, open_connect
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

SUCCESS = {"type": "success", "data": {"activation_token": "stolen"}}
CLOSE = {"type": "close"}
MALFORMED = [
    None,
    "close",
    ["close"],
    7,
    {},
    {"type": "closed"},
    {"type": ["close"]},
    {"type": {"type": "close"}},
    {"kind": "close"},
    {"type": "success"},
    {"type": "success", "data": None},
    {"type": "success", "data": "token"},
    {"type": "success", "data": {}},
    {"type": "success", "data": {"activation_token": 7}},
    {"type": "success", "data": {"activation_token": {"a": 1}}},
    {"type": "success", "data": {"token": "t"}},
    {"type": "success", "activation_token": "t"},
]


@pytest.fixture
def page(browsing: Browsing, demo: Demo) -> Page:
    """alice's page with the dialog open.

    No policy helps here: what is checked must hold without it.
    """
    opened = browsing.open("alice", demo.tenant("acme"), bypass_csp=True)
    open_connect(opened, "Personio")
    opened.evaluate("""() => {
        window.heard = 0;
        window.addEventListener("message", () => setTimeout(() => window.heard++));
    }""")
    return opened


@pytest.fixture
def posted(page: Page) -> list[str]:
    """Addresses that anything was posted to since the dialog opened."""
    return requests_of(page, lambda request: request.method == "POST")


def connect_frame(page: Page) -> Frame:
    handle = page.locator("dialog iframe").element_handle()
    found = handle.content_frame()
    assert found is not None
    return found


def say(window: Page | Frame, *messages: object) -> None:
    """Post messages to the page from some window in it."""
    window.evaluate(
        "(messages) => { for (const one of messages) window.parent.postMessage(one, '*'); }",
        messages,
    )


def hear(page: Page, count: int) -> None:
    """Wait until the page has taken that many messages in."""
    page.wait_for_function("(count) => window.heard >= count", arg=count)


def see_nothing_happened(page: Page, posted: list[str]) -> None:
    see(dialog(page)).to_be_visible()
    assert posted == []


def test_the_page_itself_is_not_kombo_connect(page: Page, posted: list[str]) -> None:
    say(page, CLOSE, SUCCESS)
    hear(page, 2)
    see_nothing_happened(page, posted)


def test_another_frame_of_the_right_origin_is_not_listened_to(
    page: Page, demo: Demo, posted: list[str]
) -> None:
    with page.expect_event(
        "framenavigated", lambda frame: frame.name == "other" and frame.url != "about:blank"
    ):
        page.evaluate(
            """(url) => {
                const frame = Object.assign(document.createElement("iframe"), { name: "other", src: url });
                document.querySelector("dialog").append(frame);
            }""",
            f"{demo.simulator}/assets/demo/favicon.svg",
        )
    other = page.frame(name="other")
    assert other is not None
    assert other.evaluate("location.origin") == demo.simulator
    say(other, CLOSE, SUCCESS)
    hear(page, 2)
    see_nothing_happened(page, posted)


def test_right_frame_at_another_origin_is_not_listened_to(
    page: Page, demo: Demo, posted: list[str], browsing: Browsing
) -> None:
    elsewhere = demo.simulator.replace("127.0.0.1", "localhost")
    browsing.expects(f"went elsewhere: {elsewhere}/")
    frame = connect_frame(page)
    frame.goto(f"{elsewhere}/assets/demo/favicon.svg")
    assert frame.evaluate("location.origin") == elsewhere
    say(frame, CLOSE, SUCCESS)
    hear(page, 2)
    see_nothing_happened(page, posted)


def test_malformed_messages_of_kombo_connect_change_nothing(page: Page, posted: list[str]) -> None:
    say(connect_frame(page), *MALFORMED)
    hear(page, len(MALFORMED))
    see_nothing_happened(page, posted)


def test_kombo_connect_is_listened_to(page: Page, posted: list[str]) -> None:
    """Without this, the other tests would hold for a dialog that is deaf."""
    with page.expect_request(re.compile("/completed/$")):
        say(connect_frame(page), SUCCESS)
    see(dialog(page)).to_have_count(0)
    assert [url for url in posted if url.endswith("/completed/")]


def test_a_closed_dialog_listens_no_more(page: Page, demo: Demo, posted: list[str]) -> None:
    frame = connect_frame(page)
    say(frame, CLOSE)
    see(page.locator("dialog")).to_have_count(0)  # it closes first, and goes then
    say(page, SUCCESS)
    hear(page, 2)
    assert posted == []
    see(page.locator(demo.card("personio"))).to_have_attribute(
        "data-headline", "reconnect_required"
    )
