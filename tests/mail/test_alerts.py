"""What account managers are told by mail at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from integrations.mail import compose, delivery
from integrations.models import Integration, Mail, Preferences, Snapshot, Tenant
from integrations.workspace import summaries
from tests import copy
from tests.conftest import Connect
from tests.mail.mornings import Mornings, see_all, to
from tests.mailbox import D, H, M, html_of, sent, texts


def test_who_asked_hears_at_once_and_once_for_a_spell(
    mornings: Mornings, amys_personio: Integration, amy: User, mia: User, ned: User
) -> None:
    for user in (amy, see_all(mia), ned):
        Preferences.objects.create(user=user, digest=False, at_once=True)
    mornings.become(amys_personio, "invalid")
    assert sorted(to()) == ["amy@example.com", "mia@example.com"]
    for number in range(1, 5):  # within a while it is the same spell
        mornings.pass_to(number * 20 * M)
        mornings.become(amys_personio, "connected" if number % 2 else "invalid")
    assert len(sent()) == 2
    mornings.pass_to(3 * H)
    mornings.become(amys_personio, "connected")
    mornings.pass_to(4 * H)
    mornings.become(amys_personio, "setup_incomplete")
    assert len(sent()) == 4
    assert sent()[0].subject == "Acme GmbH: Personio needs to be reconnected"
    assert (
        f"http://localhost/workspace/t/{amys_personio.tenant.public_id}/i/{amys_personio.public_id}/"
        in texts()[0]
    )


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "left",
    [
        lambda amy: User.objects.filter(pk=amy.pk).update(is_staff=False),
        lambda amy: User.objects.filter(pk=amy.pk).update(is_active=False),
        lambda amy: User.objects.filter(pk=amy.pk).update(email="else@example.com"),
        lambda amy: User.objects.filter(pk=amy.pk).delete(),
        lambda amy: Tenant.objects.update(owner=None),
        lambda amy: Preferences.objects.update(digest=False, at_once=False),
    ],
    ids=["not staff", "inactive", "other address", "deleted", "reassigned", "unwanted"],
)
def test_what_was_written_is_not_sent_to_who_left_meanwhile(
    left: Callable[[User], object],
    mornings: Mornings,
    amys_personio: Integration,
    amy: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Preferences.objects.create(user=amy, at_once=True)
    monkeypatch.setattr(delivery, "send_due", lambda: 0)
    mornings.become(amys_personio, "invalid")
    mornings.pass_to(20 * H, step=H)
    assert sorted(Mail.objects.values_list("kind", flat=True)) == ["alert", "digest"]
    left(amy)
    monkeypatch.undo()
    mornings.work()
    assert sent() == []
    assert not Mail.objects.exclude(due_at=None).exists()


@pytest.mark.parametrize("is_deleted", [False, True])
def test_no_alert_of_what_is_another_tenants_by_now_or_gone(
    is_deleted: bool,
    mornings: Mornings,
    amys_personio: Integration,
    amy: User,
    bolt: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Preferences.objects.create(user=amy, at_once=True)
    monkeypatch.setattr(delivery, "send_due", lambda: 0)
    mornings.become(amys_personio, "invalid")
    assert Mail.objects.get().kind == "alert"
    if is_deleted:
        amys_personio.delete()
    else:
        Integration.objects.update(tenant=bolt, confirmed_origin_id="acme")
    monkeypatch.undo()
    mornings.work()
    assert sent() == []


def test_an_alert_is_not_sent_of_what_is_well_by_now(
    mornings: Mornings, amys_personio: Integration, amy: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Preferences.objects.create(user=amy, at_once=True)
    monkeypatch.setattr(delivery, "send_due", lambda: 0)
    mornings.become(amys_personio, "invalid")
    assert Mail.objects.get().kind == "alert"
    mornings.become(amys_personio, "connected")
    monkeypatch.undo()
    mornings.work()
    assert sent() == []
    assert not Mail.objects.exclude(due_at=None).exists()


def test_staff_read_their_own_language_not_the_customers(
    mornings: Mornings, amys_personio: Integration, amy: User
) -> None:
    Preferences.objects.create(user=amy, at_once=True)
    Tenant.objects.update(language="de")
    mornings.become(amys_personio, "invalid")
    assert copy.NO_LONGER_ACCEPTS_OUR_CREDENTIALS.core in texts()[0]


def test_not_at_once_of_what_is_withheld_or_not_theirs_to_do(
    mornings: Mornings, amys_personio: Integration, amy: User, acme: Tenant, connect: Connect
) -> None:
    Preferences.objects.create(user=amy, at_once=True)
    mornings.become(amys_personio, "inactive")
    mornings.become(connect(acme, origin_id="somebody else"), "invalid")
    mornings.pass_to(2 * H)
    assert sent() == []


def test_names_in_mails_to_staff_are_text(
    mornings: Mornings, amys_personio: Integration, amy: User
) -> None:
    Preferences.objects.create(user=amy, at_once=True)
    name = f"<b>Evil</b>\r\nBcc: eve@evil.example {compose.LINK}"
    Tenant.objects.update(name=name)
    Snapshot.objects.update(tool_label=name)
    summaries.recompute([amys_personio.pk])
    mornings.become(amys_personio, "invalid")
    Snapshot.objects.update(tool_label=name)
    mornings.pass_to(D)
    assert len(sent()) == 2
    for message in sent():
        assert "<b>" not in html_of(message)
        assert compose.LINK not in html_of(message) + str(message.body)
        assert "\n" not in message.subject


@pytest.mark.exhaustive
def test_without_a_mail_server_no_day_is_spent(
    mornings: Mornings, amys_personio: Integration, settings: Any
) -> None:
    settings.EMAIL_HOST_NAME = ""
    mornings.become(amys_personio, "invalid")
    mornings.pass_to(21 * H)
    assert not Mail.objects.exists()
    settings.EMAIL_HOST_NAME = "mail.example"
    mornings.work()
    assert to() == ["amy@example.com"]
