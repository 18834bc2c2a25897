"""An installation that is already at work goes on with all it knew, and its history begins with what is so."""

import importlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from integrations.access import audit
from integrations.access.audit import Act
from integrations.domain.headline import Key, key_of
from integrations.history import record as history_record
from integrations.models import AuditEntry, Entry, Incident, Integration, Snapshot, Source, Summary, Tenant
from integrations.upstream import snapshots
from integrations.workspace import summaries

WHEN = datetime(2026, 10, 1, 9, 12, tzinfo=UTC)
LATER = WHEN + timedelta(days=3)
FETCHED: dict[str, Any] = {
    "status": "ACTIVE",
    "setup_status": "COMPLETED",
    "category": "HRIS",
    "tool_id": "personio",
    "tool_label": "Personio",
    "origin_id": "acme",
    "coverage": '{"read_models":[]}',
    "coverage_digest": "0123456789abcdef",
    "connected_at": WHEN,
    "status_since": WHEN,
    "fetched_at": LATER,
}
# What an installation at the first migration may hold, by the headline that its history must begin with.
SNAPSHOTS: dict[str, tuple[Key, dict[str, Any]]] = {
    "connected": (Key.CONNECTED, FETCHED),
    "never dated": (Key.CONNECTED, FETCHED | {"status_since": None}),
    "failing": (Key.CONNECTED, FETCHED | {"failures": 3, "error_kind": "timed_out", "error_at": LATER}),
    "invalid": (Key.RECONNECT_REQUIRED, FETCHED | {"status": "INVALID"}),
    "invalid, not set up": (Key.RECONNECT_REQUIRED, FETCHED | {"status": "INVALID", "setup_status": "INCOMPLETE"}),
    "inactive": (Key.PAUSED, FETCHED | {"status": "INACTIVE"}),
    "not set up": (Key.SETUP_INCOMPLETE, FETCHED | {"setup_status": "INCOMPLETE"}),
    "set up": (Key.FIRST_SYNC, FETCHED | {"setup_status": "FINAL_SYNC_PENDING"}),
    "expired": (Key.UPDATING, FETCHED | {"data_expired_at": LATER}),
    "new to us": (Key.UNRECOGNISED, FETCHED | {"status": "ASLEEP"}),
    "removed": (Key.REMOVED, FETCHED | {"status": "INVALID", "removed_at": LATER}),
    "removed unread": (Key.REMOVED, {"fetched_at": LATER, "removed_at": LATER}),
    "in quality check": (Key.QUALITY_CHECK, FETCHED | {"qa_status": "FAILED"}),
    "limited": (Key.DEGRADED, FETCHED | {"issue_title": "Absences can't be read"}),
    "refused": (Key.SIGN_IN_FAILING, FETCHED | {"sign_in_failing_since": LATER}),
}
COLD: dict[str, dict[str, Any]] = {"cold": {}, "cold and failing": {"failures": 1, "error_kind": "access_denied"}}
BROKEN = {Key.RECONNECT_REQUIRED, Key.SIGN_IN_FAILING, Key.DEGRADED}

type Migrate = Callable[[str], Any]


@pytest.fixture
def migrate(transactional_db: None) -> Iterator[Migrate]:
    """Bring the database to a migration, and answer the models as they were then; at the end it is the latest."""

    def migrate(name: str) -> Any:
        executor = MigrationExecutor(connection)
        executor.migrate([("integrations", name)])
        return MigrationExecutor(connection).loader.project_state(("integrations", name)).apps

    yield migrate
    ((_app, latest),) = MigrationExecutor(connection).loader.graph.leaf_nodes("integrations")
    migrate(latest)


@pytest.fixture
def latest() -> str:
    ((_app, name),) = MigrationExecutor(connection).loader.graph.leaf_nodes("integrations")
    return str(name)


@pytest.fixture
def old(migrate: Migrate) -> Any:
    """The models of the first migration, with something in every table of theirs."""
    apps = migrate("0001_initial")
    alice = User.objects.create_user("alice", password="demo")
    models = {model.__name__: model._default_manager for model in apps.get_app_config("integrations").get_models()}
    tenant = models["Tenant"].create(name="Acme GmbH", origin_id="acme")
    models["Tenant"].create(name="Nobody's", origin_id="nobody")
    models["Membership"].create(tenant=tenant, user_id=alice.pk, role="viewer")
    logo = models["Logo"].create(key="k", url="https://x/l.svg", label="Personio", content=b"<svg/>", fetched_at=WHEN)
    models["Upstream"].create(environment="production", failures=6, silent_until=LATER, pause_seconds=60)
    models["RateLimit"].create(key="digest", window_ends=LATER, count=2)
    everything = {name: facts | {"logo": logo} for name, (_key, facts) in SNAPSHOTS.items()} | COLD
    for name, facts in everything.items():
        made = models["Integration"].create(tenant=tenant, integration_id=name, environment="production")
        models["Snapshot"].create(integration=made, **facts)
    models["Integration"].filter(integration_id="connected").update(
        confirmed_origin_id="other", confirmed_by_id=alice.pk, confirmed_at=WHEN
    )
    models["Integration"].create(tenant=tenant, integration_id="without a snapshot", environment="us")
    return apps


def stored(apps: Any) -> dict[str, list[dict[str, Any]]]:
    models = apps.get_app_config("integrations").get_models()
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def snapshot(name: str) -> Snapshot:
    return Snapshot.objects.get(integration__integration_id=name)


def test_an_update_loses_nothing(old: Any, migrate: Migrate, latest: str) -> None:
    before = stored(old)
    assert all(before.values())
    after = stored(migrate(latest))
    for model, rows in before.items():
        assert [{name: row[name] for name in rows[0]} for row in after[model]] == rows


def test_what_an_update_adds_says_nothing_yet(old: Any, migrate: Migrate, latest: str) -> None:
    before = timezone.now()
    migrate(latest)
    for row in Snapshot.objects.all():
        assert (row.outdated_at, row.coverage_changed_at, row.complete_at, row.sign_in_settled_at) == (None,) * 4
        assert (row.sync_state, row.open_issues) == ("", "")
        assert before <= row.check_at <= timezone.now()


def test_the_history_begins_with_the_headline_that_holds(old: Any, migrate: Migrate, latest: str) -> None:
    migrate(latest)
    begun = {entry.integration.integration_id: entry for entry in Entry.objects.select_related("integration")}
    assert {name: entry.what for name, entry in begun.items()} == {name: key for name, (key, _) in SNAPSHOTS.items()}
    assert len(begun) == Entry.objects.count()
    for name, entry in begun.items():
        assert entry.what == key_of(snapshot(name))
        assert (entry.kind, entry.source, entry.data) == ("state", "check", {"from": "pending"})
        assert (entry.actor, entry.reference) == (None, "")


def test_the_history_begins_when_the_state_was_first_seen(old: Any, migrate: Migrate, latest: str) -> None:
    migrate(latest)
    begun = dict(Entry.objects.values_list("integration__integration_id", "at"))
    late = {"never dated", "removed", "removed unread"}
    assert begun == {name: LATER if name in late else WHEN for name in SNAPSHOTS}


def test_what_is_broken_begins_with_an_open_incident(old: Any, migrate: Migrate, latest: str) -> None:
    migrate(latest)
    incidents = {one.integration.integration_id: one for one in Incident.objects.select_related("integration")}
    broken = {name: key for name, (key, _facts) in SNAPSHOTS.items() if key in BROKEN}
    assert {name: one.key for name, one in incidents.items()} == broken
    for one in incidents.values():
        assert (one.opened_at, one.closed_at, one.first_key, one.detected_by) == (WHEN, None, one.key, "check")
        assert (one.relapses, one.ended_by, one.repaired_by) == (0, "", None)


def test_an_incident_from_before_the_history_ends_like_any_other(old: Any, migrate: Migrate, latest: str) -> None:
    migrate(latest)
    found = Integration.objects.get(integration_id="invalid")
    with snapshots.amend(found, at=timezone.now(), source=Source.CHECK) as row:
        row.status = "ACTIVE"
    incident = Incident.objects.get(integration=found)
    assert incident.closed_at is not None
    assert [what for _at, what in history_record.states_since(found, WHEN)] == ["reconnect_required", "connected"]


@pytest.mark.parametrize("size", [1, 4, len(SNAPSHOTS)])
def test_many_rows_are_read_in_batches(
    size: int, old: Any, migrate: Migrate, latest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = importlib.import_module("integrations.migrations.0003_history_begins")
    monkeypatch.setattr(begins, "BATCH", size)
    migrate(latest)
    assert Entry.objects.count() == len(SNAPSHOTS)
    assert Incident.objects.count() == sum(key in BROKEN for key, _facts in SNAPSHOTS.values())


def test_a_history_that_has_begun_is_not_begun_again(old: Any, migrate: Migrate, latest: str) -> None:
    migrate(latest)
    entries, incidents = (list(model._default_manager.values()) for model in (Entry, Incident))
    migrate("0002_webhooks_and_history")
    assert list(Entry.objects.values()) == entries
    migrate(latest)
    assert (list(Entry.objects.values()), list(Incident.objects.values())) == (entries, incidents)


def test_an_update_can_be_taken_back(old: Any, migrate: Migrate, latest: str) -> None:
    before = stored(old)
    migrate(latest)
    assert stored(migrate("0001_initial")) == before


def test_an_empty_database_has_no_history(migrate: Migrate, latest: str) -> None:
    migrate("0001_initial")
    migrate(latest)
    assert not Entry.objects.exists()


def test_the_short_rows_come_by_themselves(old: Any, migrate: Migrate, latest: str) -> None:
    migrate(latest)
    assert not Summary.objects.exists()
    assert summaries.settle_missing() == len(SNAPSHOTS) + len(COLD)
    assert summaries.settle_missing() == 0  # what has no snapshot has no summary either, and nothing waits for it
    found = {one.integration.integration_id: one for one in Summary.objects.select_related("integration")}
    expected = {name: str(key) for name, (key, _facts) in SNAPSHOTS.items()} | dict.fromkeys(COLD, "pending")
    assert {name: one.headline for name, one in found.items()} == expected
    begun = dict(Entry.objects.values_list("integration__integration_id", "at"))
    assert {name: one.since for name, one in found.items() if name in begun} == begun


def test_tenants_are_at_first_in_nobodys_care_and_their_answers_are_due(
    old: Any, migrate: Migrate, latest: str
) -> None:
    migrate(latest)
    for tenant in Tenant.objects.all():
        assert (tenant.owner, tenant.contact_email, tenant.language, tenant.reminders) == (None, "", "", "")
        assert tenant.answers_due


def test_the_audit_record_refuses_changes_in_a_database_that_was_updated(
    old: Any, migrate: Migrate, latest: str
) -> None:
    for _again in range(2):
        migrate(latest)
        audit.record(audit.COMMAND, Act.IMPORTED, detail="as it was")
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("UPDATE integrations_auditentry SET detail = 'another'")
        assert AuditEntry.objects.get().detail == "as it was"
        migrate("0004_embedding")
