"""Browsers for people, and an account of everything that went wrong in them."""

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Error,
    FrameLocator,
    Locator,
    Page,
    Request,
    Response,
    Route,
    expect,
)

from tests.browser.lending import Ears, Lender, Lent
from tests.browser.stage import Demo

see = expect
# Long, for a busy machine: a page looks again within two seconds or, if it is broken, after thirty.
see.set_options(timeout=15_000)

# Shows every card of a demo's page: only what is in view is kept current.
TALL = {"width": 1280, "height": 3_000}

# Longer than the site waits for Kombo at most.
LAST_ANSWERS = 6.0

# Runs in every document and frame before its own scripts: tells of what the policy stopped, and of
# what moved.
WITNESS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.effectiveDirective} stopped ${event.blockedURI} ${event.sample}`));
const shifts = [];
const note = (entries) => {
  for (const { hadRecentInput, value, sources } of entries) if (!hadRecentInput) shifts.push(
    `${value}: ${sources.map(({ node, previousRect: a, currentRect: b }) =>
      `${node?.outerHTML?.slice(0, 90) ?? node?.textContent} from ${a.x},${a.y} to ${b.x},${b.y}`).join(" | ")}`);
};
const observer = new PerformanceObserver((list) => note(list.getEntries()));
observer.observe({ type: "layout-shift", buffered: true });
window.takeShifts = () => {
  note(observer.takeRecords());
  return shifts.splice(0);
};
"""
# htmx notes the address it is at, nothing else. With it gone, the browser's storage has to be
# empty.
STORED = (
    "[localStorage, sessionStorage].flatMap(Object.keys).filter((key) => key !== "
    "'htmx-current-path-for-history')"
)


class Browsing:
    """Opens pages as somebody; `finish` fails for any trouble that no test said it expects."""

    def __init__(self, lender: Lender, demo: Demo) -> None:
        self._lender, self._demo = lender, demo
        self._lent: list[Lent] = []
        self._under_way: set[Request] = set()
        self._troubles: list[str] = []
        self._expected: list[str] = []
        self._ears: Ears = {
            "console": self._on_console,
            "weberror": lambda error: self._troubles.append(f"uncaught: {error.error}"),
            "requestfailed": self._on_failure,
            "request": self._on_request,
            "requestfinished": self._under_way.discard,
            "response": self._on_response,
        }

    def context(self, person: str = "", *, is_new: bool = False, **options: Any) -> BrowserContext:
        """A browser with nothing in it but somebody's session, and files that it has kept unless it
        is new.
        """
        terms: dict[str, Any] = {
            "base_url": self._demo.site,
            "locale": "en-GB",
            "reduced_motion": "reduce",
        }
        lent = self._lender.lend(self._ears, is_new=is_new, **terms | options)
        self._lent.append(lent)
        if person:
            lent.context.request.get(f"/demo/as/{person}/", max_redirects=0)
        return lent.context

    def open(self, person: str, path: str, **options: Any) -> Page:
        """A page in a browser of its own."""
        page = self.context(person, **options).new_page()
        page.goto(path)
        return page

    def expects(self, trouble: str) -> None:
        """This test causes trouble that matches a pattern."""
        self._expected.append(trouble)

    @property
    def troubles(self) -> list[str]:
        return [
            one
            for one in self._troubles
            if not any(re.search(pattern, one) for pattern in self._expected)
        ]

    def finish(self) -> None:
        try:
            stored = [key for page in self._pages for key in self._stored(page)]
        finally:  # a page that stays open would poll on, in the tests that follow
            self._await_answers()
            for lent in self._lent:
                self._lender.take_back(lent)
        assert not self.troubles, "\n".join(self.troubles)
        assert not stored, f"left in the browser's storage: {stored}"

    @property
    def _pages(self) -> list[Page]:
        return [page for lent in self._lent for page in lent.pages]

    def _await_answers(self) -> None:
        """What the site is still at would ask Kombo in the next test's time."""
        until = time.monotonic() + LAST_ANSWERS
        pages = self._pages
        while pages and self._under_way and time.monotonic() < until:
            pages[0].wait_for_timeout(20)

    def _stored(self, page: Page) -> list[str]:
        """What the page leaves behind; one that goes on to another meanwhile is asked there."""
        while page.url.startswith(self._demo.site):
            try:
                keys: list[str] = page.evaluate(STORED)
            except Error as error:
                if "context was destroyed" not in error.message:
                    raise
            else:
                return keys
        return []

    def _on_console(self, message: ConsoleMessage) -> None:
        # htmx's words for a request that a newer one took the place of.
        if message.type == "error" and not message.text.startswith(
            ("htmx:sendAbort", "htmx:afterRequest")
        ):
            self._troubles.append(f"{message.text} ({message.location['url']})")

    def _on_failure(self, request: Request) -> None:
        self._under_way.discard(request)
        # The browser itself let go, as of a frame that was removed.
        if request.failure != "net::ERR_ABORTED":
            self._troubles.append(f"{request.failure}: {request.url}")

    def _on_request(self, request: Request) -> None:
        self._under_way.add(request)
        if request.url.startswith(
            (f"{self._demo.site}/", f"{self._demo.host}/", "data:", "about:", "blob:")
        ):
            return
        # Kombo Connect may be in a frame, or in a window that a person opened.
        if not request.url.startswith(f"{self._demo.simulator}/") or _is_from_ours(
            request, self._demo.site
        ):
            self._troubles.append(f"went elsewhere: {request.url}")

    def _on_response(self, response: Response) -> None:
        if response.status >= 500:
            self._troubles.append(f"{response.status}: {response.url}")


def requests_of(page: Page, wanted: Callable[[Request], bool]) -> list[str]:
    """The addresses of requests of a kind that a page makes from now on."""
    found: list[str] = []

    def note(request: Request) -> None:
        if wanted(request):
            found.append(request.url)

    page.on("request", note)
    return found


def hold(page: Page, pattern: str) -> Callable[[], None]:
    """Let requests to such addresses wait until what this answers is called: nothing happens behind
    a test's back.
    """
    waiting: list[Route] = []
    let_go = False

    def on_route(route: Route) -> None:
        if let_go:
            route.continue_()
        else:
            waiting.append(route)

    def release() -> None:
        nonlocal let_go
        let_go = True
        for route in waiting:
            route.continue_()

    page.route(re.compile(pattern), on_route)
    return release


def see_acts(page: Page | FrameLocator, number: int) -> None:
    """Wait until the page knows that so many integrations wait for the customer."""
    see(page.locator("#banner")).to_have_attribute("data-acts", str(number))


def open_menu(page: Page, name: str) -> None:
    """Open the menu whose button has that text."""
    page.locator("details.menu > summary").filter(has_text=name).click()


def mark(page: Page, selector: str) -> Locator:
    """Find this very node from now on, and not another that takes its place."""
    page.locator(selector).evaluate("(node) => node.toggleAttribute('data-marked', true)")
    return page.locator(f"{selector}[data-marked]")


def _is_from_ours(request: Request, site: str) -> bool:
    """Whether one of our own documents asked, and not a frame or window that shows Kombo
    Connect.
    """
    try:
        if request.is_navigation_request():
            return request.frame.parent_frame is None and request.frame.page.opener() is None
        return request.frame.url.startswith(site)
    except Error:  # a window so new that it has no frame yet
        return False


def told(demo: Demo, kind: str) -> None:
    """Wait until the site has taken the latest webhook of a kind."""
    demo.wait_for(
        lambda: (
            [one["outcome"] for one in demo.deliveries() if one["type"] == kind][:1]
            == ["delivered"]
        )
    )
