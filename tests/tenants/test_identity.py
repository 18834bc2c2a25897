"""Nothing of another integration survives a change of identity, or of tenant."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import models
from django.db.models.deletion import get_candidate_relations_to_delete
from django.test import Client
from django.urls import reverse

from integrations.access import hand_offs, repair_handles
from integrations.kombo.errors import NotFound
from integrations.models import (
    AccountInvitation,
    ConnectionAttempt,
    CoverageVersion,
    DisconnectRequest,
    Entry,
    Event,
    Feature,
    FeatureAnswer,
    FieldMapping,
    HandOff,
    Incident,
    Integration,
    Issue,
    Kind,
    Mail,
    MailKind,
    Note,
    Reminder,
    RepairAct,
    RepairHandle,
    Snapshot,
    Source,
    Summary,
    Tenant,
    Word,
)
from integrations.tenants import mapping
from integrations.upstream import gateway, snapshots
from integrations.workspace import disconnect_requests, features, summaries
from tests.conftest import acting
from tests.webhook_payloads import INTEGRATION_ID, tell

OTHER = "personio:another"
OLD = datetime(2026, 1, 2, 3, tzinfo=UTC)
TEXT = "Of the old one"


def _fetch(made: Integration) -> None:
    """Have Kombo said a lot of it, in every column that holds text, and long ago."""
    texts = {
        one.name: TEXT
        for one in Snapshot._meta.concrete_fields
        if isinstance(one, models.CharField | models.TextField)
    }
    known = {"status": "INVALID", "coverage": "", "coverage_digest": "0ld", "open_issues": ""}
    times = dict.fromkeys(("fetched_at", "status_since", "complete_at"), OLD)
    theirs = {"origin_id": made.tenant.origin_id, "failures": 3}
    Snapshot.objects.filter(pk=made.pk).update(**texts | known | times | theirs)


def _subjects(made: Integration) -> list[tuple[Any, RepairAct]]:
    """What a link or a handle can be for: an integration, or the attempt that it came of."""
    attempt = ConnectionAttempt.objects.get(integration=made)
    return [(made, RepairAct.RECONNECT), (attempt, RepairAct.CONNECT)]


# How each kind of row that points to an integration, or to what does, comes to be there.
MAKERS: dict[type[models.Model], Callable[[Integration, User], object]] = {
    Snapshot: lambda made, user: _fetch(made),
    Summary: lambda made, user: summaries.mark_contacted([made.pk], OLD),
    Word: lambda made, user: summaries.recompute([made.pk]),
    Entry: lambda made, user: made.entries.create(
        at=OLD, kind=Kind.STATE, what="degraded", source=Source.CHECK, actor=user
    ),
    Incident: lambda made, user: made.incidents.create(
        opened_at=OLD, first_key="degraded", key="degraded", detected_by="check"
    ),
    Issue: lambda made, user: made.issues.create(
        issue_id="issue", type="t", title=TEXT, message=TEXT, raised_at=OLD
    ),
    Event: lambda made, user: Event.objects.create(
        environment="production",
        event_id="event",
        type="t",
        payload=TEXT,
        received_at=OLD,
        integration=made,
        worked_at=OLD,
    ),
    CoverageVersion: lambda made, user: CoverageVersion.objects.create(
        integration=made, number=7, since=OLD, grid="0ld"
    ),
    DisconnectRequest: lambda made, user: disconnect_requests.ask(made, TEXT, acting(user)),
    ConnectionAttempt: lambda made, user: ConnectionAttempt.objects.create(
        tenant=made.tenant,
        environment="production",
        category="HRIS",
        tool_id="t",
        tool_label=TEXT,
        created_at=OLD,
        integration=made,
        replaces=made,
    ),
    HandOff: lambda made, user: [
        hand_offs.create(subject, act, by=acting(user)) for subject, act in _subjects(made)
    ],
    RepairHandle: lambda made, user: [
        repair_handles.make(subject, act) for subject, act in _subjects(made)
    ],
    Reminder: lambda made, user: Reminder.objects.create(
        integration=made, act=RepairAct.RECONNECT, opened_at=OLD, next_at=OLD
    ),
    Mail: lambda made, user: Mail.objects.create(
        key="mail",
        kind=MailKind.HAND_OFF,
        tenant=made.tenant,
        integration=made,
        hand_off=HandOff.objects.get(integration=made),
        reminder=Reminder.objects.get(integration=made),
        to="x@y.example",
        subject=TEXT,
        text=TEXT,
        html=TEXT,
        created_at=OLD,
    ),
    FieldMapping: lambda made, user: FieldMapping.objects.create(
        integration=made, wanted_at=OLD, custom_fields=TEXT
    ),
    Note: lambda made, user: Note.objects.create(
        tenant=made.tenant, integration=made, author=user, at=OLD, text=TEXT
    ),
}


def relations(model: type[models.Model]) -> set[tuple[type[models.Model], str]]:
    """What points to a model, and by which column, at however many removes."""
    pointing: Any = get_candidate_relations_to_delete(model._meta)
    found = {(one.related_model, one.field.name) for one in pointing}
    found -= {(AccountInvitation, "mail")}  # which is about no integration
    # An attempt to connect something is its tenant's, whatever came of it.
    owned = {related for related, _name in found} - {ConnectionAttempt}
    return found.union(*map(relations, owned))


def test_every_model_that_points_to_an_integration_is_here() -> None:
    assert {model for model, _name in relations(Integration)} == set(MAKERS)


def path(model: type[models.Model], column: str) -> str:
    """The way from a row to its integration by a column of it."""
    is_direct = model._meta.get_field(column).related_model is Integration
    return column if is_direct else f"{column}__integration"


def rows(made: Integration) -> list[dict[str, Any]]:
    """All that leads to an integration and says something of it, save what differs by birth."""
    differs = {"id", "integration", "check_at", "since", "summary"}
    return [
        {"model": model.__name__}
        | {
            field.name: field.value_from_object(row)
            for field in row._meta.concrete_fields
            if field.name not in differs
        }
        for model, column in sorted(relations(Integration), key=str)
        for row in model._base_manager.filter(**{path(model, column): made.pk}).order_by("pk")
    ]


@pytest.fixture
def old(acme: Tenant, root: User) -> Integration:
    """An integration with a row in every table that can tell of one."""
    made = mapping.create(acme, INTEGRATION_ID)
    for make in MAKERS.values():
        make(made, root)
    for model, column in relations(Integration):
        assert model._base_manager.filter(**{path(model, column): made.pk}).exists(), model
    assert Summary.objects.get().contacted_at == OLD
    mapping.confirm(made, acting(root))
    Integration.objects.update(created_at=OLD)
    return made


def save(client: Client, made: Integration, **terms: Any) -> None:
    told = {"tenant": made.tenant_id, "integration_id": INTEGRATION_ID, "environment": "production"}
    inline = {"snapshot-TOTAL_FORMS": 0, "snapshot-INITIAL_FORMS": 0}
    url = reverse("admin:integrations_integration_change", args=[made.pk])
    assert client.post(url, told | inline | terms).status_code == 302


def import_to(tenant: Tenant) -> None:
    row = mapping.MappingRow(2, tenant.origin_id, tenant.name, INTEGRATION_ID, "production")
    mapping.import_rows([row], dry_run=False)


@pytest.fixture(params=["id", "environment", "tenant", "tenant and id", "import"])
def changed(
    request: Any,
    old: Integration,
    bolt: Tenant,
    root: User,
    sign_in: Callable[[User], Client],
    settings: Any,
) -> Integration:
    """The same row as another integration, or another tenant's."""
    settings.KOMBO_ENVIRONMENTS = {name: {} for name in ("production", "us")}
    client = sign_in(root)
    match request.param:
        case "id":
            save(client, old, integration_id=OTHER)
        case "environment":
            save(client, old, environment="us")
        case "tenant":
            save(client, old, tenant=bolt.pk)
        case "tenant and id":
            save(client, old, tenant=bolt.pk, integration_id=OTHER)
        case _:
            import_to(bolt)
    return Integration.objects.select_related("tenant").get(pk=old.pk)


def test_what_changed_is_as_if_it_were_new(changed: Integration, acme: Tenant) -> None:
    found = FeatureAnswer.objects.get(tenant=acme)
    told = "no answer names what is not there any more"
    assert (found.verdict, found.missing) == ("unknown", []), told
    twin = mapping.create(changed.tenant, "personio:twin", changed.environment)
    assert rows(changed) == rows(twin)
    assert rows(changed)
    assert changed.created_at > OLD
    assert (changed.confirmed_origin_id, changed.confirmed_by_id) == ("", None)


def test_a_later_sync_brings_no_old_issue_back(
    old: Integration, root: User, sign_in: Callable[[User], Client]
) -> None:
    save(sign_in(root), old, integration_id=OTHER)
    tell("sync-finished", integration_id=OTHER)
    told = Snapshot.objects.get()
    assert told.synced_at
    assert (told.open_issues, told.issue_title, told.sign_in_failing_since) == ("", "", None)


def test_news_of_the_old_one_leave_the_new_one_alone(
    old: Integration, root: User, sign_in: Callable[[User], Client]
) -> None:
    save(sign_in(root), old, integration_id=OTHER)
    assert tell("issue-status-changed").integration is None
    assert not Issue.objects.exists()
    assert not Entry.objects.exists()


def test_a_fetch_of_the_old_one_is_not_stored(
    old: Integration, root: User, sign_in: Callable[[User], Client], monkeypatch: Any
) -> None:
    """It was under way while the id was corrected."""
    old.refresh_from_db()
    lease = snapshots.take_lease(Snapshot.objects.get())

    def call(*_arguments: Any, **_more: Any) -> Any:
        save(sign_in(root), old, integration_id=OTHER)
        raise NotFound

    monkeypatch.setattr(gateway, "call", call)
    snapshots.fetch(old, lease)
    assert Snapshot.objects.get().removed_at is None


@pytest.fixture(autouse=True)
def answered(acme: Tenant) -> None:
    """A feature's answer for acme that names the old tool."""
    feature = Feature.objects.create(name="Org chart", needs=["hris_teams"])
    FeatureAnswer.objects.create(tenant=acme, feature=feature, verdict="not", missing=[TEXT])
    features.mark_stale(pk=acme.pk)


def test_what_is_not_changed_keeps_all_of_it(
    old: Integration, acme: Tenant, bolt: Tenant, root: User, sign_in: Callable[[User], Client]
) -> None:
    mapping.create(acme, OTHER)
    row = mapping.MappingRow(2, "bolt", bolt.name, OTHER, "production")
    mapping.import_rows([row], dry_run=False)
    save(sign_in(root), old)
    assert all(
        model._base_manager.filter(**{path(model, column): old.pk}).exists()
        for model, column in relations(Integration)
    )
