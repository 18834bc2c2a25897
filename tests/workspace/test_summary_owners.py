"""Whose an integration is, and the latest word to the customer, follow in its short row."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.domain.headline import UNCONFIRMED
from integrations.models import NEVER, Integration, Tenant
from integrations.tenants import mapping, mapping_file
from integrations.workspace import summaries
from tests.conftest import Connect, acting
from tests.workspace.summing_up import NOW, STATES, break_it, change, row, told_of

pytestmark = pytest.mark.django_db


def test_a_tenant_changed_in_the_administration_is_called_so(
    roots: Client, acme: Tenant, bolt: Tenant, mia: User, connect: Connect
) -> None:
    made, other = connect(acme), connect(bolt)
    members = {f"memberships-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    form = {"name": "Apex AG", "origin_id": "acme", "owner": mia.pk, **members}
    assert (
        roots.post(reverse("admin:integrations_tenant_change", args=[acme.pk]), form).status_code
        == 302
    )
    assert (row(made).tenant_name, row(made).owner) == ("Apex AG", mia)
    assert {"apex", "ag"} <= set(told_of(made)["found by"])
    assert "gmbh" not in told_of(made)["found by"]
    assert (row(other).tenant_name, row(other).owner) == ("Bolt & Sons", None)


def imported(*lines: tuple[str, str, str]) -> None:
    heading = ("tenant_origin_id", "tenant_name", "integration_id")
    text = "".join(",".join(line) + "\n" for line in (heading, *lines))
    rows = mapping_file.read(text, environments=["production"])
    mapping.import_rows(rows, dry_run=False)


def test_an_import_makes_renames_and_moves(acme: Tenant, bolt: Tenant, connect: Connect) -> None:
    kept, moved = connect(acme), connect(acme)
    imported(
        ("acme", "Apex AG", kept.integration_id),
        ("bolt", "Bolt & Sons", moved.integration_id),
        ("cobalt", "Cobalt", "hibob:1"),
    )
    assert row(kept).tenant_name == "Apex AG"
    assert "apex" in told_of(kept)["found by"]
    assert (row(moved).tenant, row(moved).tenant_name) == (bolt, "Bolt & Sons")
    new = Integration.objects.get(integration_id="hibob:1")
    assert (row(new).tenant_name, row(new).headline) == ("Cobalt", "pending")


def test_moved_in_the_administration_it_is_the_others(
    roots: Client, acme: Tenant, bolt: Tenant, amy: User, connect: Connect
) -> None:
    made = connect(acme, origin_id="")
    assert row(made).owner == amy
    inline = {f"snapshot-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    form = {
        "tenant": bolt.pk,
        "integration_id": made.integration_id,
        "environment": "production",
        **inline,
    }
    assert (
        roots.post(
            reverse("admin:integrations_integration_change", args=[made.pk]), form
        ).status_code
        == 302
    )
    assert (row(made).tenant, row(made).owner, row(made).headline) == (bolt, None, "pending")


def test_in_doubt_it_says_so_to_staff_until_somebody_confirms(
    acme: Tenant, bolt: Tenant, root: User, connect: Connect
) -> None:
    made = connect(acme, origin_id="bolt", state="invalid")
    found = row(made)
    assert (found.headline, found.rank, found.next_actor) == (UNCONFIRMED, 1, "vendor")
    mapping.confirm(made, acting(root))
    assert (row(made).headline, row(made).rank, row(made).next_actor) == STATES["invalid"]
    change(made, origin_id="cobalt")
    assert row(made).headline == UNCONFIRMED


def test_an_account_manager_who_leaves_leaves_it_to_nobody(
    acme: Tenant, amy: User, connect: Connect
) -> None:
    made = connect(acme)
    assert row(made).owner == amy
    amy.delete()
    assert row(made).owner is None


def test_the_latest_word_to_the_customer_is_kept(acme: Tenant, connect: Connect) -> None:
    made, other = connect(acme), connect(acme)
    for at in (NOW, NOW + timedelta(days=1), NOW - timedelta(days=1)):
        summaries.mark_contacted([made.pk], at)
    assert row(made).contacted_at == NOW + timedelta(days=1)
    assert row(other).contacted_at == NEVER
    break_it(made)
    summaries.recompute([made.pk])
    assert row(made).contacted_at == NOW + timedelta(days=1)
