"""Tests that go over every combination, where others show one of each kind.

`@pytest.mark.exhaustive` marks such a test; with `keep=2` the first two cases of a parametrised one
are left. They take most of the time that all tests take, and run with `--exhaustive`, as in CI, or
where a test is named: `manage.py test tests/a/test_b.py::test_c`. So do all of the `examples`
that Hypothesis makes for a test, of which it else makes a quarter.
"""

from collections import defaultdict

import pytest
from hypothesis import HealthCheck, settings

SOME, ALL = "some", "all"  # Hypothesis's profiles


def is_asked_for(config: pytest.Config) -> bool:
    """Whether every combination is, or a test by its name."""
    return config.getoption("exhaustive") or any("::" in argument for argument in config.args)


def set_profile(config: pytest.Config) -> None:
    """Tell Hypothesis what is asked for, before tests are collected."""
    # How long an example takes tells of the machine, which may have other things to do.
    patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    for name in (SOME, ALL):
        settings.register_profile(name, patient)
    settings.load_profile(ALL if is_asked_for(config) else SOME)


def examples(number: int) -> settings:
    """Return what has Hypothesis try so many examples, or by default a quarter of them."""
    is_all = settings.get_current_profile_name() == ALL
    return settings(max_examples=number if is_all else number // 4)


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Take them off the list, unless they are asked for."""
    if is_asked_for(config):
        return
    tests = defaultdict(list)
    for item in items:
        if mark := item.get_closest_marker("exhaustive"):
            tests[item.nodeid.partition("[")[0], mark.kwargs.get("keep", 0)].append(item)
    left = {item for (_, keep), cases in tests.items() for item in sorted(cases, key=_place)[keep:]}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


def _place(item: pytest.Item) -> list[int]:
    """Return where a case stands among those of its test, however they were shuffled."""
    case = getattr(item, "callspec", None)
    return list(case.indices.values()) if case else []
