"""The days that the worker counts beforehand: true to the history, however often it counts."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from time_machine import TimeMachineFixture

from integrations.domain.headline import UNCONFIRMED, Key
from integrations.models import NEVER, DailyCount, PeriodCount, Summary, Tenant
from integrations.worker import TASKS
from integrations.workspace import daily_counts, summaries
from integrations.workspace.daily_counts import RECENT
from tests.conftest import NOW
from tests.history.recording import become
from tests.workspace.counting import DAY, count_all, counted, day, lived

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DAYS = 14  # that are kept, in place of as many as the overview shows
BROKEN, WELL = Key.RECONNECT_REQUIRED, Key.CONNECTED


@pytest.fixture(autouse=True)
def few_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daily_counts, "DAYS", DAYS)


def everything() -> list[dict[str, Any]]:
    columns = [field.attname for field in DailyCount._meta.concrete_fields if field.name != "id"]
    return list(DailyCount.objects.order_by("owner", "day").values(*columns))


def test_a_day_is_told_by_how_it_ended(acme: Tenant) -> None:
    lived(acme, (10.2, WELL), (6.1, BROKEN), (4.1, WELL), (4.05, Key.DEGRADED))
    lived(acme, (8.1, Key.FIRST_SYNC), (2.1, WELL), number=2)
    count_all()
    assert counted(11) == {}
    assert counted(10) == {"ok": 1}
    assert counted(8) == {"ok": 1, "working": 1}
    assert counted(7) == {"ok": 1, "working": 1}
    assert counted(6) == {"action_required": 1, "working": 1}
    assert counted(5) == {"action_required": 1, "working": 1}
    assert counted(4) == {"attention": 1, "working": 1}
    assert counted(2) == {"attention": 1, "ok": 1}
    assert counted(0) == {"attention": 1, "ok": 1}


def test_what_was_never_fetched_is_unknown_from_when_it_was_made(
    acme: Tenant, clock: TimeMachineFixture
) -> None:
    made = lived(acme)
    clock.move_to(NOW + timedelta(days=2), tick=False)
    become(made, WELL, minutes=2 * DAY)
    count_all()
    assert (counted(1), counted(0), counted(-1), counted(-2)) == (
        {},
        {"unknown": 1},
        {"unknown": 1},
        {"ok": 1},
    )


def test_days_reach_back_as_far_as_they_are_kept_and_no_further(acme: Tenant) -> None:
    lived(acme, (DAYS + 30, WELL))
    count_all()
    days = sorted(row["day"] for row in everything())
    assert days == [day(ago) for ago in range(DAYS, -1, -1)]
    assert counted(DAYS) == {"ok": 1}


def test_counting_twice_comes_to_the_same(acme: Tenant, amy: User) -> None:
    lived(acme, (13, WELL), (9, BROKEN), (6, WELL), (1.2, BROKEN))
    count_all()
    before = everything()
    assert len(before) > DAYS
    PeriodCount.objects.update(counted_at=NEVER)
    count_all()
    assert everything() == before


def test_each_step_counts_few_days(acme: Tenant) -> None:
    lived(acme, (30, WELL))
    assert daily_counts.count_due() == RECENT + 1
    assert [daily_counts.count_due() for _step in range(3)] == [1, 1, 1]


def test_nothing_is_counted_again_within_the_hour(acme: Tenant, clock: TimeMachineFixture) -> None:
    made = lived(acme, (9, WELL))
    count_all()
    become(made, BROKEN)
    clock.move_to(NOW + timedelta(minutes=59), tick=False)
    assert daily_counts.count_due() == 0
    clock.move_to(NOW + timedelta(minutes=60), tick=False)
    assert daily_counts.count_due() == RECENT + 1
    assert counted(0) == {"action_required": 1}


def test_days_without_a_worker_are_counted_later(acme: Tenant, clock: TimeMachineFixture) -> None:
    made = lived(acme, (20, WELL))
    count_all()
    clock.move_to(NOW + timedelta(days=12), tick=False)
    become(made, BROKEN, minutes=3 * DAY)
    become(made, WELL, minutes=7 * DAY)
    count_all()
    ahead = [counted(-days) for days in range(13)]
    assert ahead == [{"ok": 1}] * 3 + [{"action_required": 1}] * 4 + [{"ok": 1}] * 6


def test_what_kombo_tells_late_changes_the_days_just_before(acme: Tenant) -> None:
    made = lived(acme, (20, WELL))
    count_all()
    become(made, BROKEN, minutes=-2.1 * DAY)
    PeriodCount.objects.update(counted_at=NEVER)
    count_all()
    assert [counted(ago) for ago in (3, 2, 1, 0)] == [{"ok": 1}, *[{"action_required": 1}] * 3]


def test_what_is_gone_stays_in_the_days_that_are_over(acme: Tenant) -> None:
    made = lived(acme, (20, WELL))
    count_all()
    made.delete()
    PeriodCount.objects.update(counted_at=NEVER)
    count_all()
    assert (counted(RECENT + 1), counted(RECENT), counted(0)) == ({"ok": 1}, {}, {})


def test_what_the_guard_holds_back_is_staffs_to_look_at(acme: Tenant) -> None:
    made = lived(acme, (5, WELL), (2, BROKEN))
    Summary.objects.filter(pk=made.pk).update(headline=UNCONFIRMED)
    count_all()
    assert counted(0) == {"attention": 1}
    assert all(row["action_required"] == row["ok"] == 0 for row in everything())


# --- Whose they are


def test_account_managers_have_the_days_of_their_customers(
    acme: Tenant, bolt: Tenant, amy: User
) -> None:
    lived(acme, (9, WELL), (5, BROKEN))
    lived(bolt, (9, WELL))
    count_all()
    assert (counted(9, amy), counted(5, amy)) == ({"ok": 1}, {"action_required": 1})
    assert (counted(9), counted(5)) == ({"ok": 2}, {"action_required": 1, "ok": 1})


def test_whose_customers_they_become_is_counted_at_once(acme: Tenant, amy: User, ned: User) -> None:
    lived(acme, (12, WELL), (9, BROKEN))
    count_all()
    assert PeriodCount.objects.get(owner=amy, days=90).tools
    acme.owner = ned
    acme.save()
    summaries.recompute_tenants([acme])
    assert not PeriodCount.objects.filter(owner=amy).exists()
    count_all()
    assert not PeriodCount.objects.filter(owner=amy).exists()
    assert PeriodCount.objects.get(owner=ned, days=90).tools
    assert (counted(0, amy), counted(0, ned)) == ({}, {"action_required": 1})
    assert counted(RECENT + 1, amy) == {"action_required": 1}  # they were hers then


def test_a_day_is_one_of_the_sites_time_zone(acme: Tenant, settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"  # noon of UTC is nine in the evening, and 15:00 is midnight
    lived(acme, (4.9, Key.FIRST_SYNC), (2 - 2.9 / 24, WELL), (1 - 3.1 / 24, BROKEN))
    count_all()
    assert [counted(ago) for ago in (3, 2, 1)] == [
        {"working": 1},
        {"ok": 1},
        {"ok": 1},
    ]


def test_the_worker_counts() -> None:
    assert daily_counts.count_due in [task.run for task in TASKS]
