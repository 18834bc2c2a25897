"""What has to stand out does, by 3 to 1 (text of buttons by 4.5): borders of inputs, parts of
pictures, filled buttons and the focus; with each face of the vendor's, in both themes. The vendor's
own is looked at with the rest of every state (`test_gallery.py`).
"""

import pytest

from integrations.demo.faces import FACES
from integrations.demo.gallery import GALLERY
from tests.browser.browsing import Browsing
from tests.browser.gallery import documents
from tests.browser.looks import FAINT, THEMES, faint
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

# Where the vendor's color is seen.
STATES = {
    "one of each kind": ["customer", "integration", "sign-in"],
    **{group: [*GALLERY[group]] for group in ("Headlines", "Customer", "Without an account")},
}


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("face", [face for face, accent in FACES.items() if accent])
@pytest.mark.parametrize("group", STATES)
def test_states_stand_out_with_a_face(
    browsing: Browsing, demo: Demo, face: str, group: str
) -> None:
    found = {}
    for name, document in documents(browsing, STATES[group], f"face={face}"):
        document.page.keyboard.press("Tab")  # from now on the focus shows
        for theme in THEMES:
            if trouble := faint(document, color_scheme=theme):
                found[name, theme] = trouble
    assert found == {}


def test_the_light_meter_would_tell(browsing: Browsing, demo: Demo) -> None:
    """Without this, the test above would hold for a blind meter, as that of the gallery."""
    page = browsing.open("", "/demo/gallery/integration-expanded/")
    page.keyboard.press("Tab")
    assert faint(page.main_frame) == {}
    page.evaluate(
        """() => {
            const sheet = new CSSStyleSheet();
            sheet.replaceSync(`.button { color: #888 !important; background: #999 !important; }
                input { border-color: #eee !important; } p { color: #aaa !important; } .split rect { fill: #eee !important; stroke: none !important; }
                a { outline: none !important; } summary { outline-color: #eee !important; }`);
            document.adoptedStyleSheets.push(sheet);
        }"""
    )
    found = faint(page.main_frame)
    assert found.keys() == FAINT.keys()
    assert any(one.startswith("no ring: <a ") for one in found["focus"])
    assert any("<summary" in one and not one.startswith("no ring") for one in found["focus"])
