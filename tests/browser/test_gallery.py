"""Every state of the gallery, loaded once and looked at in every way: by axe and HTML_CodeSniffer,
in the dark on a phone and in the light on a desk, and with `EVERY_LOOK=1` the other way round too;
by a light meter, in both themes and with forced colors; by a ruler, also with text twice as large.
"""

from typing import Any

import pytest

from tests.browser.browsing import Browsing
from tests.browser.checkers import Checkers
from tests.browser.gallery import AS_SENT, OURS, documents
from tests.browser.looks import troubles
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("group", OURS)
def test_states_can_be_read_and_used(
    browsing: Browsing, demo: Demo, checkers: Checkers, group: str
) -> None:
    found: dict[str, Any] = {}
    session = None
    for name, document in documents(browsing, OURS[group]):
        session = session or document.page.context.new_cdp_session(document.page)
        if wrong := troubles(document, name, checkers, session, is_mail=name == AS_SENT):
            found[name] = wrong
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
