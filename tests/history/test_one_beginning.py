"""One rule for what an incident is, and one beginning of a trouble: strip, list, card, mails."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain.day_strip import kind_of
from integrations.domain.headline import TROUBLES, Key, Severity, key_of, severity_of
from integrations.domain.headline_text import headline_of
from integrations.history import days as history_days
from integrations.mail import compose
from integrations.models import Incident, Integration, Snapshot, Source, Summary, Tenant
from integrations.tenants import mapping
from integrations.upstream import snapshots
from integrations.workspace import summaries
from tests import copy

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
CONNECTED: dict[str, Any] = {"status": "ACTIVE", "setup_status": "COMPLETED"}
GRAVE = {Severity.ACTION_REQUIRED, Severity.ATTENTION}


@pytest.fixture(autouse=True)
def clock(time_machine: TimeMachineFixture) -> TimeMachineFixture:
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.fixture
def personio(acme: Tenant) -> Integration:
    made = mapping.create(acme, "personio:1")
    become(made, days=-30, tool_label="Personio", **CONNECTED)
    return made


def become(integration: Integration, *, days: float, **facts: Any) -> None:
    """Let these facts hold as of so many days from now."""
    at = NOW + timedelta(days=days)
    with snapshots.amend(integration, at=at, source=Source.CHECK) as row:
        for name, value in facts.items():
            setattr(row, name, value)


def fail_and_pause(integration: Integration) -> None:
    """The sign-in fails since the 22nd, and on the 25th Kombo gives it up."""
    become(integration, days=-3, sign_in_failing_since=NOW - timedelta(days=3))
    become(integration, days=0, status="INVALID", sign_in_failing_since=None)


def stored(integration: Integration) -> Snapshot:
    return Snapshot.objects.get(pk=integration.pk)


def legend(integration: Integration) -> dict[str, str]:
    strip = history_days.day_strip(integration, timezone.localtime(timezone.now()))
    return {kind: number for kind, _word, number in strip.legend}


# --- What an incident is


@pytest.mark.parametrize("key", Key)
def test_a_day_is_grave_where_there_is_an_incident(key: Key) -> None:
    assert (kind_of(key) in GRAVE) == (key in TROUBLES)
    if key in TROUBLES:
        assert kind_of(key) is severity_of(key)


def test_a_setup_left_open_is_an_incident(acme: Tenant) -> None:
    made = mapping.create(acme, "teamtailor:1")
    become(made, days=-12, status="ACTIVE", setup_status="INCOMPLETE")
    assert legend(made)["action_required"] == "13 days"
    found = Incident.objects.get()
    assert (found.key, found.closed_at) == (Key.SETUP_INCOMPLETE, None)
    assert found.opened_at == NOW - timedelta(days=12)
    become(made, days=-1, setup_status="FINAL_SYNC_PENDING")
    assert Incident.objects.get().closed_at == NOW - timedelta(days=1)


def test_reconnected_but_not_set_up_the_incident_goes_on(personio: Integration) -> None:
    become(personio, days=-3, status="INVALID")
    become(personio, days=-2, status="ACTIVE", setup_status="INCOMPLETE")
    assert Incident.objects.get().closed_at is None
    become(personio, days=-1, setup_status="COMPLETED")
    assert Incident.objects.get().closed_at == NOW - timedelta(days=1)


def test_a_pause_is_neither_an_incident_nor_a_limited_day(personio: Integration) -> None:
    become(personio, days=-10, status="INACTIVE")
    assert not Incident.objects.exists()
    assert legend(personio) | {"": ""} == {"paused": "11 days", "ok": "20 days", "": ""}


def test_after_its_removal_there_is_no_record(personio: Integration) -> None:
    become(personio, days=-10, removed_at=NOW - timedelta(days=10))
    assert not Incident.objects.exists()
    assert legend(personio)[""] == "69 days"
    assert "attention" not in legend(personio)


# --- Since when


def test_card_incident_list_and_mail_name_one_beginning(personio: Integration) -> None:
    fail_and_pause(personio)
    began = NOW - timedelta(days=3)
    row = stored(personio)
    assert key_of(row) is Key.RECONNECT_REQUIRED
    assert row.trouble_since == Incident.objects.get().opened_at == began
    assert Summary.objects.get().since == began
    assert copy.FIRST_DETECTED_ON_DATE(date="22 November") in headline_of(row, vendor="X").sentence
    told = compose.context_about(personio, row, since=NOW)
    assert told["since"] == began
    assert "First detected" not in told["headline"].sentence


def test_made_anew_the_list_names_it_too(personio: Integration) -> None:
    fail_and_pause(personio)
    Summary.objects.all().delete()
    summaries.recompute([personio.pk])
    assert Summary.objects.get().since == NOW - timedelta(days=3)


def test_back_within_an_hour_it_began_when_it_first_did(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    become(personio, days=-2, status="INVALID")
    become(personio, days=-1, status="ACTIVE")
    assert stored(personio).trouble_since is None
    become(personio, days=-1 + 0.5 / 24, status="INVALID")
    assert stored(personio).trouble_since == NOW - timedelta(days=2)


def test_a_sign_in_told_of_late_fails_since_the_record_says_so(personio: Integration) -> None:
    become(personio, days=-2, data_expired_at=NOW)
    become(personio, days=-1, data_expired_at=None)
    become(personio, days=-5, sign_in_failing_since=NOW - timedelta(days=5))
    began = Incident.objects.latest("opened_at").opened_at
    assert began == NOW - timedelta(days=1)
    sentence = headline_of(stored(personio), vendor="X").sentence
    assert "has failed since 24 November" in sentence


def test_what_began_as_a_limit_does_not_backdate_the_sign_in(personio: Integration) -> None:
    become(personio, days=-10, issue_title="Absences can't be read")
    become(personio, days=-2, sign_in_failing_since=NOW - timedelta(days=2))
    sentence = headline_of(stored(personio), vendor="X").sentence
    assert "has failed since 23 November" in sentence


@pytest.mark.parametrize("facts", [{"status": "INACTIVE"}, {"status": "ASLEEP"}])
def test_what_is_no_trouble_has_no_beginning_of_one(
    facts: dict[str, Any], personio: Integration
) -> None:
    become(personio, days=-3, status="INVALID")
    become(personio, days=-1, **facts)
    assert stored(personio).trouble_since is None
    assert Summary.objects.get().since == NOW - timedelta(days=1)
    become(personio, days=0, status="INVALID")
    assert stored(personio).trouble_since == NOW - timedelta(days=3)
