"""Who is reminded of what and when, told by mails that were really sent."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations import worker
from integrations.access import hand_offs
from integrations.domain import headline_text
from integrations.domain.events import MappingChanged
from integrations.mail import delivery, reminder_spells, reminders
from integrations.models import (
    HandOff,
    Integration,
    Mail,
    Preferences,
    Reminder,
    Snapshot,
    Source,
    Summary,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from integrations.upstream import snapshots
from integrations.workspace import summaries
from tests.conftest import Connect
from tests.mailbox import NOON, D, Days, H, M, sent, texts, times


@pytest.fixture
def days(time_machine: TimeMachineFixture, kombo: Simulator, settings: Any) -> Days:
    settings.REMINDER_QUIET_HOURS = "none"
    return Days(time_machine, kombo)


@pytest.fixture
def personio(days: Days, acme: Tenant, connect: Connect) -> Integration:
    """Connected since noon, by somebody whom Kombo names."""
    return connect(acme)


def kinds() -> list[str]:
    return list(
        Mail.objects.exclude(sent_at=None).order_by("sent_at").values_list("kind", flat=True)
    )


def set_tenant(tenant: Tenant, **columns: Any) -> None:
    Tenant.objects.filter(pk=tenant.pk).update(**columns)
    reminder_spells.reconsider([tenant])


# --- Cadence --------------------------------------------------------------------------------------


def test_reminders_come_an_hour_and_three_seven_and_fourteen_days_after_it_broke(
    days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(H - M, step=M)
    assert not sent()
    days.pass_to(60 * D, step=H)
    assert times() == [H, 3 * D, 7 * D, 14 * D]
    assert {tuple(one.to) for one in sent()} == {("creator@acme.example",)}
    assert [text.count("last reminder") for text in texts()] == [0, 0, 0, 1]
    assert [text.count("wrote to you about this before") for text in texts()] == [0, 1, 1, 1]


@pytest.mark.parametrize("state", ["invalid", "setup_incomplete"])
def test_what_the_customer_must_do_is_written_about(
    state: str, days: Days, personio: Integration
) -> None:
    days.become(personio, state)
    days.pass_to(2 * H)
    assert kinds() == ["reminder"]
    assert HandOff.objects.get().act == ("setup" if state == "setup_incomplete" else "reconnect")


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


def test_what_was_broken_before_an_upgrade_is_reminded_of_once_and_then_goes_on(
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


def test_nobody_catches_up_with_what_is_reminded_of_well_withheld_or_not_theirs(
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
    monkeypatch.setattr(snapshots, "lock", lambda _ids: days.become(upgraded, "connected"))
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


# --- Flaps, recovery, and what lies between -------------------------------------------------------


def test_what_recovers_before_the_first_delay_is_not_worth_a_word(
    days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(50 * M)
    days.become(personio, "connected")
    days.pass_to(D)
    assert not Mail.objects.exists()
    assert Reminder.objects.get().ended_at == NOON + 80 * M


def test_what_comes_and_goes_is_never_written_about(days: Days, personio: Integration) -> None:
    for number in range(20):
        days.become(personio, "connected" if number % 2 else "invalid")
        days.pass_to((number + 1) * 20 * M)
    days.pass_to(2 * D, step=H)
    assert not Mail.objects.exists()


def test_recovery_is_told_once_in_the_same_thread(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    days.pass_to(4 * D, step=H)
    days.become(personio, "connected")
    days.pass_to(4 * D + 29 * M)
    assert kinds() == ["reminder", "reminder"]
    days.pass_to(4 * D + 30 * M)
    days.pass_to(40 * D, step=H)
    assert kinds() == ["reminder", "reminder", "recovered"]
    first, second, last = sent()
    assert times()[-1] == 4 * D + 30 * M
    assert "All good again: Personio is connected" in str(last.body)
    thread = first.extra_headers["Message-ID"]
    assert [one.extra_headers.get("References") for one in (first, second, last)] == [
        None,
        thread,
        thread,
    ]
    assert [one.extra_headers.get("In-Reply-To") for one in (first, second, last)] == [
        None,
        thread,
        thread,
    ]
    assert len({one.extra_headers["Message-ID"] for one in sent()}) == 3
    please = "Personio and Northwind: please reconnect"
    assert [one.subject for one in sent()] == [
        please,
        please,
        "Personio and Northwind: working again",
    ]


def test_a_relapse_within_a_while_is_neither_good_again_nor_new(
    days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    days.become(personio, "connected")
    days.pass_to(2 * H + 20 * M)
    days.become(personio, "invalid")
    days.pass_to(3 * D + H)
    assert times() == [H, 3 * D]
    assert Reminder.objects.count() == 1


def test_a_relapse_later_is_another_thread(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    days.become(personio, "connected")
    days.pass_to(3 * H)
    days.become(personio, "invalid")
    days.pass_to(5 * H)
    assert kinds() == ["reminder", "recovered", "reminder"]
    assert times() == [H, 2 * H + 30 * M, 4 * H]
    assert "References" not in sent()[-1].extra_headers
    assert "wrote to you about this before" not in texts()[-1]


def test_what_must_be_done_next_is_a_spell_and_a_thread_of_its_own(
    days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(20 * D, step=H)
    days.become(personio, "setup_incomplete")
    days.pass_to(30 * D, step=H)
    assert times() == [H, 3 * D, 7 * D, 14 * D, 20 * D + H, 23 * D, 27 * D]
    assert set(kinds()) == {"reminder"}
    first, second = texts()[3:5]
    assert ("Reconnect:" in first, "Continue the setup:" in second) == (True, True)
    assert "Since: 10 December 2026, 12:00 (UTC)" in second
    assert "wrote to you about this before" not in second
    assert "References" not in sent()[4].extra_headers
    assert sent()[4].subject == "Personio and Northwind: please finish the setup"
    days.become(personio, "connected")
    days.pass_to(31 * D, step=H)
    assert kinds().count("recovered") == 1


@pytest.mark.parametrize("between", ["inactive", "connected"])
def test_what_lies_between_two_things_to_do_joins_them_to_no_spell(
    between: str, days: Days, personio: Integration
) -> None:
    days.become(personio, "setup_incomplete")
    days.pass_to(2 * H)
    days.become(personio, between)
    days.pass_to(2 * H + 10 * M)
    days.become(personio, "invalid")
    days.pass_to(4 * H)
    assert times() == [H, 3 * H + 10 * M]
    assert [one.act for one in HandOff.objects.order_by("pk")] == ["setup", "reconnect"]
    assert Reminder.objects.filter(ended_at=None).count() == 1


# --- What we know ---------------------------------------------------------------------------------


def test_while_nobody_knows_how_it_is_nothing_is_written(
    days: Days, personio: Integration, kombo: Simulator
) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    kombo.set_fault("server_error", personio.integration_id)
    days.pass_to(8 * D, step=6 * H)
    assert times() == [H]
    kombo.set_fault("none", personio.integration_id)
    days.pass_to(8 * D + 30 * M, step=M)
    [_first, second] = times()
    # Kombo is asked again after a while.
    assert 8 * D < second <= 8 * D + reminders.LOOK_SOON + 15 * M
    days.pass_to(20 * D, step=H)
    assert len(sent()) == 4  # and none at its heels


def test_what_was_over_before_anybody_knew_is_not_written_about(
    days: Days, personio: Integration, kombo: Simulator
) -> None:
    days.become(personio, "invalid")
    kombo.set_fault("server_error", personio.integration_id)
    kombo.set_state(personio.integration_id, "connected")
    days.pass_to(5 * D, step=6 * H)
    kombo.set_fault("none", personio.integration_id)
    days.pass_to(7 * D, step=H)
    assert not Mail.objects.exists()


def test_what_nobody_looked_at_of_late_is_looked_at_first(
    days: Days, personio: Integration, kombo: Simulator
) -> None:
    days.become(personio, "invalid")
    Snapshot.objects.update(check_at=NOON + 30 * D)  # as if the worker came round once a month
    days.pass_to(59 * M, step=M)
    days.pass_to(H)
    assert (times(), Snapshot.objects.get().check_at) == ([], NOON + H)
    days.pass_to(H + reminders.LOOK_SOON, step=M)
    assert times() == [H + reminders.LOOK_SOON]


def test_who_asks_again_keeps_their_place_in_the_queue(
    days: Days, personio: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.become(personio, "invalid")
    monkeypatch.setattr(Days, "check", lambda _days: None)  # its turn takes hours
    days.pass_to(6 * H, step=M)
    assert times() == []
    assert Snapshot.objects.get().check_at < NOON + 10 * M
    monkeypatch.undo()
    days.pass_to(6 * H + 2 * reminders.LOOK_SOON, step=M)
    assert len(times()) == 1


def test_what_kombo_told_counts_as_what_was_seen(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    Snapshot.objects.update(check_at=NOON + 30 * D, state_updated_at=NOON + 30 * M)
    days.pass_to(H)
    assert times() == [H]


def test_late_news_have_a_while_to_be_followed_by_later_ones(
    days: Days, personio: Integration, amy: User
) -> None:
    Preferences.objects.create(user=amy, at_once=True)
    days.pass_to(3 * H)
    for status in ("INVALID", "ACTIVE"):
        days.check()
        with snapshots.amend(personio, at=days.now - 2 * H, source=Source.STATE) as row:
            row.status = status
        days.work()
        assert not Mail.objects.exists()
        days.pass_to(3 * H + 2 * M, step=M)
    days.pass_to(5 * H)
    assert not Mail.objects.exists()


def test_late_news_are_written_about_after_that_while(
    days: Days, personio: Integration, kombo: Simulator
) -> None:
    days.pass_to(3 * H)
    kombo.set_state(personio.integration_id, "invalid")
    with snapshots.amend(personio, at=NOON + H, source=Source.STATE) as row:
        row.status = "INVALID"
    days.work()
    assert not Mail.objects.exists()
    days.pass_to(4 * H, step=M)
    assert times() == [3 * H + reminder_spells.GRACE]
    assert "20 November 2026, 13:00" in texts()[0]


@pytest.mark.parametrize("state", ["inactive", "unknown_status"])
def test_while_it_is_not_theirs_the_reminders_rest(
    state: str, days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    days.become(personio, state)
    days.pass_to(5 * D, step=H)
    assert times() == [H]
    days.become(personio, "invalid")
    assert times() == [H, 5 * D]  # overdue for two days
    days.become(personio, state)
    days.become(personio, "connected")
    days.pass_to(6 * D, step=H)
    assert kinds() == ["reminder", "reminder", "recovered"]


def test_recovery_in_the_night_is_told_in_the_morning(
    days: Days, personio: Integration, settings: Any
) -> None:
    settings.REMINDER_QUIET_HOURS = "20-8"
    days.become(personio, "invalid")
    days.pass_to(9 * H)
    days.become(personio, "connected")
    days.pass_to(2 * D)
    assert times() == [H, 20 * H]


def test_recovery_and_relapse_in_the_night_say_nothing_false(
    days: Days, personio: Integration, settings: Any
) -> None:
    settings.REMINDER_QUIET_HOURS = "20-8"
    days.become(personio, "invalid")
    days.pass_to(9 * H)
    days.become(personio, "connected")
    days.pass_to(12 * H)
    days.become(personio, "invalid")
    days.pass_to(D)
    assert kinds() == ["reminder", "reminder"]
    assert Reminder.objects.count() == 2


def test_recovery_with_limits_does_not_call_everything_good(
    days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    days.become(personio, "final_sync_pending")
    days.pass_to(3 * H)
    assert kinds() == ["reminder", "recovered"]
    assert "good again" not in texts()[-1]
    assert "The first data from Personio is on its way" in texts()[-1]


def test_removal_ends_it_without_a_word(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    days.become(personio, "deleted")
    days.pass_to(30 * D, step=6 * H)
    assert times() == [H]
    assert Reminder.objects.get().ended_at == NOON + 2 * H


# --- To whom --------------------------------------------------------------------------------------


def test_the_tenants_contact_comes_before_whoever_connected(
    days: Days, personio: Integration
) -> None:
    set_tenant(personio.tenant, contact_email="it@acme.example")
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    assert [one.to for one in sent()] == [["it@acme.example"]]
    assert "as the contact of Acme GmbH" in texts()[0]


@pytest.mark.parametrize(
    "address", [None, "", "nobody", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"]
)
def test_without_an_address_nothing_is_written_until_there_is_one(
    address: str | None, days: Days, acme: Tenant, connect: Connect
) -> None:
    days.become(connect(acme, creator_email=address), "invalid")
    days.pass_to(5 * H)
    assert not Mail.objects.exists()
    assert not HandOff.objects.exists()
    set_tenant(acme, contact_email="it@acme.example")
    days.pass_to(6 * H)
    assert [one.to for one in sent()] == [["it@acme.example"]]


def test_what_the_guard_holds_back_is_never_written_about(
    days: Days, acme: Tenant, connect: Connect
) -> None:
    withheld = connect(acme, origin_id="somebody else")
    days.become(withheld, "invalid")
    days.pass_to(5 * H)
    assert not Mail.objects.exists()
    Tenant.objects.filter(pk=acme.pk).update(origin_id="somebody else")
    days.pass_to(7 * H)
    assert kinds() == ["reminder"]


def test_german_is_written_to_who_reads_german(days: Days, personio: Integration) -> None:
    set_tenant(personio.tenant, language="de")
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    assert "Personio muss neu verbunden werden" in texts()[0]
    assert "20. November 2026" in texts()[0]


def test_without_a_mail_server_nothing_is_written_and_nobody_is_late_later(
    days: Days, personio: Integration, settings: Any
) -> None:
    settings.EMAIL_HOST_NAME = ""
    days.become(personio, "invalid")
    days.pass_to(20 * D, step=6 * H)
    assert not Mail.objects.exists()
    settings.EMAIL_HOST_NAME = "mail.example"
    days.pass_to(20 * D + 12 * H)
    assert kinds() == ["reminder"]


def test_another_tenants_integration_is_not_written_about_to_the_old(
    days: Days, personio: Integration, bolt: Tenant
) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    Integration.objects.filter(pk=personio.pk).update(tenant=bolt, confirmed_origin_id="acme")
    mapping.announce(personio, moved_from=personio.tenant)
    set_tenant(bolt, contact_email="it@bolt.example")
    days.pass_to(2 * D, step=H)
    assert [one.to for one in sent()] == [["creator@acme.example"], ["it@bolt.example"]]
    assert times() == [H, 3 * H]
    days.become(personio, "connected")
    days.pass_to(3 * D, step=H)
    assert [one.to for one in sent()][2:] == [["it@bolt.example"]]


def test_a_move_locks_in_the_order_of_all(days: Days, personio: Integration) -> None:
    with CaptureQueriesContext(connection) as queries:
        reminder_spells.on_mapping_changed(
            MappingChanged((personio.pk,), frozenset({personio.tenant_id}))
        )
    tables = [
        one["sql"].split('"integrations_')[1].split('"')[0]
        for one in queries
        if "integrations_" in one["sql"]
    ]
    assert tables[:2] == ["snapshot", "reminder"]


def test_the_administration_takes_only_what_can_be_read(
    days: Days, personio: Integration, root: User, sign_in: Callable[[User], Client]
) -> None:
    client, url = sign_in(root), f"/admin/integrations/tenant/{personio.tenant_id}/change/"
    typed = {
        "name": "Acme GmbH",
        "origin_id": "acme",
        "memberships-TOTAL_FORMS": "0",
        "memberships-INITIAL_FORMS": "0",
    }
    refused = client.post(
        url, typed | {"reminders": "3d 1h", "quiet_hours": "8-8"}
    ).content.decode()
    assert "each must be longer than the one before" in refused
    assert "Write two different hours" in refused
    assert Tenant.objects.get().reminders == ""
    days.become(personio, "invalid")
    assert client.post(url, typed | {"reminders": "10m"}).status_code == 302
    days.pass_to(H)
    assert times() == [10 * M]


# --- One step, whoever takes it -------------------------------------------------------------------


def test_the_last_contact_and_the_link_are_noted(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    days.pass_to(H)
    assert Summary.objects.get().contacted_at == NOON + H
    link = HandOff.objects.get()
    assert (link.sent_to, link.sent_at, link.expires_at) == (
        "creator@acme.example",
        NOON + H,
        NOON + H + 7 * D,
    )
    assert hand_offs.url_of(link) in texts()[0]


def test_nothing_of_a_step_is_left_if_it_fails(
    days: Days,
    personio: Integration,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    days.become(personio, "invalid")

    def fail(*_arguments: object, **_more: object) -> None:
        raise ValueError

    monkeypatch.setattr("integrations.mail.compose.render_to_string", fail)
    days.pass_to(H)
    assert "can't be worked" in caplog.text
    assert not Mail.objects.exists()
    assert not HandOff.objects.exists()
    assert Reminder.objects.get().sent == 0
    monkeypatch.undo()
    days.pass_to(3 * H)
    assert kinds() == ["reminder"]


def test_one_that_fails_keeps_no_other_waiting(
    days: Days, personio: Integration, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = connect(personio.tenant, tool_id="hibob")
    compose = headline_text.headline_of

    def picky(facts: Any, *, vendor: str) -> Any:
        if facts.pk == personio.pk:
            raise ValueError
        return compose(facts, vendor=vendor)

    monkeypatch.setattr("integrations.mail.compose.headline_of", picky)
    days.become(personio, "invalid")
    days.become(other, "invalid")
    days.pass_to(2 * H)
    assert [one.integration for one in Mail.objects.all()] == [other]


def test_nothing_due_costs_a_query_each(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    with CaptureQueriesContext(connection) as queries:
        assert reminders.take_due_steps() + delivery.send_due() == 0
    assert len(queries) == 2


def test_ended_spells_are_forgotten(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    assert reminder_spells.prune(timezone.now() + D) == 0
    days.become(personio, "connected")
    days.pass_to(4 * H)
    assert reminder_spells.prune(timezone.now() - D) == 0
    assert reminder_spells.prune(timezone.now() + timedelta(seconds=1)) == 1
    assert delivery.prune(timezone.now() - D) == 0
    assert delivery.prune(timezone.now() + timedelta(seconds=1)) == 2


def test_a_deleted_integration_takes_its_spell_along(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    Integration.objects.filter(pk=personio.pk).delete()
    days.pass_to(4 * D, step=H)
    assert Mail.objects.get().integration is None
    assert not Snapshot.objects.exists()
