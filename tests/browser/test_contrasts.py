"""What has to stand out does, by 3 to 1 (text of buttons by 4.5): borders of inputs, parts of
pictures, filled buttons and the focus; in both themes, with each face of the vendor's and with
forced colors.
"""

from itertools import product
from typing import Any, Literal

import pytest
from playwright.sync_api import Frame

from integrations.demo.faces import FACES
from tests.browser.browsing import Browsing
from tests.browser.embedded import lay_ground
from tests.browser.gallery import AS_SENT, OURS, documents
from tests.browser.measures import (
    FAINT_BUTTONS,
    FAINT_FOCUS,
    FAINT_LINES,
    FAINT_PARTS,
    FAINT_TEXTS,
    TOUCHING,
)
from tests.browser.stage import Demo

pytestmark = pytest.mark.browser

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
CHECKS = {
    "buttons": FAINT_BUTTONS,
    "lines": FAINT_LINES,
    "parts": FAINT_PARTS,
    "texts": FAINT_TEXTS,
    "touching": TOUCHING,
    "focus": FAINT_FOCUS,
}


def faint(document: Frame, **media: Any) -> dict[str, Any]:
    """What does not stand out of a document, by what it is."""
    document.page.emulate_media(**media)
    if document.parent_frame is not None:
        lay_ground(document.page)
    found = {what: document.evaluate(script) for what, script in CHECKS.items()}
    return {what: all_of_it for what, all_of_it in found.items() if all_of_it}


@pytest.mark.parametrize("group", OURS)
def test_states_stand_out(browsing: Browsing, demo: Demo, group: str) -> None:
    found = {}
    for name, document in documents(browsing, group):
        if name == AS_SENT:  # whoever reads mail has a focus of their program's
            continue
        document.page.keyboard.press("Tab")  # from now on the focus shows
        for forced, theme in product(("none", "active"), THEMES):
            if trouble := faint(document, color_scheme=theme, forced_colors=forced):
                found[name, theme, forced] = trouble
    assert found == {}


@pytest.mark.parametrize("face", [face for face, accent in FACES.items() if accent])
@pytest.mark.parametrize("group", ["Headlines", "Customer", "Without an account"])
def test_states_stand_out_with_a_face(
    browsing: Browsing, demo: Demo, face: str, group: str
) -> None:
    found = {}
    for name, document in documents(browsing, group, f"face={face}"):
        document.page.keyboard.press("Tab")
        for theme in THEMES:
            if trouble := faint(document, color_scheme=theme):
                found[name, theme] = trouble
    assert found == {}


def test_the_light_meter_would_tell(browsing: Browsing, demo: Demo) -> None:
    """Without this, the tests above would hold for a blind meter."""
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
    assert found.keys() == CHECKS.keys()
    assert any(one.startswith("no ring: <a ") for one in found["focus"])
    assert any("<summary" in one and not one.startswith("no ring") for one in found["focus"])
