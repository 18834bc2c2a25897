"""The row that is the cache: when Kombo is asked, and what stays when it can't say."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import freshness, headline
from integrations.kombo.schema import decode_coverage
from integrations.models import Entry, Incident, Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.simulator.hostile import hostile
from integrations.tenants import mapping
from integrations.upstream import snapshots
from tests.conftest import NOW, kombo_environment
from tests.kombo.payloads import payload
from tests.kombo.servers import Connection, answer, serving
from tests.upstream.looking import DETAILS, columns, look

pytestmark = pytest.mark.usefixtures("clock")


def test_the_first_answer_fills_the_row(cold: Integration, kombo: Simulator) -> None:
    assert not freshness.is_fresh(cold.snapshot, NOW)
    found = look(cold)
    assert (found.status, found.setup_status, found.category) == ("ACTIVE", "COMPLETED", "HRIS")
    assert (found.tool_id, found.tool_label, found.origin_id) == ("personio", "Personio", "acme")
    assert (found.creator_email, found.organization_name) == ("creator@acme.example", "Acme GmbH")
    assert (found.fetched_at, found.status_since, found.removed_at) == (NOW, NOW, None)
    assert (found.lease, found.lease_until) == ("", None)
    assert found.logo is not None
    assert decode_coverage(found.coverage).read_models
    assert kombo.calls[DETAILS] == 1


def test_what_is_fresh_is_not_asked_for_again(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(59)
    look(personio)
    assert kombo.calls[DETAILS] == 1


def test_what_is_stale_is_asked_for_once(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(60)
    for _ in range(5):
        look(personio)
    assert kombo.calls[DETAILS] == 2


def test_who_looked_before_another_asked_does_not_ask_again(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(60)
    early = Integration.objects.select_related("snapshot").get()
    look(personio)
    assert snapshots.revalidate(early).fetched_at == timezone.now()
    assert kombo.calls[DETAILS] == 2


def test_a_failure_since_we_looked_is_not_repeated(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(60)
    early = Integration.objects.select_related("snapshot").get()
    kombo.set_fault("server_error")
    look(personio)
    assert snapshots.revalidate(early).failures == 1
    assert kombo.calls[DETAILS] == 2


def test_a_click_asks_even_what_is_fresh(personio: Integration, kombo: Simulator) -> None:
    look(personio, by_person=True)
    assert kombo.calls[DETAILS] == 2


def test_fetched_at_is_when_the_fetch_began(
    acme: Tenant, settings: Any, clock: TimeMachineFixture
) -> None:
    def think(connection: Connection) -> None:
        clock.shift(3)
        answer(200, payload("example"))(connection)

    integration = mapping.create(acme, "factorial:8d1hpPsbjxUkoCoa1veLZGe5")
    with serving(think) as server:
        settings.KOMBO_ENVIRONMENTS = {"production": kombo_environment(f"{server.url}/v1")}
        found = look(integration)
    assert timezone.now() == NOW + timedelta(seconds=3)
    assert (found.tool_label, found.fetched_at) == ("Factorial", NOW)


def test_what_kombo_knows_no_more_is_removed_and_not_failing(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_state(personio.integration_id, "deleted")
    clock.shift(60)
    found = look(personio)
    assert (found.removed_at, found.fetched_at, found.error_kind) == (
        timezone.now(),
        timezone.now(),
        "",
    )
    assert found.tool_label == "Personio"
    assert headline.key_of(found) == "removed"
    clock.shift(3600)
    assert look(personio).removed_at == NOW + timedelta(seconds=60)


def test_what_was_removed_may_come_back(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_state(personio.integration_id, "deleted")
    clock.shift(60)
    look(personio)
    kombo.set_state(personio.integration_id, "connected")
    clock.shift(60)
    found = look(personio)
    assert (found.removed_at, headline.key_of(found), found.status_since) == (
        None,
        "connected",
        timezone.now(),
    )


def test_since_when_a_status_holds(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(60)
    assert look(personio).status_since == NOW
    kombo.set_state(personio.integration_id, "invalid")
    clock.shift(60)
    assert look(personio).status_since == NOW + timedelta(seconds=120)
    clock.shift(60)
    assert look(personio).status_since == NOW + timedelta(seconds=120)


def test_what_only_webhooks_tell_is_not_overwritten(personio: Integration) -> None:
    told = {
        "qa_status": "FAILED",
        "issue_title": "Absences can't be read",
        "sign_in_failing_since": NOW,
    }
    Snapshot.objects.update(**told)
    found = look(personio, by_person=True)
    assert {name: getattr(found, name) for name in told} == told


def test_a_dead_holder_delays_nobody_longer_than_its_lease(
    cold: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    assert snapshots.take_lease(cold.snapshot)
    clock.shift(snapshots.LEASE - timedelta(milliseconds=1))
    assert look(cold, by_person=True).fetched_at is None
    assert kombo.calls[DETAILS] == 0
    clock.shift(timedelta(milliseconds=1))
    assert look(cold).fetched_at == timezone.now()


def test_the_lease_outlasts_a_whole_call() -> None:
    assert timedelta(seconds=4) < snapshots.LEASE <= timedelta(seconds=8)


def test_only_one_of_two_gets_the_lease(cold: Integration) -> None:
    assert snapshots.take_lease(cold.snapshot)
    assert not snapshots.take_lease(cold.snapshot)


def late(snapshot: Snapshot) -> None:
    """What an answer that was long under way would change."""
    snapshot.status, snapshot.removed_at, snapshot.failures = "INVALID", NOW, 7


def test_an_answer_after_its_lease_was_taken_over_is_discarded(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    lost = snapshots.take_lease(personio.snapshot)
    clock.shift(snapshots.LEASE)
    taken_over = snapshots.take_lease(personio.snapshot)
    before = columns(Snapshot.objects.get(), but=set())
    entries = Entry.objects.count()
    snapshots._store(personio, lost, late, timezone.now())
    assert columns(Snapshot.objects.get(), but=set()) == before
    assert before["lease"] == taken_over
    assert (Entry.objects.count(), Incident.objects.count()) == (entries, 0)


def test_an_answer_after_its_lease_ran_out_still_counts(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    lease = snapshots.take_lease(personio.snapshot)
    clock.shift(snapshots.LEASE)
    snapshots._store(personio, lease, late, timezone.now())
    assert Snapshot.objects.get().status == "INVALID"


def test_an_answer_about_another_integration_is_not_shown(
    loopback: None, acme: Tenant, settings: Any, kombo: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    integration = mapping.create(acme, "factorial:another")
    with serving(answer(200, payload("example"))) as server:
        settings.KOMBO_ENVIRONMENTS = {"production": kombo_environment(f"{server.url}/v1")}
        found = look(integration)
    assert (found.error_kind, found.tool_label) == ("bad_answer", "")
    assert "factorial" not in caplog.text


def test_hostile_text_is_stored_as_it_came(acme: Tenant, kombo: Simulator) -> None:
    body = hostile(integration_id="sandbox:<b>", origin_id="acme")
    kombo.add(body)
    found = look(mapping.create(acme, "sandbox:<b>"))
    assert found.tool_label == body["tool"]["label"]
    assert [model.label for model in decode_coverage(found.coverage).read_models] == [
        model["label"] for model in body["read_models"]
    ]


def test_the_digest_changes_with_the_grid(personio: Integration, kombo: Simulator) -> None:
    digest = personio.snapshot.coverage_digest
    assert look(personio, by_person=True).coverage_digest == digest
    kombo.set_opt_out(personio.integration_id, "hris_employees")
    assert look(personio, by_person=True).coverage_digest != digest
