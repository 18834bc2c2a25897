"""Sessions, roles and invitations, as people have them in a browser."""

import re

import pytest
from playwright.sync_api import Page, Request

from tests import copy
from tests.browser.browsing import Browsing, hold, open_menu, see
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser
PASSWORD = "a-long-one-4711"


def sessions(browsing: Browsing, person: str, **options: object) -> Page:
    return browsing.open(person, "/account/sessions/", **options)


def test_a_session_is_ended_from_another_browser(browsing: Browsing, demo: Demo) -> None:
    page = browsing.open("alice", demo.tenant("acme"))
    open_menu(page, copy.ACCOUNT_OF_NAME.core)
    page.get_by_role("link", name=copy.YOUR_SESSIONS).click()
    see(page.locator("li[data-current]")).to_have_count(1)
    if page.get_by_role("button", name=copy.END_ALL_OTHERS).is_visible():  # of other tests
        page.get_by_role("button", name=copy.END_ALL_OTHERS).click()
        see(page.locator("li[data-session]")).to_have_count(1)
    phone = browsing.open("alice", demo.tenant("acme"))
    page.reload()
    see(page.locator("li[data-current]")).to_have_count(1)
    see(page.locator("li[data-current]")).to_contain_text("Chrome")
    page.locator("li[data-session] button").first.click()
    see(page.get_by_role("status").filter(has_text=copy.SESSION_ENDED)).to_be_focused()
    see(page.locator("li[data-session]")).to_have_count(1)
    phone.reload()
    see(phone.get_by_role("heading", name=copy.SIGN_IN)).to_be_visible()
    see(phone).to_have_url(re.compile(r"next="))


def test_all_others_end_and_an_open_page_says_so(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 401|Status Error Code 401")
    other = browsing.context("mia").new_page()
    poll = hold(other, "/poll/")
    other.goto(demo.workbench("workday"))
    page = sessions(browsing, "mia")
    page.get_by_role("button", name=copy.END_ALL_OTHERS).click()
    see(page.locator("li[data-session]")).to_have_count(1)
    poll()
    see(other.locator("#session-ended")).to_contain_text(copy.YOUR_SESSION_HAS_ENDED)
    see(page.get_by_role("button", name=copy.END_ALL_OTHERS)).to_have_count(0)


def test_what_a_page_asks_for_by_itself_says_so(browsing: Browsing, demo: Demo) -> None:
    page = browsing.context("alice").new_page()
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    demo.age(120)
    with page.expect_response(re.compile("/poll/")):
        page.goto(demo.tenant("acme"))
    with page.expect_response(re.compile("/check/")):
        page.get_by_role("button", name=copy.CHECK_NOW).first.click()
    by_itself = {
        request.url.split("?")[0].rstrip("/").rpartition("/")[2]: "by-itself" in request.headers
        for request in asked
        if "hx-request" in request.headers
    }
    assert by_itself.pop("poll")
    assert not by_itself.pop("check")


def test_an_invitation_leads_to_an_account_in_its_role(browsing: Browsing) -> None:
    browsing.expects("status of 404")
    page = browsing.open("root", "/workspace/people/")
    page.get_by_label(copy.EMAIL_ADDRESS).fill("zoe@northwind.example")
    page.get_by_role("button", name=copy.SEND_INVITATION).click()
    see(page.get_by_text(copy.INVITATION_SENT)).to_be_visible()
    see(page.locator("li[data-invitation]").filter(has_text="zoe@")).to_have_count(1)
    guest = browsing.open("", "/demo/gallery/join/")
    guest.locator("[name=new_password1]").fill(PASSWORD)
    guest.locator("[name=new_password2]").fill(PASSWORD)
    guest.get_by_role("button", name=copy.CREATE_ACCOUNT).click()
    see(guest).to_have_url(re.compile("/workspace/"))
    guest.goto("/workspace/people/")
    see(guest.get_by_role("heading", name=copy.PAGE_NOT_FOUND)).to_be_visible()


def test_a_role_is_given_and_taken_at_once(browsing: Browsing, demo: Demo) -> None:
    browsing.expects("status of 404")
    managers = browsing.open("max", "/workspace/customers/")
    page = browsing.open("root", "/workspace/people/")
    page.get_by_label(copy.ROLE_OF_NAME(name="Max"), exact=True).select_option("role:viewer")
    page.get_by_role("button", name=copy.SAVE_ROLE_OF_NAME(name="Max")).click()
    see(page.get_by_text(copy.ROLE_SAVED)).to_be_visible()
    see(page.locator("tr[data-person=max]")).to_have_attribute("data-role", "role:viewer")
    managers.goto(demo.workbench("hibob"))  # as a viewer, he sees it and can only look
    see(managers.get_by_role("heading", name="HiBob")).to_be_visible()
    see(managers.locator(".note-form")).to_have_count(0)
    see(managers.get_by_role("button", name=copy.CHECK_NOW)).to_have_count(1)
    page.get_by_role("button", name=copy.DEACTIVATE_NAME(name="Max")).click()
    see(page.get_by_text(copy.ACCOUNT_DEACTIVATED)).to_be_visible()
    managers.reload()
    see(managers.get_by_role("heading", name=copy.SIGN_IN)).to_be_visible()
