"""On the narrowest screen, in the language of the longest words, nothing is wider than the screen
and nothing is cut off.
"""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.axe import WIDE
from tests.browser.browsing import Browsing, see
from tests.browser.embedded import document_in, host
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
NARROW: dict[str, Any] = {"locale": "de-DE", "viewport": {"width": 320, "height": 800}}
# What is set in one line and is longer than its place, or reaches out of the screen; what scrolls
# by itself, as rows of links do, and what only screen readers see, may be wider.
CUT_OFF = """() => [...document.querySelectorAll("a, button, h1, h2, h3, label, legend, li, p, select, span, summary, td, th")].filter((one) => {
    if (!one.checkVisibility() || one.closest(".sr, .skip, [tabindex='0'], .tabs, .segments, .groups, svg, pre, code")) return false;
    const { right, width } = one.getBoundingClientRect();
    if (width <= 1) return false;
    const clips = getComputedStyle(one).overflowX !== "visible";
    return right > innerWidth + 1 || (clips && one.tagName !== "SELECT" && one.scrollWidth > one.clientWidth + 1);
}).map((one) => one.outerHTML.slice(0, 120)).slice(0, 3)"""
OPEN = "() => document.querySelectorAll('details').forEach((one) => { one.open = true; })"


def trouble(page: Page) -> list[Any]:
    """What does not fit of the page as it is, with all that can be opened."""
    page.evaluate(OPEN)
    assert page.locator("html").get_attribute("lang") == "de", page.url
    scroll_width, inner_width, _title = page.evaluate(WIDE)
    cut_off: list[Any] = page.evaluate(CUT_OFF)
    return [scroll_width] * (scroll_width > inner_width) + cut_off


def troubles(browsing: Browsing, person: str, paths: list[str]) -> dict[str, list[Any]]:
    page = browsing.context(person, **NARROW).new_page()
    found = {}
    for path in paths:
        page.goto(path)
        if too_wide := trouble(page):
            found[path] = too_wide
    return found


def paths_of(demo: Demo, person: str) -> list[str]:
    if person == "alice":
        page = demo.page("personio")
        parts = ("", "?open=all&show=unavailable", "?q=Gehalt", "history/", "statement/")
        own = [*(page + part for part in parts), f"{page}hand-off/"]
        return ["/", demo.tenant("acme"), *own, f"{demo.page('greenhouse')}history/"]
    tenants = [demo.tenant(name) for name in ("gallery", "mismatch", "cobalt")]
    return ["/", *tenants, demo.page("factorial"), f"{demo.page('humaans')}history/"]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("person", ["alice", "gina"])
def test_the_customers_pages_fit(browsing: Browsing, demo: Demo, person: str) -> None:
    assert troubles(browsing, person, paths_of(demo, person)) == {}


@pytest.mark.exhaustive
def test_the_workspace_fits(browsing: Browsing, demo: Demo) -> None:
    workspace = "/workspace/"
    paths = [
        "overview/?scope=all",
        "?scope=all",
        f"?scope=all&feature={demo.feature('Org chart')}",
        "?q=nichts",
        "customers/?scope=all",
        "features/",
        "features/new/",
        f"features/{demo.feature('Org chart')}/",
        "datapoints/?q=hris_employees.manager_id",
        "datapoints/?q=manager",
        "matrix/?d=hris_employees.manager_id&d=hris_teams",
        "changes/?days=30",
        "emails/",
        "preferences/",
        "identity/",
        "audit/",
        "webhooks/",
    ]
    customers = [f"/workspace{demo.tenant(name)}" for name in ("acme", "gallery", "cobalt")]
    integrations = [demo.workbench(name) for name in ("personio", "hibob", "kenjo", "rippling")]
    tabs = [f"{integrations[0]}{tab}/" for tab in ("data", "history", "technical")]
    preview = f"/workspace/preview{demo.tenant('acme')}"  # in their language, which is German
    every = [*(workspace + path for path in paths), *customers, *integrations, *tabs, preview]
    assert troubles(browsing, "root", every) == {}


def test_what_everybody_reads_fits(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 404")
    account = "/account/"
    paths = ["login/", *(f"password/reset/{path}" for path in ("", "sent/", "MQ/a-b/", "done/"))]
    others = ["/nothing/", "/hand-off/nothing/", "/go/nothing/"]
    assert troubles(browsing, "", [*(account + path for path in paths), *others]) == {}


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("view", ["list", "banner", "badge", "integration"])
def test_the_embedded_view_fits(browsing: Browsing, demo: Demo, view: str) -> None:
    one = f"&integration={demo.kombo_id('personio')}" if view == "integration" else ""
    page = host(browsing, demo, f"view={view}{one}&lang=de", **NARROW)
    see(page.frame_locator("kombo-integrations iframe").locator("html")).to_have_attribute(
        "lang", "de"
    )
    found = document_in(page)
    scroll_width, inner_width, _title = found.evaluate(WIDE)
    assert scroll_width <= inner_width
    assert found.evaluate(CUT_OFF) == []
