"""A customer is forgotten: whatever table one looks into, there is one line that says so."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.plugin import DjangoDbBlocker

from integrations.access import audit, embed_sessions, repair_handles
from integrations.access.audit import Act
from integrations.models import (
    AuditEntry,
    Event,
    HandOff,
    Integration,
    Issue,
    Mail,
    Membership,
    Note,
    SavedView,
    Snapshot,
    Tenant,
    UnmappedIntegration,
)
from integrations.tenants import belongings
from tests.conftest import acting
from tests.demo.seeded import beginning
from tests.dumping import dump, rows_naming
from tests.webhook_payloads import tell

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def began(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The demo with its past, made once."""
    with django_db_blocker.unblock(), beginning():
        yield


@pytest.fixture
def gallery(began: None, db: None, settings: Any) -> Tenant:
    """A customer of the demo with all that may be left of one anywhere else."""
    settings.EMBED_SECRETS = {"k1": "s" * 32}
    settings.EMBED_ORIGINS = ["https://app.example.com"]
    tenant = Tenant.objects.get(origin_id="gallery")
    Tenant.objects.filter(pk=tenant.pk).update(contact_email="hr@gallery.example")
    # gina looks after others too in the demo; here somebody belongs to this customer alone.
    zoe = User.objects.create_user("zoe", email="zoe@gallery.example", password="demo")
    place = Membership.objects.create(user=zoe, tenant=tenant)
    embed_sessions.exchange(embed_sessions.mint("gallery"))
    one = Integration.objects.filter(tenant=tenant).order_by("pk")[0]
    repair_handles.make(one, "reconnect")
    root = User.objects.get(username="root")
    log(root, tenant, tenant.name)
    log(root, place, str(place))
    log(root, zoe, "zoe")
    bolt = Tenant.objects.get(origin_id="bolt")
    other = Integration.objects.get(tenant=bolt)
    Note.objects.create(
        tenant=bolt, at=timezone.now(), text="As for gallery of states: call zoe@gallery.example!"
    )
    SavedView.objects.create(user=root, name="Mine", query="q=Gallery+of+states&scope=all")
    client = Client()
    client.force_login(zoe)
    by = acting(root)
    audit.record(acting(zoe), Act.PASSWORD_CHANGED)
    audit.record(by, Act.ADMINISTERED, object="user", name="zoe", done="changed")
    audit.record(by, Act.VIEW_SAVED, name="Gallery of states")
    about = {"end_user__origin_id": "gallery", "end_user__organization_name": tenant.name}
    tell("integration-state-changed", integration_id="unknown:1", **about)
    tell("connection-flow-failed", **about)
    tell("data-changed", integration_id="unknown:1")
    UnmappedIntegration.objects.create(
        environment="production",
        integration_id="unknown:2",
        organization_name=tenant.name,
        seen_at=timezone.now(),
    )
    # Another's integration of which Kombo says that it is this customer's.
    Snapshot.objects.filter(pk=other.pk).update(
        origin_id="gallery", organization_name=tenant.name, creator_email="zoe@gallery.example"
    )
    Issue.objects.create(
        integration=other,
        issue_id="i1",
        type="X",
        title="zoe@gallery.example can't sign in",
        raised_at=timezone.now(),
    )
    tenant.refresh_from_db()
    return tenant


def log(user: User, about: Any, said: str) -> None:
    LogEntry.objects.create(
        user=user,
        content_type=ContentType.objects.get_for_model(about),
        object_id=about.pk,
        object_repr=said,
        action_flag=CHANGE,
        change_message=json.dumps([{"changed": {"name": "membership", "object": said}}]),
    )


def names_of(tenant: Tenant) -> set[str]:
    ids = Integration.objects.filter(tenant=tenant).values_list("integration_id", "public_id")
    emails = Snapshot.objects.filter(integration__tenant=tenant).values_list("creator_email")
    found = {tenant.name, tenant.origin_id, tenant.public_id, tenant.contact_email, "zoe"}
    return (found | {one for row in [*ids, *emails] for one in row}) - {""}


def test_a_forgotten_tenant_leaves_one_line_in_all_tables(gallery: Tenant) -> None:
    names = names_of(gallery)
    tables = {row.partition(":")[0] for row in rows_naming(names)}
    assert len(tables) >= 15, "there is much to be found before"
    said = StringIO()
    call_command("forget_tenant", "gallery", stdout=said)
    found = rows_naming(names)
    assert len(found) == 1, found
    assert found[0].startswith("integrations_auditentry: ")
    assert "tenant_forgotten" in found[0]
    assert said.getvalue().endswith("Deleted.\n")


def test_every_row_that_was_theirs_is_gone(gallery: Tenant) -> None:
    theirs = {
        name: (rows.model, list(rows.values_list("pk", flat=True)))
        for name, rows in belongings.of_tenant(gallery).items()
    }
    assert {"mails", "webhooks", "audit", "history"} <= {n for n, (_, ids) in theirs.items() if ids}
    call_command("forget_tenant", "gallery", stdout=StringIO())
    left = {
        name: model._base_manager.filter(pk__in=ids).count()
        for name, (model, ids) in theirs.items()
    }
    assert {name: number for name, number in left.items() if number} == {}


def test_others_keep_what_is_theirs(gallery: Tenant) -> None:
    bolt = Tenant.objects.get(origin_id="bolt")
    before = {
        name: rows.count()
        for name, rows in belongings.of_tenant(bolt).items()
        if name not in {"words", "webhooks", "issues", "history", "incidents", "coverage_versions"}
    }
    call_command("forget_tenant", "gallery", stdout=StringIO())
    after = {name: rows.count() for name, rows in belongings.of_tenant(bolt).items()}
    assert {name: after[name] for name in before} == before
    texts = set(Note.objects.filter(tenant=bolt).values_list("text", flat=True))
    assert "As for …: call …!" in texts
    assert User.objects.filter(username__in=["gina", "root"]).count() == 2
    assert Membership.objects.filter(user__username="gina").exists()
    assert not SavedView.objects.filter(name="Mine").exists()
    assert SavedView.objects.filter(name="My customers to reconnect").exists()


@pytest.mark.exhaustive
def test_a_dry_run_says_the_numbers_and_deletes_nothing(gallery: Tenant) -> None:
    before = sorted(dump())
    said = StringIO()
    call_command("forget_tenant", "gallery", "--dry-run", stdout=said)
    assert sorted(dump()) == before
    assert re.search(r"^ +12 integrations$", said.getvalue(), re.M)
    assert said.getvalue().endswith("Dry run: nothing was deleted.\n")


@pytest.mark.exhaustive
def test_the_administration_forgets_just_as_well(
    gallery: Tenant, sign_in: Callable[[User], Client]
) -> None:
    names = names_of(gallery)
    client = sign_in(User.objects.get(username="root"))
    address = reverse("admin:integrations_tenant_delete", args=[gallery.pk])
    page = client.get(address).content.decode()
    assert "mails: " in page.lower()
    assert client.post(address, {"post": "yes"}).status_code == 302
    found = rows_naming(names)
    assert len(found) == 1, found
    assert AuditEntry.objects.get(what=Act.TENANT_FORGOTTEN).actor == "root"


def test_a_forgotten_person_is_in_no_table(gallery: Tenant) -> None:
    zoe = User.objects.get(username="zoe")
    one = Integration.objects.filter(tenant=gallery).order_by("pk")[0]
    Snapshot.objects.filter(pk=one.pk).update(creator_email="Zoe@gallery.example")
    Tenant.objects.filter(pk=gallery.pk).update(contact_email=zoe.email)
    link = HandOff.objects.create(
        integration=one,
        act="reconnect",
        created_at=timezone.now(),
        created_by=zoe,
        expires_at=timezone.now() + timedelta(days=1),
        sent_to=zoe.email,
    )
    Mail.objects.create(
        key="m", kind="hand_off", to=zoe.email, tenant=gallery, created_at=timezone.now()
    )
    tell(
        "issue-status-changed",
        integration__id=one.integration_id,
        issue__markdown_message=f"Ask {zoe.email} for it",
        issue__title=f"{zoe.email} has no access",
    )
    assert len(rows_naming({"zoe"})) > 10
    call_command("forget_person", zoe.email.upper(), stdout=StringIO())
    assert rows_naming({"zoe"}) == []
    link.refresh_from_db()
    assert link.revoked_at is not None
    assert AuditEntry.objects.filter(what=Act.PERSON_FORGOTTEN, details="").count() == 1
    assert AuditEntry.objects.filter(what=Act.PASSWORD_CHANGED, actor=audit.FORGOTTEN).exists()
    known = Session.objects.all()
    assert str(zoe.pk) not in {s.get_decoded().get("_auth_user_id") for s in known}


def test_a_dry_run_for_a_person_deletes_nothing(gallery: Tenant) -> None:
    before = sorted(dump())
    call_command("forget_person", "zoe@gallery.example", "--dry-run", stdout=StringIO())
    assert sorted(dump()) == before


@pytest.mark.exhaustive
def test_nobody_of_an_address_leaves_no_line(gallery: Tenant) -> None:
    before = AuditEntry.objects.count()
    said = StringIO()
    call_command("forget_person", "nobody@example.com", stdout=said)
    assert said.getvalue().endswith("Nothing is stored for this address.\n")
    assert AuditEntry.objects.count() == before


def test_events_of_others_stay(gallery: Tenant) -> None:
    others = Event.objects.exclude(integration__tenant=gallery).filter(integration__isnull=False)
    # Of one that is mapped to another but is this customer's, as Kombo says, nothing stays.
    others = others.exclude(integration__snapshot__origin_id="gallery")
    before = others.count()
    call_command("forget_tenant", "gallery", stdout=StringIO())
    assert Event.objects.filter(integration__isnull=False).count() == before > 0
