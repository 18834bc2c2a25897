"""What is done in the administration is on record."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.access import hand_offs
from integrations.models import AuditEntry, HandOff, Integration, Tenant
from tests.admin.pages import saved
from tests.conftest import Connect, acting


def recorded() -> list[tuple[str, str, str, dict[str, Any]]]:
    found = AuditEntry.objects.order_by("pk")
    return [(one.tenant, one.integration, one.tool, one.told) for one in found]


def test_a_move_is_recorded_with_both_tenants_not_kombos_id(
    roots: Client, theirs: Integration, bolt: Tenant
) -> None:
    saved(roots, theirs, tenant=bolt.pk, integration_id=theirs.integration_id)
    assert recorded() == [
        ("Acme GmbH", theirs.public_id, "Personio", {"moved": "away"}),
        (
            "Bolt & Sons",
            theirs.public_id,
            "",
            {"object": "integration", "done": "changed", "fields": ["tenant"], "moved": "here"},
        ),
    ]


def test_whose_account_ends_leaves_no_link_behind(
    roots: Client, acme: Tenant, alice: User, connect: Connect
) -> None:
    hand_offs.create(connect(acme, state="invalid"), "reconnect", by=acting(alice))
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    address = reverse("admin:auth_user_change", args=[alice.pk])
    active = {"username": "alice", "is_active": "on"}
    assert roots.post(address, active | joined).status_code == 302
    assert HandOff.objects.get().revoked_at is None
    roots.post(address, {"username": "alice"} | joined)
    assert not User.objects.get(pk=alice.pk).is_active
    assert HandOff.objects.get().revoked_at
