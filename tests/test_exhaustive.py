"""What is left out by default, and when it is not."""

from typing import Any
from unittest.mock import Mock

import pytest
from hypothesis import settings

from tests.exhaustive import ALL, examples, leave_out
from tests.exhaustive import SOME as FEW

SOME = [f"test_some[{first}-{second}]" for first in "abc" for second in "xy"]


def one(name: str, mark: Any = None, *place: int) -> Mock:
    case = Mock(indices=dict(enumerate(place))) if place else None
    made = Mock(nodeid=f"tests/test_made.py::{name}", callspec=case)
    made.get_closest_marker.return_value = mark
    return made


def left(*arguments: str, asked: bool = False) -> set[str]:
    """The names of what would run, of a file with tests of each sort, however they are shuffled."""
    keep = pytest.mark.exhaustive(keep=2).mark
    cases = [one(name, keep, *divmod(number, 2)) for number, name in enumerate(SOME)]
    items: list[Any] = [
        one("test_one"),
        *reversed(cases),
        one("test_all", pytest.mark.exhaustive.mark),
    ]
    config = Mock(args=arguments)
    config.getoption.return_value = asked
    leave_out(config, items)
    return {item.nodeid.partition("::")[2] for item in items}


def test_the_first_cases_are_left() -> None:
    assert left() == left("tests") == left("tests/test_made.py") == {"test_one", *SOME[:2]}


def test_who_asks_gets_all() -> None:
    everything = {"test_one", "test_all", *SOME}
    assert left(asked=True) == everything
    assert left("tests/test_made.py::test_all") == everything  # which pytest has narrowed already


def test_by_default_a_quarter_of_the_examples_is_made() -> None:
    asked_for = settings.get_current_profile_name()
    made = {}
    for profile in (FEW, ALL, asked_for):
        settings.load_profile(profile)
        made[profile] = examples(100).max_examples
    assert made == {FEW: 25, ALL: 100}
