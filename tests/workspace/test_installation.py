"""What is wrong with the installation itself: told from the first sign until it is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from time_machine import TimeMachineFixture

from integrations import worker
from integrations.models import Event, Heartbeat, Integration, Tenant, Upstream
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from integrations.workspace import installation
from tests.conftest import Connect

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock(db: None, time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOW, tick=False)
    installation.note_worker()
    return time_machine


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme)


def keys() -> list[str]:
    return [one.key for one in installation.problems()]


def check(made: Integration) -> None:
    made.refresh_from_db()
    snapshots.revalidate(made, by_person=True)


def hear(at: datetime) -> None:
    Event.objects.create(
        environment="production", event_id=str(at), type="x", payload="", received_at=at
    )


def test_nothing_is_wrong(made: Integration) -> None:
    assert keys() == []


@pytest.mark.parametrize("fault", ["key_revoked", "forbidden"])
def test_a_refused_key_is_told_from_the_first_time(
    fault: str, made: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault(fault)
    check(made)
    [first] = installation.environment_problems()
    assert (first.key, "production since 20 November 2026" in first.text) == ("key_refused", True)
    for _ in range(6):  # then the circuit opens, which follows from it
        clock.shift(timedelta(minutes=10))
        check(made)
    assert installation.environment_problems() == [first]
    kombo.set_fault("none")
    clock.shift(timedelta(minutes=10))
    check(made)
    assert installation.environment_problems() == []


def test_an_open_circuit_is_told_until_kombo_answers(
    made: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("server_error")
    for _ in range(4):
        check(made)
    assert keys() == []
    check(made)
    assert keys() == ["circuit_open"]
    clock.shift(timedelta(hours=1))
    installation.note_worker()
    assert keys() == ["circuit_open"]
    kombo.set_fault("none")
    check(made)
    assert keys() == []


@pytest.mark.parametrize(("minutes", "told"), [(5, []), (6, ["worker_gone"])])
def test_a_worker_is_missed_after_five_minutes(
    minutes: int, told: list[str], clock: TimeMachineFixture
) -> None:
    clock.shift(timedelta(minutes=minutes))
    assert keys() == told


def test_a_worker_that_never_ran_is_missed_too() -> None:
    Heartbeat.objects.all().delete()
    assert keys() == ["worker_never_seen"]
    for task in worker.TASKS[:1]:
        assert task.run() == 0
    assert keys() == []


@pytest.mark.parametrize(
    ("hours", "told"), [(None, ["webhooks_never_heard"]), (23, []), (25, ["webhooks_silent"])]
)
def test_webhooks_are_missed_after_a_day(
    hours: int | None, told: list[str], made: Integration, settings: Any
) -> None:
    if hours is not None:
        hear(NOW - timedelta(hours=hours))
        hear(NOW - timedelta(hours=hours + 100))
    assert keys() == []  # none are expected
    settings.KOMBO_ENVIRONMENTS["production"]["WEBHOOK_SECRETS"] = ["x"]
    assert keys() == told


def test_the_queries_are_two_however_many(
    made: Integration, settings: Any, django_assert_num_queries: Any
) -> None:
    one = settings.KOMBO_ENVIRONMENTS["production"]
    settings.KOMBO_ENVIRONMENTS = {f"e{number}": one for number in range(9)}
    for name in settings.KOMBO_ENVIRONMENTS:
        Upstream.objects.create(environment=name, refused_since=NOW)
    with django_assert_num_queries(2):
        assert keys() == ["key_refused"] * 9
