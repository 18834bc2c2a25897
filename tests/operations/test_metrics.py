"""What Prometheus reads: every promise kept, from any process, and nothing that names anybody."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from integrations import counters, worker
from integrations.access import embed_sessions
from integrations.models import (
    CounterValue,
    EmbedSession,
    Event,
    Integration,
    Mail,
    Snapshot,
    Tenant,
    Upstream,
)
from integrations.operations import metrics
from integrations.simulator.app import Simulator
from integrations.upstream import gateway, snapshots
from integrations.version import VERSION
from tests.conftest import NOW, Connect

pytestmark = pytest.mark.usefixtures("counting")
type Values = dict[tuple[str, frozenset[tuple[str, str]]], float]


def scraped() -> Values:
    """Every sample, by its name without the prefix and its labels."""
    found: Values = {}
    for family in text_string_to_metric_families(metrics.scrape().decode()):
        for sample in family.samples:
            name = sample.name.removeprefix(metrics.PREFIX)
            assert sample.name != name
            found[name, frozenset(sample.labels.items())] = sample.value
    return found


def value(name: str, **labels: str) -> float:
    return scraped()[name, frozenset(labels.items())]


HERE = {"environment": "production"}


def test_gauges_are_read_from_the_database(well: Integration) -> None:
    Snapshot.objects.update(lease_until=NOW + timedelta(seconds=3), fetched_at=NOW)
    Event.objects.create(
        environment="production", event_id="1", type="x", received_at=NOW - timedelta(minutes=2)
    )
    columns: dict[str, Any] = {"kind": "digest", "to": "x@y.example", "created_at": NOW}
    Mail.objects.create(key="1", due_at=NOW - timedelta(seconds=30), **columns)
    Mail.objects.create(key="2", sent_at=NOW, **columns)
    EmbedSession.objects.create(digest="1", tenant=well.tenant, created_at=NOW, used_at=NOW)
    ended = NOW - embed_sessions.ABSOLUTE
    EmbedSession.objects.create(digest="2", tenant=well.tenant, created_at=ended, used_at=NOW)
    found = scraped()
    expected = {
        "database_up": 1,
        "migrations_pending": 0,
        "leases_held": 1,
        "checks_due": 0,
        "snapshots_never_checked": 0,
        "webhook_events_waiting": 1,
        "webhook_events_waiting_seconds": 120,
        "mails_waiting": 1,
        "mails_waiting_seconds": 30,
        "embed_sessions_open": 1,
        "worker_heartbeat_age_seconds": 0,
    }
    assert {name: found[name, frozenset()] for name in expected} == expected
    assert found["mails", frozenset({("state", "sent")})] == 1
    assert found["workers", frozenset({("version", VERSION)})] == 1
    assert found["info", frozenset({("version", VERSION)})] == 1
    assert found["database_size_bytes", frozenset()] > 0
    assert found["disk_free_bytes", frozenset()] < found["disk_total_bytes", frozenset()]


def test_an_environment_has_its_gauges(well: Integration, settings: Any) -> None:
    settings.KOMBO_ENVIRONMENTS["production"]["WEBHOOK_SECRETS"] = ["x"]
    assert value("kombo_key_refused", **HERE) == value("kombo_circuit_open", **HERE) == 0
    assert ("webhook_age_seconds", frozenset(HERE.items())) not in scraped()
    Upstream.objects.update(refused_since=NOW, silent_until=NOW + timedelta(minutes=1))
    Event.objects.create(environment="production", event_id="1", type="x", received_at=NOW)
    assert value("kombo_key_refused", **HERE) == value("kombo_circuit_open", **HERE) == 1
    assert value("kombo_paused_seconds", **HERE) == 60
    assert value("webhook_age_seconds", **HERE) == 0


def test_ages_are_counted_up_to_each_bound(well: Integration, acme: Tenant) -> None:
    for number, minutes in enumerate((2, 2, 20, 3000)):
        made = Integration.objects.create(tenant=acme, integration_id=f"x:{number}")
        Snapshot.objects.create(integration=made, fetched_at=NOW - timedelta(minutes=minutes))
    found = scraped()
    ages = {dict(labels)["le"]: n for (name, labels), n in found.items() if "age_seconds_b" in name}
    assert (ages["60"], ages["300"], ages["1800"], ages["+Inf"]) == (1, 3, 4, 5)


def test_calls_are_counted_by_what_came_of_them(
    acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme)
    snapshots.revalidate(made, by_person=True)
    kombo.set_fault("key_revoked")
    made.refresh_from_db()
    snapshots.revalidate(made, by_person=True)
    counted = {
        (dict(labels)["outcome"], dict(labels)["code"]): number
        for (name, labels), number in scraped().items()
        if name == "kombo_calls_total"
    }
    assert counted["ok", "none"] == 1
    assert counted["access_denied", "PLATFORM.AUTHENTICATION_INVALID"] == 1
    assert value("kombo_call_seconds_count", **HERE) == 2
    assert value("kombo_call_seconds_bucket", **HERE, le="+Inf") == 2


def test_calls_that_are_not_made_are_counted(db: None) -> None:
    soon = timezone.now() + timedelta(seconds=20)
    Upstream.objects.create(environment="production", silent_until=soon)
    with pytest.raises(gateway.CircuitOpen):
        gateway.call("production", lambda kombo: kombo.check_api_key())
    assert value("kombo_calls_total", **HERE, outcome="circuit_open", code="none") == 1


def test_tasks_are_timed_and_their_failures_counted(db: None) -> None:
    def fail() -> int:
        raise KeyError

    for run in (lambda: 0, fail):
        worker._run_task(worker.Task("logos", run, 1.0))
    assert value("worker_task_seconds_count", task="logos") == 2
    assert value("worker_task_failures_total", task="logos") == 1


def test_no_label_holds_what_only_a_server_or_a_person_said(db: None) -> None:
    counters.CALLS.add("made-up", "ok", "PLATFORM.MADE_UP")
    counters.EVENTS.add("x@y.example", "acme")
    counters.EMBED_SESSIONS.add("<script>")
    assert {row.series for row in written()} == {
        "kombo_calls|other|ok|other",
        "webhook_events|other|other",
        "embed_session_requests|other",
    }


def written() -> list[CounterValue]:
    counters.flush()
    return list(CounterValue.objects.all())


def test_labels_are_a_closed_set(well: Integration, settings: Any) -> None:
    """Whatever is known of customers and people, no sample says it."""
    allowed = {
        "environment": {*settings.KOMBO_ENVIRONMENTS, counters.OTHER},
        "version": {VERSION},
        "state": {"waiting", "sent", "unclear", "failed", "not_needed"},
        "task": {task.name for task in worker.TASKS},
    }
    counters.TASK_SECONDS.observe("logos", seconds=1.0)
    text = metrics.scrape().decode()
    for name in (well.tenant.name, well.public_id, well.integration_id, well.tenant.origin_id):
        assert name not in text
    for _name, labels in scraped():
        for label, said in labels:
            assert said in allowed.get(label, {said}), (label, said)
    names_of_labels = set(re.findall(r'(\w+)="', text))
    assert names_of_labels <= {"environment", "outcome", "code", "le", "version", "state", "task"}


def test_a_database_that_is_away_is_told(
    well: Integration, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_connection: object) -> list[str]:
        raise OperationalError

    monkeypatch.setattr("integrations.database.schema.pending", refuse)
    names = {name for name, _labels in scraped()}
    assert names == {"info", "database_up", "disk_free_bytes", "disk_total_bytes"}
    assert value("database_up") == 0


def test_a_scrape_asks_as_often_however_much_there_is(
    well: Integration, acme: Tenant, django_assert_num_queries: Any
) -> None:
    counters.TOO_MANY.add("login")
    metrics.scrape()
    with django_assert_num_queries(QUERIES):
        metrics.scrape()
    for number in range(20):
        made = Integration.objects.create(tenant=acme, integration_id=f"x:{number}")
        Snapshot.objects.create(integration=made, fetched_at=NOW)
    with django_assert_num_queries(QUERIES):
        metrics.scrape()


# The state's, the ages, the leases, the embedded sessions and the counters.
QUERIES = 13 + 4
