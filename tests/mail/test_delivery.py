"""A mail on its way: what it says, how often it is tried, and when it is not sent after all."""

import smtplib
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format
from time_machine import TimeMachineFixture

from integrations.access import audit, hand_offs
from integrations.mail import compose, delivery, reminder_spells, reminders
from integrations.mail import status as mail_status
from integrations.mail.status import MailStatus
from integrations.models import (
    AuditEntry,
    HandOff,
    Integration,
    Mail,
    Reminder,
    Snapshot,
    Summary,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.simulator.hostile import NASTY
from tests.conftest import Connect, acting
from tests.mailbox import NOON, D, Days, H, M, html_of, sent, texts
from tests.views.browsing import Element, read

NAMES = [
    *NASTY,
    "Evil\r\nBcc: eve@evil.example",
    f"Evil {compose.LINK}",
    "Evil \u202egpj.exe",
    "x" * 5000,
]


@pytest.fixture
def days(time_machine: TimeMachineFixture, kombo: Simulator, settings: Any) -> Days:
    settings.REMINDER_QUIET_HOURS = "none"
    return Days(time_machine, kombo)


@pytest.fixture
def broken(days: Days, acme: Tenant, connect: Connect) -> Integration:
    """Needs to be reconnected since noon."""
    made = connect(acme)
    days.become(made, "invalid")
    return made


@pytest.fixture
def link(broken: Integration) -> HandOff:
    Tenant.objects.update(reminders="off")
    return hand_offs.create(broken, "reconnect", by=audit.WORKER, sent_to="helper@acme.example")


@pytest.fixture
def written(link: HandOff) -> Mail:
    """A mail that is due now."""
    made = compose.write_hand_off_mail(link)
    assert made
    return made


class Server:
    """A mail server that does as it is told, and its own connection."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.opening: Exception | None = None
        self.sending: Exception | None = None
        self.meanwhile: Callable[[], object] = lambda: None
        self.connection = self
        self.is_open = False
        self.to_noop: int | Exception = 250
        """What it says to NOOP."""
        self.opened = 0

    @property
    def default(self) -> "Server":
        return self

    def open(self) -> bool:
        if self.opening:
            raise self.opening
        was_open, self.is_open = self.is_open, True
        self.opened += not was_open
        return not was_open

    def noop(self) -> tuple[int, bytes]:
        if isinstance(self.to_noop, Exception):
            raise self.to_noop
        return self.to_noop, b""

    def close(self) -> None:
        self.is_open = False
        raise smtplib.SMTPServerDisconnected

    def send_messages(self, messages: list[Any]) -> None:
        self.meanwhile()
        if self.sending:
            raise self.sending
        self.taken += messages


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Server:
    made = Server()
    monkeypatch.setattr("integrations.mail.delivery.mailers", made)
    return made


def digest(user: User, day: int = 1) -> Mail:
    """A mail to somebody of the staff, due now."""
    context = {"number": 1, "day": NOON.date()}
    return compose.write_mail(
        f"digest {user.pk} {day}", kind="digest", to=user.email, reader=user, context=context
    )


def read_text(html: str) -> Element:
    return read(SimpleNamespace(content=html.removeprefix("<!doctype html>").encode()))


def state(mail: Mail) -> MailStatus:
    mail.refresh_from_db()
    now = timezone.now()
    found = mail_status.status_of(mail, now)
    # What a filter finds is what a badge says.
    assert [
        one
        for one in MailStatus
        if Mail.objects.filter(mail_status.with_status(one, now), pk=mail.pk).exists()
    ] == [found]
    return found


# --- What it says ---------------------------------------------------------------------------------


def test_a_reminder_says_all_there_is_to_know_as_text_and_as_html(
    days: Days, broken: Integration
) -> None:
    days.pass_to(H)
    [message] = sent()
    link = hand_offs.url_of(HandOff.objects.get())
    assert message.subject == "Personio and Northwind: please reconnect"
    for said in (str(message.body), html_of(message)):
        assert "Personio needs to be reconnected" in said
        assert "Personio no longer accepts our access." in said
        assert "20 November 2026, 12:00 (UTC)" in said
        assert said.count("20 November") == 1
        assert "Reconnecting takes about 2 minutes and needs an administrator of Personio." in said
        assert "works until 27 November 2026, 13:00 (UTC)." in said
        assert "because you connected Personio with Northwind for Acme GmbH" in said
        assert said.count(link) == 1
        assert compose.LINK not in said
    assert message.from_email == "Northwind <integrations@localhost>"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"
    raw = message_from_bytes(message.message(policy=policy.SMTP).as_bytes(), policy=policy.default)
    assert [part.get_content_type() for part in raw.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]
    assert raw["Message-ID"] == message.extra_headers["Message-ID"]
    assert raw["Message-ID"].endswith("@localhost>")
    assert '<html lang="en"' in html_of(message)


def test_since_when_the_sign_in_fails_is_said_by_its_sentence_alone(broken: Integration) -> None:
    snapshot = broken.snapshot
    snapshot.status, snapshot.sign_in_failing_since = "ACTIVE", NOON
    about = compose.context_about(broken, snapshot, since=NOON)
    assert "since 20 November 2026" in about["headline"].sentence
    assert about["since"] is None


def test_an_issues_title_is_one_line_of_text(days: Days, broken: Integration) -> None:
    days.pass_to(H)
    days.become(broken, "connected")
    Snapshot.objects.update(issue_title=f"Absences\r\n\u202e{compose.LINK} fail")
    days.pass_to(2 * H)
    kept = Mail.objects.get(kind="recovered")
    for said in (kept.text, kept.html):
        assert "not everything works: Absences link fail" in said
        assert compose.LINK not in said


def test_what_is_kept_holds_no_link(days: Days, broken: Integration) -> None:
    days.pass_to(H)
    [kept] = Mail.objects.all()
    token = hand_offs.token_of(HandOff.objects.get())
    assert token in texts()[0]
    assert token not in f"{kept.text}{kept.html}{kept.subject}{kept.headers}{kept.error}"
    assert compose.with_link(kept, "here") == (
        kept.text.replace(compose.LINK, "here"),
        kept.html.replace(compose.LINK, "here"),
    )


def test_no_address_and_no_link_is_logged(
    days: Days, written: Mail, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.sending = smtplib.SMTPRecipientsRefused(
        {written.to: (550, f"no {written.to} here".encode())}
    )
    delivery.send_due()
    assert "refused with code 550" in caplog.text
    assert "@" not in caplog.text
    assert "hand-off" not in caplog.text


@pytest.mark.parametrize("name", NAMES)
def test_no_name_becomes_markup_a_header_or_a_link(
    name: str, days: Days, broken: Integration
) -> None:
    Tenant.objects.update(name=name[:200])
    Snapshot.objects.update(tool_label=name)
    days.pass_to(H)
    [message] = sent()
    assert len(message.subject.splitlines()) == 1
    assert len(message.subject) <= compose.LONGEST_SUBJECT
    raw = message_from_bytes(message.message(policy=policy.SMTP).as_bytes(), policy=policy.default)
    assert sorted(raw.keys()) == sorted(
        [
            "Subject",
            "From",
            "To",
            "Date",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
        ]
    )
    html = html_of(message)
    shape = [(one.tag, *one.attributes) for one in read_text(html)]
    assert not {"script", "img", "svg", "iframe", "b"} & {tag for tag, *_attributes in shape}
    assert not [names for _tag, *names in shape for name in names if name.startswith("on")]
    assert html.count("<a ") == html.count(hand_offs.url_of(HandOff.objects.get())) == 1
    assert "\u202e" not in str(message.body)


def test_a_hand_off_mail_brings_the_link(days: Days, link: HandOff, written: Mail) -> None:
    assert written.key == f"hand_off {link.pk}"
    assert compose.write_hand_off_mail(link) == written
    days.work()
    [message] = sent()
    assert message.to == ["helper@acme.example"]
    assert message.subject == "Personio and Northwind: please reconnect"
    assert (
        "You were asked to help Acme GmbH with the connection between Personio and Northwind"
        in str(message.body)
    )
    for said in (str(message.body), html_of(message)):
        assert f"works until {date_format(link.expires_at, 'DATETIME_FORMAT')} (UTC)." in said
    assert hand_offs.url_of(link) in str(message.body)
    assert hand_offs.url_of(link) in html_of(message)
    link.refresh_from_db()
    assert link.sent_at == NOON
    assert Summary.objects.get().contacted_at == NOON


def test_no_hand_off_mail_without_a_server_or_an_address(link: HandOff, settings: Any) -> None:
    hidden = '"a;=cmd|/Ccalc!A0;b"@evil.example'
    for nowhere in (
        "",
        "nobody",
        "a@b.example\nBcc: c@d.example",
        f"{'x' * 300}@acme.example",
        hidden,
    ):
        link.sent_to = nowhere
        assert compose.write_hand_off_mail(link) is None
    link.sent_to = "helper@acme.example"
    settings.EMAIL_HOST_NAME = ""
    assert compose.write_hand_off_mail(link) is None
    assert not Mail.objects.exists()


def test_the_senders_name_is_the_vendors(settings: Any) -> None:
    settings.VENDOR_NAME, settings.DEFAULT_FROM_EMAIL = (
        'Nörd, "Wind"\r\nBcc: x@y.example',
        "a@b.example",
    )
    assert "\n" not in compose.sender()
    assert compose.sender().endswith("<a@b.example>")
    settings.DEFAULT_FROM_EMAIL = "Somebody <a@b.example>"
    assert compose.sender() == "Somebody <a@b.example>"
    settings.DEFAULT_FROM_EMAIL = "root"  # a mailbox of this machine
    assert compose.sender() == "root"


# --- How often it is tried ------------------------------------------------------------------------


def test_a_mail_is_sent_once(days: Days, written: Mail, server: Server) -> None:
    assert state(written) is MailStatus.WAITING
    assert (delivery.send_due(), delivery.send_due()) == (1, 0)
    assert state(written) is MailStatus.SENT
    assert len(server.taken) == 1


def test_while_the_server_is_away_all_mails_wait_and_one_of_them_tries(
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
    assert mail_status.problem_of(written.error) == "The mail server refused it with code 451."


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({"x": (550, b"unknown")}), True),
        (smtplib.SMTPRecipientsRefused({"x": (450, b"busy")}), False),
        (smtplib.SMTPDataError(554, b"spam"), True),
        (smtplib.SMTPDataError(451, b"later"), False),
        (smtplib.SMTPSenderRefused(550, b"who are you", "x"), False),
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


def test_killed_before_it_was_handed_over_it_is_tried_again_when_the_claim_ends(
    days: Days, written: Mail, server: Server
) -> None:
    now = timezone.now()
    Mail.objects.update(claimed_until=now + delivery.CLAIM, attempts=1)
    assert delivery.send_due() == 0
    assert state(written) is MailStatus.WAITING
    days.pass_to(delivery.CLAIM, step=M)
    assert len(server.taken) == 1


def test_killed_after_it_was_handed_over_nobody_knows(
    days: Days, written: Mail, server: Server
) -> None:
    now = timezone.now()
    Mail.objects.update(claimed_until=now + delivery.CLAIM, handed_at=now, due_at=None, attempts=1)
    assert state(written) is MailStatus.WAITING
    days.pass_to(D, step=H)
    assert server.taken == []
    assert state(written) is MailStatus.UNCLEAR


def test_whoever_lost_the_claim_hands_nothing_over(
    days: Days, written: Mail, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow() -> None:
        # Somebody else took it meanwhile.
        Mail.objects.update(claimed_until=timezone.now() + 2 * delivery.CLAIM)

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
    days: Days, written: Mail, server: Server, amy: User, caplog: pytest.LogCaptureFixture
) -> None:
    other = digest(amy)
    # As smtplib has it of a name or password.
    server.opening = UnicodeEncodeError("ascii", "pässwort", 1, 2, "not ASCII")
    tried = 0
    for hour in range(24):
        days.pass_to(hour * H, step=M)
        tried = max(tried, *Mail.objects.values_list("attempts", flat=True))
    assert tried == delivery.MOST_ATTEMPTS
    for one in (written, other):
        assert (state(one), one.error) == (MailStatus.FAILED, "unreachable")
    assert "ässwort" not in caplog.text


def test_a_mail_that_fails_otherwise_keeps_no_other_waiting_and_ends_too(
    days: Days, written: Mail, server: Server, amy: User, caplog: pytest.LogCaptureFixture
) -> None:
    Snapshot.objects.all().delete()
    Mail.objects.update(due_at=NOON - M)
    other = digest(amy)
    assert delivery.send_due() == 2
    assert (state(written), state(other)) == (MailStatus.WAITING, MailStatus.SENT)
    assert f"Mail {written.key} fails" in caplog.text
    days.pass_to(H, step=M)
    assert (state(written), written.error) == (MailStatus.FAILED, "unsendable")


# --- Is it still needed? --------------------------------------------------------------------------


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


def test_a_reminder_that_waited_until_the_next_is_there_is_not_needed(
    days: Days, broken: Integration, server: Server
) -> None:
    first = waiting(days, server)
    server.opening = None
    Tenant.objects.update(origin_id="somebody else")
    days.pass_to(5 * D, step=6 * H)
    Tenant.objects.update(origin_id="acme")
    reminder_spells.reconsider([broken.tenant])
    days.pass_to(5 * D + H)
    second = Mail.objects.exclude(pk=first.pk).get()
    assert (state(first), state(second)) == (MailStatus.NOT_NEEDED, MailStatus.SENT)
    assert len(server.taken) == 1


def test_a_reminder_that_came_too_late_and_failed_can_be_sent_again(
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


def test_a_reminder_waits_while_it_is_well_and_is_sent_if_it_breaks_again(
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


def test_a_reminder_that_waits_goes_to_who_is_the_contact_by_then(
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
    assert "as the contact of Acme GmbH" in str(message.body)
    assert [bool(one.revoked_at) for one in HandOff.objects.order_by("pk")] == [True, False]
    days.pass_to(3 * D, step=H)  # the second of the spell, for all that
    assert len(server.taken) == 2
    assert server.taken[1].extra_headers["References"] == first.headers["Message-ID"]


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


def test_a_failed_reminder_that_would_go_elsewhere_by_now_is_not_needed(
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


def test_a_reminder_that_waits_and_was_withdrawn_is_not_withdrawn_by_another(
    days: Days, broken: Integration, server: Server
) -> None:
    reminder = waiting(days, server)
    reminders.withdraw(reminder)
    reminders.withdraw(reminder)  # who has it in hand no more
    days.work()
    assert Reminder.objects.get().sent == 1
    assert Mail.objects.filter(key=reminder.key).exclude(pk=reminder.pk).exists()


@pytest.mark.parametrize("states", [("setup_incomplete",), ("connected", "setup_incomplete")])
def test_a_reminder_that_waits_is_not_sent_if_something_else_must_be_done(
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


def test_a_reminder_that_waits_is_sent_when_it_is_known_again_how_it_is(
    days: Days, broken: Integration, server: Server, kombo: Simulator
) -> None:
    reminder = waiting(days, server)
    kombo.set_fault("server_error", broken.integration_id)
    server.opening = None
    days.pass_to(12 * H, step=10 * M)
    assert server.taken == []
    assert state(reminder) is MailStatus.WAITING
    kombo.set_fault("none", broken.integration_id)
    days.pass_to(13 * H, step=10 * M)
    assert state(reminder) is MailStatus.SENT
    assert len(server.taken) == 1


def test_what_waits_for_kombo_keeps_no_other_waiting_and_is_not_looked_at_all_the_time(
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
    days.pass_to(3 * H, step=M)
    assert state(reminder) is MailStatus.WAITING
    assert reminder.attempts == 1


def test_no_link_is_sent_for_what_is_done_or_something_else_by_now(
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


def test_what_follows_from_a_mail_is_noted_in_the_order_of_all_locks(
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
