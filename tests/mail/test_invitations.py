"""The mail that invites a colleague to connect a tool, and whether it is sent."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from integrations.access import audit, hand_offs
from integrations.mail import delivery, hand_off_mails
from integrations.models import (
    CatalogueTool,
    ConnectionAttempt,
    HandOff,
    Mail,
    RepairAct,
    RepairTime,
    Snapshot,
    Tenant,
    ToolNote,
)
from integrations.tenants import connecting, mapping
from tests import copy
from tests.conftest import acting
from tests.views import to_connect


@pytest.fixture
def attempt(acme: Tenant, settings: Any) -> ConnectionAttempt:
    settings.EMAIL_HOST_NAME = "mail.example"
    return to_connect.planned(acme)


@pytest.fixture
def mail(attempt: ConnectionAttempt, alice: User) -> Mail:
    link = hand_offs.create(
        attempt, RepairAct.CONNECT, by=acting(alice), sent_to="tom@acme.example", message="Hi Tom"
    )
    written = hand_off_mails.write(hand_offs.reload(link))
    assert written
    return written


def test_it_says_who_asks_for_what_and_has_the_link(mail: Mail, mailoutbox: list[Any]) -> None:
    delivery.send_due()
    (sent,) = mailoutbox
    html = str(sent.alternatives[0][0])
    link = HandOff.objects.get()
    assert sent.subject == copy.CONNECT_TOOL_TO_VENDOR(tool="Workday", vendor="Northwind")
    asked = copy.PERSON_ASKS_YOU_TO_CONNECT(
        person="alice", organization="Acme GmbH", tool="Workday"
    )
    for body in (sent.body, html):
        for words in (asked, "Hi Tom", hand_offs.url_of(link)):
            assert words in body
    assert link.sent_at
    mail.refresh_from_db()
    assert mail.sent_at
    assert hand_offs.token_of(link) not in mail.text + mail.html


def test_it_says_what_helps_whoever_connects_it(attempt: ConnectionAttempt, alice: User) -> None:
    now = timezone.now()
    CatalogueTool.objects.update(guide_url="https://help.example/workday")
    ToolNote.objects.create(
        tool_id="workday", needed_person="Ann of IT", text="Use SSO.", updated_at=now
    )
    RepairTime.objects.create(
        tool_id="workday", act=RepairAct.CONNECT, seconds=480, number=5, counted_at=now
    )
    words = hand_off_mails.words_of(hand_offs.draft(attempt, RepairAct.CONNECT, by=acting(alice)))
    for body in (words.text, words.html):
        for said in (
            copy.USUALLY_NEEDED(who="Ann of IT"),
            copy.OTHERS_NEEDED_MINUTES(n=8),
            "Use SSO.",
            "https://help.example/workday",
        ):
            assert said in body


@pytest.mark.parametrize("language", ["de", "fr", "es", "it"])
def test_it_is_in_the_customers_language(
    attempt: ConnectionAttempt, alice: User, language: str
) -> None:
    attempt.tenant.language = language
    draft = hand_offs.draft(attempt, RepairAct.CONNECT, by=acting(alice))
    assert hand_off_mails.words_of(draft).language == language


@pytest.mark.parametrize(
    "how", ["revoked", "dismissed", "connected", "connected otherwise", "maker", "attempt deleted"]
)
def test_what_is_not_needed_any_more_is_not_sent(
    how: str, mail: Mail, attempt: ConnectionAttempt, alice: User, mailoutbox: list[Any]
) -> None:
    match how:
        case "revoked":
            hand_offs.revoke(HandOff.objects.get(), audit.COMMAND)
        case "dismissed":
            connecting.dismiss(attempt, audit.COMMAND)
        case "connected":
            ConnectionAttempt.objects.update(begun_at=timezone.now())
            made = mapping.create(attempt.tenant, "workday:1")
            connecting.note_created(made, "workday", "HRIS", timezone.now())
        case "connected otherwise":
            mapping.create(attempt.tenant, "workday:1")
            Snapshot.objects.update(tool_id="workday", category="HRIS")
        case "maker":
            alice.delete()
        case _:
            attempt.delete()
    delivery.send_due()
    assert mailoutbox == []
    mail.refresh_from_db()
    assert (mail.sent_at, mail.due_at) == (None, None)
