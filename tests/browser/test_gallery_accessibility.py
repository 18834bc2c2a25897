"""axe and HTML_CodeSniffer find nothing in any state of the gallery, in both themes, on a phone and
on a desk. Each state is loaded once, and looked at anew.
"""

from itertools import product
from typing import Literal

import pytest

from tests.browser.browsing import Browsing
from tests.browser.checkers import Checkers
from tests.browser.embedded import lay_ground
from tests.browser.gallery import OURS, documents
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = (320, 1280)


@pytest.mark.parametrize("group", OURS)
def test_states_are_accessible(
    browsing: Browsing, demo: Demo, checkers: Checkers, group: str
) -> None:
    found = {}
    for name, document in documents(browsing, group):
        checkers.enter(document)
        for width, theme in product(WIDTHS, THEMES):
            document.page.set_viewport_size({"width": width, "height": 800})
            document.page.emulate_media(color_scheme=theme)
            if document.parent_frame is not None:
                lay_ground(document.page)
            if trouble := checkers.look(document):
                found[name, width, theme] = trouble
    assert found == {}


def test_the_checkers_would_tell(browsing: Browsing, demo: Demo, checkers: Checkers) -> None:
    """Without this, the test above would hold for blind ones."""
    page = browsing.open("alice", demo.tenant("acme"))
    checkers.enter(page.main_frame)
    assert checkers.look(page.main_frame) == []
    page.evaluate("document.querySelector('.card button').replaceChildren()")
    found = checkers.look(page.main_frame)
    assert any(one.startswith("button-name: ") for one in found)
    assert any(one.startswith("WCAG2AA.") and "4_1_2" in one for one in found)
