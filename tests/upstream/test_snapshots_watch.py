"""How often a page looks again: after a repair, and otherwise."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import freshness
from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests.conftest import NOW, Connect
from tests.upstream.looking import DETAILS, look

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def broken(acme: Tenant, connect: Connect) -> Integration:
    """An integration that must be reconnected, just after somebody did."""
    made = connect(acme, state="invalid")
    snapshots.watch(made)
    return made


def test_after_a_repair_kombo_is_asked_every_two_seconds(
    broken: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(1)
    look(broken)
    assert kombo.calls[DETAILS] == 1
    clock.shift(1)
    look(broken)
    assert kombo.calls[DETAILS] == 2
    assert freshness.is_watched(broken.snapshot, timezone.now())


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "state", ["connected", "final_sync_pending", "data_expired", "unknown_status", "deleted"]
)
def test_the_watch_ends_when_nobody_need_act_any_more(
    state: str, broken: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_state(broken.integration_id, state)
    clock.shift(2)
    assert look(broken).watch_until is None


def test_the_watch_goes_on_until_something_changes(
    broken: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(2)
    assert look(broken).watch_until is not None
    kombo.set_opt_out(broken.integration_id, "hris_employees.gender")
    clock.shift(2)
    assert look(broken).watch_until is None


def test_the_watch_ends_after_a_minute(
    broken: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(58)
    look(broken)
    clock.shift(2)
    assert not freshness.is_watched(broken.snapshot, timezone.now())
    look(broken)
    assert kombo.calls[DETAILS] == 2


def test_a_repair_does_not_wait_for_an_earlier_failure(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json")
    clock.shift(60)
    look(personio)
    kombo.set_fault("none")
    snapshots.watch(personio)
    assert not freshness.is_failing(look(personio))


@pytest.mark.parametrize(
    ("terms", "low", "high"),
    [
        ({}, 0, 0),
        ({"fetched_at": NOW}, 60, 72),
        ({"fetched_at": NOW, "outdated_at": NOW}, 0, 0),
        ({"fetched_at": NOW, "outdated_at": NOW - timedelta(seconds=1)}, 60, 72),
        ({"fetched_at": NOW - timedelta(seconds=50)}, 10, 12),
        ({"fetched_at": NOW - timedelta(hours=1)}, 1.5, 1.8),
        ({"fetched_at": NOW, "watch_until": NOW + timedelta(seconds=1)}, 2, 2),
        (
            {"fetched_at": NOW - timedelta(seconds=9), "watch_until": NOW + timedelta(seconds=1)},
            0.3,
            0.3,
        ),
        (
            {
                "fetched_at": NOW,
                "watch_until": NOW + timedelta(9),
                "retry_at": NOW + timedelta(seconds=8),
            },
            8,
            8,
        ),
        ({"lease_until": NOW + timedelta(seconds=1)}, 2, 2),
        ({"fetched_at": NOW, "lease_until": NOW}, 60, 72),
        ({"retry_at": NOW + timedelta(seconds=1)}, 5, 5),
        ({"retry_at": NOW + timedelta(seconds=47)}, 47, 47),
        ({"retry_at": NOW + timedelta(minutes=1)}, 60, 60),
    ],
)
def test_when_a_page_looks_again(terms: dict[str, datetime], low: float, high: float) -> None:
    assert low <= freshness.next_look(Snapshot(**terms), NOW) <= high


def test_cards_loaded_together_do_not_look_again_together() -> None:
    looks = {freshness.next_look(Snapshot(fetched_at=NOW), NOW) for _ in range(20)}
    assert len(looks) > 10
