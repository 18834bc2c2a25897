"""What is kept of the days that are over, and when it is read again."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations.domain.headline import Key
from integrations.models import Incident, Integration, Summary, Tenant
from integrations.workspace import past_totals, repair_lengths
from tests.conftest import NOW
from tests.workspace.counting import lived

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
HOUR = 3600.0


@pytest.fixture(autouse=True)
def unknown() -> None:
    """Nothing is kept of the days of another test."""
    repair_lengths.forget()


@pytest.fixture
def made(acme: Tenant) -> list[Integration]:
    """Three that were repaired: 40 days ago after two hours, 20 after one, and today after 3."""
    return [
        lived(
            acme,
            (200, Key.CONNECTED),
            (ended + hours / 24, Key.RECONNECT_REQUIRED),
            (ended, Key.CONNECTED),
            number=number,
        )
        for number, (ended, hours) in enumerate([(40, 2), (20, 1), (0.1, 3)])
    ]


def found() -> list[repair_lengths.Repair]:
    return repair_lengths.within(NOW - timedelta(days=90), NOW, past_totals.whose_now())


def hours() -> list[float]:
    return [round(repair.seconds / HOUR, 3) for repair in found()]


def read() -> int:
    """How many days are read now."""
    with CaptureQueriesContext(connection) as queries:
        found()
    return sum("opened_at" in query["sql"].partition("WHERE")[0] for query in queries)


def test_days_that_are_over_are_read_once(made: list[Integration]) -> None:
    assert hours() == [1, 2, 3]
    assert read() <= repair_lengths.SETTLED.days + 1
    assert hours() == [1, 2, 3]


def test_a_day_is_read_again_when_others_ended_on_it(made: list[Integration]) -> None:
    hours()
    few = read()
    late = Incident.objects.get(integration=made[0])
    late.pk, late.opened_at = None, late.opened_at - timedelta(hours=2)
    late.save()
    assert read() == few + 1
    assert hours() == [1, 2, 3, 4]


def test_a_day_of_which_nothing_is_left_has_nothing(made: list[Integration]) -> None:
    hours()
    Incident.objects.filter(integration=made[0]).delete()  # as a reset does
    assert hours() == [1, 3]


def test_what_goes_on_after_all_ends_anew_on_the_same_day(made: list[Integration]) -> None:
    assert hours() == [1, 2, 3]
    relapse = NOW - timedelta(minutes=30)
    Incident.objects.filter(integration=made[2]).update(closed_at=relapse)
    assert hours() == [1, 2, 3 + 0.1 * 24 - 0.5]


def test_whose_they_are_is_not_kept(made: list[Integration], amy: User, ned: User) -> None:
    assert {repair.owner for repair in found()} == {amy.pk}
    Summary.objects.filter(pk=made[0].pk).update(owner=ned, tool="HiBob")
    Summary.objects.filter(pk=made[1].pk).delete()
    assert [(one.owner, one.tool) for one in found()] == [(ned.pk, "HiBob"), (amy.pk, "Personio")]
