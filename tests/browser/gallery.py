"""The states of the demo's gallery, in a browser."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

from integrations.demo.gallery import GALLERY
from tests.browser.browsing import Browsing


def states(
    browsing: Browsing, group: str, query: str = "", **options: Any
) -> Iterator[tuple[str, Page]]:
    """Every state of a group by its name, one after the other in one page."""
    # Errors, and a mail as sent, which lets no script run and has no icon.
    browsing.expects(
        r"status of [45]\d\d|/demo/gallery/error/5|Blocked script execution|favicon.ico"
    )
    page = browsing.context(**options).new_page()
    for name in GALLERY[group]:
        page.goto(f"/demo/gallery/{name}/?{query}")
        yield name, page
