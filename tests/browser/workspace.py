"""Pages of the account managers' workspace that somebody did something on, and the one that a hand-off
leads to.
"""

from collections.abc import Callable

from playwright.sync_api import Page

from tests import copy
from tests.browser.browsing import Browsing, see
from tests.browser.stage import Demo

type Way = Callable[[Browsing, Demo], Page]


def at(person: str, path: Callable[[Demo], str]) -> Way:
    return lambda browsing, demo: browsing.open(person, path(demo))


def progress(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("mia", "/workspace/")
    page.get_by_label(copy.SELECT_ALL_ON_THIS_PAGE).check()
    page.get_by_role("button", name=copy.CHECK_NOW).click()
    see(page.locator("#check-progress")).to_be_visible()
    return page


def selected(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("mia", "/workspace/?scope=all&category=HRIS")
    page.locator("input[name=integration]").first.check()
    see(page.locator(".picked")).to_be_visible()
    return page


def menu(number: int) -> Way:
    """The list with one of its menus open: filters, display, views."""

    def opened_menu(browsing: Browsing, demo: Demo) -> Page:
        page = browsing.open("mia", "/workspace/?scope=all")
        page.locator(".triage-page details.menu > summary").nth(number).click()
        see(page.locator(".triage-page details[open] .menu-list")).to_be_visible()
        return page

    return opened_menu


def finder(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("mia", "/workspace/features/")
    page.keyboard.press("Control+k")
    page.locator("#finder input").fill("personio")
    see(page.locator("#found [data-integration]")).to_have_count(1)
    return page


def shortcuts(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("mia", "/workspace/")
    page.keyboard.press("?")
    see(page.get_by_role("dialog", name=copy.KEYBOARD_SHORTCUTS)).to_be_visible()
    return page


def open_menu(page: Page) -> None:
    """Open what can be done about an integration, beside the one thing to press."""
    page.locator("#acts summary", has_text=copy.MORE).click()


def ask_for_link(page: Page) -> None:
    """Open the form for a guest link, which is folded."""
    open_menu(page)
    page.locator("#acts").get_by_role("link", name=copy.CREATE_A_GUEST_LINK).first.click()


def snoozed(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("mia", demo.workbench("workday"))
    open_menu(page)
    page.get_by_role("button", name=copy.N_1_DAY).click()
    see(page.get_by_text(copy.SNOOZED_IT_REAPPEARS_WHEN)).to_be_visible()
    page.get_by_role("link", name=copy.INTEGRATIONS, exact=True).last.click()
    see(page.locator("[data-snoozed]")).to_have_count(1)
    return page


def opened(browsing: Browsing, demo: Demo) -> Page:
    """The overview of one integration with all that can be done about it."""
    page = browsing.open("mia", demo.workbench("hibob"))
    open_menu(page)
    for fold in page.locator(".menu-fold > summary").all():
        fold.click()
    see(page.get_by_role("button", name=copy.SNOOZE_UNTIL_THIS_DATE)).to_be_visible()
    return page


def opened_grid(browsing: Browsing, demo: Demo) -> Page:
    """What is shared, with one model alone of the grid as Kombo tells it."""
    page = browsing.open("mia", f"{demo.workbench('hibob')}data/?q=hris_locations")
    see(page.locator("details.raw[open]")).to_have_count(1)
    return page


def refused(browsing: Browsing, demo: Demo) -> Page:
    """What can't be: a day that is gone, with Kombo out of reach."""
    browsing.expects("status of 422|status of 502")
    demo.fault("unavailable", "hibob")
    page = browsing.open("mia", demo.workbench("hibob"))
    open_menu(page)
    page.locator(".menu-fold > summary").first.click()
    page.get_by_role("button", name=copy.SNOOZE_UNTIL_THIS_DATE).click()
    see(page.get_by_text(copy.CHOOSE_A_DATE)).to_be_visible()
    return page


def account_refused(browsing: Browsing, demo: Demo) -> Page:
    browsing.expects("status of 422")
    page = browsing.open("mia", account("acme")(demo))
    for fold in ("section details.raw > summary", "form.settings details > summary"):
        page.locator(fold).first.click()
    page.locator("[name=reminders_written]").fill("soon")
    page.locator('form.settings[action$="reminders/"] button').click()
    see(page.locator(".errorlist")).to_be_visible()
    return page


def account(origin_id: str) -> Callable[[Demo], str]:
    return lambda demo: f"/workspace{demo.tenant(origin_id)}"


def handed_off(browsing: Browsing, demo: Demo) -> Page:
    page = browsing.open("mia", demo.workbench("personio"))
    ask_for_link(page)
    page.get_by_role("button", name=copy.COPY_LINK).click()
    see(page.get_by_label(copy.LINK_TO_SHARE)).to_be_visible()
    return page


def hand_off_page(browsing: Browsing, demo: Demo) -> Page:
    address = handed_off(browsing, demo).get_by_label(copy.LINK_TO_SHARE).input_value()
    return browsing.open("", f"{address}?lang=en")


def feature_refused(browsing: Browsing, demo: Demo) -> Page:
    browsing.expects("status of 422")
    page = browsing.open("mia", "/workspace/features/new/")
    page.locator("[name=name]").fill("Payroll")
    page.locator(".picker details summary").first.click()
    page.locator("[name=needs]").fill("no datapoint at all")
    page.locator("[name=needs]").evaluate("(field) => field.form.requestSubmit()")
    see(page.locator("[aria-invalid=true]").first).to_be_visible()
    return page


DESK: dict[str, Way] = {
    "list, filters": menu(0),
    "list, display": menu(1),
    "list, views": menu(2),
    "list, snoozed": snoozed,
    "list, checking": progress,
    "list, selected": selected,
    "finder": finder,
    "shortcuts": shortcuts,
    "workbench": opened,
    "workbench, data": opened_grid,
    "workbench, refused": refused,
    "workbench, withheld": at("mia", lambda demo: demo.workbench("rippling")),
    "account, refused": account_refused,
    "customer view, in German": at(
        "mia", lambda demo: f"/workspace/preview{demo.page('personio')}"
    ),
    "hand-off, made": handed_off,
    "feature, refused": feature_refused,
}
