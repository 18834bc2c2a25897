"""Kombo hangs, refuses, answers garbage or lies while a tool is connected, as a member, out of a
frame and by an invitation: the page says so, and nothing is mapped twice, elsewhere, or lost.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.models import ConnectionAttempt, Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import mapping, unmapped
from tests.conftest import NOW
from tests.life import dying, lying, truths, ways
from tests.life.ways import Way

pytestmark = pytest.mark.django_db
EVERYBODY = pytest.mark.parametrize("somebody", ways.NAMES, indirect=True)
CREATE, TOKEN = "create-link", "integration-by-token"


def waits_in(acme: Tenant, alice: User) -> list[str]:
    return truths.attempts_on(acme, alice)


@pytest.mark.exhaustive(keep=1)
@EVERYBODY
def test_a_link_that_did_not_come_is_no_beginning(
    somebody: Callable[[], Way],
    kombo: Simulator,
    acme: Tenant,
    alice: User,
    subtests: pytest.Subtests,
) -> None:
    for name in (*lying.TROUBLE, "foreign_link"):
        with dying.case(name, subtests, kombo):
            way = somebody()
            before = waits_in(acme, alice)
            with lying.trouble(name, CREATE, kombo):
                assert way.press().status_code == 200
                assert way.token == ""
            assert waits_in(acme, alice) == before
            assert way.connect().status_code == 200
            assert Integration.objects.count() == 1
            assert waits_in(acme, alice) == []


@pytest.mark.exhaustive(keep=1)
@EVERYBODY
@pytest.mark.parametrize("afterwards", ["again", "webhook", "nothing"])
def test_an_end_that_kombo_does_not_confirm_waits_for_its_word(
    afterwards: str, somebody: Callable[[], Way], kombo: Simulator, acme: Tenant, alice: User,
    subtests: pytest.Subtests, clock: TimeMachineFixture,
) -> None:  # fmt: skip
    """Told again or by Kombo it is connected; if neither comes, somebody may begin anew."""
    for name in lying.TROUBLE:
        with dying.case(name, subtests, kombo):
            way = somebody()
            way.press()
            way.go_through()
            with lying.trouble(name, TOKEN, kombo):
                answer = way.report()
                assert way.activation in answer.content.decode(), "the form to tell us again"
            assert waits_in(acme, alice) == ["unconfirmed"]
            match afterwards:
                case "again":
                    assert way.report().status_code == 200
                case "webhook":
                    truths.tell_created(kombo)
                case "nothing":
                    clock.shift(timedelta(hours=3))
                    assert waits_in(acme, alice) == ["unknown"]
                    assert ways.begins_anew(way)
                    assert waits_in(acme, alice) == ["begun"]
                    truths.tell_created(kombo)
            assert Integration.objects.count() == 1
            assert (truths.lost(kombo), waits_in(acme, alice)) == ([], [])
            clock.shift(timedelta(hours=3))
            assert truths.stuck(timezone.now()) == []


class Lie(NamedTuple):
    """What Kombo says of a token, and what is made of it: how far the page then says the attempt
    is, and which of Kombo's words becomes an integration of acme's.
    """

    data: dict[str, Any]
    status: list[str]
    is_mapped: bool = False


BOLTS, OLD, PHANTOM = "workday:of-bolt", "workday:of-acme", "workday:nowhere"
LIES = {  # one of each kind first
    "another end user": Lie({"end_user_origin_id": "bolt"}, ["begun"]),
    "one mapped to another tenant": Lie({"id": BOLTS}, ["begun"]),
    "another tool": Lie({"tool": "personio"}, ["begun"], is_mapped=True),
    "no id": Lie({"id": None}, ["unconfirmed"]),
    "one that is not there": Lie({"id": PHANTOM}, [], is_mapped=True),
    "no end user": Lie({"end_user_origin_id": None}, ["begun"]),
    "one that was there before": Lie({"id": OLD}, ["begun"]),
    "an empty id": Lie({"id": ""}, ["unconfirmed"]),
    "an endless id": Lie({"id": "w" * 201}, ["unconfirmed"]),
    "an id with a hidden character": Lie({"id": "workday:\u200b1"}, ["begun"]),
    "an id of another environment": Lie({"id": "workday:sandbox"}, [], is_mapped=True),
}


@pytest.mark.exhaustive(keep=1)
@EVERYBODY
def test_a_lie_maps_nothing_of_others_and_loses_nothing(
    somebody: Callable[[], Way], kombo: Simulator, acme: Tenant, bolt: Tenant, alice: User,
    subtests: pytest.Subtests, clock: TimeMachineFixture,
) -> None:  # fmt: skip
    """The truth comes with the webhook, or as the same token is told once more."""
    for name, lie in dying.some(5, LIES.items()):
        with dying.case(name, subtests, kombo):
            clock.move_to(NOW - timedelta(days=1))
            theirs = mapping.create(bolt, BOLTS), mapping.create(bolt, "workday:sandbox", "sandbox")
            old = mapping.create(acme, OLD)
            way = somebody()
            way.press()
            way.go_through()
            (real,) = truths.at_kombo(kombo)
            with lying.lying(TOKEN, **lie.data):
                assert way.report().status_code in {200, 204}
            told = {lie.data.get("id", real)} if lie.is_mapped else set()
            known = Integration.objects.filter(tenant=acme).exclude(pk=old.pk)
            assert set(known.values_list("integration_id", flat=True)) == told
            assert set(Integration.objects.filter(tenant=bolt)) == set(theirs)
            waiting = set(unmapped.waiting().values_list("integration_id", flat=True))
            assert waiting == ({real} if "end_user_origin_id" in lie.data else set())
            assert waits_in(acme, alice) == lie.status
            way.report()  # the truth
            truths.tell_created(kombo)
            truths.pass_of_the_worker()
            assert set(known.values_list("integration_id", flat=True)) == told | {real}
            gone = Snapshot.objects.exclude(removed_at=None).filter(integration__in=known)
            assert set(gone.values_list("integration__integration_id", flat=True)) == told - {real}
            assert (truths.lost(kombo), waits_in(acme, alice)) == ([], [])
            assert not unmapped.waiting().exists()


@pytest.mark.exhaustive(keep=2)
@EVERYBODY
@pytest.mark.parametrize("origin_id", ["bolt", "nobody's"])
def test_a_webhook_of_anothers_is_not_the_attempts(
    origin_id: str, somebody: Callable[[], Way], kombo: Simulator, acme: Tenant, alice: User
) -> None:
    """Kombo names another end user to all: it is mapped as Kombo says, or waits for staff."""
    way = somebody()
    way.press()
    kombo.world.store.links[way.token]["details"]["end_user"]["origin_id"] = origin_id
    way.go_through()
    way.report()
    truths.tell_created(kombo)
    assert truths.lost(kombo) == []
    assert not Integration.objects.filter(tenant=acme).exists()
    assert ConnectionAttempt.objects.get().connected_at is None
    assert waits_in(acme, alice) == ["begun"]


def test_a_tool_of_another_category_is_another_tool(
    workday: None, kombo: Simulator, acme: Tenant, alice: User
) -> None:
    """The same name in both: what is connected in one is not what was begun in the other."""
    way = ways.to_connect("member", kombo, acme, alice)
    way.press()
    ConnectionAttempt.objects.update(category="ATS")
    way.go_through()
    truths.tell_created(kombo)
    assert Integration.objects.get().tenant == acme
    assert waits_in(acme, alice) == ["begun"]


def test_of_two_attempts_the_webhook_ends_the_one_that_is_done(
    workday: None, kombo: Simulator, acme: Tenant, alice: User
) -> None:
    """One waits for Kombo's word, the other one was begun later: each is told of its own."""
    first, second = (ways.to_connect("member", kombo, acme, alice) for _ in range(2))
    first.press()
    first.go_through()
    with lying.trouble("server_error", TOKEN, kombo):
        first.report()
    second.press()
    assert first.attempt != second.attempt
    truths.tell_created(kombo)
    assert waits_in(acme, alice) == ["begun"]
    assert ConnectionAttempt.objects.get(public_id=first.attempt).integration
    second.go_through()
    second.report()
    truths.tell_created(kombo)
    assert (truths.lost(kombo), waits_in(acme, alice)) == ([], [])


def test_a_webhook_that_is_late_ends_the_attempt(
    workday: None, kombo: Simulator, acme: Tenant, alice: User, clock: TimeMachineFixture
) -> None:
    way = ways.to_connect("member", kombo, acme, alice)
    way.press()
    way.go_through()
    clock.shift(timedelta(days=2))
    assert waits_in(acme, alice) == ["left"]
    truths.tell_created(kombo)
    assert waits_in(acme, alice) == []


def test_what_was_just_connected_is_known_before_kombo_was_asked(
    workday: None, kombo: Simulator, acme: Tenant, alice: User
) -> None:
    """In another tab, a moment later, while Kombo fails: somebody is asked what they mean."""
    ways.to_connect("member", kombo, acme, alice).connect()
    kombo.set_fault("server_error")
    other = ways.to_connect("member", kombo, acme, alice)
    assert other.press().headers["HX-Redirect"].endswith("/connect/hris/workday/")
    assert ConnectionAttempt.objects.count() == 1
