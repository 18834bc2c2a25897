"""Disconnecting, by a member or with a second pair of eyes, while our process dies between any two
steps of it, or Kombo hangs, refuses or lies; and connecting again.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access.audit import Act
from integrations.history import disconnections
from integrations.models import AuditEntry, Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.workspace import disconnect_requests
from tests.conftest import NOW, Connect, acting, allow
from tests.life import dying, lying, truths, ways
from tests.life.dying import every_death
from tests.views.browsing import url_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("workday")]
DELETE = ("DELETE", "/v1/integrations/{integration_id}")
SETTLED = disconnections.SETTLES + timedelta(seconds=1)
BOTH = pytest.mark.parametrize("who", ["member", "staff"])

type End = Callable[[], Any]


@pytest.fixture
def ender(
    acme: Tenant, alice: User, amy: User, root: User, connect: Connect, clock: TimeMachineFixture
) -> Callable[[str], End]:
    """Somebody who has typed the name, as a member or as a second one of the staff."""
    allow(amy, "disconnect_integration")

    def ender(who: str) -> End:
        clock.move_to(NOW)
        made = connect(acme, tool_id="workday", integration_id="workday:1")
        clock.shift(1)
        form, client = {"confirmation": "workday"}, Client()
        if who == "member":
            client.force_login(alice)
            return lambda: client.post(url_of("disconnect", made), form)
        asker = User.objects.get(pk=amy.pk)
        asked = disconnect_requests.ask(made, "They left.", acting(asker))
        client.force_login(root)
        form["request"] = str(asked.pk)
        return lambda: client.post(url_of("disconnect_approve", made), form)

    return ender


def removed() -> bool:
    return Snapshot.objects.get(integration__integration_id="workday:1").removed_at is not None


def there(kombo: Simulator) -> bool:
    return kombo.details("workday:1") is not None


def connected_again(kombo: Simulator, acme: Tenant, alice: User) -> None:
    """What is gone is connected again, once, and what was is kept as it ended."""
    ways.to_connect("member", kombo, acme, alice).connect()
    truths.tell_created(kombo)
    truths.pass_of_the_worker()
    assert Integration.objects.filter(tenant=acme).count() == 2
    assert removed()
    assert (truths.lost(kombo), truths.attempts_on(acme, alice)) == ([], [])


@pytest.mark.exhaustive(keep=1)
@BOTH
@pytest.mark.parametrize("afterwards", ["worker", "webhook"])
def test_it_ends_once_whatever_dies(
    who: str, afterwards: str, ender: Callable[[str], End], kombo: Simulator, acme: Tenant,
    alice: User, clock: TimeMachineFixture,
) -> None:  # fmt: skip
    """What Kombo deleted is found to be gone, and what it did not can be tried again."""

    def then(end: End, died_at: str) -> None:
        is_gone = not there(kombo)
        assert not removed() or is_gone, died_at
        calls = kombo.calls[DELETE]
        end()  # at once, by somebody who sees nothing happen
        assert kombo.calls[DELETE] <= max(calls, 1), died_at
        clock.shift(SETTLED)
        truths.tell_deleted(kombo) if afterwards == "webhook" else None
        truths.pass_of_the_worker()
        Snapshot.objects.update(check_at=timezone.now())  # in its own time
        truths.pass_of_the_worker()
        assert removed() is not there(kombo), died_at
        if not removed():
            end()
            assert removed(), died_at
        assert kombo.calls[DELETE] == 1, died_at
        assert truths.stuck(timezone.now()) == [], died_at
        connected_again(kombo, acme, alice)
        if who == "staff":
            acts = AuditEntry.objects.filter(what=Act.DISCONNECT_APPROVED, actor="root")
            assert acts.exists(), died_at
            assert disconnect_requests.waiting_for(User.objects.get(username="root")) == []

    steps = every_death(kombo, lambda: ender(who), lambda end: end(), then)
    assert [step for step in steps if "DELETE /" in step]


@pytest.mark.exhaustive(keep=1)
@BOTH
def test_what_kombo_says_of_an_end_is_found_out(
    who: str, ender: Callable[[str], End], kombo: Simulator, clock: TimeMachineFixture,
    subtests: pytest.Subtests,
) -> None:  # fmt: skip
    for name in lying.TROUBLE:
        with dying.case(name, subtests, kombo):
            end = ender(who)
            with lying.trouble(name, "/integrations/", kombo):
                assert end().status_code in {302, 409}
            assert not removed()
            clock.shift(SETTLED)
            Snapshot.objects.update(check_at=timezone.now())
            truths.pass_of_the_worker()
            assert removed() is not there(kombo)
            if not removed():
                assert end().status_code == 302
            assert removed()
            assert not there(kombo)
            assert truths.stuck(timezone.now()) == []


@BOTH
def test_an_end_that_was_none_is_taken_back(
    who: str, ender: Callable[[str], End], kombo: Simulator, clock: TimeMachineFixture
) -> None:
    """Kombo said that it deleted it, and has it still."""
    end = ender(who)
    end()
    kombo.set_state("workday:1", "restore")
    assert removed()
    clock.shift(SETTLED)
    truths.pass_of_the_worker()
    assert not removed()
    assert truths.lost(kombo) == truths.stuck(timezone.now()) == []
