"""Rate limits: exactly so many, then wait."""

import itertools
from collections.abc import Callable, Mapping

import pytest
from django.db import connection, transaction
from time_machine import TimeMachineFixture

from integrations.access import rate_limits
from integrations.access.rate_limits import Limit
from integrations.models import RateLimit
from tests import copy
from tests.concurrency import crowd

pytestmark = pytest.mark.django_db


LIMIT = Limit("test", times=3, seconds=60)


def test_so_many_and_no_more(clock: TimeMachineFixture) -> None:
    assert [LIMIT.spend("alice") for _ in range(5)] == [0, 0, 0, 60, 60]


def test_the_wait_is_what_is_left_of_the_window(clock: TimeMachineFixture) -> None:
    for _ in range(3):
        LIMIT.spend("alice")
    waits = []
    for seconds in (10, 0.5, 49, 0.4):
        clock.shift(seconds)
        waits.append(LIMIT.spend("alice"))
    assert waits == [50, 50, 1, 1]


def test_whoever_waits_as_told_may_again(clock: TimeMachineFixture) -> None:
    for _ in range(3):
        LIMIT.spend("alice")
    clock.shift(0.6)
    clock.shift(LIMIT.spend("alice"))
    assert [LIMIT.spend("alice") for _ in range(4)] == [0, 0, 0, 60]


def test_the_window_begins_with_the_first_act(clock: TimeMachineFixture) -> None:
    LIMIT.spend("alice")
    clock.shift(59)
    assert [LIMIT.spend("alice") for _ in range(3)] == [0, 0, 1]


def test_each_person_and_each_purpose_has_a_count_of_its_own(clock: TimeMachineFixture) -> None:
    for _ in range(3):
        LIMIT.spend("alice")
    assert LIMIT.spend("bob") == 0
    assert Limit("another", times=3, seconds=60).spend("alice") == 0


def test_a_refund_gives_one_back(clock: TimeMachineFixture) -> None:
    for _ in range(3):
        LIMIT.spend("alice")
    LIMIT.refund("alice")
    assert [LIMIT.spend("alice") for _ in range(2)] == [0, 60]


def test_a_refund_of_nothing_gives_nothing(clock: TimeMachineFixture) -> None:
    LIMIT.refund("alice")
    LIMIT.spend("alice")
    for _ in range(3):
        LIMIT.refund("alice")
    assert [LIMIT.spend("alice") for _ in range(4)] == [0, 0, 0, 60]


def test_no_name_or_address_is_stored(clock: TimeMachineFixture) -> None:
    LIMIT.spend("alice@example.com")
    assert "alice" not in RateLimit.objects.get().key


def test_counters_of_long_ago_are_cleared_away(clock: TimeMachineFixture) -> None:
    LIMIT.spend("alice")
    clock.shift(2 * 3600)
    LIMIT.spend("bob")
    assert RateLimit.objects.count() == 1


def test_it_works_inside_a_transaction(clock: TimeMachineFixture) -> None:
    with transaction.atomic():
        assert [LIMIT.spend("alice") for _ in range(4)] == [0, 0, 0, 60]


def test_the_limits_of_the_site() -> None:
    found = {
        one.purpose: (one.times, one.seconds)
        for one in vars(rate_limits).values()
        if isinstance(one, Limit)
    }
    assert found == {
        "sign-in by name": (10, 300),
        "guess by address": (100, 300),
        "invitation to an account": (50, 3600),
        "address of a sign-in": (1, 30 * 86_400),
        "sign-in at the provider": (30, 60),
        "second factor": (10, 300),
        "code of an authenticator app": (1, 180),
        "check now": (6, 60),
        "bulk check": (10, 60),
        "repair": (10, 60),
        "hand-off": (20, 3600),
        "ask colleagues": (1, 4 * 3600),
        copy.PASSWORD_RESET: (5, 3600),
        "password reset by mailbox": (3, 3600),
        "form": (1, 86400),
        "sync of an integration": (1, 900),
        "housekeeping": (1, 3600),
        "statistics": (1, 86400),
        "embed session by address": (300, 60),
        "refused token on record": (10, 3600),
    }


def test_of_a_crowd_exactly_so_many_pass(shared_database: Mapping[str, str]) -> None:
    assert sum(crowd("spender", shared_database, processes=2, threads=20)) == 7


@pytest.mark.parametrize("expired", [True, False])
@pytest.mark.parametrize("statement", range(6))
def test_two_at_the_same_time_both_pass_when_a_window_begins(
    statement: int, expired: bool, clock: TimeMachineFixture
) -> None:
    if expired:
        for _ in range(3):
            LIMIT.spend("alice")
        clock.shift(60)
    statements = itertools.count()
    others: list[int] = []

    def cut_in(execute: Callable[..., object], sql: str, *terms: object) -> object:
        """Let another spend after that many statements of the first, though not between a savepoint
        and its use.
        """
        result = execute(sql, *terms)
        if "SAVEPOINT" not in sql and next(statements) == statement:
            others.append(LIMIT.spend("alice"))
        return result

    with connection.execute_wrapper(cut_in):
        first = LIMIT.spend("alice")
    assert [first, *others] == [0] * (1 + len(others))
    assert RateLimit.objects.get().count == 1 + len(others)
