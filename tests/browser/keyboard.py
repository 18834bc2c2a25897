"""A person without a mouse: Tab to something, then a key."""

from playwright.sync_api import Locator, Page

# The frame, if it is in one, has to have the focus too: a field in it may hold one of its own while
# nobody is there.
HELD = "(node) => node === document.activeElement && document.hasFocus()"
# On a link, button or field the focus has to show, or around what it covers. What a dialog or a page
# gets by itself is no stop.
RING = """(node) => [null, "::after"].some((part) => {
    const { outlineStyle, boxShadow } = getComputedStyle(node, part);
    return outlineStyle !== "none" || boxShadow !== "none";
})"""


def reach(page: Page, wanted: Locator, *, within: int = 150) -> None:
    """Press Tab until something has the focus, which must show."""
    wanted.wait_for()
    for _ in range(within):
        if wanted.evaluate(HELD):
            assert wanted.evaluate(RING), "the focus does not show"
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not get to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter", *, within: int = 150) -> None:
    """Get there and press a key."""
    reach(page, wanted, within=within)
    page.keyboard.press(key)


def write(page: Page, field: Locator, text: str) -> None:
    """Get to a field and type."""
    reach(page, field)
    page.keyboard.type(text)
