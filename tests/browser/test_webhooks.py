"""What Kombo tells reaches whoever is looking; the record of it, and the staff's inbox, are there
to be used.
"""

import re

import pytest
from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, requests_of, see, told
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


def open_card(browsing: Browsing, demo: Demo, person: str = "alice") -> Page:
    """A page whose clock the test can turn: everything on it was checked just now, so it looks
    again in a minute.
    """
    page = browsing.context(person).new_page()
    page.clock.install()
    page.goto(demo.page("talentlms"))
    see(page.locator(demo.card("talentlms"))).to_have_attribute("data-headline", "connected")
    return page


def one_poll_later(page: Page) -> None:
    """The longest that a page whose card has not changed yet waits before it looks again: 60 s,
    spread by a fifth.
    """
    page.clock.fast_forward(72_000)


def test_an_issue_is_on_an_open_page_after_one_poll_of_ours(browsing: Browsing, demo: Demo) -> None:
    demo.delivery("normal")
    page = open_card(browsing, demo)
    card = page.locator(demo.card("talentlms"))
    asked = demo.calls()
    demo.raise_issue("talentlms", "action_failing")
    told(demo, "issue-status-changed")
    one_poll_later(page)
    see(card).to_have_attribute("data-headline", "degraded")
    issue = card.locator("details.issue")
    see(issue).to_have_count(1)
    issue.locator("summary").first.click()
    see(issue.locator(".prose")).to_be_visible()
    see(page.locator("#announcer")).to_contain_text("TalentLMS: Limited")
    assert demo.calls() == asked


def test_a_failing_sign_in_asks_to_reconnect_on_its_first_day(
    browsing: Browsing, demo: Demo
) -> None:
    demo.delivery("normal")
    page = open_card(browsing, demo)
    demo.raise_issue("talentlms", "authentication_failed")
    told(demo, "issue-status-changed")
    one_poll_later(page)
    see(page.locator(demo.card("talentlms"))).to_have_attribute("data-headline", "sign_in_failing")
    see(page.get_by_role("button", name="Reconnect").first).to_be_visible()
    see(page).to_have_title(re.compile(r"^\(\d\) "))


def test_a_new_state_is_shown_even_if_kombo_can_not_be_asked(
    browsing: Browsing, demo: Demo
) -> None:
    demo.delivery("normal")
    page = open_card(browsing, demo)
    demo.fault("unavailable")
    demo.state("talentlms", "invalid")
    told(demo, "integration-state-changed")
    one_poll_later(page)
    see(page.locator(demo.card("talentlms"))).to_have_attribute(
        "data-headline", "reconnect_required"
    )


@pytest.mark.parametrize("mode", ["duplicate", "reordered"])
def test_the_last_state_wins_however_it_arrives(browsing: Browsing, demo: Demo, mode: str) -> None:
    demo.delivery(mode)
    page = open_card(browsing, demo)
    demo.state("talentlms", "invalid")
    demo.state("talentlms", "inactive")
    demo.wait_for(lambda: all(one["outcome"] == "delivered" for one in demo.deliveries()[:2]))
    one_poll_later(page)
    see(page.locator(demo.card("talentlms"))).to_have_attribute("data-headline", "paused")


def test_the_history_is_found_filtered_and_left_by_keyboard(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    page.locator(f"#name-{demo.public_id('personio')}").press("Enter")
    page.locator(".tabs").get_by_role("link", name=copy.HISTORY).press("Enter")
    see(page).to_have_title(re.compile("history"))
    see(page.locator("svg.strip rect")).to_have_count(90)
    see(page.locator("[data-incident=open]")).to_have_count(1)
    page.get_by_role("link", name=copy.RECONNECTIONS).press("Enter")
    see(page).to_have_url(re.compile(r"\?kind=repair#"))
    see(page.locator("[data-entry]").first).to_contain_text("reconnected Personio")
    kinds = page.locator("[data-entry]").evaluate_all(
        "(all) => [...new Set(all.map((one) => one.dataset.entry))]"
    )
    assert kinds == ["repair"]
    page.get_by_role("link", name=copy.WHAT_IS_SHARED).press("Enter")
    see(page).to_have_url(f"{demo.site}{demo.page('personio')}")
    page.get_by_role("navigation", name=copy.BREADCRUMB).get_by_role("link").press("Enter")
    see(page).to_have_url(f"{demo.site}{demo.tenant('acme')}")


def test_the_history_works_without_scripts_and_never_asks_kombo(
    browsing: Browsing, demo: Demo
) -> None:
    asked = demo.calls()
    page = browsing.open("alice", f"{demo.page('personio')}history/", java_script_enabled=False)
    see(page.locator("[data-entry]").first).to_be_visible()
    page.get_by_role("link", name=copy.STATUS, exact=True).click()
    see(page.locator("[data-entry=state]").first).to_be_visible()
    assert demo.calls() == asked


def test_an_unmapped_integration_is_given_to_its_customer(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 409")
    page = browsing.open("root", "/workspace/")
    page.get_by_role("link", name=copy.WEBHOOKS).click()
    unmapped_integration = page.locator("[data-arrival]")
    see(unmapped_integration).to_have_count(1)
    posts = requests_of(page, lambda request: request.method == "POST")
    unmapped_integration.get_by_label(copy.ORIGIN_ID_OF_ANOTHER_CUSTOMER).fill("nobody-has-this")
    unmapped_integration.get_by_role("button", name=copy.MAP, exact=True).click()
    see(page.get_by_role("alert")).to_contain_text("nobody-has-this")
    unmapped_integration.get_by_label(copy.ORIGIN_ID_OF_ANOTHER_CUSTOMER).fill("bolt")
    unmapped_integration.get_by_role("button", name=copy.MAP, exact=True).press("Enter")
    see(page.locator("[data-arrival]")).to_have_count(0)
    assert len(posts) == 2
    theirs = browsing.open("bob", demo.tenant("bolt"))
    see(theirs.locator("[data-integration]")).to_have_count(2)
