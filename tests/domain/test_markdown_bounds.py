"""However hostile, a text costs a bounded number of steps."""

import sys

import pytest

from integrations.domain import markdown
from integrations.domain.markdown import LONGEST, MOST_BRACKETS

MOST_STEPS = 200_000  # calls; a text of 4,000 ordinary characters takes a twentieth of it
HOSTILE = [
    "[a][",
    "[",
    "*[",
    "[*",
    "![",
    "[^",
    "_[a](",
    "[`",
    "[[a]",
    "a*",
    "***a",
    "=\n",
    "> ",
    "`a``",
]


def steps(text: str) -> int:
    """How many calls it takes to render this."""
    count = 0

    def on_event(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(on_event)
    try:
        markdown.render.__wrapped__(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.exhaustive(keep=6)
@pytest.mark.parametrize("part", HOSTILE)
@pytest.mark.parametrize("times", [4_000, 40_000])
def test_a_hostile_text_takes_a_bounded_number_of_steps(part: str, times: int) -> None:
    assert steps(part * times) < MOST_STEPS


def test_what_is_longer_than_kept_is_cut() -> None:
    assert markdown.render("a" * (LONGEST + 1)) == f"<p>{'a' * LONGEST}</p>\n"


def test_links_stay_as_long_as_there_are_not_too_many_brackets() -> None:
    link = "[a](https://example.com) "
    assert markdown.render(link * MOST_BRACKETS).count("<a ") == MOST_BRACKETS
    crowded = markdown.render(link * (MOST_BRACKETS + 1))
    assert "<a " not in crowded
    assert crowded.startswith("<p>[a](https://example.com)")
