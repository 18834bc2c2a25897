"""The record of who did what: kept for good, and nothing is done that it does not hold."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone, translation
from time_machine import TimeMachineFixture

from integrations.access import audit, audit_log
from integrations.access.audit import Act, Actor
from integrations.models import AuditEntry, Integration, Tenant, UnmappedIntegration
from integrations.tenants import mapping, unmapped
from tests.conftest import NOW, Connect, acting
from tests.embed import enter, turn_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(acme: Tenant, alice: User) -> AuditEntry:
    audit.record(acting(alice), Act.PAUSED, tenant=acme, detail="as it was")
    return AuditEntry.objects.get()


def table(**asked: Any) -> list[list[str]]:
    text = "".join(audit_log.csv_rows(audit_log.entries(**asked)))
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


# --- Added to, and never changed


@pytest.mark.parametrize(
    "change",
    [
        lambda _one: AuditEntry.objects.update(detail="another"),
        lambda _one: AuditEntry.objects.filter(detail="as it was").update(detail="another"),
        lambda one: AuditEntry.objects.bulk_update([one], ["detail"]),
        lambda _one: AuditEntry.objects.all().delete(),
        lambda _one: AuditEntry.objects.filter(detail="as it was").delete(),
        lambda one: one.delete(),
        lambda one: one.save(),
        lambda one: one.save(update_fields=["detail"]),
        lambda one: AuditEntry.objects.update_or_create(pk=one.pk, defaults={"detail": "another"}),
    ],
)
def test_what_is_recorded_is_neither_changed_nor_removed(
    change: Callable[[AuditEntry], object], kept: Any
) -> None:
    kept.detail = "another"
    with pytest.raises(TypeError, match="append-only"), transaction.atomic():
        change(kept)
    assert AuditEntry.objects.get().detail == "as it was"


def test_a_new_entry_takes_no_others_place(kept: AuditEntry) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry(pk=kept.pk, at=NOW, what=Act.RESUMED, actor="eve", detail="another").save()
    assert AuditEntry.objects.get().detail == "as it was"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE integrations_auditentry SET detail = 'another'",
        "UPDATE integrations_auditentry SET tenant_id = NULL WHERE id > 0",
    ],
)
def test_the_database_itself_refuses_a_change(change: str, kept: AuditEntry) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change)
    one = AuditEntry.objects.get()
    assert (one.detail, one.tenant_id) == ("as it was", kept.tenant_id)


def test_the_database_refuses_what_goes_round_our_own_queries(kept: AuditEntry) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry._base_manager.update(detail="another")
    assert AuditEntry.objects.get().detail == "as it was"


@pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite empties its tables between tests by DELETE"
)
def test_postgresql_keeps_entries_from_being_deleted_too(kept: AuditEntry) -> None:
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM integrations_auditentry")
    assert AuditEntry.objects.get() == kept


def test_the_record_outlives_what_it_names(kept: AuditEntry, acme: Tenant, alice: User) -> None:
    ids = (acme.pk, alice.pk)
    acme.delete()
    alice.delete()
    one = AuditEntry.objects.get()
    assert (one.actor, one.tenant, one.tenant_id, one.actor_id) == ("alice", "Acme GmbH", *ids)


# --- What an entry holds


def test_an_entry_says_who_what_when_from_where_and_for_whom(
    alice: User, acme: Tenant, connect: Connect, time_machine: TimeMachineFixture
) -> None:
    made = connect(acme)
    time_machine.move_to(NOW, tick=False)
    audit.record(
        Actor(alice, "alice", "203.0.113.7"), Act.SYNCED, integration=made, detail="already queued"
    )
    one = AuditEntry.objects.get()
    assert (one.at, one.what, one.actor_id, one.actor, one.address) == (
        *(NOW, "synced", alice.pk, "alice"),
        "203.0.113.7",
    )
    assert (one.tenant_id, one.tenant, one.integration, one.tool) == (
        *(acme.pk, "Acme GmbH", made.public_id),
        "Personio",
    )
    assert one.detail == "already queued"


def test_somebody_without_an_account_is_known_by_what_let_them_in() -> None:
    audit.record(audit.WORKER, Act.SNOOZED)
    one = AuditEntry.objects.get()
    assert (one.actor_id, one.actor, one.address, one.tenant_id, one.tenant) == (
        None,
        "worker",
        "",
        None,
        "",
    )


def test_what_is_too_long_is_cut(acme: Tenant) -> None:
    audit.record(Actor(None, "x" * 300, "y" * 300), Act.NOTED, tenant=acme, detail="z" * 5000)
    one = AuditEntry.objects.get()
    assert (len(one.actor), len(one.address), len(one.detail)) == (200, 45, 500)


def test_every_act_has_a_name_of_its_own() -> None:
    names = [audit_log.name_of(act) for act in Act]
    assert len(set(names)) == len(Act)
    assert not set(names) & set(Act)
    assert audit_log.name_of("of_another_version") == "of_another_version"
    assert all(len(act) <= 40 for act in Act)


def test_it_stands_or_falls_with_what_it_tells_of(alice: User, acme: Tenant) -> None:
    with transaction.atomic():
        audit.record(acting(alice), Act.PAUSED, tenant=acme)
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


def test_what_can_not_be_recorded_is_not_done(
    root: User, acme: Tenant, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    withheld = connect(acme, origin_id="bolt")
    waiting = UnmappedIntegration.objects.create(
        environment="production", integration_id="hibob:1", seen_at=timezone.now()
    )
    number = waiting.pk

    def fail(*_args: Any, **_more: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(audit, "record", fail)
    for act in (
        lambda: mapping.confirm(withheld, acting(root)),
        lambda: unmapped.assign(waiting, "acme", acting(root)),
        lambda: unmapped.dismiss(number, acting(root)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Integration.objects.get().confirmed_origin_id == ""
    assert not UnmappedIntegration.objects.get().dismissed


# --- By command


def test_an_import_is_one_act_of_the_command_line(db: None, tmp_path: Path) -> None:
    file = tmp_path / "mapping.csv"
    file.write_text(
        "tenant_origin_id,tenant_name,integration_id\nacme,Acme,personio:1\nbolt,Bolt,hibob:2\n"
    )
    call_command("import_mapping", str(file), "--dry-run")
    assert not AuditEntry.objects.exists()
    call_command("import_mapping", str(file))
    call_command("import_mapping", str(file))  # which changes nothing any more
    one = AuditEntry.objects.get()
    assert (one.what, one.actor, one.detail) == (
        Act.IMPORTED,
        "command line",
        "4 created, 0 changed",
    )


def test_an_import_that_moves_is_on_record_with_both_tenants(
    acme: Tenant, bolt: Tenant, connect: Connect, django_assert_max_num_queries: Any
) -> None:
    made = [connect(acme), connect(acme), connect(acme, fetched=False)]
    rows = [
        mapping.MappingRow(2, "bolt", "Bolt & Sons", one.integration_id, "production")
        for one in made
    ]
    with django_assert_max_num_queries(60):
        mapping.import_rows(rows, dry_run=False)
    found = AuditEntry.objects.exclude(detail="0 created, 3 changed").order_by("pk")
    assert list(found.values_list("what", "tenant", "integration", "tool", "detail")) == [
        ("imported", tenant, one.public_id, one.snapshot.tool_label, detail)
        for one in made
        for tenant, detail in (("Acme GmbH", "moved away"), ("Bolt & Sons", "moved here"))
    ]


def test_ending_sessions_is_an_act_of_the_command_line(settings: Any, acme: Tenant) -> None:
    turn_on(settings)
    enter()
    call_command("revoke_embed_sessions", "--tenant", "acme")
    call_command("revoke_embed_sessions")
    acts = AuditEntry.objects.order_by("pk").values_list("what", "actor", "tenant")
    assert list(acts) == [
        ("sessions_ended", "command line", "Acme GmbH"),
        ("sessions_ended", "command line", ""),
    ]


# --- Finding


@pytest.fixture
def record(
    alice: User, root: User, acme: Tenant, bolt: Tenant, time_machine: TimeMachineFixture
) -> None:
    """Four acts on four days, the last of them now."""
    acts = [
        (Actor(root, "root", "192.0.2.1"), Act.IMPORTED, None, "9 created"),
        (Actor(alice, "alice", "203.0.113.7"), Act.RECONNECT_BEGUN, acme, ""),
        (Actor(root, "root", "192.0.2.1"), Act.NOTED, bolt, "Called Ms 100% O'Neill"),
        (Actor(root, "root", "2001:db8::/64"), Act.PAUSED, acme, "=1+1"),
    ]
    for days, (actor, act, tenant, detail) in zip((3, 2, 1, 0), acts, strict=True):
        time_machine.move_to(NOW - timedelta(days=days), tick=False)
        audit.record(actor, act, tenant=tenant, detail=detail)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["paused", "noted", "reconnect_begun", "imported"]),
        ({"query": "ALICE"}, ["reconnect_begun"]),
        ({"query": "acme"}, ["paused", "reconnect_begun"]),
        ({"query": "root acme"}, ["paused"]),
        ({"query": "192.0.2"}, ["noted", "imported"]),
        ({"query": "2001:db8"}, ["paused"]),
        ({"query": "100% o'neill"}, ["noted"]),
        ({"query": "%"}, ["noted"]),
        ({"query": "_"}, []),
        ({"query": "\\"}, []),
        ({"query": "PAUSED"}, ["paused"]),
        ({"query": "begun reconn"}, ["reconnect_begun"]),
        ({"query": "root written"}, ["noted"]),
        ({"query": "  "}, ["paused", "noted", "reconnect_begun", "imported"]),
        ({"what": "noted"}, ["noted"]),
        ({"what": "noted", "query": "acme"}, []),
        ({"since": NOW - timedelta(days=1)}, ["paused", "noted"]),
    ],
)
def test_what_is_asked_for_is_found_newest_first(
    record: None, asked: dict[str, Any], found: list[str]
) -> None:
    assert [one.what for one in audit_log.entries(**asked)] == found


def test_an_act_is_found_by_its_words_in_the_language_one_reads(record: None) -> None:
    with translation.override("de"):
        assert [one.what for one in audit_log.entries(query="PAUSIERT")] == ["paused"]
        assert not audit_log.entries(query="written")


def test_an_integration_is_found_by_the_id_that_the_file_has(
    alice: User, acme: Tenant, connect: Connect
) -> None:
    made, other = connect(acme), connect(acme)
    for one in (made, other):
        audit.record(acting(alice), Act.SYNCED, integration=one)
    assert made.public_id in [row[6] for row in table()]
    assert [one.integration for one in audit_log.entries(query=made.public_id)] == [made.public_id]


def test_only_the_acts_for_some_tenants(record: None, acme: Tenant) -> None:
    assert [one.what for one in audit_log.entries(tenants=Tenant.objects.filter(pk=acme.pk))] == [
        "paused",
        "reconnect_begun",
    ]
    assert not audit_log.entries(tenants=Tenant.objects.none())


def test_what_is_older_follows_even_at_the_same_instant(
    acme: Tenant, alice: User, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW, tick=False)
    for number in range(7):
        audit.record(acting(alice), Act.NOTED, tenant=acme, detail=str(number))
    seen: list[str] = []
    page = list(audit_log.entries()[:3])
    while page:
        seen += [one.detail for one in page]
        page = list(audit_log.older_than(audit_log.entries(), page[-1].pk)[:3])
    assert seen == ["6", "5", "4", "3", "2", "1", "0"]
    assert len(audit_log.older_than(audit_log.entries(), 999_999)) == 7


# --- In words


@pytest.fixture
def in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "_", lambda text: f"<{text}>")


def test_whoever_is_no_user_is_named_in_words(in_words: None) -> None:
    for name in (audit.COMMAND.name, audit.WORKER.name, audit.EMBEDDED, audit.HAND_OFF):
        audit.record(Actor(None, name), Act.PAUSED)
        [told] = audit_log.rows(audit_log.entries(query=f"<{name.split()[0]}"))
        assert (told["who"], told["what"], told["entry"].actor) == (f"<{name}>", "<Paused>", name)
    assert [row[1] for row in table(query="worker")[1:]] == ["<worker>"]


def test_a_user_is_named_as_they_are(in_words: None) -> None:
    user = User.objects.create_user("worker")
    audit.record(acting(user), Act.PAUSED)
    assert [one["who"] for one in audit_log.rows(audit_log.entries())] == ["worker"]
    assert not audit_log.entries(query="<worker")


@pytest.mark.parametrize(
    ("act", "detail", "said"),
    [
        (Act.REMINDERS_CHANGED, "reminder_cap: 4 → 0", "Most reminders: 4 → 0"),
        (Act.REMINDERS_CHANGED, "of another version", "of another version"),
        (Act.REMINDERS_CHANGED, "sleep: – → 8", "sleep: – → 8"),
        (Act.FEATURE_CHANGED, "HR: Org chart: created", "HR: Org chart: <created>"),
        (Act.FEATURE_CHANGED, "Org chart: renamed", "Org chart: renamed"),
        (Act.PREFERENCES_CHANGED, "at_once", "A mail at once when a customer must act"),
        (Act.PREFERENCES_CHANGED, "–", "–"),
        (Act.VIEW_SAVED, "reminders: created", "reminders: created"),
    ],
)
def test_of_a_detail_what_is_ours_is_in_words(
    act: Act, detail: str, said: str, in_words: None
) -> None:
    audit.record(audit.WORKER, act, detail=detail)
    assert [one["detail"] for one in audit_log.rows(audit_log.entries())] == [said]
    assert table()[1][7] == said
    assert AuditEntry.objects.get().detail == detail


# --- To take away


def test_the_file_holds_all_of_it_and_no_formula(record: None) -> None:
    headings, *rows = table()
    assert headings == [
        "When",
        "Who",
        "What",
        "act",
        "Customer",
        "Tool",
        "Integration",
        "Detail",
        "From where",
    ]
    assert rows[0][1:] == [
        "root",
        "Paused",
        "paused",
        "Acme GmbH",
        "",
        "",
        "'=1+1",
        "2001:db8::/64",
    ]
    assert datetime.fromisoformat(rows[0][0]) == NOW
    assert [row[3] for row in rows] == ["paused", "noted", "reconnect_begun", "imported"]
    assert [row[3] for row in table(query="alice")[1:]] == ["reconnect_begun"]


def test_the_file_stays_in_the_language_it_was_asked_for_in(
    record: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = audit_log.csv_rows(audit_log.entries())
    # Another request's, while this one is being read.
    monkeypatch.setattr(audit_log, "_", lambda text: f"<{text}>")
    assert "<" not in "".join(rows)
    assert next(audit_log.csv_rows(audit_log.entries())).startswith("<When>")
