"""Mail servers take their time: what they take is on record as taken, however long it took them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.mail import compose, delivery, hand_off_mails
from integrations.mail import status as mail_status
from integrations.mail.status import MailStatus, needs_resend, status_of
from integrations.models import HandOff, Mail, MailKind
from tests import copy
from tests.conftest import Connect
from tests.mailbox import NOON

pytestmark = pytest.mark.django_db
FILTERED = timedelta(seconds=30)  # that a filter takes after the dot, and more is no fault
ANSWERS = 4  # to MAIL, RCPT, DATA and the dot


class Socket:
    """What notes how long it is waited for."""

    def __init__(self) -> None:
        self.patience: float = settings.MAIL_TIMEOUT

    def settimeout(self, seconds: float) -> None:
        self.patience = seconds


class Server:
    """A mail server that looks at each mail for a while before it says that it has it."""

    def __init__(self, clock: TimeMachineFixture) -> None:
        self.clock = clock
        self.connection = self
        self.sock = Socket()
        self.takes = FILTERED
        self.patience = 0.0
        self.seen: list[MailStatus] = []

    @property
    def default(self) -> "Server":
        return self

    def open(self) -> bool:
        return True

    def close(self) -> None:
        pass

    def send_messages(self, _messages: list[Any]) -> None:
        self.patience = self.sock.patience
        self.clock.shift(self.takes)
        mail = Mail.objects.get()
        self.seen.append(status_of(mail, timezone.now()))
        assert not Mail.objects.filter(needs_resend(timezone.now())).exists()
        if self.takes > timedelta(seconds=ANSWERS * self.patience):
            raise TimeoutError


@pytest.fixture
def server(
    time_machine: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch, kombo: object
) -> Server:
    time_machine.move_to(NOON, tick=False)
    made = Server(time_machine)
    monkeypatch.setattr("integrations.mail.delivery.mailers", made)
    return made


@pytest.fixture
def written(server: Server, acme: Any, connect: Connect, settings: Any) -> Mail:
    settings.REMINDERS = "off"
    made = connect(acme, state="invalid")
    link = HandOff.objects.create(
        integration=made,
        act="reconnect",
        created_at=NOON,
        expires_at=NOON + timedelta(days=9),
        sent_to="helper@acme.example",
    )
    mail = hand_off_mails.write(link)
    assert mail
    return mail


@pytest.mark.parametrize("seconds", [30, 599, 2399])
def test_a_slow_server_is_waited_for(seconds: int, server: Server, written: Mail) -> None:
    server.takes = timedelta(seconds=seconds)
    assert delivery.send_due() == 1
    written.refresh_from_db()
    assert written.sent_at is not None
    assert server.patience >= 600, "RFC 5321, 4.5.3.2.6"
    assert server.seen == [MailStatus.WAITING], "nobody is told that it may not have arrived"
    assert server.sock.patience == settings.MAIL_TIMEOUT, "the next NOOP is no mail"


def test_a_claim_outlasts_reaching_the_server() -> None:
    # connect, greeting, EHLO, STARTTLS, EHLO, and AUTH in up to four steps
    assert timedelta(seconds=9 * settings.MAIL_TIMEOUT) < mail_status.CLAIM


def test_a_claim_outlasts_handing_over() -> None:
    assert timedelta(seconds=ANSWERS * mail_status.PATIENCE) < mail_status.HANDED_CLAIM


@pytest.mark.parametrize("kind", [MailKind.REMINDER, MailKind.HAND_OFF, MailKind.RECOVERED])
def test_long_names_do_not_cut_off_what_a_subject_says(
    kind: str, written: Mail, settings: Any
) -> None:
    settings.VENDOR_NAME = "Vendor " * 30
    integration = written.integration
    assert integration
    integration.snapshot.tool_label = "Tool " * 60
    integration.tenant.name = "Customer " * 20
    context = compose.context_about(integration, integration.snapshot) | {
        "act": "reconnect",
        "is_fine": True,
        "expires_at": NOON,
    }
    mail = compose.write_mail(
        f"{kind} x", kind=kind, to="a@b.example", tenant=integration.tenant, context=context
    )
    act = "connected" if kind == MailKind.RECOVERED else "reconnect"
    assert re.search(rf"\b{act}\b", mail.subject), mail.subject
    assert "Tool Tool " in mail.subject
    assert len(mail.subject) < compose.LONGEST_SUBJECT


def test_nobodys_absence_is_told_to_us(written: Mail) -> None:
    assert written.headers["X-Auto-Response-Suppress"] == copy.ALL
    assert written.headers["Auto-Submitted"] == "auto-generated"
