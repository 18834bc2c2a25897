"""What others may try on an embed, and what it must never let out."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Request, Route

from tests import copy
from tests.browser.browsing import Browsing, requests_of, see
from tests.browser.embedded import (
    FRAME,
    document_in,
    heard,
    height,
    host,
    inside,
    open_integration,
)
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

# What a frame and its host say to each other, told by the host's side; `frames` are the addressees
# of `postMessage`.
EAVESDROP = """if (window === top) {
    window.posted = []; window.came = []; window.channels = [];
    addEventListener("message", ({ data }) => came.push(data));
    const own = Object.getOwnPropertyDescriptor(HTMLIFrameElement.prototype, "contentWindow").get;
    Object.defineProperty(HTMLIFrameElement.prototype, "contentWindow", { get() {
        const real = own.call(this);
        return { postMessage(data, to, ports) { posted.push(to); real.postMessage(data, to, ports); } };
    } });
    const Channel = MessageChannel;
    window.MessageChannel = class extends Channel { constructor() { super(); channels.push(this); } };
} else {
    const post = window.postMessage;
    window.postMessage = (...all) => { document.documentElement.dataset.posted = "to somebody"; post(...all); };
}"""
INIT = '{ type: "kombo:init", token: "x", view: "list", integration: "", theme: "dark", accent: "#ff0000" }'
PORT = "[new MessageChannel().port2]"
HOSTILE = [
    ("null", "[]"),
    ("undefined", PORT),
    ("'kombo:init'", PORT),
    ("42", PORT),
    ("[]", PORT),
    ("{}", PORT),
    ("{ type: null }", PORT),
    ("{ type: ['kombo:init'] }", PORT),
    ("{ type: { toString: 'kombo:init' } }", PORT),
    ("{ type: 'init', token: 'x' }", PORT),
    ("{ type: 'theme', theme: 'dark' }", "[]"),
    ("{ type: 'token', token: 'x' }", "[]"),
    ("{ type: 'no-token' }", "[]"),
    ("{ type: 'height', height: 1e9 }", "[]"),
    ("{ type: 'need-token' }", PORT),
    (INIT, "[]"),  # no port
    (INIT, PORT),  # a second one
    (INIT, "[new MessageChannel().port1, new MessageChannel().port1]"),
    ('JSON.parse(\'{"__proto__": {"type": "kombo:init", "polluted": 1}}\')', PORT),
    ('JSON.parse(\'{"type": "kombo:init", "constructor": {"prototype": {"polluted": 1}}}\')', PORT),
    ("{ type: 'success', data: { activation_token: 'x' } }", "[]"),
    ("{ type: 'close' }", "[]"),
    ("new Map([['type', 'kombo:init']])", PORT),
    ("new Error('kombo:init')", PORT),
    (
        "{ type: 'kombo:init', theme: 'dark', accent: 'javascript:alert(1)', font: 'x'.repeat(1e6) }",
        PORT,
    ),
]
LOOKS = [
    ("theme", "data:text/css,*{display:none}"),
    ("theme", "dark\" onload=\"alert(1)"),
    ("accent", "javascript:alert(1)"),
    ("accent", "data:image/svg+xml,<svg/>"),
    ("accent", "#fff; background: url(//example.net)"),
    ("accent", "url(https://example.net/)"),
    ("accent", "var(--page)"),
    ("radius", "1e9"),
    ("radius", "-5"),
    ("radius", "calc(1px * 9999)"),
    ("density", "__proto__"),
    ("font", "url(data:font/woff2,x)"),
    ("font", "constructor"),
]  # fmt: skip
STATE = """() => [document.documentElement.outerHTML.replace(/<time.*?<\\/time>/gs, ""), ({}).polluted ?? ""]"""

# Whatever the frame puts anywhere. A browser that denies frames all storage would hide that they
# tried.
KEEPERS = """if (window !== top) {
    const kept = window.kept = [];
    const store = { length: 0, getItem: () => null, removeItem() {}, setItem: (key, value) => kept.push([key, value]) };
    for (const name of ["localStorage", "sessionStorage"])
        Object.defineProperty(window, name, { configurable: true, get: () => store });
    IDBFactory.prototype.open = (name) => kept.push(name);
    Object.defineProperty(Document.prototype, "cookie", { get: () => "", set: (text) => kept.push(text) });
}"""
PAUSE = "new Promise((done) => setTimeout(done, 300))"
TRY_TO_KEEP = (
    "localStorage.setItem('a', 'b'); document.cookie = 'c=d'; indexedDB.open('e'); kept.splice(0)"
)


def test_hostile_messages_change_nothing(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, script=EAVESDROP)
    inside(page).locator("article.card").first.wait_for()
    before, high, sessions = document_in(page).evaluate(STATE), height(page), sessions_of(page)
    assert len(HOSTILE) >= 20
    for data, ports in HOSTILE:
        page.evaluate(f"{FRAME}.contentWindow.postMessage({data}, '*', {ports})")
        page.evaluate(f"window.postMessage({data}, '*', {ports})")  # to the loader
    page.evaluate(PAUSE)
    assert document_in(page).evaluate(STATE) == before
    assert page.evaluate("({}).polluted") is None
    assert (height(page), sessions) == (high, [])
    assert [len(heard(page, kind)) for kind in ("ready", "change", "error")] == [1, 1, 0]


def test_another_window_says_nothing_to_the_frame(browsing: Browsing, demo: Demo) -> None:
    """Neither a window that the host opened, on an origin of its own, nor the frame's own
    window.
    """
    page = waiting_host(browsing, demo)  # nobody has said anything yet
    page.context.route(
        "http://other.localhost:1/**",
        lambda route: route.fulfill(body="<p>", content_type="text/html"),
    )
    browsing.expects("went elsewhere: http://other.localhost")
    sessions = sessions_of(page)
    with page.expect_popup() as opening:
        page.evaluate("window.open('http://other.localhost:1/')")
    opening.value.wait_for_load_state()
    assert opening.value.evaluate("opener.frames.length") == 0, "it is not even found"
    document_in(page).evaluate(f"postMessage({INIT}, '*', {PORT})")
    page.evaluate(PAUSE)
    assert sessions == []
    assert document_in(page).evaluate("document.querySelector('#main').childElementCount") == 0


def test_another_window_of_the_host_says_nothing_to_the_frame(
    browsing: Browsing, demo: Demo
) -> None:
    """The host is the window around the frame, not every window of the host's."""
    page = waiting_host(browsing, demo)
    page.context.route(
        f"{demo.host}/other", lambda route: route.fulfill(body="<p>", content_type="text/html")
    )
    sessions = sessions_of(page)
    with page.expect_popup() as opening:
        page.evaluate("window.open('/other')")
    opening.value.wait_for_load_state()
    opening.value.evaluate(f"opener.{FRAME}.contentWindow.postMessage({INIT}, '*', {PORT})")
    assert_not_begun(page, sessions)


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(("data", "ports"), [
    (INIT, "[]"),
    (INIT, "[new MessageChannel().port1, new MessageChannel().port1]"),
    ("{ type: 'init', token: 'x' }", PORT),
    ("null", PORT),
])  # fmt: skip
def test_the_host_opens_the_channel_by_one_port_and_the_word(
    browsing: Browsing, demo: Demo, data: str, ports: str
) -> None:
    page = waiting_host(browsing, demo)
    sessions = sessions_of(page)
    page.evaluate(f"{FRAME}.contentWindow.postMessage({data}, '*', {ports})")
    assert_not_begun(page, sessions)
    browsing.expects("401")  # the token is none
    with page.expect_response("**/embed/session"):
        page.evaluate(f"{FRAME}.contentWindow.postMessage({INIT}, '*', {PORT})")


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(("around", "allowed"), [
    ("http://other.localhost:1", "{host}"),
    ("http://localhost:1", "{host}"),  # another port
    ("{host}", "{host}1"),
    ("{host}", "{shorter}"),  # begins as the allowed one
    ("{host}", "http://l.calhost:*"),  # a dot is a dot
])  # fmt: skip
def test_a_page_of_another_origin_says_nothing_to_the_frame(
    browsing: Browsing, demo: Demo, around: str, allowed: str
) -> None:
    """Even where a browser lets it frame the page: only the script stands in its way."""
    browsing.expects("went elsewhere: http://")
    around = around.format(host=demo.host)
    allowed = allowed.format(host=demo.host, shorter=demo.host[:-1])
    page = framing_without_a_policy(browsing, demo, around, allowed)
    sessions = sessions_of(page)
    page.evaluate(f"frames[0].postMessage({INIT}, '*', {PORT})")
    page.evaluate(PAUSE)
    assert sessions == []


def test_a_page_of_the_hosts_origin_is_heard_by_that_test(browsing: Browsing, demo: Demo) -> None:
    """What the test above does begins a session, if only it comes from the host's origin."""
    page = framing_without_a_policy(browsing, demo, demo.host, demo.host)
    browsing.expects("401")  # the token is none
    with page.expect_response("**/embed/session"):
        page.evaluate(f"frames[0].postMessage({INIT}, '*', {PORT})")


def test_a_shell_in_no_frame_does_not_hear_itself(browsing: Browsing, demo: Demo) -> None:
    """There its parent is itself; its own origin is let through, so only this check is left."""
    page = browsing.context().new_page()
    page.route("**/embed/", lambda route: serve_shell(route, demo.host, demo.site))
    page.goto("/embed/")
    sessions = sessions_of(page)
    page.evaluate(f"postMessage({INIT}, '*', {PORT})")
    page.evaluate(PAUSE)
    assert sessions == []
    page.goto("about:blank")  # a shell has no storage to look into afterwards


def test_a_look_outside_the_list_is_no_look(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo)
    give = "(each) => document.querySelector('kombo-integrations').setAttribute(...each)"
    for number, (name, value) in enumerate(LOOKS):
        other, values = (
            ("density", ["compact", ""]) if name != "density" else ("theme", ["light", "dark"])
        )
        page.evaluate(give, [name, value])
        page.evaluate(give, [other, values[number % 2]])  # once it shows, so would the hostile one
        see(inside(page).locator(":root")).to_have_attribute(f"data-{other}", values[number % 2])
        read = "[document.documentElement.style.cssText, {...document.documentElement.dataset}]"
        styles, data = document_in(page).evaluate(read)
        assert styles in ("", "--r-l: 1px; --r: 0px;"), "what begins with a number is read as one"
        assert value not in json.dumps(data)
        page.evaluate(give, [name, ""])


def test_a_frame_gone_wild_stays_in_its_place(browsing: Browsing, demo: Demo) -> None:
    """The loader trusts nothing it hears: heights have an end, and what has no name raises
    nothing.
    """
    page = host(browsing, demo, script=EAVESDROP)
    said_before = page.locator("#events li").count()
    wild: list[Any] = [
        {"type": "height", "height": at}
        for at in (1e12, -5, "1px;color:red", None, [9e9], "Infinity")
    ]
    wild += [
        {"type": "__proto__"},
        {"type": "click"},
        {"type": "load"},
        {"type": ["ready"]},
        {},
        {"type": "constructor"},
    ]
    for data in wild:
        page.evaluate(
            "(data) => channels[0].port1.dispatchEvent(new MessageEvent('message', { data }))", data
        )
        assert 0 <= height(page) <= 100_000
    assert page.locator("#events li").count() == said_before
    assert page.locator("iframe").get_attribute("style") is not None
    assert "color: red" not in str(page.locator("iframe").get_attribute("style"))


def test_nothing_is_said_to_everybody(browsing: Browsing, demo: Demo) -> None:
    page = host(browsing, demo, script=EAVESDROP)
    open_integration(page, demo)
    assert page.evaluate("posted") == [demo.site]
    assert page.evaluate("came") == []
    assert document_in(page).evaluate("document.documentElement.dataset.posted ?? ''") == ""


def test_only_the_configured_origin_may_frame_it(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("went elsewhere|frame-ancestors|ERR_BLOCKED_BY_RESPONSE|ERR_BLOCKED_BY_CSP")
    context = browsing.context(ignore_https_errors=True, permissions=["local-network-access"])
    port = int(demo.host.rpartition(":")[2])
    others = (
        "http://localhost:1",
        f"http://sub.localhost:{port}",
        f"https://localhost:{port}",
        demo.simulator,
    )
    shown = f"<!doctype html><iframe src='{demo.site}/embed/'></iframe>"
    for origin in (*others, demo.host):
        page = context.new_page()
        page.route(
            f"{origin}/framing", lambda route: route.fulfill(body=shown, content_type="text/html")
        )
        page.goto(f"{origin}/framing")
        shell = page.frame_locator("iframe").locator("#main")
        see(shell).to_have_count(1 if origin == demo.host else 0)
        page.close()


def test_nothing_is_kept_and_no_secret_is_told(browsing: Browsing, demo: Demo) -> None:
    asked: list[Request] = []
    context = browsing.context()
    context.add_init_script(KEEPERS)
    page = context.new_page()
    page.on("request", lambda request: asked.append(request))
    with (
        page.expect_response("**/integration-token?*") as buying,
        page.expect_response("**/embed/session") as entering,
    ):
        page.goto(demo.host)
    token, key = buying.value.json()["token"], entering.value.json()["key"]
    open_integration(page, demo)
    with page.expect_popup() as opening:
        inside(page).get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    opening.value.on("request", lambda request: asked.append(request))
    see(opening.value.get_by_role("heading", level=1)).to_be_visible()
    opening.value.wait_for_load_state()  # and so have the scripts
    opening.value.get_by_role("button", name=copy.CONTINUE_WITH_TOOL(tool="Personio")).click()
    see(opening.value.locator("dialog iframe")).to_have_count(1)
    assert document_in(page).evaluate("kept.splice(0)") == []
    assert document_in(page).evaluate(TRY_TO_KEEP) == [["a", "b"], "c=d", "e"], (
        "it would have been seen"
    )
    told = [page.content(), document_in(page).content(), opening.value.content()]
    told += [text for one in asked for text in (one.url, one.headers.get("referer", ""))]
    assert [text for text in told if token in text or key in text] == []
    handle = opening.value.url.partition("/go/")[2].partition("/")[0]
    others = [one for one in asked if not one.url.startswith(demo.site)]
    assert [one.url for one in others if handle in one.headers.get("referer", "")] == []
    assert [one.url for one in asked if "cookie" in one.headers and "/embed" in one.url] == []


def waiting_host(browsing: Browsing, demo: Demo) -> Page:
    """A page of the host's, with a frame that is ready to hear it and has not heard it yet."""
    page = browsing.context(permissions=["local-network-access"]).new_page()
    shown = (
        "<!doctype html><kombo-integrations><template shadowrootmode=open>"
        f"<iframe src='{demo.site}/embed/'></iframe></template></kombo-integrations>"
    )
    page.route(
        f"{demo.host}/waiting", lambda route: route.fulfill(body=shown, content_type="text/html")
    )
    page.goto(f"{demo.host}/waiting")
    document_in(page).wait_for_load_state("load")
    return page


def assert_not_begun(page: Page, sessions: list[str]) -> None:
    page.evaluate(PAUSE)
    assert sessions == []
    assert document_in(page).evaluate("document.querySelector('#main').childElementCount") == 0


def framing_without_a_policy(browsing: Browsing, demo: Demo, around: str, allowed: str) -> Page:
    """A page around the frame, whose policy of who may frame it is lost on the way."""
    context = browsing.context(permissions=["local-network-access"])
    shown = f"<!doctype html><iframe src='{demo.site}/embed/'></iframe>"
    context.route(
        f"{around}/framing", lambda route: route.fulfill(body=shown, content_type="text/html")
    )
    context.route("**/embed/", lambda route: serve_shell(route, demo.host, allowed))
    page = context.new_page()
    page.goto(f"{around}/framing")
    page.frames[1].wait_for_load_state("load")
    see(page.frame_locator("iframe").locator("#main")).to_have_count(1)
    return page


def serve_shell(route: Route, host: str, allowed: str) -> None:
    """The frame's page without its policy, and with another origin to listen to."""
    answer = route.fetch()
    kept = {
        name: value
        for name, value in answer.headers.items()
        if name not in {"content-security-policy", "x-frame-options"}
    }
    body = answer.text().replace(f'data-origins="{host}"', f'data-origins="{allowed}"')
    assert f'data-origins="{allowed}"' in body
    route.fulfill(response=answer, headers=kept, body=body)


def sessions_of(page: Page) -> list[str]:
    return requests_of(page, lambda request: request.url.endswith("/embed/session"))
