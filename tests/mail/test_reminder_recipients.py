"""To whom a reminder is written, and that a step is taken whole or not at all."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from integrations.access import hand_offs
from integrations.domain import headline_text
from integrations.mail import delivery, reminder_spells, reminders
from integrations.models import HandOff, Integration, Mail, Reminder, Snapshot, Summary, Tenant
from integrations.tenants import mapping
from tests import copy
from tests.conftest import Connect
from tests.mail.reminding import kinds, set_tenant
from tests.mailbox import NOON, D, Days, H, M, sent, texts, times

# --- To whom --------------------------------------------------------------------------------------


def test_the_tenants_contact_comes_before_whoever_connected(
    days: Days, personio: Integration
) -> None:
    set_tenant(personio.tenant, contact_email="it@acme.example")
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    assert [one.to for one in sent()] == [["it@acme.example"]]
    assert "the contact for Acme GmbH" in texts()[0]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(
    "address", [None, "nobody", "", "a@b.example, c@d.example", "a@b.example\nBcc: c@d.example"]
)
def test_nothing_is_written_until_there_is_an_address(
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


def test_without_a_mail_server_nothing_is_written_then_or_later(
    days: Days, personio: Integration, settings: Any
) -> None:
    settings.EMAIL_HOST_NAME = ""
    days.become(personio, "invalid")
    days.pass_to(20 * D, step=4 * D)
    assert not Mail.objects.exists()
    settings.EMAIL_HOST_NAME = "mail.example"
    days.pass_to(20 * D + 12 * H)
    assert kinds() == ["reminder"]


def test_the_old_tenant_is_not_written_to_after_a_move(
    days: Days, personio: Integration, bolt: Tenant
) -> None:
    days.become(personio, "invalid")
    days.pass_to(2 * H)
    Integration.objects.filter(pk=personio.pk).update(tenant=bolt, confirmed_origin_id="acme")
    mapping.announce(personio, left=personio.tenant)
    days.work()  # what is new is asked about at once
    set_tenant(bolt, contact_email="it@bolt.example")
    days.pass_to(2 * D, step=H)
    assert [one.to for one in sent()] == [["creator@acme.example"], ["it@bolt.example"]]
    assert times() == [H, 3 * H]
    days.become(personio, "connected")
    days.pass_to(3 * D, step=H)
    assert [one.to for one in sent()][2:] == [["it@bolt.example"]]


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
    assert copy.DELAYS_COUNT_FROM_THE_START in refused
    assert copy.N_HOURS(n="Enter two different") in refused
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
