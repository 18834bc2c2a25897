"""Every page and every swap under the policy: nothing stopped, nothing asked of others, nothing
kept or let out.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import STORED, Browsing, mark, open_menu, see, see_acts
from tests.browser.connecting import dialog, open_connect, sign_in
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def visit_account(page: Page, demo: Demo) -> None:
    for path in (
        "/account/login/",
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/nothing/",
    ):
        page.goto(path)
    page.goto("/account/login/")
    page.get_by_label("Username").fill("alice")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name=copy.SIGN_IN).click()
    see(page.locator(".errorlist")).to_be_visible()
    page.get_by_label("Password").fill("demo")
    page.get_by_role("button", name=copy.SIGN_IN).click()
    see(page).to_have_url(re.compile(re.escape(demo.tenant("acme"))))
    page.wait_for_load_state()  # and so have the scripts


def visit_repair(page: Page, demo: Demo) -> None:
    open_connect(page, "Personio").get_by_role("button", name=copy.CANCEL).click()
    see(dialog(page)).to_have_count(0)
    sign_in(open_connect(page, "Personio"))
    see(page.locator(demo.card("personio"))).to_have_attribute("data-headline", "connected")
    demo.fault("foreign_link", "personio")
    demo.state("personio", "invalid")
    page.locator(demo.card("personio")).get_by_role("button", name=copy.CHECK_NOW).click()
    see_acts(page, 1)
    page.get_by_role("button", name=copy.RECONNECT_TOOL(tool="Personio")).first.click()
    page.get_by_role("button", name=copy.CLOSE).click()


def visit_grid(page: Page, demo: Demo) -> None:
    page.goto(demo.page("personio"))
    page.locator("details.coverage-model summary").first.click()
    see(page.locator(".coverage-field").first).to_be_visible()
    for name in (copy.NOT_AVAILABLE, copy.OPTED_OUT, "Available", "All"):
        page.get_by_role("link", name=re.compile(rf"^{name} \d")).click()
        see(page.get_by_role("link", name=re.compile(rf"^{name} \d"))).to_have_attribute(
            "aria-current", "true"
        )
    page.get_by_role("link", name=copy.EXPAND_ALL).click()
    see(page.get_by_role("link", name=copy.COLLAPSE_ALL)).to_be_visible()
    page.get_by_role("searchbox").fill("nothing at all")
    see(page.locator(".coverage-empty")).to_contain_text(copy.NOTHING_IS_CALLED_QUERY.core)
    page.get_by_role("link", name=copy.CLEAR_FILTERS).click()
    see(page.locator("details.coverage-model").first).to_be_visible()


def visit_others(page: Page, demo: Demo) -> None:
    open_menu(page, copy.LANGUAGE)
    page.get_by_role("button", name="Français").click()
    see(page.locator("html")).to_have_attribute("lang", "fr")
    page.goto("/demo/as/gina/")
    for tenant in ("gallery", "cobalt", "mismatch"):
        page.goto(demo.tenant(tenant))


def test_tour_of_everything(browsing: Browsing, demo: Demo) -> None:
    """Troubles are told by the browser itself; see `Browsing.finish`."""
    browsing.expects("status of 404 .*/nothing/")
    page = browsing.context().new_page()
    visits: list[Callable[[Page, Demo], None]] = [
        visit_account,
        visit_repair,
        visit_grid,
        visit_others,
    ]
    secrets = ["ks_dev_demo", *(kombo_id for kombo_id, _public_id, _tenant in demo.tools.values())]
    for visit in visits:
        visit(page, demo)
        assert page.evaluate(STORED) == []
        assert [secret for secret in secrets if secret in page.content()] == []
    assert page.evaluate("document.cookie") == "", "a cookie that scripts can read"


def test_markup_of_kombo_is_text(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("gina", f"{demo.tenant('hostile')}?open=all")
    see(page.locator("article.card")).to_be_visible()
    page.get_by_role("searchbox").fill("<")
    see(page).to_have_url(re.compile("q="))
    same = mark(page, "article.card")
    page.get_by_role("button", name=copy.CHECK_NOW).click()
    see(same).to_have_count(0)
    see(page.locator("#announcer")).not_to_have_text("")
    # The legend's numbers are ours.
    theirs = page.locator("main :is(b, i, marquee, script, iframe):not(.legend b)")
    assert theirs.count() == 0
    assert "<" in page.locator("main").inner_text()


def test_headers_of_every_page(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 404 .*/nothing/")
    signed_in, stranger = browsing.context("alice").new_page(), browsing.context().new_page()
    for path in (demo.tenant("acme"), demo.page("personio"), "/nothing/", "/account/login/"):
        answer = (stranger if "account" in path else signed_in).goto(path)
        assert answer is not None
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-frame-options"] == "DENY"
        framed = re.search(r"frame-src ([^;]+)", policy)
        assert (framed[1] if framed else "") == (demo.simulator if path.startswith("/t/") else "")


@pytest.mark.parametrize(
    "attack",
    [
        (
            "document.body.append(Object.assign(document.createElement('script'), "
            "{ textContent: 'window.ran = 1' }))"
        ),
        "document.body.insertAdjacentHTML('beforeend', '<img src=data: onerror=window.ran=1>')",
        "document.body.insertAdjacentHTML('beforeend', '<p style=color:red>red</p>')",
        (
            "document.body.append(Object.assign(document.createElement('iframe'), "
            "{ src: 'http://localhost:9/' }))"
        ),
        "void fetch('http://127.0.0.1:9/').catch(() => 0)",
    ],
)
def test_policy_stops_what_it_should_and_the_witness_tells(
    browsing: Browsing, demo: Demo, attack: str
) -> None:
    """Without this, the other tests would hold for a witness that is blind."""
    page = browsing.open("alice", demo.tenant("acme"))
    with page.expect_console_message(lambda message: message.text.startswith("CSP: ")):
        page.evaluate(f"{{ {attack} }}")
    assert page.evaluate("window.ran") is None
    assert [trouble for trouble in browsing.troubles if trouble.startswith("CSP: ")]
    browsing.expects("CSP: |Content Security Policy|content security policy")
