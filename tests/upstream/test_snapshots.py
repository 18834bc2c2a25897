"""The row that is the cache: when Kombo is asked, and what stays when it can't say."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.domain import freshness, headline
from integrations.kombo.schema import decode_coverage
from integrations.models import Entry, Incident, Integration, Snapshot, Tenant, Upstream
from integrations.simulator.app import Simulator
from integrations.simulator.faults import FAULTS
from integrations.simulator.hostile import hostile
from integrations.tenants import mapping
from integrations.upstream import snapshots
from tests.conftest import NOW, Connect, kombo_environment
from tests.kombo.payloads import payload
from tests.kombo.servers import Connection, answer, serving

pytestmark = pytest.mark.usefixtures("clock")


DETAILS = ("GET", "/v1/integrations/{integration_id}")
ERROR_COLUMNS = {
    "failures",
    "retry_at",
    "error_kind",
    "error_code",
    "error_log_url",
    "error_at",
    "check_at",
}
# What each fault of the simulator is to us; on a busy machine the deadline may come before the
# size.
KINDS = {
    "rate_limited": "rate_limited",
    "server_error": "server_failed",
    "bad_gateway": "server_failed",
    "unavailable": "server_failed",
    "gateway_timeout": "server_failed",
    "truncated": "bad_answer",
    "reset": "connection_failed",
    "wrong_json": "bad_answer",
    "wrong_shape": "bad_answer",
    "html": "bad_answer",
    "empty": "bad_answer",
    "redirect": "bad_answer",
    "key_revoked": "access_denied",
    "forbidden": "access_denied",
    "huge": "bad_answer or timed_out",
    "gzip_bomb": "bad_answer or timed_out",
    "hanging": "timed_out",
    "dripping": "timed_out",
}


@pytest.fixture
def personio(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme)


@pytest.fixture
def cold(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, fetched=False)


def look(integration: Integration, *, by_person: bool = False) -> Snapshot:
    """See the integration as a new request would."""
    integration.snapshot = Snapshot.objects.get(pk=integration.pk)
    integration.snapshot = snapshots.revalidate(integration, by_person=by_person)
    return integration.snapshot


def columns(snapshot: Snapshot, *, but: set[str]) -> dict[str, object]:
    return {
        one.attname: getattr(snapshot, one.attname)
        for one in Snapshot._meta.fields
        if one.attname not in but
    }


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


def test_whoever_looked_before_somebody_else_asked_does_not_ask_again(
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


@pytest.mark.usefixtures("loopback")
@pytest.mark.parametrize(("fault", "kind"), KINDS.items())
def test_the_last_good_answer_stays_whatever_kombo_does(
    fault: str, kind: str, personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    before = columns(personio.snapshot, but=ERROR_COLUMNS)
    kombo.set_fault(fault)
    clock.shift(60)
    found = look(personio)
    assert columns(found, but=ERROR_COLUMNS) == before
    assert found.error_kind in kind.split(" or ")
    assert (found.failures, found.error_at) == (1, timezone.now())
    assert found.retry_at is not None
    assert found.retry_at >= timezone.now() + timedelta(seconds=5)
    assert freshness.is_failing(found)
    kombo.set_fault("none")
    clock.move_to(found.retry_at + timedelta(seconds=1), tick=False)
    clean = columns(Snapshot(), but={*before, "check_at"})
    assert columns(look(personio), but={"check_at"}) == before | clean | {
        "fetched_at": timezone.now()
    }


def test_every_fault_of_the_simulator_is_looked_at() -> None:
    assert set(FAULTS) - set(KINDS) == {"none", "slow", "wrong_owner", "foreign_link"}


@pytest.mark.parametrize("fault", ["server_error", "wrong_shape", "key_revoked"])
def test_a_cold_row_stays_empty_and_says_why(
    fault: str, cold: Integration, kombo: Simulator
) -> None:
    kombo.set_fault(fault)
    found = look(cold)
    assert (found.fetched_at, found.status, found.coverage) == (None, "", "")
    assert freshness.is_failing(found)


def test_attempts_that_fail_come_ever_more_slowly(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json")
    clock.shift(60)
    waits = []
    for _ in range(9):
        found = look(personio)
        assert found.retry_at is not None
        waits.append((found.retry_at - timezone.now()).total_seconds())
        calls = kombo.calls[DETAILS]
        clock.shift(waits[-1] - 0.1)
        look(personio)
        assert kombo.calls[DETAILS] == calls
        clock.shift(0.1)
    assert waits == [5, 10, 20, 40, 60, 60, 60, 60, 60]


def test_a_click_asks_although_an_attempt_failed_a_moment_ago(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json")
    clock.shift(60)
    look(personio)
    kombo.set_fault("none")
    assert not freshness.is_failing(look(personio, by_person=True))


def test_a_429_is_waited_for_as_long_as_it_says(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("rate_limited")
    clock.shift(60)
    found = look(personio)
    assert found.retry_at == timezone.now() + timedelta(seconds=20)
    look(personio, by_person=True)
    assert kombo.calls[DETAILS] == 2


def test_an_environment_without_settings_is_a_failure_like_any_other(
    personio: Integration, settings: Any
) -> None:
    settings.KOMBO_ENVIRONMENTS = {}
    found = look(personio, by_person=True)
    assert (found.error_kind, found.error_code, found.status) == (
        "access_denied",
        "NOT_CONFIGURED",
        "ACTIVE",
    )


def test_what_kombo_does_not_know_any_more_is_removed_not_failing(
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


def test_a_dead_holder_of_the_lease_delays_nobody_for_longer_than_the_lease(
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


def test_an_answer_that_comes_after_its_lease_was_taken_over_is_discarded(
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


def test_an_answer_after_its_lease_ran_out_unclaimed_still_counts(
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


@pytest.fixture
def broken(acme: Tenant, connect: Connect) -> Integration:
    """An integration that must be reconnected, just after somebody did."""
    made = connect(acme, state="invalid")
    snapshots.watch(made)
    return made


def test_after_a_repair_kombo_is_asked_every_two_seconds(
    broken: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(1)
    look(broken)
    assert kombo.calls[DETAILS] == 1
    clock.shift(1)
    look(broken)
    assert kombo.calls[DETAILS] == 2
    assert freshness.is_watched(broken.snapshot, timezone.now())


@pytest.mark.parametrize(
    "state", ["connected", "final_sync_pending", "data_expired", "unknown_status", "deleted"]
)
def test_the_watch_ends_when_nobody_need_act_any_more(
    state: str, broken: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_state(broken.integration_id, state)
    clock.shift(2)
    assert look(broken).watch_until is None


def test_the_watch_goes_on_until_something_is_another_than_before(
    broken: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(2)
    assert look(broken).watch_until is not None
    kombo.set_opt_out(broken.integration_id, "hris_employees.gender")
    clock.shift(2)
    assert look(broken).watch_until is None


def test_the_watch_ends_after_a_minute(
    broken: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    clock.shift(58)
    look(broken)
    clock.shift(2)
    assert not freshness.is_watched(broken.snapshot, timezone.now())
    look(broken)
    assert kombo.calls[DETAILS] == 2


def test_a_repair_does_not_wait_for_an_earlier_failure(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("wrong_json")
    clock.shift(60)
    look(personio)
    kombo.set_fault("none")
    snapshots.watch(personio)
    assert not freshness.is_failing(look(personio))


@pytest.mark.parametrize(
    ("terms", "low", "high"),
    [
        ({}, 0, 0),
        ({"fetched_at": NOW}, 60, 72),
        ({"fetched_at": NOW, "outdated_at": NOW}, 0, 0),
        ({"fetched_at": NOW, "outdated_at": NOW - timedelta(seconds=1)}, 60, 72),
        ({"fetched_at": NOW - timedelta(seconds=50)}, 10, 12),
        ({"fetched_at": NOW - timedelta(hours=1)}, 1.5, 1.8),
        ({"fetched_at": NOW, "watch_until": NOW + timedelta(seconds=1)}, 2, 2),
        (
            {"fetched_at": NOW - timedelta(seconds=9), "watch_until": NOW + timedelta(seconds=1)},
            0.3,
            0.3,
        ),
        (
            {
                "fetched_at": NOW,
                "watch_until": NOW + timedelta(9),
                "retry_at": NOW + timedelta(seconds=8),
            },
            8,
            8,
        ),
        ({"lease_until": NOW + timedelta(seconds=1)}, 2, 2),
        ({"fetched_at": NOW, "lease_until": NOW}, 60, 72),
        ({"retry_at": NOW + timedelta(seconds=1)}, 5, 5),
        ({"retry_at": NOW + timedelta(seconds=47)}, 47, 47),
        ({"retry_at": NOW + timedelta(hours=1)}, 60, 60),
    ],
)
def test_when_a_page_looks_again(terms: dict[str, datetime], low: float, high: float) -> None:
    assert low <= freshness.next_look(Snapshot(**terms), NOW) <= high


def test_cards_loaded_together_do_not_look_again_together() -> None:
    looks = {freshness.next_look(Snapshot(fetched_at=NOW), NOW) for _ in range(20)}
    assert len(looks) > 10


def test_a_failed_check_is_logged_without_id_or_address(
    personio: Integration, kombo: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    kombo.set_fault("server_error")
    look(personio, by_person=True)
    assert (
        f"Integration {personio.public_id} not checked: server_failed PLATFORM.UNKNOWN_ERROR"
        in caplog.text
    )
    for secret in (personio.integration_id, "creator@", "ks_dev", kombo.public_url):
        assert secret not in caplog.text


def test_a_silence_keeps_the_reason_that_led_to_it(
    personio: Integration, kombo: Simulator, clock: TimeMachineFixture
) -> None:
    kombo.set_fault("key_revoked")
    for _ in range(7):
        clock.shift(61)
        found = look(personio, by_person=True)
    assert found.error_kind == "access_denied"
    Upstream.objects.update(limited_until=timezone.now() + timedelta(minutes=5))
    clock.shift(61)
    assert look(personio, by_person=True).error_kind == "access_denied"


def test_an_integration_deleted_during_its_check_is_no_error(
    personio: Integration, clock: TimeMachineFixture
) -> None:
    clock.shift(61)
    Integration.objects.all().delete()
    assert snapshots.revalidate(personio).tool_label == "Personio"
