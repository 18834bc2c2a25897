"""Whatever the accent: it stays as a fill, and what is on it and beside it can be read."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from integrations.domain import accent
from integrations.domain.accent import contrast

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
TOKENS = [
    "--accent",
    "--on-accent",
    "--accent-edge",
    "--accent-hover",
    "--accent-wash",
    "--accent-text",
]


@given(COLOURS)
@example("#000000")
@example("#ffffff")
@example("#777777")
@example("#ffcc00")
def test_every_accent_stays_and_can_be_read(colour: str) -> None:
    found = accent.palette(colour)
    assert found.accent == colour
    assert found.on_accent in {"#000000", "#ffffff"}
    assert contrast(found.on_accent, colour) >= 4.5
    assert contrast(found.on_accent, found.hover) >= 4.5
    assert found.hover != colour
    for ground in (accent.LIGHT_GROUND, "#ffffff", "#f6f7f9"):
        assert contrast(found.text_light, ground) >= 4.5
        assert contrast(found.edge_light, ground) >= 3
    for ground in (accent.DARK_GROUND, "#191c23", "#111318"):
        assert contrast(found.text_dark, ground) >= 4.5
        assert contrast(found.edge_dark, ground) >= 3


def test_yellow_is_yellow_with_black_on_it() -> None:
    found = accent.palette("#FFCC00")
    assert (found.accent, found.on_accent, found.text_dark) == ("#ffcc00", "#000000", "#ffcc00")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21), ("#767676", "#ffffff", 4.54), ("#ff0000", "#ffffff", 4.0)],
)
def test_contrast_is_wcags(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == pytest.approx(expected, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


def test_the_stylesheet_holds_these_tokens_and_nothing_else() -> None:
    found = re.fullmatch(r":root\{(.*)\}", accent.stylesheet("#ffcc00"))
    assert found is not None
    assert [token.partition(":")[0] for token in found[1].split(";")] == TOKENS


def test_the_stylesheets_name_is_of_its_content() -> None:
    names = {accent.stylesheet_name(colour) for colour in ("#ffcc00", "#FFCC00", "#ffcc01")}
    assert len(names) == 2
    assert all(re.fullmatch("ffcc0[01]-[0-9a-f]{10}", name) for name in names)


@pytest.mark.parametrize("text", ["", "#fff", "ffcc00", "#ffcc0g", "#ffcc00;", "red"])
def test_what_is_no_colour_is_refused(text: str) -> None:
    assert not accent.is_colour(text)
    with pytest.raises(ValueError, match="#rrggbb"):
        accent.palette(text)
