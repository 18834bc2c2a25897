"""Two tabs, two windows, two people at one tool: each connection is mapped once, none is lost."""

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from integrations.models import ConnectionAttempt, Integration, Tenant
from integrations.simulator.app import Simulator
from tests import copy
from tests.life import truths, ways

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("workday")]
CREATE = ("POST", "/v1/connect/create-link")
PAIRS = [(first, second) for first in ways.NAMES for second in ways.NAMES]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_who_is_on_the_way_at_the_same_time_loses_nothing(
    first: str, second: str, kombo: Simulator, acme: Tenant, alice: User
) -> None:
    """Kombo has two connections then, and each is told of by both people and the webhook."""
    people = [ways.to_connect(name, kombo, acme, alice) for name in (first, second)]
    for one in people:
        one.press()
        one.go_through()
    for one in people:
        assert one.report().status_code == 200
    truths.tell_created(kombo)
    people[0].activation, people[1].activation = people[1].activation, people[0].activation
    for one in people:
        one.report()
    truths.pass_of_the_worker()
    assert Integration.objects.filter(tenant=acme).count() == Integration.objects.count() == 2
    assert (truths.lost(kombo), truths.attempts_on(acme, alice)) == ([], [])
    assert ConnectionAttempt.objects.count() == 1


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("second", ways.NAMES)
def test_who_comes_when_it_is_done_is_told_so(
    second: str, kombo: Simulator, acme: Tenant, alice: User
) -> None:
    """Its page was open already; a second connection is made only if somebody means it."""
    late = ways.to_connect(second, kombo, acme, alice)
    if isinstance(late, ways.Embedded):
        late.leave()
    ways.to_connect("member", kombo, acme, alice).connect()
    calls = kombo.calls[CREATE]
    answer = late.press()
    assert (late.token, kombo.calls[CREATE]) == ("", calls)
    if second == "embed":
        said = copy.TOOL_IS_ALREADY_CONNECTED(tool="Workday")
        assert said in answer.content.decode()
        assert said in late.client.get(late.window).content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("who", ["member", "embed"])
def test_what_was_dismissed_in_another_tab_is_not_lost(
    who: str, kombo: Simulator, acme: Tenant, alice: User
) -> None:
    way = ways.to_connect(who, kombo, acme, alice)
    way.press()
    attempt = ConnectionAttempt.objects.get()
    other = ways.to_connect("member", kombo, acme, alice)
    other.client.post(reverse("connect_dismiss", args=[acme.public_id, attempt.public_id]))
    way.go_through()
    assert way.report().status_code == 200
    truths.tell_created(kombo)
    assert (truths.lost(kombo), truths.attempts_on(acme, alice)) == ([], [])
    assert Integration.objects.get().tenant == acme
    attempt.refresh_from_db()
    assert attempt.dismissed_at
