"""What changes a snapshot besides the answer it holds: events that come meanwhile, the worker's
clock, the history.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import freshness, headline
from integrations.domain.headline import Key
from integrations.models import (
    Entry,
    Incident,
    Integration,
    Issue,
    Kind,
    Logo,
    Snapshot,
    Source,
    Tenant,
    Upstream,
)
from integrations.simulator.app import Simulator
from integrations.upstream import gateway, issues, snapshots
from tests.conftest import NOW, Connect

pytestmark = pytest.mark.usefixtures("clock")


DETAILS = ("GET", "/v1/integrations/{integration_id}")
DAY = 24 * 3600


@pytest.fixture
def personio(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme)


def look(integration: Integration, *, by_person: bool = False) -> Snapshot:
    """See the integration as a new request would."""
    integration.snapshot = Snapshot.objects.get(pk=integration.pk)
    integration.snapshot = snapshots.revalidate(integration, by_person=by_person)
    return integration.snapshot


def tell(integration: Integration, **facts: object) -> None:
    """Let an event of now say this."""
    now = timezone.now()
    with snapshots.amend(integration, at=now, source=Source.STATE) as row:
        row.outdated_at = now
        for name, value in facts.items():
            setattr(row, name, value)


def entries(kind: Kind) -> list[Entry]:
    return list(Entry.objects.filter(kind=kind).order_by("pk"))


# --- An event says that something changed ---------------------------------------------------------


def test_what_an_event_made_stale_is_asked_for_again(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(1)
    tell(personio)
    clock.shift(1)
    assert look(personio).fetched_at == timezone.now()
    assert kombo.calls[DETAILS] == 2
    look(personio)
    assert kombo.calls[DETAILS] == 2


def test_an_event_of_the_very_instant_of_the_fetch_makes_it_stale(
    personio: Integration, kombo: Simulator
) -> None:
    tell(personio)
    look(personio)
    assert kombo.calls[DETAILS] == 2


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen while Kombo's answer is on its way."""

    def meanwhile(act: Callable[[], object]) -> None:
        real = gateway.call

        def call(*args: Any, **terms: Any) -> Any:
            answer = real(*args, **terms)
            monkeypatch.setattr(gateway, "call", real)
            act()
            return answer

        monkeypatch.setattr(gateway, "call", call)

    return meanwhile


type Meanwhile = Callable[[Callable[[], object]], None]


def test_an_event_during_a_fetch_knows_the_status_better(
    personio: Integration, meanwhile: Meanwhile, clock: TimeMachineFixture
) -> None:
    clock.shift(60)
    meanwhile(
        lambda: tell(
            personio, status="INVALID", setup_status="INCOMPLETE", status_since=timezone.now()
        )
    )
    found = look(personio)
    assert (found.status, found.setup_status, found.status_since) == (
        "INVALID",
        "INCOMPLETE",
        timezone.now(),
    )
    assert freshness.is_outdated(found)
    assert [entry.what for entry in entries(Kind.STATE)] == ["connected", "reconnect_required"]


def test_an_event_during_a_fetch_leaves_the_rest_of_the_answer(
    acme: Tenant, connect: Connect, meanwhile: Meanwhile
) -> None:
    cold = connect(acme, fetched=False)
    meanwhile(lambda: tell(cold, status="INVALID"))
    found = look(cold)
    assert (found.tool_label, found.origin_id, found.fetched_at) == ("Personio", "acme", NOW)
    assert found.coverage_digest


def test_a_removal_during_a_fetch_stays(
    personio: Integration, meanwhile: Meanwhile, clock: TimeMachineFixture
) -> None:
    clock.shift(60)
    meanwhile(lambda: tell(personio, removed_at=timezone.now()))
    assert look(personio).removed_at == timezone.now()


def test_after_the_event_kombo_is_asked_again_and_believed(
    personio: Integration, meanwhile: Meanwhile, clock: TimeMachineFixture
) -> None:
    clock.shift(60)
    meanwhile(lambda: tell(personio, status="INVALID"))
    look(personio)
    clock.shift(1)
    assert look(personio).status == "ACTIVE"


def test_an_event_before_the_fetch_has_no_say(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    tell(personio, status="INVALID")
    clock.shift(1)
    assert look(personio).status == "ACTIVE"


# --- Only what changed is written -----------------------------------------------------------------


def updated_columns(queries: CaptureQueriesContext) -> set[str]:
    """The columns of the snapshot that were written."""
    written = [
        query["sql"].partition(" WHERE ")[0]
        for query in queries
        if query["sql"].startswith("UPDATE")
    ]
    written = [sql for sql in written if f'"{Snapshot._meta.db_table}"' in sql]
    names = {field.attname for field in Snapshot._meta.concrete_fields}
    return {name for name in names for sql in written if f'"{name}" = ' in sql}


def test_only_what_was_changed_is_written(personio: Integration) -> None:
    with (
        CaptureQueriesContext(connection) as queries,
        snapshots.amend(personio, at=NOW, source=Source.STATE) as row,
    ):
        row.qa_status, row.tool_label = "PASSED", row.tool_label
    assert updated_columns(queries) == {"qa_status"}


def test_nothing_changed_is_nothing_written(personio: Integration) -> None:
    with (
        CaptureQueriesContext(connection) as queries,
        snapshots.amend(personio, at=NOW, source=Source.STATE),
    ):
        pass
    assert updated_columns(queries) == set()
    assert [
        query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))
    ] == []


def test_the_same_answer_again_writes_no_more_than_its_time(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    clock.shift(60)
    with CaptureQueriesContext(connection) as queries:
        look(personio)
    assert updated_columns(queries) == {"fetched_at", "check_at", "lease", "lease_until"}


def test_a_change_without_the_grid_does_not_load_the_grid(personio: Integration) -> None:
    with CaptureQueriesContext(connection) as queries:
        tell(personio, status="INVALID")
    assert not [query["sql"] for query in queries if '"coverage"' in query["sql"]]


def test_a_change_of_something_that_is_gone_is_told(personio: Integration) -> None:
    Integration.objects.all().delete()
    with pytest.raises(Snapshot.DoesNotExist):
        tell(personio)


def test_a_change_that_fails_leaves_nothing(personio: Integration) -> None:
    with pytest.raises(IntegrityError):
        tell(personio, status="INVALID", failures=None)
    assert Snapshot.objects.get().status == "ACTIVE"
    assert len(entries(Kind.STATE)) == 1


def test_another_logo_is_kept(personio: Integration, kombo: Simulator) -> None:
    body = kombo.details(personio.integration_id)
    assert body
    body["tool"] |= {"icon_url": f"{kombo.public_url}/another.svg"}
    kombo.add(body)
    found = look(personio, by_person=True)
    assert found.logo
    assert (found.logo.url, Logo.objects.count()) == (f"{kombo.public_url}/another.svg", 2)


# --- The budget is full ---------------------------------------------------------------------------


def fill_budget() -> None:
    """Let others queue for another 30 seconds."""
    beyond = {"next_call_at": timezone.now() + timedelta(seconds=30)}
    Upstream.objects.update_or_create(pk="production", defaults=beyond)


@pytest.mark.parametrize("fetched", [True, False])
def test_a_full_budget_is_no_failure(
    fetched: bool, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme, fetched=fetched)
    before = Snapshot.objects.get()
    fill_budget()
    found = look(made, by_person=True)
    assert not freshness.is_failing(found)
    assert (found.failures, found.error_at, found.check_at) == (0, None, before.check_at)
    assert found.retry_at == NOW + timedelta(seconds=30)
    assert (found.lease, found.lease_until) == ("", None)
    assert found.fetched_at == before.fetched_at
    assert kombo.calls[DETAILS] == int(fetched)


def test_a_full_budget_keeps_the_failure_before_it(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json")
    found = look(personio, by_person=True)
    told = (found.error_kind, found.error_at, found.failures)
    clock.shift(60)
    fill_budget()
    found = look(personio)
    assert (found.error_kind, found.error_at, found.failures) == told == ("bad_answer", NOW, 1)


# --- When the worker looks again ------------------------------------------------------------------


def waits(integration: Integration, times: int = 20) -> list[float]:
    """How long the worker waits after each of so many looks, in seconds."""
    return [
        (look(integration, by_person=True).check_at - timezone.now()).total_seconds()
        for _ in range(times)
    ]


@pytest.mark.parametrize("max_age", [900, 60])
@pytest.mark.parametrize(
    ("state", "part"),
    [("connected", 1.0), ("invalid", 1 / 3), ("final_sync_pending", 1 / 3), ("inactive", 1 / 3)],
)
def test_the_worker_looks_sooner_where_there_is_trouble(
    state: str, part: float, max_age: int, acme: Tenant, connect: Connect, settings: Any
) -> None:
    settings.WORKER_MAX_AGE = max_age
    found = waits(connect(acme, state=state))
    assert all(0.8 * max_age * part <= wait <= 1.2 * max_age * part for wait in found)
    assert len(set(found)) > 10
    assert max(found) - min(found) > 0.05 * max_age * part  # spread, so that no waves form


def test_the_worker_looks_once_a_day_at_what_is_gone(
    personio: Integration, kombo: Simulator
) -> None:
    kombo.set_state(personio.integration_id, "deleted")
    assert all(0.8 * DAY <= wait <= 1.2 * DAY for wait in waits(personio))


def test_the_worker_comes_ever_more_rarely_to_what_fails(
    personio: Integration, kombo: Simulator
) -> None:
    kombo.set_fault("wrong_json")
    assert waits(personio, 9) == [10, 20, 40, 80, 160, 320, 640, 900, 900]


def test_the_worker_waits_as_long_as_kombo_asks(personio: Integration, kombo: Simulator) -> None:
    kombo.set_fault("rate_limited")
    assert waits(personio, 1) == [20]


def test_what_fails_for_ever_is_still_looked_at(personio: Integration, kombo: Simulator) -> None:
    kombo.set_fault("wrong_json")
    Snapshot.objects.update(failures=100_000)
    assert waits(personio, 1) == [900]


def test_the_worker_looks_soon_after_a_repair(personio: Integration) -> None:
    snapshots.watch(personio)
    assert Snapshot.objects.get().check_at == NOW + freshness.WATCHED_MAX_AGE


# --- What goes into the history -------------------------------------------------------------------


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


def test_an_incident_lasts_from_the_first_check_that_sees_it_to_the_one_that_does_not(
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


def test_another_label_is_another_grid_but_no_change_of_what_is_shared(
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


# --- Does the sign-in work? -----------------------------------------------------------------------


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
def test_a_failing_sign_in_is_believed_for_four_days_of_being_active(
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
