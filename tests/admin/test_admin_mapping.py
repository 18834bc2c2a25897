"""Integrations in the administration: confirmed, moved, replaced."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from integrations.access import mapping_guard, permissions
from integrations.models import Integration, Snapshot, Tenant
from integrations.tenants import mapping
from tests import copy
from tests.admin.pages import page, saved
from tests.conftest import Connect, acting
from tests.locking import against_a_check


def test_a_new_integration_comes_with_its_snapshot(roots: Client, acme: Tenant) -> None:
    saved(roots, None, tenant=acme.pk, integration_id="personio:1")
    assert Snapshot.objects.get().integration.integration_id == "personio:1"


def test_an_integration_is_not_given_to_two_tenants(
    roots: Client, theirs: Integration, bolt: Tenant
) -> None:
    terms = {
        "environment": "production",
        "tenant": bolt.pk,
        "integration_id": theirs.integration_id,
    }
    response = roots.post(page("integration_add"), terms)
    assert copy.THIS_INTEGRATION_IS_ALREADY_MAPPED in response.content.decode()
    assert Integration.objects.count() == 1


def confirm(client: Client, *integrations: Integration) -> None:
    chosen = {"action": "confirm_mapping", "_selected_action": [one.pk for one in integrations]}
    client.post(page("integration_changelist"), chosen)


def test_a_confirmation_records_who_and_when_and_opens_the_guard(
    roots: Client, root: User, alice: User, acme: Tenant, theirs: Integration
) -> None:
    where = acme.public_id, theirs.public_id
    assert mapping_guard.is_withheld(permissions.integration(alice, *where)[1])
    before = timezone.now()
    confirm(roots, theirs)
    theirs.refresh_from_db()
    assert (theirs.confirmed_origin_id, theirs.confirmed_by) == ("bolt", root)
    assert theirs.confirmed_at
    assert theirs.confirmed_at >= before
    assert not mapping_guard.is_withheld(permissions.integration(alice, *where)[1])
    assert LogEntry.objects.get().get_change_message() == "Confirmed origin id bolt"
    assert (
        "Confirmed by root on " in roots.get(page("integration_change", theirs.pk)).content.decode()
    )


def test_staff_see_why_an_integration_is_withheld(roots: Client, theirs: Integration) -> None:
    assert ">Unconfirmed<" in roots.get(page("integration_changelist")).content.decode()
    shown = roots.get(page("integration_change", theirs.pk)).content.decode()
    assert "Kombo reports origin ID “bolt”, but this customer’s origin ID is “acme”" in shown


def test_what_needs_no_confirmation_is_not_confirmed(
    roots: Client, acme: Tenant, connect: Connect
) -> None:
    integration = connect(acme)
    confirm(roots, integration)
    integration.refresh_from_db()
    assert integration.confirmed_by is None
    assert not LogEntry.objects.exists()


def test_saving_without_a_change_keeps_all_of_it(
    roots: Client, root: User, theirs: Integration
) -> None:
    mapping.confirm(theirs, acting(root))
    saved(roots, theirs, tenant=theirs.tenant.pk, integration_id=theirs.integration_id)
    theirs.refresh_from_db()
    assert (theirs.confirmed_by, theirs.snapshot.tool_label) == (root, "Personio")


def renamed(staff: Client, tenant: Tenant, **terms: str) -> None:
    members = {f"memberships-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    told = {"name": tenant.name, "origin_id": tenant.origin_id, **members, **terms}
    response = staff.post(page("tenant_change", tenant.pk), told)
    assert response.status_code == 302, response.context["errors"]


def test_another_origin_id_has_the_answers_worked_out_anew(
    roots: Client, acme: Tenant, theirs: Integration
) -> None:
    Tenant.objects.update(answers_due=False)
    renamed(roots, acme, origin_id="bolt")
    assert Tenant.objects.get().answers_due


@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite only one writes at a time")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["tenant", "integration"])
def test_no_change_waits_for_a_check_that_waits_for_it(
    what: str, roots: Client, acme: Tenant, bolt: Tenant
) -> None:
    def act(made: Integration) -> None:
        if what == "tenant":
            renamed(roots, acme, name="Acme SE")
        else:
            saved(roots, made, tenant=bolt.pk, integration_id="personio:another")

    against_a_check(mapping.create(acme, "personio:1"), act)
