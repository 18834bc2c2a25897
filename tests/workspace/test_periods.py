"""How long repairs took, which tools had incidents, how far reminders led, and who was not told."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from integrations.domain.headline import Key
from integrations.models import (
    DailyCount,
    HandOff,
    Integration,
    Mail,
    MailKind,
    PeriodCount,
    Reminder,
    Summary,
    Tenant,
)
from integrations.workspace.daily_counts import DAYS
from tests.conftest import NOW
from tests.workspace.counting import count_all, day, lived

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BROKEN, WELL = Key.RECONNECT_REQUIRED, Key.CONNECTED
HOUR = 3600


def period(days: int = 90, owner: User | None = None) -> PeriodCount:
    return PeriodCount.objects.get(days=days, owner=owner)


def repair(days_ago: int, column: str = "repair_90") -> int | None:
    found: int | None = getattr(DailyCount.objects.get(day=day(days_ago), owner=None), column)
    return found


def broken_for(tenant: Tenant, hours: float, *, ended: float, number: int, **more: Any) -> None:
    """Let an integration have been broken for so long, until so many days ago."""
    lived(tenant, (200, WELL), (ended + hours / 24, BROKEN), (ended, WELL), number=number, **more)


def test_the_median_is_of_what_ended_within_the_range(acme: Tenant) -> None:
    for number, (hours, ended) in enumerate([(1, 5), (2, 10), (30, 20), (90, 60), (500, 100)]):
        broken_for(acme, hours, ended=ended, number=number)
    looked_at = {DAYS, 65, 59, 40}
    DailyCount.objects.bulk_create(
        DailyCount(day=day(ago)) for ago in range(4, DAYS) if ago not in looked_at
    )
    count_all()
    assert repair(0) == 16 * HOUR  # of 1, 2, 30 and 90
    assert repair(0, "repair_30") == 2 * HOUR
    assert repair(DAYS) == 500 * HOUR
    assert repair(40, "repair_30") == 90 * HOUR
    assert repair(59, "repair_30") == 90 * HOUR
    assert repair(65, "repair_30") is None


def test_what_was_removed_was_not_repaired(acme: Tenant) -> None:
    lived(acme, (20, WELL), (9, BROKEN), (3, Key.REMOVED))
    lived(acme, (20, WELL), (9, BROKEN), number=2)
    count_all(1)
    assert repair(0) is None
    assert period().tools == [["Personio", 2, None]]


def test_tools_come_by_their_incidents(acme: Tenant, bolt: Tenant, amy: User) -> None:
    broken_for(acme, 10, ended=3, number=1, tool="HiBob")
    broken_for(bolt, 20, ended=50, number=2, tool="HiBob")
    broken_for(bolt, 4, ended=3, number=3, tool="BambooHR")
    count_all(1)
    assert period().tools == [["HiBob", 2, 15 * HOUR], ["BambooHR", 1, 4 * HOUR]]
    assert period(30).tools == [["BambooHR", 1, 4 * HOUR], ["HiBob", 1, 10 * HOUR]]
    assert period(90, amy).tools == [["HiBob", 1, 10 * HOUR]]


def reminded(made: Integration, days_ago: float, step: int = 1, **link: Any) -> None:
    """Let a reminder have been written, with what became of its link."""
    at = NOW - timedelta(days=days_ago)
    hand_off = HandOff.objects.create(
        integration=made, act="reconnect", created_at=at, expires_at=at, **link
    )
    reminder = Reminder.objects.filter(integration=made).latest("opened_at")
    Mail.objects.create(
        key=f"reminder {reminder.pk} {step}",
        kind=MailKind.REMINDER,
        tenant=made.tenant,
        integration=made,
        hand_off=hand_off,
        reminder=reminder,
        created_at=at,
    )


def test_each_incident_with_a_reminder_counts_once(acme: Tenant, bolt: Tenant, amy: User) -> None:
    opened: dict[str, Any] = {"opened_at": NOW}
    ignored = lived(acme, (20, WELL), (9, BROKEN))
    reminded(ignored, 8)
    reminded(ignored, 5, step=2)
    begun = lived(acme, (20, WELL), (9, BROKEN), number=2)
    reminded(begun, 8)
    reminded(begun, 5, step=2, **opened, begun_at=NOW)
    repaired = lived(bolt, (60, WELL), (50, BROKEN), (40, WELL))
    reminded(repaired, 45, **opened, begun_at=NOW, used_at=NOW)
    gone = lived(bolt, (60, WELL), (50, BROKEN), (40, Key.REMOVED), number=2)
    reminded(gone, 45, **opened)
    count_all(1)
    names = ("reminded", "opened", "begun", "recovered")
    steps = {
        (days, owner): tuple(getattr(period(days, owner), name) for name in names)
        for days, owner in ((90, None), (30, None), (90, amy))
    }
    assert steps == {(90, None): (4, 3, 2, 1), (30, None): (2, 1, 1, 0), (90, amy): (2, 1, 1, 0)}


def untold(days_ago: int) -> int:
    return DailyCount.objects.get(day=day(days_ago), owner=None).untold


def test_days_before_the_first_count_tell_who_had_no_reminder(acme: Tenant) -> None:
    made = lived(acme, (20, WELL), (9, BROKEN))
    reminded(made, 4)
    Summary.objects.filter(pk=made.pk).update(contacted_at=NOW - timedelta(days=4))
    count_all(11)
    assert [untold(ago) for ago in (10, 9, 5, 4, 0)] == [0, 1, 1, 0, 0]


def test_a_day_that_was_counted_keeps_who_was_not_notified(acme: Tenant) -> None:
    made = lived(acme, (20, WELL), (9, BROKEN))
    count_all(1)
    DailyCount.objects.filter(day=day(1)).update(untold=7)
    Summary.objects.filter(pk=made.pk).update(contacted_at=NOW)  # told by telephone
    PeriodCount.objects.update(counted_at=NOW - timedelta(hours=2))
    count_all(1)
    assert (untold(1), untold(0)) == (7, 0)
