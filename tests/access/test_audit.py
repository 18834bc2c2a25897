"""The record of who did what: kept for good, and nothing is done that it does not hold."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access import audit, audit_words
from integrations.access.audit import Act, Actor
from integrations.models import AuditEntry, Integration, Tenant, UnmappedIntegration
from integrations.tenants import mapping, unmapped
from tests import copy
from tests.conftest import NOW, Connect, acting
from tests.embed import enter, turn_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(acme: Tenant, alice: User) -> AuditEntry:
    audit.record(acting(alice), Act.PAUSED, tenant=acme, name="as it was")
    return AuditEntry.objects.get()


# --- Added to, and never changed


@pytest.mark.parametrize(
    "change",
    [
        lambda _one: AuditEntry.objects.update(details="another"),
        lambda _one: AuditEntry.objects.filter(actor="alice").update(details="another"),
        lambda one: AuditEntry.objects.bulk_update([one], ["details"]),
        lambda _one: AuditEntry.objects.all().delete(),
        lambda _one: AuditEntry.objects.filter(actor="alice").delete(),
        lambda one: one.delete(),
        lambda one: one.save(),
        lambda one: one.save(update_fields=["details"]),
        lambda one: AuditEntry.objects.update_or_create(pk=one.pk, defaults={"details": "another"}),
    ],
)
def test_what_is_recorded_is_neither_changed_nor_removed(
    change: Callable[[AuditEntry], object], kept: Any
) -> None:
    kept.details = "another"
    with pytest.raises(TypeError, match="append-only"), transaction.atomic():
        change(kept)
    assert AuditEntry.objects.get().told == {"name": "as it was"}


def test_a_new_entry_takes_no_others_place(kept: AuditEntry) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEntry(pk=kept.pk, at=NOW, what=Act.RESUMED, actor="eve", details="another").save()
    assert AuditEntry.objects.get().told == {"name": "as it was"}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE integrations_auditentry SET details = 'another'",
        "UPDATE integrations_auditentry SET tenant_id = NULL WHERE id > 0",
        "DELETE FROM integrations_auditentry",
        "DELETE FROM integrations_auditentry WHERE id > 0",
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
    assert (one.told, one.tenant_id) == ({"name": "as it was"}, kept.tenant_id)


def test_the_database_refuses_what_goes_round_our_own_queries(kept: AuditEntry) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry._base_manager.update(details="another")
    assert AuditEntry.objects.get().told == {"name": "as it was"}


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
        Actor(alice, "alice", "203.0.113.7"), Act.SYNCED, integration=made, outcome="queued_before"
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
    assert one.told == {"outcome": "queued_before"}


def test_without_an_account_one_is_known_by_what_let_them_in() -> None:
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
    audit.record(Actor(None, "x" * 300, "y" * 300), Act.NOTED, tenant=acme, name="z" * 5000)
    one = AuditEntry.objects.get()
    assert (len(one.actor), len(one.address), len(one.told["name"])) == (200, 45, 200)


def test_every_act_has_a_name_of_its_own() -> None:
    names = [audit_words.name_of(act) for act in Act]
    assert len(set(names)) == len(Act)
    assert not set(names) & set(Act)
    assert audit_words.name_of("of_another_version") == "of_another_version"
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
        lambda: unmapped.assign(waiting, "acme", acting(root), among=Tenant.objects.all()),
        lambda: unmapped.dismiss(UnmappedIntegration.objects.get(pk=number), acting(root)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert Integration.objects.get().confirmed_origin_id == ""
    assert UnmappedIntegration.objects.get().dismissed_at is None


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
    assert (one.what, one.actor, one.told) == (
        Act.IMPORTED,
        copy.COMMAND_LINE,
        {"created": 4, "changed": 0},
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
    *moves, last = AuditEntry.objects.order_by("pk")
    assert last.told == {"created": 0, "changed": 3}
    assert [(one.what, one.tenant, one.integration, one.tool, one.told) for one in moves] == [
        ("imported", tenant, one.public_id, one.snapshot.tool_label, {"moved": where})
        for one in made
        for tenant, where in (("Acme GmbH", "away"), ("Bolt & Sons", "here"))
    ]


def test_ending_sessions_is_an_act_of_the_command_line(settings: Any, acme: Tenant) -> None:
    turn_on(settings)
    enter()
    call_command("revoke_embed_sessions", "--tenant", "acme")
    call_command("revoke_embed_sessions")
    acts = AuditEntry.objects.order_by("pk").values_list("what", "actor", "tenant")
    assert list(acts)[1:] == [
        ("sessions_ended", copy.COMMAND_LINE, "Acme GmbH"),
        ("sessions_ended", copy.COMMAND_LINE, ""),
    ]
