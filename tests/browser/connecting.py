"""What a person does in Kombo Connect, as the simulator shows it."""

from playwright.sync_api import FrameLocator, Locator, Page

from tests import copy
from tests.browser.browsing import Browsing, see
from tests.browser.stage import Demo


def repair_button(page: Page, tool: str, *, verb: str = "Reconnect") -> Locator:
    """The first of the buttons that lead into Kombo Connect: the banner's, if there is one."""
    return page.get_by_role("button", name=f"{verb} {tool}").first


def dialog(page: Page) -> Locator:
    return page.locator("dialog[open]")


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("dialog[open] iframe")


def open_connect(page: Page, tool: str, *, verb: str = "Reconnect") -> FrameLocator:
    """Press the button of a tool's card, and wait until Kombo Connect is there."""
    return opened(page, repair_button(page, tool, verb=verb))


def sign_in(connect: FrameLocator | Page) -> None:
    """Fill in what the tool wants to know, and finish."""
    connect.get_by_label("Administrator’s user name").fill("admin")
    connect.get_by_label("Password").fill("right")
    connect.get_by_role("button", name="Connect", exact=True).click()


def opened(page: Page, button: Locator | str) -> FrameLocator:
    """Press a button, and wait until Kombo Connect is there."""
    (page.locator(button) if isinstance(button, str) else button).click()
    see(frame(page).get_by_role("heading", level=1)).to_be_visible()
    return frame(page)


def refused(connect: FrameLocator | Page) -> None:
    """Sign in with a password that the tool does not know."""
    connect.locator("input[name=username]").fill("admin")
    connect.locator("input[name=password]").fill("wrong")
    connect.get_by_role("button", name="Connect", exact=True).click()
    see(connect.locator("[aria-invalid]")).to_be_visible()


def invited(browsing: Browsing, demo: Demo, *, send_to: str = "") -> str:
    """Have alice invite somebody to connect Workday, at an address, or copy the link, which this
    answers.
    """
    page = browsing.open("alice", f"{demo.tenant('acme')}connect/hris/workday/")
    page.locator("#invite").click()
    if send_to:
        page.locator("#hand-off-to").fill(send_to)
        page.get_by_role("button", name=copy.SEND_BY_EMAIL).click()
    else:
        page.get_by_role("button", name=copy.COPY_LINK).click()
    link = page.locator("#hand-off-link").input_value()
    see(page.locator("[data-hand-off][data-state=open]")).to_have_count(1)
    return link
