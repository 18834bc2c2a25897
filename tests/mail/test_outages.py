"""Mails while a tool is down: reminders wait and are not lost, and digests say it once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from time_machine import TimeMachineFixture

from integrations.mail import delivery, digests, reminders
from integrations.models import Integration, Mail, Outage, Preferences, Reminder, Snapshot, Tenant
from integrations.workspace import outage_detection, outages
from tests import copy
from tests.conftest import acting
from tests.mail.mornings import see_all
from tests.mailbox import html_of, sent
from tests.outage_histories import RECONNECT, SIGN_IN, Histories, at

pytestmark = pytest.mark.django_db


@pytest.fixture
def histories(clock: TimeMachineFixture, settings: Any) -> Histories:
    settings.REMINDER_QUIET_HOURS = "none"
    return Histories(clock)


@pytest.fixture
def made(histories: Histories) -> list[Integration]:
    return histories.connect("personio", 20, contact_email="hr@customer.example")


@pytest.fixture
def work(clock: TimeMachineFixture) -> Callable[[float], list[Integration | None]]:
    """The worker at a minute, who has just checked everything; whom it has reminded of by then."""

    def work(minutes: float) -> list[Integration | None]:
        clock.move_to(at(minutes), tick=False)
        Snapshot.objects.update(fetched_at=at(minutes))
        outage_detection.watch()
        while reminders.take_due_steps() + delivery.send_due():
            continue
        kinds = Mail.objects.filter(kind="reminder").exclude(sent_at=None)
        return [mail.integration for mail in kinds.order_by("integration")]

    return work


type Work = Callable[[float], list[Integration | None]]


def test_nobody_is_reminded_while_the_tool_is_down(
    histories: Histories, made: list[Integration], work: Work
) -> None:
    histories.fail(made[:4], 0)
    assert [work(minutes) for minutes in (1, 61, 300, 1000)] == [[]] * 4
    assert Reminder.objects.filter(ended_at=None, sent=0).count() == 4


def test_an_ordinary_incident_is_reminded_of_all_the_same(
    histories: Histories, made: list[Integration], work: Work
) -> None:
    histories.fail(made[:1], 0, RECONNECT)
    histories.fail(made[1:5], 30)
    assert work(61) == made[:1]


def test_who_still_fails_an_hour_after_is_reminded(
    histories: Histories, made: list[Integration], work: Work
) -> None:
    histories.fail(made[:5], 0)
    work(30)
    histories.recover(made[:4], 200)
    assert [work(minutes) for minutes in (201, 259)] == [[], []]
    assert work(261) == made[4:5]
    assert work(2000) == made[4:5]


def test_whoever_it_recovers_for_never_hears_of_it(
    histories: Histories, made: list[Integration], work: Work
) -> None:
    histories.fail(made[:5], 0)
    work(30)
    histories.recover(made[:5], 200)
    work(400)
    assert not Mail.objects.exists()


def test_after_a_day_everybody_is_reminded(
    histories: Histories, made: list[Integration], work: Work
) -> None:
    histories.fail(made[:4], 0)
    assert work(1439) == []
    assert work(1441) == []
    assert work(1441 + 60) == made[:4]


def test_what_staff_release_is_sent_at_once(
    histories: Histories, made: list[Integration], work: Work, root: User
) -> None:
    histories.fail(made[:4], 0)
    assert work(90) == []
    assert outages.release(Outage.objects.get().public_id, acting(root)) == "Personio"
    assert work(91) == made[:4]
    assert outages.release(Outage.objects.get().public_id, acting(root)) == ""


def test_a_mail_already_written_waits_too(
    histories: Histories, made: list[Integration], work: Work, clock: TimeMachineFixture
) -> None:
    Tenant.objects.update(reminders="1m 3d")
    histories.become(made[:4], 0, SIGN_IN)
    clock.move_to(at(2), tick=False)
    Snapshot.objects.update(fetched_at=at(2))
    assert reminders.take_due_steps() == 4
    assert Mail.objects.filter(sent_at=None).count() == 4
    assert work(3) == []  # found only now
    histories.recover(made[:3], 10)
    assert work(30) == []
    assert work(80) == made[3:4]


def test_alerts_wait_too(
    histories: Histories, made: list[Integration], work: Work, root: User
) -> None:
    see_all(root)
    Preferences.objects.create(user=root, at_once=True)
    histories.fail(made[:4], 0)
    work(10)
    assert not Mail.objects.filter(kind="alert").exclude(sent_at=None).exists()


def test_a_digest_says_it_once(
    histories: Histories, made: list[Integration], work: Work, root: User
) -> None:
    see_all(root)
    histories.fail(made[:1], 0, RECONNECT)
    histories.fail(made[1:5], 30)
    digests.write_due(at_any_hour=True)
    work(31)
    [message] = sent()
    assert message.subject == copy.N_CUSTOMER_INTEGRATION_NEEDS_ATTENTION(n=1)
    for text in (str(message.body), html_of(message)):
        assert text.count("No. 0") == 1
        assert "4 integrations are affected" in text
        assert not any(f"No. {number}" in text for number in range(1, 5))
        assert "/workspace/?scope=all&" in text.replace("&amp;", "&")
        assert Outage.objects.get().public_id in text


def test_a_digest_of_an_outage_alone_is_named_for_it(
    histories: Histories, made: list[Integration], work: Work, amy: User, root: User
) -> None:
    Tenant.objects.filter(pk=made[0].tenant_id).update(owner=amy)
    see_all(root)
    histories.fail(made[1:5], 0)
    digests.write_due(at_any_hour=True)
    work(31)
    [message] = sent()  # none to amy, whose customers are well
    assert copy.TOOL_IS_PROBABLY_DOWN(tool="Personio") in message.subject.replace(
        "\u2068", ""
    ).replace("\u2069", "")
    assert message.to == ["root@example.com"]


def test_what_is_released_is_told_one_by_one(
    histories: Histories, made: list[Integration], work: Work, root: User
) -> None:
    see_all(root)
    histories.fail(made[:4], 0)
    outages.release(Outage.objects.get().public_id, acting(root))
    digests.write_due(at_any_hour=True)
    work(31)
    text = str(sent()[0].body)
    assert all(f"No. {number}" in text for number in range(4))


def test_the_worker_that_looks_late_holds_back_nobody_else(
    histories: Histories, made: list[Integration], work: Work
) -> None:
    other = histories.connect("workday", 5, contact_email="hr@other.example")
    histories.fail(made[:4], 0)
    histories.fail(other[:1], 0)
    assert work(61) == other[:1]
    assert Reminder.objects.filter(integration__in=made[:4], next_at__gt=at(62)).count() == 4
