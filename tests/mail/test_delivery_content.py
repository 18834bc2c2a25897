"""What a mail says, and what it must not."""

import smtplib
from email import message_from_bytes, policy
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils.formats import date_format

from integrations.access import hand_offs
from integrations.mail import compose, delivery, hand_off_mails
from integrations.models import HandOff, Integration, Mail, Snapshot, Summary, Tenant
from integrations.simulator.hostile import NASTY
from tests import copy
from tests.conftest import acting
from tests.mail.mailing import Server
from tests.mailbox import NOON, Days, H, html_of, sent, texts
from tests.views.browsing import Element, read

NAMES = [
    *NASTY,
    "Evil\r\nBcc: eve@evil.example",
    f"Evil {compose.LINK}",
    "Evil \u202egpj.exe",
    "x" * 5000,
]


def read_text(html: str) -> Element:
    return read(SimpleNamespace(content=html.removeprefix("<!doctype html>").encode()))


def test_a_reminder_says_all_there_is_as_text_and_as_html(days: Days, broken: Integration) -> None:
    days.pass_to(H)
    [message] = sent()
    link = hand_offs.url_of(HandOff.objects.get())
    assert message.subject == copy.ACTION_REQUIRED_RECONNECT_TOOL_TO_VENDOR(
        tool="Personio", vendor="Northwind"
    )
    for said in (str(message.body), html_of(message)):
        assert copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Personio") in said
        assert "Personio no longer accepts the saved credentials." in said
        assert "20 November 2026, 12:00 (UTC)" in said
        assert said.count("20 November") == 1
        assert copy.RECONNECTING_TAKES_ABOUT_2_MINUTES(tool="Personio") in said
        assert "is valid until 27 November 2026, 13:00 (UTC)." in said
        assert "because you connected Personio to Northwind for Acme GmbH" in said
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


def test_since_when_the_sign_in_fails_is_said_once(broken: Integration) -> None:
    snapshot = broken.snapshot
    snapshot.status, snapshot.sign_in_failing_since = "ACTIVE", NOON
    about = compose.context_about(broken, snapshot, since=NOON)
    assert "since 20 November." in about["headline"].sentence
    assert about["since"] is None


def test_an_issues_title_is_one_line_of_text(days: Days, broken: Integration) -> None:
    days.pass_to(H)
    days.become(broken, "connected")
    Snapshot.objects.update(issue_title=f"Absences\r\n\u202e{compose.LINK} fail")
    days.pass_to(2 * H)
    kept = Mail.objects.get(kind="recovered")
    for said in (kept.text, kept.html):
        assert "there’s an issue: Absences link fail" in said
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


@pytest.mark.exhaustive(keep=3)
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
            copy.DATE,
            "Message-ID",
            "Auto-Submitted",
            "X-Auto-Response-Suppress",
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
    assert hand_off_mails.write(link) == written
    days.work()
    [message] = sent()
    assert message.to == ["helper@acme.example"]
    assert message.subject == copy.ACTION_REQUIRED_RECONNECT_TOOL_TO_VENDOR(
        tool="Personio", vendor="Northwind"
    )
    asked = copy.ORGANIZATION_ASKS_YOU_TO_RECONNECT(organization="Northwind", tool="Personio")
    assert asked in str(message.body)
    assert asked in html_of(message)
    for said in (str(message.body), html_of(message)):
        assert f"is valid until {date_format(link.expires_at, 'DATETIME_FORMAT')} (UTC)." in said
    assert hand_offs.url_of(link) in str(message.body)
    assert hand_offs.url_of(link) in html_of(message)
    link.refresh_from_db()
    assert link.sent_at == NOON
    assert Summary.objects.get().contacted_at == NOON


def test_its_makers_words_are_a_quotation(days: Days, broken: Integration, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(first_name="Alice", last_name="Meier")
    link = hand_offs.create(
        broken,
        "reconnect",
        by=acting(User.objects.get(pk=alice.pk)),
        sent_to="helper@acme.example",
        message="Hi <b>Tom</b>,\nplease & thanks",
    )
    mail = hand_off_mails.write(hand_offs.reload(link))
    assert mail
    asked = copy.PERSON_OF_ORGANIZATION_ASKS(
        person="Alice Meier", organization="Acme GmbH", tool="Personio"
    )
    assert asked in mail.text
    assert asked in mail.html
    assert "> Hi <b>Tom</b>,\n> please & thanks\n" in mail.text
    assert "Hi &lt;b&gt;Tom&lt;/b&gt;,<br>please &amp; thanks" in mail.html


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
        assert hand_off_mails.write(link) is None
    link.sent_to = "helper@acme.example"
    settings.EMAIL_HOST_NAME = ""
    assert hand_off_mails.write(link) is None
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
