"""The rule of outages by itself: what is usual, what is more, and when it is over.

`tests/workspace/test_outages_found.py` has whole histories.
"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain import outages
from integrations.domain.headline import Key
from integrations.domain.outages import Affected, Failure, Usual
from tests.domain.headlines import HEALTHY, WHEN, snapshot

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
M, D = timedelta(minutes=1), timedelta(days=1)
WELL = Usual(20)


def failures(tool: str, *minutes: float, first: int = 0) -> list[Failure]:
    """One customer after the other, each at a minute from noon."""
    return [Failure(tool, first + n, NOW + at * M) for n, at in enumerate(minutes)]


@pytest.mark.parametrize(
    ("tenants", "least"), [(3, 3), (20, 3), (150, 3), (200, 4), (600, 4), (1400, 5), (5000, 8)]
)
def test_how_many_it_takes_grows_with_the_customers(tenants: int, least: int) -> None:
    assert next(n for n in range(1, 30) if Usual(tenants).is_exceeded_by(n)) == least


@pytest.mark.parametrize(
    ("failed", "days", "least"), [(0, 90, 3), (90, 90, 3), (900, 90, 5), (30, 1, 6), (9000, 90, 10)]
)
def test_how_many_it_takes_grows_with_what_is_usual(failed: int, days: float, least: int) -> None:
    usual = Usual(20, failures=failed, days=days)
    assert next(n for n in range(1, 30) if usual.is_exceeded_by(n)) == least


@given(st.integers(1, 5000), st.integers(0, 9000), st.integers(3, 60))
def test_more_customers_are_never_less_of_an_outage(tenants: int, failed: int, number: int) -> None:
    usual = Usual(tenants, failures=failed)
    assert usual.is_exceeded_by(number + 1) or not usual.is_exceeded_by(number)


def test_a_customer_counts_once_a_day_in_what_is_usual() -> None:
    past = [Failure("a", n % 3, NOW - (20 + n // 6) * D - n * M) for n in range(12)]
    usual = outages.usual(past, 20, now=NOW, days=90)
    assert (usual.tenants, usual.failures, usual.peak) == (20, 6, 0)


def test_the_four_worst_days_are_not_usual() -> None:
    sizes = [9, 8, 7, 6, 5, 2]
    past = [
        Failure("a", tenant, NOW - (10 + 8 * number) * D)
        for number, size in enumerate(sizes)
        for tenant in range(size)
    ]
    assert outages.usual(past, 20, now=NOW, days=90).peak == 5


def test_who_flaps_is_not_usual() -> None:
    past = [Failure("a", 1, NOW - n * D - M) for n in range(4)]
    past += [Failure("a", 2, NOW - 8 * D - n * D) for n in range(4)]
    usual = outages.usual(past, 20, now=NOW, days=90)
    assert (usual.flapping, usual.failures) == (frozenset({1}), 4)


@pytest.mark.parametrize(
    ("minutes", "begins"),
    [
        ([0, 7, 15], 0),
        ([0, 7, 15.1], None),
        ([0, 8, 16, 22], 8),
        ([0, 20, 21, 22], 20),
        ([0, 0], None),
        ([], None),
    ],
)
def test_it_begins_with_the_first_of_a_window(minutes: list[float], begins: float | None) -> None:
    expected = None if begins is None else NOW + begins * M
    assert outages.began_at("a", failures("a", *minutes), WELL, WELL) == expected


def test_who_relapses_often_or_flaps_is_left_out() -> None:
    failing = failures("a", 0, 1, 2)
    worn = [*failing[:2], Failure("a", 2, NOW, relapses=4)]
    assert outages.began_at("a", worn, WELL, WELL) is None
    assert outages.suspects(worn) == {}
    assert outages.suspects(failing) == {"a": 3}
    flapping = Usual(20, flapping=frozenset({2}))
    assert outages.began_at("a", failing, flapping, WELL) is None


@pytest.mark.parametrize("number", range(5))
def test_from_three_tools_on_none_is_to_blame(number: int) -> None:
    failing = [
        failure
        for n in range(number + 1)
        for failure in failures(f"tool {n}", 0, 1, 2, first=10 * n)
    ]
    is_down = outages.began_at("tool 0", failing, WELL, Usual(100)) is not None
    assert is_down == (number < 2)


def test_other_tools_at_other_times_are_no_matter() -> None:
    failing = failures("a", 0, 1, 2)
    for n in range(5):
        failing += failures(f"other {n}", -16, -17, 16, 17, first=10 * n)
    assert outages.began_at("a", failing, WELL, Usual(100)) == NOW


@pytest.mark.parametrize(
    ("broken", "lasts", "new", "is_over"),
    [
        (5, M, 5, False),
        (3, M, 0, False),
        (2, M, 0, True),
        (0, M, 0, True),
        (5, D - M, 0, False),
        (5, D, 2, True),
        (5, D, 3, False),
        (5, 3 * D, 5, True),
    ],
)
def test_it_ends(broken: int, lasts: timedelta, new: int, is_over: bool) -> None:
    affected = [
        Affected(n, NOW if n < new else NOW - 2 * timedelta(hours=1), works=n >= broken)
        for n in range(5)
    ]
    assert outages.has_ended(affected, NOW - lasts, NOW) == is_over


def test_a_customer_works_again_when_all_its_connections_do() -> None:
    affected = [Affected(n, NOW, works=works) for n in range(3) for works in (True, False)]
    assert not outages.has_ended(affected, NOW, NOW)
    assert outages.has_ended([], NOW, NOW)


@pytest.mark.parametrize(
    ("facts", "is_suspect"),
    [
        ({"status": "INVALID"}, True),
        ({"sign_in_failing_since": WHEN}, True),
        ({"sync_state": "TIMED_OUT"}, True),
        ({"issue_title": "Absences can't be read"}, False),
        ({"setup_status": "INCOMPLETE"}, False),
        ({"status": "INACTIVE"}, False),
        ({"removed_at": WHEN, "status": "INVALID"}, False),
        ({}, False),
    ],
)
def test_what_a_tool_can_be_blamed_for(facts: dict[str, object], is_suspect: bool) -> None:
    now = snapshot(**(HEALTHY | facts))
    assert outages.is_suspect(now) == is_suspect
    for before in Key:
        worked = before in {
            Key.CONNECTED,
            Key.UPDATING,
            Key.FIRST_SYNC,
            Key.QUALITY_CHECK,
            Key.DEGRADED,
        }
        assert outages.has_failed(before, now) == (is_suspect and worked)
