"""A limit that grows: some at once, then each waits longer, and all is forgotten in the end."""

from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from time_machine import TimeMachineFixture

from integrations.access import rate_limits
from integrations.access.rate_limits import GrowingLimit
from integrations.models import RateLimit

LIMIT = GrowingLimit("test", free=3, first=10, longest=60)


@pytest.fixture
def clock(time_machine: TimeMachineFixture, db: None) -> TimeMachineFixture:
    time_machine.move_to(datetime(2026, 11, 20, 12, 0, tzinfo=UTC), tick=False)
    return time_machine


def test_each_wait_is_longer_than_the_one_before(clock: TimeMachineFixture) -> None:
    assert [LIMIT.spend("alice") for _ in range(3)] == [0, 0, 0]
    waits = []
    for _ in range(5):
        waits.append(LIMIT.spend("alice"))
        clock.shift(waits[-1])
        assert LIMIT.spend("alice") == 0
    assert waits == [10, 20, 40, 60, 60]


def test_what_is_refused_makes_no_wait_longer(clock: TimeMachineFixture) -> None:
    assert [LIMIT.spend("alice") for _ in range(20)] == [0] * 3 + [10] * 17
    clock.shift(9)
    assert LIMIT.spend("alice") == 1


def test_each_has_a_count_of_its_own(clock: TimeMachineFixture) -> None:
    for _ in range(4):
        LIMIT.spend("alice")
    assert LIMIT.spend("bob") == 0


def test_what_was_no_mistake_begins_anew(clock: TimeMachineFixture) -> None:
    for _ in range(4):
        LIMIT.spend("alice")
    LIMIT.forget("alice")
    assert [LIMIT.spend("alice") for _ in range(4)] == [0, 0, 0, 10]


def test_an_hour_of_quiet_makes_all_forgotten(clock: TimeMachineFixture) -> None:
    for _ in range(3):
        LIMIT.spend("alice")
    clock.shift(10 + 3600)
    assert LIMIT.spend("alice") == 0
    assert LIMIT.spend("alice") == 20, "not a second too early"
    clock.shift(20 + 3601)
    assert [LIMIT.spend("alice") for _ in range(4)] == [0, 0, 0, 10]


def test_of_two_at_the_same_time_each_counts(clock: TimeMachineFixture) -> None:
    LIMIT.spend("alice")
    others: list[int] = []
    wait_after = GrowingLimit._wait_after

    def cut_in(limit: GrowingLimit, count: int) -> object:
        """Let another spend between the look and the note."""
        if not others:
            others.append(-1)
            others[0] = LIMIT.spend("alice")
        return wait_after(limit, count)

    with patch.object(rate_limits.GrowingLimit, "_wait_after", cut_in):
        first = LIMIT.spend("alice")
    assert (first, others) == (0, [0])
    assert RateLimit.objects.get().count == 3
