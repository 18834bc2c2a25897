"""The list of seeded mistakes stays true to the code: each can be made, and its tests exist."""

from pathlib import Path

import pytest

from tests.mistakes.seeded import MISTAKES, Mistake

PROJECT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.name)
def test_a_mistake_can_be_made(mistake: Mistake) -> None:
    assert (PROJECT / mistake.file).read_text().count(mistake.right) == 1
    assert mistake.right != mistake.wrong
    assert all((PROJECT / path).exists() for path in mistake.tests.split())


def test_the_documentation_lists_them_all() -> None:
    text = (PROJECT / "docs" / "testing.md").read_text()
    assert [one.name for one in MISTAKES if f"| {one.name} |" not in text] == []
