"""Reconnecting and going through the setup, also of what works, while our process dies between any
two steps, or Kombo hangs, refuses or lies.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain.headline import key_of
from integrations.history import record as history_record
from integrations.models import Entry, HandOff, Integration, Kind, Snapshot, Tenant
from integrations.simulator.app import Simulator
from tests.conftest import NOW, Connect
from tests.life import dying, lying, truths, ways
from tests.life.dying import every_death
from tests.life.ways import Way
from tests.views.browsing import url_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("workday")]
EVERYBODY = pytest.mark.parametrize("who", ways.NAMES)
TOKEN = "integration-by-token"


class Repair(NamedTuple):
    """What an integration needs, or what may be changed of it, and the headlines that it has until
    it is done and after.
    """

    act: str
    state: str
    key: str
    done: str = "connected"


NEEDED = {
    "reconnect": Repair("reconnect", "invalid", "reconnect_required"),
    "setup": Repair("setup", "setup_incomplete", "setup_incomplete"),
    "settings": Repair("setup", "connected", "connected", "updating"),
}
# Nobody is sent a link to what needs nothing.
WHO_AND_WHAT = [
    (who, needed)
    for who in ways.NAMES
    for needed in NEEDED
    if (who, needed) != ("guest", "settings")
]
type Begin = Callable[[str, Repair], Way]


@pytest.fixture
def begin(
    acme: Tenant, alice: User, connect: Connect, kombo: Simulator, clock: TimeMachineFixture
) -> Begin:
    """Somebody before an integration that needs something."""

    def begin(who: str, repair: Repair) -> Way:
        clock.move_to(NOW)
        made = connect(acme, state=repair.state)
        kombo.world.set_steps(made.integration_id, True)
        kombo.set_after_setup("COMPLETED")
        return ways.to_repair(who, kombo, made, repair.act, alice)

    return begin


def headline() -> str:
    return key_of(Snapshot.objects.get())


def outcomes() -> list[str]:
    """What came of each attempt, the latest first."""
    known = Entry.objects.filter(kind=Kind.REPAIR, data__outcome__isnull=False).order_by("-pk")
    return [entry.data["outcome"] for entry in known]


def hear(kombo: Simulator, clock: TimeMachineFixture) -> None:
    """Have Kombo tell how things are, a moment later, and the worker look."""
    clock.shift(1)
    truths.tell_state(kombo)
    clock.shift(1)
    truths.pass_of_the_worker()


def later(clock: TimeMachineFixture) -> list[str]:
    """Return what waits for ever."""
    clock.shift(timedelta(hours=3))
    assert not history_record.has_repair_under_way(Integration.objects.get())
    return truths.stuck(timezone.now())


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize(("who", "needed"), WHO_AND_WHAT)
def test_before_a_link_came_to_the_browser(
    who: str, needed: str, begin: Begin, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    repair = NEEDED[needed]

    def then(way: Way, died_at: str) -> None:
        assert bool(way.token) is (not died_at)
        assert headline() == repair.key
        assert way.connect().status_code == 200
        hear(kombo, clock)
        assert (headline(), outcomes()[0]) == (repair.done, "done"), died_at
        assert outcomes().count("done") == 1
        assert truths.lost(kombo) == later(clock) == []

    steps = every_death(kombo, lambda: begin(who, repair), Way.press, then)
    assert [step for step in steps if "link" in step]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize(("who", "needed"), WHO_AND_WHAT)
@pytest.mark.parametrize("afterwards", ["again", "webhook"])
def test_before_the_end_was_told(
    who: str, needed: str, afterwards: str, begin: Begin, kombo: Simulator,
    clock: TimeMachineFixture,
) -> None:  # fmt: skip
    """What is on record as done is looked into at once, whatever died after that."""
    repair = NEEDED[needed]

    def prepare() -> Way:
        way = begin(who, repair)
        way.press()
        way.go_through()
        return way

    def then(way: Way, died_at: str) -> None:
        row = Snapshot.objects.get()
        assert ("done" in outcomes()) is (row.watch_until is not None), died_at
        if afterwards == "again":
            assert way.report().status_code == 200
            assert outcomes() == ["done"]
        hear(kombo, clock)
        assert headline() == repair.done, died_at
        assert not HandOff.objects.filter(used_at=None).exists(), died_at
        assert truths.lost(kombo) == later(clock) == []

    steps = every_death(kombo, prepare, Way.report, then)
    assert [step for step in steps if TOKEN in step]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize(("who", "needed"), WHO_AND_WHAT)
def test_kombo_in_trouble_ends_nothing(
    who: str,
    needed: str,
    begin: Begin,
    kombo: Simulator,
    subtests: pytest.Subtests,
    clock: TimeMachineFixture,
) -> None:
    """Neither as it is begun nor as it ends: somebody tries again, and the next check tells."""
    repair = NEEDED[needed]
    for name in lying.TROUBLE:
        with dying.case(name, subtests, kombo):
            way = begin(who, repair)
            with lying.trouble(name, "link", kombo):
                assert way.press().status_code == 200
                assert (way.token, outcomes()) == ("", [])
            way.press()
            way.go_through()
            with lying.trouble(name, TOKEN, kombo):
                assert way.report().status_code == 200
                assert outcomes() == ["unconfirmed"]
            hear(kombo, clock)
            assert headline() == repair.done
            assert not HandOff.objects.filter(used_at=None).exists()


LIES: dict[str, tuple[dict[str, Any], str]] = {  # one of each kind first
    "another tenant's": ({"id": "personio:of-bolt"}, "failed"),
    "no id": ({"id": None}, "unconfirmed"),
    "another end user": ({"end_user_origin_id": "bolt"}, "done"),
    "another integration": ({"id": "personio:another"}, "failed"),
    "no end user": ({"end_user_origin_id": None}, "done"),
}


@pytest.mark.exhaustive(keep=1)
@EVERYBODY
def test_a_lie_changes_no_mapping(
    who: str,
    begin: Begin,
    kombo: Simulator,
    alice: User,
    subtests: pytest.Subtests,
    clock: TimeMachineFixture,
) -> None:
    """What Kombo says is another's is shown to nobody until Kombo says that it is not."""
    for name, (data, outcome) in dying.some(3, LIES.items()):
        with dying.case(name, subtests, kombo):
            way = begin(who, NEEDED["reconnect"])
            way.press()
            way.go_through()
            with lying.lying(TOKEN, **data):
                assert way.report().status_code in {200, 404}
            assert outcomes() == [outcome]
            made = Integration.objects.get()
            page = Client()
            page.force_login(alice)
            is_withheld = data.get("end_user_origin_id") == "bolt"
            assert Snapshot.objects.get().origin_id == ("bolt" if is_withheld else "acme")
            kept = page.post(url_of("sync_now", made)).status_code
            assert kept == (404 if is_withheld else 200)
            hear(kombo, clock)
            assert page.get(url_of("integration", made)).status_code == 200
            assert (headline(), truths.lost(kombo)) == ("connected", [])
