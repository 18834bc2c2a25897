"""The states of the demo's gallery, in a browser."""

from collections.abc import Iterable, Iterator
from typing import Any

from playwright.sync_api import Frame, Page

from integrations.demo.gallery import GALLERY
from tests.browser.browsing import Browsing, see
from tests.browser.embedded import document_in, inside, said

AS_SENT = "email-as-sent"
# Of each kind of page one: a list, a grid, a chart, a table, a form, a frame in a host's page.
SAMPLE = ("customer", "integration", "history", "list", "workbench", "sign-in", "embed-list")
# All states, each once; but for Admin, whose look is Django's.
OURS = {"one of each kind": [*SAMPLE]} | {
    group: [name for name in names if name not in SAMPLE]
    for group, names in GALLERY.items()
    if group != "Admin"
}


def states(
    browsing: Browsing, names: Iterable[str], query: str = "", **options: Any
) -> Iterator[tuple[str, Page]]:
    """These states by their names, one after the other in one page."""
    # Errors, and a mail as sent, which lets no script run and has no icon.
    browsing.expects(
        r"status of [45]\d\d|/demo/gallery/error/5|Blocked script execution|favicon.ico"
    )
    page = browsing.context(**options).new_page()
    for name in names:
        # What a page asks for by itself would else be asked for by whom the next is shown to.
        page.goto("about:blank")
        page.goto(f"/demo/gallery/{name}/?{query}")
        yield name, page


def documents(
    browsing: Browsing, names: Iterable[str], query: str = "", **options: Any
) -> Iterator[tuple[str, Frame]]:
    """What there is to look into of each state: its page, or the frame in a host's."""
    for name, page in states(browsing, names, query, **options):
        if name == AS_SENT:  # in a page that lets scripts run
            sent = page.context.request.get(page.url).text()
            page.goto("about:blank")
            page.set_content(sent)
        if name not in GALLERY["Embed"]:
            yield name, page.main_frame
            continue
        if name == "embed-loading":
            see(inside(page).locator("body")).to_be_visible()
        else:
            see(said(page, "change")).not_to_have_count(0)
        yield name, document_in(page)
