"""How often a mail is tried, and that it is sent at most once."""

import smtplib
from datetime import timedelta
from itertools import pairwise

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.mail import delivery
from integrations.mail import status as mail_status
from integrations.mail.status import MailStatus
from integrations.models import AuditEntry, Mail, Snapshot
from tests import copy
from tests.conftest import acting
from tests.mail.mailing import Server, digest, state
from tests.mailbox import NOON, D, Days, H, M


def test_a_mail_is_sent_once(days: Days, written: Mail, server: Server) -> None:
    assert state(written) is MailStatus.WAITING
    assert (delivery.send_due(), delivery.send_due()) == (1, 0)
    assert state(written) is MailStatus.SENT
    assert len(server.taken) == 1


def test_while_the_server_is_away_one_tries_and_all_wait(
    days: Days, written: Mail, server: Server, amy: User
) -> None:
    for number in range(5):
        digest(amy, number)
    server.opening = ConnectionRefusedError()
    assert delivery.send_due() == 0
    assert state(written) is MailStatus.WAITING
    assert written.error == "unreachable"
    assert delivery.send_due() == 0
    assert Mail.objects.filter(attempts__gt=0).count() == 1
    server.opening = None
    days.pass_to(2 * M, step=M)
    assert len(server.taken) == 6
    assert (state(written), written.error) == (MailStatus.SENT, "")


def test_retries_grow_and_end_with_the_reason(days: Days, written: Mail, server: Server) -> None:
    server.sending = smtplib.SMTPDataError(451, b"later")
    tried: list[timedelta] = []
    server.meanwhile = lambda: tried.append(timezone.now() - NOON)
    days.work()
    days.pass_to(D, step=M)
    waits = [after - before for before, after in pairwise(tried)]
    assert waits == [*(M * 2**number for number in range(6)), *[H] * (delivery.MOST_ATTEMPTS - 7)]
    assert state(written) is MailStatus.FAILED
    assert mail_status.problem_of(written.error) == copy.THE_MAIL_SERVER_REJECTED(code=451)


@pytest.mark.exhaustive(keep=4)
@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"unknown")}), True),
        (smtplib.SMTPRecipientsRefused({"x": (450, b"busy")}), False),
        (smtplib.SMTPDataError(554, b"spam"), True),
        (smtplib.SMTPSenderRefused(550, b"who are you", "x"), False),
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPHeloError(421, b"not now"), False),
    ],
)
def test_what_was_refused_was_not_sent(
    error: Exception, final: bool, days: Days, written: Mail, server: Server
) -> None:
    server.sending = error
    assert delivery.send_due() == 1
    assert state(written) is (MailStatus.FAILED if final else MailStatus.WAITING)
    assert written.handed_at is None
    server.sending = None
    days.pass_to(H)
    assert len(server.taken) == (0 if final else 1)


@pytest.mark.parametrize(
    ("said", "opened"),
    [(250, 1), (421, 3), (smtplib.SMTPServerDisconnected(), 3), (ConnectionResetError(), 3)],
)
def test_a_server_that_hangs_up_after_each_mail_is_called_again(
    said: int | Exception, opened: int, days: Days, server: Server, amy: User
) -> None:
    server.to_noop = said
    for number in range(3):
        digest(amy, number)
    assert delivery.send_due() == 3
    assert (len(server.taken), server.opened) == (3, opened)


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "error", [TimeoutError(), smtplib.SMTPServerDisconnected(), ConnectionResetError()]
)
def test_what_may_have_arrived_is_not_sent_again_by_itself(
    error: Exception, days: Days, written: Mail, server: Server, root: User
) -> None:
    server.sending = error
    assert delivery.send_due() == 1
    assert state(written) is MailStatus.UNCLEAR
    server.sending = None
    days.pass_to(D, step=H)
    assert server.taken == []
    assert delivery.resend(written, by=acting(root))
    assert not delivery.resend(written, by=acting(root))
    days.work()
    assert (len(server.taken), state(written)) == (1, MailStatus.SENT)
    assert not delivery.resend(written, by=acting(root))
    [entry] = AuditEntry.objects.filter(what="mail_resent")
    assert (entry.actor, entry.tenant, entry.tool) == ("root", "Acme GmbH", "Personio")


def test_killed_before_the_handover_it_is_tried_after_the_claim(
    days: Days, written: Mail, server: Server
) -> None:
    now = timezone.now()
    Mail.objects.update(claimed_until=now + mail_status.CLAIM, attempts=1)
    assert delivery.send_due() == 0
    assert state(written) is MailStatus.WAITING
    days.pass_to(mail_status.CLAIM, step=M)
    assert len(server.taken) == 1


def test_killed_after_it_was_handed_over_nobody_knows(
    days: Days, written: Mail, server: Server
) -> None:
    now = timezone.now()
    Mail.objects.update(
        claimed_until=now + mail_status.CLAIM, handed_at=now, due_at=None, attempts=1
    )
    assert state(written) is MailStatus.WAITING
    days.pass_to(D, step=H)
    assert server.taken == []
    assert state(written) is MailStatus.UNCLEAR


def test_whoever_lost_the_claim_hands_nothing_over(
    days: Days, written: Mail, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> None:
        # Somebody else took it meanwhile.
        Mail.objects.update(claimed_until=timezone.now() + 2 * mail_status.HANDED_CLAIM)

    monkeypatch.setattr(server, "open", slow)
    assert delivery.send_due() == 1
    assert server.taken == []
    assert state(written) is MailStatus.WAITING


def test_a_mail_that_can_not_be_built_keeps_no_other_waiting(
    days: Days, written: Mail, server: Server, amy: User
) -> None:
    Mail.objects.update(subject="one\ntwo", due_at=NOON - M)
    other = digest(amy)
    assert delivery.send_due() == 2
    assert (state(written), state(other)) == (MailStatus.FAILED, MailStatus.SENT)


def test_what_can_not_even_begin_ends_with_the_reason(
    days: Days, written: Mail, server: Server, amy: User, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(delivery, "MOST_ATTEMPTS", 4)
    other = digest(amy)
    # As smtplib has it of a name or password.
    server.opening = UnicodeEncodeError("ascii", "pässwort", 1, 2, "not ASCII")
    tried = 0
    for hour in range(4):
        days.pass_to(hour * H, step=M)
        tried = max(tried, *Mail.objects.values_list("attempts", flat=True))
    assert tried == delivery.MOST_ATTEMPTS
    for one in (written, other):
        assert (state(one), one.error) == (MailStatus.FAILED, "unreachable")
    assert "ässwort" not in caplog.text


def test_a_mail_that_fails_otherwise_ends_and_holds_up_no_other(
    days: Days, written: Mail, server: Server, amy: User, caplog: pytest.LogCaptureFixture
) -> None:
    Snapshot.objects.all().delete()
    Mail.objects.update(due_at=NOON - M)
    other = digest(amy)
    assert delivery.send_due() == 2
    assert (state(written), state(other)) == (MailStatus.WAITING, MailStatus.SENT)
    assert f"Mail {written.key} fails" in caplog.text
    days.pass_to(3 * H, step=M)
    assert (state(written), written.error) == (MailStatus.FAILED, "unsendable")
