"""What a fetch writes into the history, and what it says of the sign-in."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import headline
from integrations.domain.headline import Key
from integrations.models import Entry, Incident, Integration, Issue, Kind, Source, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import issues, snapshots
from tests.conftest import NOW, Connect
from tests.upstream.looking import DAY, Meanwhile, entries, look

pytestmark = pytest.mark.usefixtures("clock")


def test_the_first_answer_begins_the_history(personio: Integration) -> None:
    (entry,) = Entry.objects.all()
    assert (entry.integration, entry.kind, entry.what, entry.source) == (
        personio,
        "state",
        "connected",
        "check",
    )
    assert (entry.at, entry.data) == (NOW, {"from": "pending"})


def test_a_state_is_kept_as_of_when_the_fetch_began(
    personio: Integration, kombo: Simulator, meanwhile: Meanwhile, clock: TimeMachineFixture
) -> None:
    kombo.set_state(personio.integration_id, "invalid")
    clock.shift(60)
    meanwhile(lambda: clock.shift(3))
    look(personio)
    assert entries(Kind.STATE)[-1].at == NOW + timedelta(seconds=60)
    assert Incident.objects.get().opened_at == NOW + timedelta(seconds=60)


def test_an_incident_lasts_until_a_check_does_not_see_it(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    for minutes, state in enumerate(["invalid", "invalid", "connected", "connected"], start=1):
        kombo.set_state(personio.integration_id, state)
        clock.move_to(NOW + timedelta(minutes=minutes), tick=False)
        look(personio)
    incident = Incident.objects.get()
    assert (incident.opened_at, incident.closed_at) == (
        NOW + timedelta(minutes=1),
        NOW + timedelta(minutes=3),
    )
    assert [entry.what for entry in entries(Kind.STATE)] == [
        "connected",
        "reconnect_required",
        "connected",
    ]


@pytest.mark.parametrize("fault", ["server_error", "key_revoked", "wrong_shape"])
def test_our_own_trouble_is_no_history(fault: str, personio: Integration, kombo: Simulator) -> None:
    kombo.set_fault(fault)
    look(personio, by_person=True)
    assert Entry.objects.count() == 1


def test_a_removal_is_history(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_state(personio.integration_id, "deleted")
    clock.shift(60)
    look(personio)
    last = entries(Kind.STATE)[-1]
    assert (last.what, last.at, last.data) == ("removed", timezone.now(), {"from": "connected"})


def test_another_grid_is_one_entry(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    assert personio.snapshot.coverage_changed_at is None
    kombo.set_opt_out(personio.integration_id, "hris_employees.gender")
    for _ in range(3):
        clock.shift(60)
        found = look(personio)
    (entry,) = entries(Kind.COVERAGE)
    assert entry.at == found.coverage_changed_at == NOW + timedelta(seconds=60)
    assert entry.data["counts"] == {"opted_out": 1}
    assert entry.data["datapoints"] == {"opted_out": ["hris_employees.gender"]}


def test_another_label_is_another_grid_but_nothing_shared(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    body = kombo.details(personio.integration_id)
    assert body
    body["read_models"][0]["label"] = "People"
    kombo.add(body)
    clock.shift(60)
    digest = personio.snapshot.coverage_digest
    found = look(personio)
    assert found.coverage_digest != digest
    assert found.coverage_changed_at is None
    assert entries(Kind.COVERAGE) == []


def test_other_settings_are_one_entry_as_of_when_they_changed(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(7 * DAY)
    kombo.set_state(personio.integration_id, "data_expired")
    for _ in range(2):
        clock.shift(60)
        found = look(personio)
    (entry,) = entries(Kind.SETTINGS)
    assert (entry.what, entry.source) == ("changed", "check")
    assert entry.at == min(found.data_expired_at or NOW, NOW + timedelta(days=7, seconds=60))
    kombo.set_state(personio.integration_id, "connected")
    clock.shift(60)
    assert look(personio).data_expired_at is None
    assert len(entries(Kind.SETTINGS)) == 1


def test_settings_that_were_other_before_we_came_are_no_news(
    acme: Tenant, connect: Connect
) -> None:
    connect(acme, state="data_expired")
    assert entries(Kind.SETTINGS) == []


def fail_sign_in(integration: Integration, since: datetime) -> None:
    """Let Kombo have raised that the sign-in fails."""
    Issue.objects.create(
        integration=integration,
        issue_id="1",
        type=issues.SIGN_IN,
        title="Sign-in fails",
        raised_at=since,
    )
    with snapshots.amend(integration, at=since, source=Source.ISSUE) as row:
        issues.update_snapshot(row)


def test_what_is_active_after_it_was_invalid_can_sign_in(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_state(personio.integration_id, "invalid")
    clock.shift(60)
    look(personio)
    fail_sign_in(personio, timezone.now())
    kombo.set_state(personio.integration_id, "connected")
    clock.shift(60)
    found = look(personio)
    assert (found.sign_in_failing_since, found.open_issues) == (None, "")
    assert headline.key_of(found) is Key.CONNECTED


@pytest.mark.parametrize(
    ("days", "key"), [(1, Key.SIGN_IN_FAILING), (4, Key.SIGN_IN_FAILING), (4.01, Key.CONNECTED)]
)
def test_a_failing_sign_in_is_believed_for_four_active_days(
    days: float, key: Key, personio: Integration, clock: TimeMachineFixture
) -> None:
    fail_sign_in(personio, NOW)
    clock.shift(timedelta(days=days))
    assert headline.key_of(look(personio)) is key


def test_what_is_invalid_for_long_is_not_believed_to_work(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    fail_sign_in(personio, NOW)
    kombo.set_state(personio.integration_id, "invalid")
    clock.shift(timedelta(days=5))
    found = look(personio)
    assert (headline.key_of(found), found.status_since) == (Key.RECONNECT_REQUIRED, timezone.now())


def test_a_fetch_alone_does_not_say_that_the_sign_in_works(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    fail_sign_in(personio, NOW)
    clock.shift(60)
    found = look(personio)
    assert (found.sign_in_failing_since, found.sign_in_settled_at) == (NOW, None)
