"""Browsers for people, lent again and again: what a new one starts, fetches and compiles takes
several times as long as the page that it shows.
"""

import shutil
from collections.abc import Callable, Mapping
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page

# Chromium without windows does the same for two thirds of the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

# What leaves something behind that can't be taken away.
MARKS = (
    "add_init_script",
    "close",
    "expose_binding",
    "expose_function",
    "grant_permissions",
    "new_cdp_session",
    "on",
    "once",
    "route",
    "route_from_har",
    "route_web_socket",
    "set_default_navigation_timeout",
    "set_default_timeout",
    "set_extra_http_headers",
    "set_geolocation",
    "set_offline",
)
MARKS_OF_CLOCK = ("install", "pause_at", "set_fixed_time", "set_system_time")
MOST = 6  # that wait to be lent

NO_COOKIES_IN_FRAMES = {
    "enableThirdPartyCookieRestriction": True,
    "disableThirdPartyCookieMetadata": True,
    "disableThirdPartyCookieHeuristics": True,
}

type Ears = Mapping[str, Callable[[Any], object]]


def installed() -> str | None:
    """Return the path of the browser that tests drive, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """The process that all browsers are in; started anew once it has crashed."""

    def __init__(self, launch: Callable[[], Browser]) -> None:
        self._launch = launch
        self._process = launch()

    def new_context(self, **options: Any) -> BrowserContext:
        if not self._process.is_connected():
            self._process = self._launch()
        return self._process.new_context(**options)

    def close(self) -> None:
        self._process.close()


class Lent:
    """A browser with no cookie in it. Whoever has it hears what happens in it, by name."""

    def __init__(self, context: BrowserContext, kind: str, ears: Ears) -> None:
        self.context, self.kind = context, kind
        self._ears = ears
        for name in ears:
            self._listen(name)
        self._make_page, self._make_session = context.new_page, context.new_cdp_session
        context.new_page = self._new_page  # type: ignore[method-assign]
        # With no page left, the browser would start a process anew for the next.
        self._own = self._make_page()
        self.is_marked = False
        for one, names in ((context, MARKS), (context.clock, MARKS_OF_CLOCK)):
            for name in names:
                self._watch(one, name)

    @property
    def is_alive(self) -> bool:
        browser = self.context.browser
        return browser is not None and browser.is_connected()

    @property
    def pages(self) -> list[Page]:
        return [page for page in self.context.pages if page is not self._own]

    def pass_to(self, ears: Ears) -> None:
        self._ears = ears

    def clear(self) -> None:
        """Leave nothing of whoever had it but the files that a browser keeps."""
        self._ears = {}
        for page in self.pages:
            page.close()
        self.context.clear_cookies()

    def _new_page(self) -> Page:
        """Return a page in which frames of another site keep no cookies, as nothing of ours needs
        them.
        """
        page = self._make_page()
        session = self._make_session(page)
        session.send("Network.enable")
        session.send("Network.setCookieControls", NO_COOKIES_IN_FRAMES)
        return page

    def _listen(self, name: str) -> None:
        def tell(event: Any) -> None:
            if hear := self._ears.get(name):
                hear(event)

        listen: Callable[..., None] = self.context.on
        listen(name, tell)

    def _watch(self, one: Any, name: str) -> None:
        act = getattr(one, name)

        def mark(*arguments: Any, **options: Any) -> Any:
            self.is_marked = True
            return act(*arguments, **options)

        setattr(one, name, mark)


class Lender:
    """Lends a browser that somebody has had before, if it is of the kind that is wanted.

    One that a test did something lasting to is never lent again.
    """

    def __init__(self, chromium: Chromium, script: str) -> None:
        self._chromium, self._script = chromium, script
        self._waiting: list[Lent] = []

    def lend(self, ears: Ears, *, is_new: bool = False, **options: Any) -> Lent:
        """Lend one, or a new one that has never fetched a thing; `script` runs in every document
        and frame before its own.
        """
        kind = "" if is_new else repr(sorted(options.items()))
        self._waiting = [lent for lent in self._waiting if lent.is_alive]
        for lent in self._waiting:
            if lent.kind == kind and kind:
                self._waiting.remove(lent)
                lent.pass_to(ears)
                return lent
        context = self._chromium.new_context(**options)
        context.add_init_script(self._script)
        return Lent(context, kind, ears)

    def take_back(self, lent: Lent) -> None:
        """Have it wait for the next. With one that crashed there is nothing to be done."""
        if not lent.is_alive:
            return
        if lent.is_marked or not lent.kind:
            lent.pass_to({})
            lent.context.close()
            return
        lent.clear()
        self._waiting.append(lent)
        if len(self._waiting) > MOST:
            self._waiting.pop(0).context.close()
