"""All that is stored of a customer, in one file that holds nobody else's and no key."""

import json
import stat
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from integrations.access import audit, embed_sessions
from integrations.access.audit import Act
from integrations.models import AuditEntry, Tenant
from tests import copy
from tests.conftest import Connect, acting
from tests.embed import turn_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def customers(
    acme: Tenant, bolt: Tenant, alice: User, bob: User, connect: Connect, settings: object
) -> None:
    connect(acme, state="invalid")
    connect(bolt)
    audit.record(acting(alice), Act.NOTED, tenant=acme)
    turn_on(settings)
    embed_sessions.exchange(embed_sessions.mint("acme"))


def test_the_file_holds_all_of_one_customer_and_no_key(customers: None, tmp_path: Path) -> None:
    file = tmp_path / "acme.zip"
    call_command("export_tenant", "acme", str(file), stdout=StringIO())
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with ZipFile(file) as archive:
        tables = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    assert tables["tenant.json"][0]["name"] == "Acme GmbH"
    assert tables["accounts.json"][0]["email"] == "alice@example.com"
    assert len(tables["integrations.json"]) == len(tables["snapshots.json"]) == 1
    assert tables["snapshots.json"][0]["creator_email"] == "creator@acme.example"
    assert tables["embed_sessions.json"]
    assert [one["what"] for one in tables["audit.json"]] == ["noted"]
    said = json.dumps(tables)
    assert "bolt" not in said.lower()
    columns = {name for rows in tables.values() for row in rows for name in row}
    assert not columns & {"password", "digest", "lease", "word"}


def test_it_is_on_record_without_personal_data(customers: None, tmp_path: Path) -> None:
    call_command("export_tenant", "acme", str(tmp_path / "a.zip"), stdout=StringIO())
    entry = AuditEntry.objects.get(what=Act.TENANT_EXPORTED)
    assert (entry.actor, entry.tenant, entry.told) == (copy.COMMAND_LINE, "Acme GmbH", {})


def test_a_dry_run_counts_and_writes_nothing(customers: None, tmp_path: Path) -> None:
    said = StringIO()
    file = tmp_path / "a.zip"
    call_command("export_tenant", "acme", str(file), "--dry-run", stdout=said)
    assert "       1 integrations\n" in said.getvalue()
    assert not file.exists()
    assert not AuditEntry.objects.filter(what=Act.TENANT_EXPORTED).exists()


def test_a_file_that_is_there_is_not_overwritten(customers: None, tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    file.write_text("mine")
    with pytest.raises(CommandError, match="can’t be written: File exists"):
        call_command("export_tenant", "acme", str(file), stdout=StringIO())
    assert file.read_text() == "mine"


def test_the_administration_exports_for_who_may(
    customers: None, amy: User, sign_in: Callable[[User], Client]
) -> None:
    amy.user_permissions.set(Permission.objects.filter(codename="change_tenant"))
    client = sign_in(amy)
    address = reverse("admin:integrations_tenant_changelist")
    chosen = list(Tenant.objects.values_list("pk", flat=True))
    told = {"action": "export_data", "_selected_action": chosen}
    refused = client.post(address, told)
    assert refused["Content-Type"].startswith("text/html") or refused.status_code == 302
    amy.user_permissions.add(Permission.objects.get(codename="export_tenant"))
    response = sign_in(User.objects.get(pk=amy.pk)).post(address, told)
    assert response["Content-Type"] == "application/zip"
    with ZipFile(BytesIO(response.content)) as archive:
        # Those that she takes care of, and no other.
        assert json.loads(archive.read("tenant.json"))[0]["origin_id"] == "acme"
    assert AuditEntry.objects.get(what=Act.TENANT_EXPORTED).actor == "amy"
