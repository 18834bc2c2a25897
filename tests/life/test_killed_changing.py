"""A sync that is asked for and a field that is mapped, while our process dies between any two steps
of it, or Kombo hangs, refuses or lies.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from time_machine import TimeMachineFixture

from integrations.access import rate_limits
from integrations.models import FieldMapping, Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import field_mappings
from integrations.upstream.field_mappings import source_of
from tests.conftest import NOW, Connect, allow
from tests.embed import enter
from tests.life import dying, lying, truths
from tests.life.dying import every_death
from tests.views.browsing import HTMX, read, url_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("workday")]
SYNC = ("POST", "/v1/force-sync")
A_WHILE = timedelta(seconds=rate_limits.SYNC.seconds + 1)

# --- Sync now -------------------------------------------------------------------------------------

type Ask = Callable[[], str]


@pytest.fixture
def asker(
    request: pytest.FixtureRequest, acme: Tenant, alice: User, connect: Connect,
    clock: TimeMachineFixture, settings: Any,
) -> Callable[[], Ask]:  # fmt: skip
    """Somebody before the button, as a member or in a frame; it says what came of it."""

    def asker() -> Ask:
        clock.move_to(NOW)
        made = connect(acme)
        if request.param == "member":
            client = Client()
            client.force_login(alice)
            return lambda: said(client.post(url_of("sync_now", made)))
        return lambda: embedded(made)

    return asker


def embedded(made: Integration) -> str:
    frame = enter()  # anew: the session before has ended, where a sync can be asked for again
    return said(frame.post(frame.on("sync_now", made.public_id), None, **HTMX))


def said(response: Any) -> str:
    return read(response).one("p", "data-sync")["data-sync"]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("asker", ["member", "embed"], indirect=True)
def test_a_sync_that_died_can_be_asked_for_again(
    asker: Callable[[], Ask], kombo: Simulator, clock: TimeMachineFixture
) -> None:
    """At once, or when the limit that it took has ended; never twice within it."""

    def then(ask: Ask, died_at: str) -> None:
        assert ask() in ({"queued", "limited"} if died_at else {"limited"}), died_at
        assert kombo.calls[SYNC] <= 1
        clock.shift(A_WHILE)
        assert ask() in {"queued", "running"}, died_at

    assert [step for step in every_death(kombo, asker, lambda ask: ask(), then) if "sync" in step]


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("asker", ["member", "embed"], indirect=True)
def test_kombo_in_trouble_starts_no_second_sync(
    asker: Callable[[], Ask], kombo: Simulator, clock: TimeMachineFixture,
    subtests: pytest.Subtests,
) -> None:  # fmt: skip
    for name in lying.TROUBLE:
        with dying.case(name, subtests, kombo):
            ask = asker()
            with lying.trouble(name, "force-sync", kombo):
                outcome = ask()
            assert outcome == ("failed" if name in {"rate_limited"} else "unconfirmed")
            assert ask() == ("queued" if outcome == "failed" else "limited")
            clock.shift(A_WHILE)
            assert ask() in {"queued", "running"}


# --- A field of the vendor's ----------------------------------------------------------------------


@pytest.fixture
def mapper(
    acme: Tenant, mia: User, connect: Connect, settings: Any, clock: TimeMachineFixture
) -> Callable[[], Callable[[], Any]]:
    """One of the staff who has chosen what the first field is to read from."""
    settings.KOMBO_ENVIRONMENTS["production"] |= {"ENABLE_FIELD_MAPPING": True}
    allow(mia, "map_fields")

    def mapper() -> Callable[[], Any]:
        clock.move_to(NOW)
        made = connect(acme)
        field_mappings.want(field_mappings.of_integration(made))
        field_mappings.refresh_due()
        clock.shift(1)
        row = field_mappings.of_integration(made)
        chosen = {
            "field": field_mappings.custom_fields(row)[0].id,
            "source": field_mappings.integration_fields(row)[3].id,
            "seen": "",
        }
        client = Client()
        client.force_login(mia)
        return lambda: client.post(url_of("workspace_fields", made), chosen)

    return mapper


def shown() -> list[str]:
    """What each field reads from, as it is shown."""
    return [source_of(one) for one in field_mappings.custom_fields(FieldMapping.objects.get())]


def true(kombo: Simulator) -> list[str]:
    """The same as Kombo has it."""
    made = Integration.objects.get()
    FieldMapping.objects.update(wanted_at=NOW + timedelta(days=1), retry_at=None)
    before = FieldMapping.objects.get().custom_fields
    field_mappings.refresh(field_mappings.of_integration(made))
    found = shown()
    FieldMapping.objects.update(custom_fields=before)
    return found


def looked_at(clock: TimeMachineFixture) -> list[str]:
    """What is shown a while later, as the worker has passed."""
    clock.shift(field_mappings.SETTLES)
    truths.pass_of_the_worker()
    return shown()


@pytest.mark.exhaustive
def test_what_is_mapped_is_shown_soon_whatever_dies(
    mapper: Callable[[], Callable[[], Any]], kombo: Simulator, clock: TimeMachineFixture
) -> None:
    def then(change: Callable[[], Any], died_at: str) -> None:
        assert looked_at(clock) == true(kombo), died_at
        answer = change()
        assert answer.status_code in {302, 409}  # done, or done already
        assert looked_at(clock) == true(kombo) != [""] * 3, died_at

    steps = every_death(kombo, mapper, lambda change: change(), then)
    assert [step for step in steps if "PUT" in step]


def test_what_kombo_says_of_a_mapping_is_found_out(
    mapper: Callable[[], Callable[[], Any]], kombo: Simulator, clock: TimeMachineFixture,
    subtests: pytest.Subtests,
) -> None:  # fmt: skip
    """In trouble it says nothing, and a lie is none of the mapping that was asked for."""
    lies: dict[str, dict[str, Any]] = {
        "no change": {"integration_field": None},
        "another field": {"id": "x"},
        "no id": {"id": None},
    }
    for name in dying.some(4, (*lies, *lying.TROUBLE)):
        with dying.case(name, subtests, kombo):
            change = mapper()
            way = (
                lying.lying("/custom-fields/", **lies[name])
                if name in lies
                else lying.trouble(name, "/custom-fields/", kombo)
            )
            with way:
                assert change().status_code == 409
            assert looked_at(clock) == true(kombo)
            assert change().status_code in {302, 409}
            assert looked_at(clock) == true(kombo) != [""] * 3
