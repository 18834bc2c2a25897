"""The states of the demo's gallery, in a browser."""

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Frame, Page

from integrations.demo.gallery import GALLERY
from tests.browser.browsing import Browsing, see
from tests.browser.embedded import document_in, inside, said

AS_SENT = "email-as-sent"
OURS = [group for group in GALLERY if group != "Admin"]  # whose look is Django's


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


def documents(
    browsing: Browsing, group: str, query: str = "", **options: Any
) -> Iterator[tuple[str, Frame]]:
    """What there is to look into of every state of a group: its page, or the frame in a host's."""
    for name, page in states(browsing, group, query, **options):
        if name == AS_SENT:  # in a page that lets scripts run
            sent = page.context.request.get(page.url).text()
            page.goto("about:blank")
            page.set_content(sent)
        if group != "Embed":
            yield name, page.main_frame
            continue
        if name == "embed-loading":
            see(inside(page).locator("body")).to_be_visible()
        else:
            see(said(page, "change")).not_to_have_count(0)
        yield name, document_in(page)
