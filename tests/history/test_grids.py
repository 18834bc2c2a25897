"""Which grid held when: noted when it changes, kept once for all that had it, and not for ever."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.history import grids
from integrations.models import CoverageVersion, Integration, PastGrid, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests.conftest import NOW, Connect

DAY = timedelta(days=1)


@pytest.fixture
def opt_out(kombo: Simulator, clock: TimeMachineFixture) -> "OptOut":
    return OptOut(kombo, clock)


class OptOut:
    """Has a customer opt out of the first fields that can be, a day later than what went before."""

    def __init__(self, kombo: Simulator, clock: TimeMachineFixture) -> None:
        self._kombo, self._clock = kombo, clock

    def __call__(self, integration: Integration, *, out: bool = True) -> None:
        self._clock.move_to(timezone.now() + DAY)
        details = self._kombo.details(integration.integration_id)
        assert details
        field = details["read_models"][0]["fields"][0]
        field |= {"opted_out_by_customer": out, "is_available": not out}
        self._kombo.add(details)
        integration.snapshot = snapshots.revalidate(integration, by_person=True)


def history_of(integration: Integration) -> list[tuple[int, int]]:
    """Number and day of each version, counted from the first day."""
    return [(one.number, (one.since - NOW) // DAY) for one in grids.versions(integration)]


def test_each_change_makes_a_version_and_keeps_what_was(
    acme: Tenant, connect: Connect, opt_out: OptOut
) -> None:
    one = connect(acme, coverage="everything")
    before = one.snapshot.coverage
    assert (history_of(one), PastGrid.objects.count()) == ([(1, 0)], 0)
    opt_out(one)
    opt_out(one)  # nothing new
    assert history_of(one) == [(1, 0), (2, 1)]
    known = grids.versions(one)
    kept = grids.texts(one, known)
    assert [kept[version.grid] for version in known] == [before, one.snapshot.coverage]
    opt_out(one, out=False)
    assert history_of(one) == [(1, 0), (2, 1), (3, 3)]
    assert [version.grid for version in grids.versions(one)][::2] == [known[0].grid] * 2


def test_the_version_of_an_instant_is_the_latest_begun_by_then(
    acme: Tenant, connect: Connect, opt_out: OptOut
) -> None:
    one = connect(acme, coverage="everything")
    opt_out(one)
    known = grids.versions(one)

    def number(days: float) -> int | None:
        version = grids.held_at(known, NOW + days * DAY)
        return version.number if version else None

    assert [number(days) for days in (-0.01, 0, 0.99, 1, 50)] == [None, 1, 1, 2, 2]


def test_integrations_share_what_they_had(
    acme: Tenant, bolt: Tenant, connect: Connect, kombo: Simulator, opt_out: OptOut
) -> None:
    one, other = connect(acme), connect(bolt, fetched=False)
    theirs, others = (kombo.details(made.integration_id) or {} for made in (one, other))
    same = {name: theirs[name] for name in ("read_models", "write_actions")}
    kombo.add(others | deepcopy(same))
    other.snapshot = snapshots.revalidate(other)
    opt_out(one)
    opt_out(other)
    assert CoverageVersion.objects.count() == 4
    assert PastGrid.objects.count() == 1


def test_a_grid_that_was_there_before_versions_were_is_the_first(
    acme: Tenant, connect: Connect, opt_out: OptOut
) -> None:
    one = connect(acme, coverage="everything")
    CoverageVersion.objects.all().delete()
    assert history_of(one) == [(1, 0)]
    opt_out(one)
    assert history_of(one) == [(1, 0), (2, 1)]
    assert len(grids.texts(one, grids.versions(one))) == 2


def test_what_held_when_the_retention_ended_stays(
    acme: Tenant, connect: Connect, opt_out: OptOut
) -> None:
    one = connect(acme, coverage="everything")
    opt_out(one)
    opt_out(one, out=False)
    opt_out(one)
    assert grids.prune(NOW + 2.5 * DAY) == 2
    assert history_of(one) == [(3, 2), (4, 3)]
    assert len(grids.texts(one, grids.versions(one))) == 2
    assert grids.prune(NOW + 9 * DAY) == 2  # and the grid that no version names any more
    assert history_of(one) == [(4, 3)]
    assert [past.pk for past in PastGrid.objects.all()] == [one.snapshot.coverage_digest]


def test_an_integration_that_begins_anew_has_no_past(
    acme: Tenant, connect: Connect, opt_out: OptOut
) -> None:
    one = connect(acme, coverage="everything")
    opt_out(one)
    snapshots.reset([one.pk])
    assert not CoverageVersion.objects.exists()
    assert Snapshot.objects.get().coverage_digest == ""
