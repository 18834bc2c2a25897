"""What is one spell and what another, and what is written while nobody knows: by mails really
sent.
"""

from typing import Any

import pytest
from django.contrib.auth.models import User

from integrations.mail import reminder_spells, reminders
from integrations.models import HandOff, Integration, Mail, Preferences, Reminder, Snapshot, Source
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests import copy
from tests.mail.reminding import kinds
from tests.mailbox import NOON, D, Days, H, M, sent, texts, times

# --- Flaps, recovery, and what lies between -------------------------------------------------------


def test_what_recovers_before_the_first_delay_is_not_told(
    days: Days, personio: Integration
) -> None:
    days.become(personio, "invalid")
    days.pass_to(50 * M)
    days.become(personio, "connected")
    days.pass_to(D)
    assert not Mail.objects.exists()
    assert Reminder.objects.get().ended_at == NOON + 80 * M


@pytest.mark.exhaustive
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
    assert copy.IS_CONNECTED_AND_EVERYTHING(tool="Personio") in str(last.body)
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
    please = copy.ACTION_REQUIRED_RECONNECT_TOOL_TO_VENDOR(tool="Personio", vendor="Northwind")
    assert [one.subject for one in sent()] == [
        please,
        please,
        copy.TOOL_IS_CONNECTED_TO_VENDOR_AGAIN(tool="Personio", vendor="Northwind"),
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
    assert "contacted you about this before" not in texts()[-1]


def test_what_must_be_done_next_is_a_spell_of_its_own(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    days.pass_to(20 * D, step=H)
    days.become(personio, "setup_incomplete")
    days.pass_to(30 * D, step=H)
    assert times() == [H, 3 * D, 7 * D, 14 * D, 20 * D + H, 23 * D, 27 * D]
    assert set(kinds()) == {"reminder"}
    first, second = texts()[3:5]
    assert (copy.RECONNECT in first, copy.CONTINUE_SETUP in second) == (True, True)
    assert "Since 20 November 2026, 12:00 (UTC)" in second  # one trouble all the while
    assert "contacted you about this before" not in second
    assert "References" not in sent()[4].extra_headers
    assert sent()[4].subject == copy.ACTION_REQUIRED_FINISH_SETTING_UP(
        tool="Personio", vendor="Northwind"
    )
    days.become(personio, "connected")
    days.pass_to(31 * D, step=H)
    assert kinds().count("recovered") == 1


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("between", ["inactive", "connected"])
def test_what_lies_between_two_acts_joins_them_to_no_spell(
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
    days.pass_to(8 * D, step=D)
    assert times() == [H]
    kombo.set_fault("none", personio.integration_id)
    days.pass_to(8 * D + 30 * M, step=5 * M)
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
    days.pass_to(5 * D, step=D)
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
    days.pass_to(2 * H, step=M)
    assert times() == []
    assert Snapshot.objects.get().check_at < NOON + 10 * M
    monkeypatch.undo()
    days.pass_to(2 * H + 2 * reminders.LOOK_SOON, step=M)
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


@pytest.mark.exhaustive(keep=1)
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
    assert "everything is working" not in texts()[-1]
    assert copy.FIRST_SYNC_WITH_TOOL_IN_PROGRESS(tool="Personio") in texts()[-1]


def test_removal_ends_it_without_a_word(days: Days, personio: Integration) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    days.become(personio, "deleted")
    days.pass_to(30 * D, step=6 * H)
    assert times() == [H]
    assert Reminder.objects.get().ended_at == NOON + 2 * H
