"""Forgetting customers and people: who may, what is refused, and what is left alone."""

from io import StringIO

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access import audit, audit_retention
from integrations.access.audit import Act
from integrations.models import AuditEntry, Note, Tenant
from integrations.tenants import belongings
from tests.conftest import acting
from tests.dumping import rows_naming

pytestmark = pytest.mark.django_db


def test_an_unknown_tenant_is_an_error(db: None) -> None:
    for command in (["forget_tenant", "x"], ["export_tenant", "x", "x.zip"]):
        with pytest.raises(CommandError, match="No customer has the origin ID “x"):
            call_command(*command)


def test_the_action_of_the_list_forgets_too(acme: Tenant, bolt: Tenant, root: User) -> None:
    client = Client()
    client.force_login(root)
    told = {"action": "delete_selected", "_selected_action": [acme.pk, bolt.pk]}
    address = reverse("admin:integrations_tenant_changelist")
    assert b"Are you sure" in client.post(address, told).content
    client.post(address, told | {"post": "yes"})
    assert not Tenant.objects.exists()
    assert not LogEntry.objects.exists()
    forgotten = AuditEntry.objects.filter(what=Act.TENANT_FORGOTTEN).order_by("details")
    assert [(one.tenant, one.told) for one in forgotten] == [
        ("", {"origin_id": "acme"}),
        ("", {"origin_id": "bolt"}),
    ]


def test_who_may_not_delete_tenants_forgets_none(acme: Tenant, mia: User) -> None:
    client = Client()
    client.force_login(mia)
    address = reverse("admin:integrations_tenant_delete", args=[acme.pk])
    assert client.post(address, {"post": "yes"}).status_code == 403
    assert Tenant.objects.filter(pk=acme.pk).exists()


def test_an_id_that_is_an_address_is_not_kept(db: None) -> None:
    Tenant.objects.create(name="One", origin_id="one@person.example")
    call_command("forget_tenant", "one@person.example", stdout=StringIO())
    assert rows_naming({"one@person.example"}) == []
    assert AuditEntry.objects.get().what == Act.TENANT_FORGOTTEN


def test_a_mere_number_is_not_taken_out_of_texts(bolt: Tenant) -> None:
    Tenant.objects.create(name="Nr", origin_id="36123")
    note = Note.objects.create(tenant=bolt, at=timezone.now(), text="They pay 36123 euros.")
    call_command("forget_tenant", "36123", stdout=StringIO())
    note.refresh_from_db()
    assert note.text == "They pay 36123 euros."


def test_every_table_is_listed_as_somebodys_or_nobodys(acme: Tenant) -> None:
    """A new model needs a decision: whose is what it holds?"""
    listed = {rows.model._meta.label_lower for rows in belongings.of_tenant(acme).values()}
    every = {model._meta.label_lower for model in apps.get_models()}
    assert listed.isdisjoint(belongings.OF_NOBODY)
    assert listed | belongings.OF_NOBODY == every


def test_the_guard_of_the_record_is_back_after_erasing(acme: Tenant, root: User) -> None:
    audit.record(acting(root), Act.NOTED, tenant=acme)
    audit.record(acting(root), Act.NOTED, tenant=acme)
    first, second = AuditEntry.objects.order_by("pk").values_list("pk", flat=True)
    assert audit_retention.erase([first]) == 1
    assert audit_retention.erase([second], actor="", address="") == 1
    assert AuditEntry.objects.get().actor == ""
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry._base_manager.update(details="another")


def test_staff_who_are_at_work_are_not_forgotten(amy: User) -> None:
    with pytest.raises(CommandError, match="your own staff"):
        call_command("forget_person", "amy@example.com")
    User.objects.filter(pk=amy.pk).update(is_active=False)
    call_command("forget_person", "amy@example.com", stdout=StringIO())
    assert not User.objects.filter(pk=amy.pk).exists()
