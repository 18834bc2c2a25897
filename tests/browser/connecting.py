"""What a person does in Kombo Connect, as the simulator shows it."""

from playwright.sync_api import FrameLocator, Locator, Page

from tests.browser.browsing import see


def repair_button(page: Page, tool: str, *, verb: str = "Reconnect") -> Locator:
    """The first of the buttons that lead into Kombo Connect: the banner's, if there is one."""
    return page.get_by_role("button", name=f"{verb} {tool}").first


def dialog(page: Page) -> Locator:
    return page.locator("dialog[open]")


def frame(page: Page) -> FrameLocator:
    return page.frame_locator("dialog[open] iframe")


def open_connect(page: Page, tool: str, *, verb: str = "Reconnect") -> FrameLocator:
    """Click, and wait until Kombo Connect is there."""
    repair_button(page, tool, verb=verb).click()
    see(frame(page).get_by_role("heading", level=1)).to_be_visible()
    return frame(page)


def sign_in(connect: FrameLocator | Page) -> None:
    """Fill in what the tool wants to know, and finish."""
    connect.get_by_label("Administrator’s user name").fill("admin")
    connect.get_by_label("Password").fill("right")
    connect.get_by_role("button", name="Connect", exact=True).click()
