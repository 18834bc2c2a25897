"""Connecting a tool while our process dies between any two steps of it, as a member, out of a frame
and by an invitation: nothing is mapped twice, to another tenant, or lost.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.models import ConnectionAttempt, Entry, HandOff, Integration, Kind, Tenant
from integrations.simulator.app import Simulator
from tests.life import truths, ways
from tests.life.dying import every_death
from tests.life.ways import Way

pytestmark = pytest.mark.django_db
EVERYBODY = pytest.mark.parametrize("somebody", ways.NAMES, indirect=True)
LATER = timedelta(hours=3)  # whatever was begun has ended by then


@pytest.fixture
def ends_well(
    kombo: Simulator, acme: Tenant, alice: User, clock: TimeMachineFixture
) -> Callable[[str], None]:
    """What holds when Kombo has told all, and the worker has passed."""

    def ends_well(died_at: str, *, unfinished: list[str] | None = None) -> None:
        truths.pass_of_the_worker()
        assert truths.lost(kombo) == [], died_at
        assert truths.attempts_on(acme, alice) == (unfinished or []), died_at
        assert Entry.objects.filter(kind=Kind.REPAIR).count() == Integration.objects.count()
        clock.shift(LATER)
        assert truths.stuck(timezone.now()) == [], died_at

    return ends_well


def tell(kombo: Simulator, _way: Way) -> None:
    truths.tell_created(kombo)


def report(_kombo: Simulator, way: Way) -> None:
    assert way.report().status_code == 200


AFTERWARDS = {
    "webhook": (tell,),
    "again": (report,),
    "webhook, again": (tell, report),
    "again, webhook": (report, tell),
}


@pytest.mark.exhaustive(keep=1)
@EVERYBODY
def test_before_a_link_came_to_the_browser(
    somebody: Callable[[], Way],
    kombo: Simulator,
    acme: Tenant,
    alice: User,
    ends_well: Callable[..., None],
) -> None:
    """Whoever comes again begins and ends as if nothing had been, and the page tells no tales."""

    def then(way: Way, died_at: str) -> None:
        assert bool(way.token) is (not died_at)
        known = truths.attempts_on(acme, alice)
        begun = ConnectionAttempt.objects.exclude(begun_at=None).exists()
        assert known == (["begun"] if begun else ["invited"] if HandOff.objects.exists() else [])
        assert way.connect().status_code == 200
        assert Integration.objects.count() == 1
        truths.tell_created(kombo)
        ends_well(died_at)

    steps = every_death(kombo, somebody, Way.press, then)
    assert [step for step in steps if "create-link" in step]


@pytest.mark.exhaustive(keep=1)
@EVERYBODY
@pytest.mark.parametrize("afterwards", AFTERWARDS)
def test_before_the_end_was_told(
    afterwards: str,
    somebody: Callable[[], Way],
    kombo: Simulator,
    ends_well: Callable[..., None],
) -> None:
    """Kombo's webhook and whoever comes again, each alone and in both orders, end it once."""

    def prepare() -> Way:
        way = somebody()
        way.press()
        way.go_through()
        return way

    def then(way: Way, died_at: str) -> None:
        for act in AFTERWARDS[afterwards]:
            act(kombo, way)
        assert Integration.objects.count() == 1
        assert not HandOff.objects.filter(used_at=None).exists()
        ends_well(died_at)

    steps = every_death(kombo, prepare, Way.report, then)
    assert [step for step in steps if "integration-by-token" in step]


@pytest.mark.exhaustive(keep=1)
@EVERYBODY
@pytest.mark.parametrize("is_told", [False, True])
def test_while_kombos_webhook_is_worked(
    is_told: bool,
    somebody: Callable[[], Way],
    kombo: Simulator,
    ends_well: Callable[..., None],
) -> None:
    """Kombo sends it again, before or after the browser told of the end."""

    def prepare() -> Way:
        way = somebody()
        way.press()
        way.go_through()
        if is_told:
            way.report()
        return way

    def then(way: Way, died_at: str) -> None:
        truths.tell_created(kombo)
        way.report()
        assert Integration.objects.count() == 1
        ends_well(died_at)

    assert every_death(kombo, prepare, lambda way: truths.tell_created(kombo, times=1), then)
