"""Who is reminded of what and when: delays, caps, quiet hours, and catching up."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from integrations import worker
from integrations.mail import reminder_spells
from integrations.models import HandOff, Integration, Mail, Reminder, Summary, Tenant
from integrations.upstream import snapshot_locks
from integrations.workspace import summaries
from tests.conftest import Connect
from tests.mail.reminding import kinds, set_tenant
from tests.mailbox import NOON, D, Days, H, M, sent, texts, times


def test_reminders_come_after_an_hour_and_3_7_and_14_days(
    days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(H - M, step=M)
    assert not sent()
    days.pass_to(60 * D, step=H)
    assert times() == [H, 3 * D, 7 * D, 14 * D]
    assert {tuple(one.to) for one in sent()} == {("creator@acme.example",)}
    assert [text.count("last reminder") for text in texts()] == [0, 0, 0, 1]
    assert [one.subject.startswith("Last reminder: ") for one in sent()] == [False] * 3 + [True]
    assert [text.count("contacted you about this before") for text in texts()] == [0, 1, 1, 0]


@pytest.mark.parametrize("state", ["invalid", "setup_incomplete"])
def test_what_the_customer_must_do_is_written_about(
    state: str, days: Days, personio: Integration
) -> None:
    days.become(personio, state)
    days.pass_to(2 * H)
    assert kinds() == ["reminder"]
    assert HandOff.objects.get().act == ("setup" if state == "setup_incomplete" else "reconnect")


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize(
    "state", ["inactive", "final_sync_pending", "data_expired", "unknown_status", "deleted"]
)
def test_what_is_not_theirs_to_do_is_not(state: str, days: Days, personio: Integration) -> None:
    days.become(personio, state)
    days.pass_to(30 * D, step=6 * H)
    assert not Mail.objects.exists()
    assert not Reminder.objects.exists()


def test_the_cap_and_the_tenants_own_cadence_hold(
    days: Days, personio: Integration, settings: Any
) -> None:
    settings.REMINDER_CAP = 2
    set_tenant(personio.tenant, reminders="2h 4h 6h")
    days.become(personio, "invalid")
    days.pass_to(2 * D, step=H)
    assert times() == [2 * H, 4 * H]


def test_the_tenants_own_cap_holds(days: Days, personio: Integration) -> None:
    set_tenant(personio.tenant, reminder_cap=1)
    days.become(personio, "invalid")
    days.pass_to(30 * D, step=6 * H)
    assert kinds() == ["reminder"]


def test_off_writes_nothing_neither_then_nor_at_recovery(days: Days, personio: Integration) -> None:
    set_tenant(personio.tenant, reminders="off")
    days.become(personio, "invalid")
    days.pass_to(30 * D, step=6 * H)
    days.become(personio, "connected")
    days.pass_to(31 * D, step=H)
    assert not Mail.objects.exists()
    assert Reminder.objects.get().ended_at


def test_turned_on_for_everybody_it_begins(
    days: Days, personio: Integration, bolt: Tenant, connect: Connect, settings: Any
) -> None:
    settings.REMINDERS = "off"
    set_tenant(bolt, reminders="off")
    for one in (personio, connect(bolt)):
        days.become(one, "invalid")
    days.pass_to(2 * D, step=6 * H)
    assert reminder_spells.begin_missing() == 0
    settings.REMINDERS = "1h 3d"
    assert (reminder_spells.begin_missing(), reminder_spells.begin_missing()) == (1, 0)
    days.pass_to(30 * D, step=6 * H)
    assert [one.to for one in sent()] == [["creator@acme.example"]] * 2
    assert reminder_spells.begin_missing() == 0  # two are all that there are
    days.become(personio, "connected")
    days.pass_to(31 * D, step=6 * H)
    assert reminder_spells.begin_missing() == 0


@pytest.mark.parametrize(("cap", "number"), [(None, 0), (3, 1)])
def test_turned_on_for_everybody_the_cap_holds(
    cap: int | None, number: int, days: Days, personio: Integration, settings: Any
) -> None:
    settings.REMINDERS, settings.REMINDER_CAP = "off", 0
    set_tenant(personio.tenant, reminder_cap=cap)
    days.become(personio, "invalid")
    settings.REMINDERS = "1h 3d"
    assert reminder_spells.begin_missing() == number


def test_turned_on_in_the_middle_it_begins(days: Days, personio: Integration) -> None:
    set_tenant(personio.tenant, reminders="off")
    days.become(personio, "invalid")
    days.pass_to(4 * D, step=6 * H)
    set_tenant(personio.tenant, reminders="")
    days.work()
    days.pass_to(8 * D, step=30 * M)
    # The first at once, and the second not at its heels although its day is over.
    assert times() == [4 * D, 4 * D + (3 * D - H) / 2, 7 * D + 11 * H + 30 * M]


def test_nonsense_in_the_database_is_as_if_it_was_not_there(
    days: Days, personio: Integration
) -> None:
    set_tenant(personio.tenant, reminders="whenever", quiet_hours="never")
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    assert times() == [H]


def test_quiet_hours_shift_a_mail_to_their_end(
    days: Days, personio: Integration, settings: Any
) -> None:
    settings.REMINDER_QUIET_HOURS = "20-8"
    days.pass_to(7 * H + 30 * M)
    days.become(personio, "invalid")  # at 19:30
    days.pass_to(4 * D, step=30 * M)
    assert times() == [20 * H, 3 * D + 7 * H + 30 * M]


def test_the_tenants_own_quiet_hours_hold(days: Days, personio: Integration) -> None:
    set_tenant(personio.tenant, quiet_hours="12-18")
    days.become(personio, "invalid")
    days.pass_to(D)
    assert times() == [6 * H]


@pytest.fixture
def upgraded(days: Days, personio: Integration) -> Integration:
    """Broken at noon, while nobody kept reminders; ten days later somebody does."""
    days.become(personio, "invalid")
    Reminder.objects.all().delete()
    Summary.objects.all().delete()
    days.skip_to(10 * D)
    return personio


def test_what_broke_before_an_upgrade_is_caught_up_with_once(
    days: Days, upgraded: Integration
) -> None:
    assert (
        summaries.create_missing(),
        reminder_spells.begin_missing(),
        reminder_spells.begin_missing(),
    ) == (
        1,
        1,
        0,
    )
    assert Reminder.objects.get().opened_at == NOON
    days.pass_to(13 * D, step=H)
    assert times() == [10 * D + H, 11 * D + 13 * H]
    assert "20 November 2026, 12:00" in texts()[0]
    days.become(upgraded, "connected")
    days.pass_to(14 * D, step=H)
    assert kinds() == ["reminder", "reminder", "recovered"]


def test_nobody_catches_up_with_what_needs_no_reminder(
    days: Days, upgraded: Integration, connect: Connect
) -> None:
    days.become(upgraded, "inactive")
    connect(upgraded.tenant)
    days.become(connect(upgraded.tenant), "setup_incomplete")
    days.become(connect(upgraded.tenant, origin_id="somebody else"), "invalid")
    Reminder.objects.filter(integration__snapshot__origin_id="somebody else").delete()
    days.pass_to(11 * D, step=D)
    with CaptureQueriesContext(connection) as queries:
        assert reminder_spells.begin_missing() == 0
    assert len(queries) == 2
    assert Reminder.objects.count() == 1


def test_what_is_snoozed_is_reminded_of_too(days: Days, upgraded: Integration) -> None:
    summaries.create_missing()
    summaries.snooze([upgraded.pk], days.now + D)
    assert reminder_spells.begin_missing() == 1


def test_what_recovers_while_somebody_catches_up_is_left(
    days: Days, upgraded: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    summaries.create_missing()
    monkeypatch.setattr(snapshot_locks, "lock", lambda _ids: days.become(upgraded, "connected"))
    assert reminder_spells.begin_missing() == 0
    assert not Reminder.objects.exists()


def test_the_worker_catches_up() -> None:
    assert reminder_spells.begin_missing in [task.run for task in worker.TASKS]


def test_a_worker_that_was_away_does_not_catch_up_in_a_burst(
    days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(20 * D, step=20 * D)
    days.pass_to(20 * D + 12 * H)
    assert kinds() == ["reminder"]
