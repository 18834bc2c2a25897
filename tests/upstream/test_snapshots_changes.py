"""Events that change a snapshot, also during a fetch, and that only what changed is written."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import freshness
from integrations.models import Integration, Kind, Logo, Snapshot, Source, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from tests.conftest import NOW, Connect
from tests.upstream.looking import DETAILS, Meanwhile, entries, look

pytestmark = pytest.mark.usefixtures("clock")


def tell(integration: Integration, **facts: object) -> None:
    """Let an event of now say this."""
    now = timezone.now()
    with snapshots.amend(integration, at=now, source=Source.STATE) as row:
        row.outdated_at = now
        for name, value in facts.items():
            setattr(row, name, value)


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


def test_an_event_of_the_instant_of_the_fetch_makes_it_stale(
    personio: Integration, kombo: Simulator
) -> None:
    tell(personio)
    look(personio)
    assert kombo.calls[DETAILS] == 2


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
