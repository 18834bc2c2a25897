"""When a mail that waits is not needed any more, or goes otherwise than it was meant."""

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.mail import delivery, reminder_spells, reminders
from integrations.mail import status as mail_status
from integrations.mail.status import MailStatus
from integrations.models import HandOff, Integration, Mail, Reminder, Snapshot, Tenant
from integrations.simulator.app import Simulator
from tests.conftest import acting
from tests.mail.mailing import Server, digest, state
from tests.mailbox import NOON, D, Days, H, M


@pytest.mark.parametrize("what", ["revoked_at", "used_at", "expires_at"])
def test_a_link_that_leads_nowhere_is_not_sent(
    what: str, days: Days, written: Mail, server: Server
) -> None:
    HandOff.objects.update(**{what: timezone.now()})
    delivery.send_due()
    assert server.taken == []
    assert state(written) is MailStatus.NOT_NEEDED


def test_nothing_is_sent_of_what_is_withheld_by_now(
    days: Days, written: Mail, server: Server
) -> None:
    Snapshot.objects.update(origin_id="somebody else")
    delivery.send_due()
    assert server.taken == []
    assert state(written) is MailStatus.NOT_NEEDED
    assert HandOff.objects.get().revoked_at


def test_nothing_is_sent_to_a_tenant_that_it_was_taken_from(
    days: Days, written: Mail, server: Server, bolt: Tenant
) -> None:
    Integration.objects.update(tenant=bolt, confirmed_origin_id="acme")
    delivery.send_due()
    assert server.taken == []
    assert state(written) is MailStatus.NOT_NEEDED


def test_a_reminder_waits_while_it_is_in_doubt_whose_it_is(
    days: Days, broken: Integration, server: Server
) -> None:
    reminder = waiting(days, server)
    server.opening = None
    Tenant.objects.update(origin_id="somebody else")
    days.pass_to(2 * H)
    assert server.taken == []
    assert state(reminder) is MailStatus.WAITING
    assert HandOff.objects.get().revoked_at is None
    Tenant.objects.update(origin_id="acme")
    days.pass_to(3 * H)
    assert (len(server.taken), state(reminder)) == (1, MailStatus.SENT)


def test_a_reminder_overtaken_by_the_next_is_not_needed(
    days: Days, broken: Integration, server: Server
) -> None:
    first = waiting(days, server)
    server.opening = None
    Tenant.objects.update(origin_id="somebody else")
    days.pass_to(5 * D, step=D)
    Tenant.objects.update(origin_id="acme")
    reminder_spells.reconsider([broken.tenant])
    days.pass_to(5 * D + H)
    second = Mail.objects.exclude(pk=first.pk).get()
    assert (state(first), state(second)) == (MailStatus.NOT_NEEDED, MailStatus.SENT)
    assert len(server.taken) == 1


def test_a_late_reminder_that_failed_can_be_sent_again(
    days: Days, broken: Integration, server: Server, root: User
) -> None:
    server.sending = smtplib.SMTPDataError(554, b"spam")
    days.pass_to(4 * D, step=H)
    first, second = Mail.objects.order_by("pk")
    assert (state(first), state(second)) == (MailStatus.FAILED, MailStatus.FAILED)
    server.sending = None
    assert delivery.resend(first, by=acting(root))
    days.work()
    assert state(first) is MailStatus.SENT


def waiting(days: Days, server: Server) -> Mail:
    """A reminder that the mail server kept waiting."""
    server.opening = ConnectionRefusedError()
    days.pass_to(H)
    return Mail.objects.get()


def test_a_reminder_of_what_is_over_is_not_sent(
    days: Days, broken: Integration, server: Server
) -> None:
    reminder = waiting(days, server)
    days.become(broken, "connected")
    server.opening = None
    days.pass_to(3 * H)
    assert server.taken == []
    assert state(reminder) is MailStatus.NOT_NEEDED
    assert HandOff.objects.get().revoked_at
    assert Mail.objects.count() == 1  # nor that it is good again


def test_a_reminder_waits_while_it_is_well_until_it_breaks(
    days: Days, broken: Integration, server: Server
) -> None:
    reminder = waiting(days, server)
    days.become(broken, "connected")
    server.opening = None
    days.pass_to(H + 10 * M)
    assert state(reminder) is MailStatus.WAITING
    days.become(broken, "invalid")
    days.pass_to(H + 30 * M)
    assert state(reminder) is MailStatus.SENT


def test_a_waiting_reminder_goes_to_who_is_the_contact_then(
    days: Days, broken: Integration, server: Server
) -> None:
    first = waiting(days, server)
    Tenant.objects.update(contact_email="new@acme.example")
    reminder_spells.reconsider([broken.tenant])
    server.opening = None
    days.pass_to(H + 10 * M, step=M)
    second = Mail.objects.exclude(pk=first.pk).get()
    assert (state(first), state(second)) == (MailStatus.NOT_NEEDED, MailStatus.SENT)
    [message] = server.taken
    assert (message.to, message.extra_headers) == (["new@acme.example"], first.headers)
    assert "the contact for Acme GmbH" in str(message.body)
    assert [bool(one.revoked_at) for one in HandOff.objects.order_by("pk")] == [True, False]
    days.pass_to(3 * D, step=H)  # the second of the spell, for all that
    assert len(server.taken) == 2
    assert server.taken[1].extra_headers["References"] == first.headers["Message-ID"]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("terms", [{"reminders": "off"}, {"reminders": "5d"}, {"reminder_cap": 0}])
def test_a_reminder_that_waits_is_not_sent_on_other_terms(
    terms: dict[str, Any], days: Days, broken: Integration, server: Server
) -> None:
    reminder = waiting(days, server)
    Tenant.objects.update(**terms)
    server.opening = None
    days.pass_to(4 * D, step=H)
    assert server.taken == []
    assert state(reminder) is MailStatus.NOT_NEEDED
    assert Mail.objects.count() == 1
    Tenant.objects.update(reminders="", reminder_cap=None)
    reminder_spells.reconsider([broken.tenant])
    days.work()
    assert len(server.taken) == 1


def test_a_failed_reminder_to_another_by_now_is_not_needed(
    days: Days, broken: Integration, server: Server, root: User
) -> None:
    server.sending = smtplib.SMTPDataError(554, b"spam")
    days.pass_to(4 * D, step=H)
    first, second = Mail.objects.order_by("pk")
    Tenant.objects.update(contact_email="new@acme.example")
    server.sending = None
    for one in (first, second):
        assert delivery.resend(one, by=acting(root))
        days.work()
    assert [one.to for one in server.taken] == [["new@acme.example"]]
    assert [state(one) for one in Mail.objects.order_by("pk")] == [
        MailStatus.NOT_NEEDED,
        MailStatus.NOT_NEEDED,
        MailStatus.SENT,
    ]
    assert server.taken[0].extra_headers == second.headers


def test_what_another_worker_withdrew_is_not_withdrawn_again(
    days: Days, broken: Integration, server: Server
) -> None:
    reminder = waiting(days, server)
    reminders.withdraw(reminder)
    reminders.withdraw(reminder)  # who has it in hand no more
    days.work()
    assert Reminder.objects.get().sent == 1
    assert Mail.objects.filter(key=reminder.key).exclude(pk=reminder.pk).exists()


@pytest.mark.exhaustive(keep=1)
@pytest.mark.parametrize("states", [("setup_incomplete",), ("connected", "setup_incomplete")])
def test_a_waiting_reminder_of_another_act_is_not_sent(
    states: tuple[str, ...], days: Days, broken: Integration, server: Server
) -> None:
    first = waiting(days, server)
    for one in states:
        days.become(broken, one)
    server.opening = None
    days.pass_to(3 * H, step=10 * M)
    second = Mail.objects.exclude(pk=first.pk).get()
    assert (state(first), state(second)) == (MailStatus.NOT_NEEDED, MailStatus.SENT)
    assert second.hand_off
    assert second.hand_off.act == "setup"
    assert [one.extra_headers for one in server.taken] == [second.headers]


def test_a_link_for_something_else_is_made_anew(
    days: Days, broken: Integration, server: Server
) -> None:
    first = waiting(days, server)
    HandOff.objects.update(act="setup")
    server.opening = None
    days.pass_to(2 * H, step=10 * M)
    assert state(first) is MailStatus.NOT_NEEDED
    assert [one.act for one in HandOff.objects.filter(revoked_at=None)] == ["reconnect"]
    assert len(server.taken) == 1


def test_a_waiting_reminder_is_sent_once_the_state_is_known(
    days: Days, broken: Integration, server: Server, kombo: Simulator
) -> None:
    reminder = waiting(days, server)
    kombo.set_fault("server_error", broken.integration_id)
    server.opening = None
    days.pass_to(12 * H, step=3 * H)
    assert server.taken == []
    assert state(reminder) is MailStatus.WAITING
    kombo.set_fault("none", broken.integration_id)
    days.pass_to(13 * H, step=10 * M)
    assert state(reminder) is MailStatus.SENT
    assert len(server.taken) == 1


def test_what_waits_for_kombo_holds_up_no_other_and_rests(
    days: Days, broken: Integration, server: Server, amy: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "BATCH", 1)
    reminder = waiting(days, server)
    Snapshot.objects.update(error_kind="server")
    monkeypatch.setattr(Days, "check", lambda _days: None)
    other = digest(amy)
    server.opening = None
    days.pass_to(H + M)
    assert (state(reminder), state(other)) == (MailStatus.WAITING, MailStatus.SENT)
    assert delivery.send_due() == 0
    days.pass_to(2 * H, step=M)
    assert state(reminder) is MailStatus.WAITING
    assert reminder.attempts == 1


def test_no_link_is_sent_for_what_is_done_or_another_by_now(
    days: Days, broken: Integration, written: Mail, server: Server
) -> None:
    days.become(broken, "setup_incomplete")
    assert server.taken == []
    assert state(written) is MailStatus.NOT_NEEDED
    assert HandOff.objects.get().revoked_at


def test_what_was_refused_in_the_evening_waits_for_the_morning(
    days: Days, broken: Integration, server: Server, settings: Any
) -> None:
    settings.REMINDER_QUIET_HOURS = "13-8"  # from an hour after noon
    settings.REMINDERS = "30m"
    reminder_spells.reconsider([broken.tenant])
    server.opening = ConnectionRefusedError()
    days.pass_to(H)
    assert Mail.objects.count() == 1
    server.opening = None
    days.pass_to(10 * H)
    assert server.taken == []
    days.pass_to(20 * H)
    assert len(server.taken) == 1
    assert Mail.objects.get().sent_at == NOON + 20 * H


def test_news_of_yesterday_is_none(days: Days, server: Server, amy: User) -> None:
    old = digest(amy)
    Mail.objects.update(created_at=NOON - timedelta(hours=25))
    delivery.send_due()
    assert server.taken == []
    assert state(old) is MailStatus.NOT_NEEDED


def test_what_follows_from_a_mail_keeps_the_order_of_locks(
    days: Days, written: Mail, server: Server
) -> None:
    with CaptureQueriesContext(connection) as queries:
        delivery.mark_sent(written, timezone.now())
    updates = [one["sql"].split('"')[1] for one in queries if one["sql"].startswith("UPDATE")]
    assert updates == ["integrations_summary", "integrations_mail", "integrations_handoff"]


def test_without_a_mail_server_nothing_is_tried(
    written: Mail, server: Server, settings: Any
) -> None:
    settings.EMAIL_HOST_NAME = ""
    assert delivery.send_due() == 0
    assert state(written) is MailStatus.WAITING


def test_words_of_another_version_are_shown_as_they_are(written: Mail) -> None:
    assert mail_status.problem_of("eaten by dog") == "eaten by dog"
    assert mail_status.kind_name("postcard") == "postcard"
