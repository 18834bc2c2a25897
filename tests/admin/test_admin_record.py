"""What is done in the administration is on record."""

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.access import hand_offs
from integrations.models import AuditEntry, HandOff, Integration, Tenant
from tests.admin.pages import page, saved
from tests.conftest import Connect, acting


def recorded() -> list[tuple[str, str, str, str]]:
    found = AuditEntry.objects.order_by("pk")
    return list(found.values_list("tenant", "integration", "tool", "detail"))


def test_a_move_is_recorded_with_both_tenants_not_kombos_id(
    roots: Client, theirs: Integration, bolt: Tenant
) -> None:
    saved(roots, theirs, tenant=bolt.pk, integration_id=theirs.integration_id)
    assert recorded() == [
        ("Acme GmbH", theirs.public_id, "Personio", "integration: moved away"),
        ("Bolt & Sons", theirs.public_id, "Personio", "integration: Changed Tenant."),
    ]


def test_no_entry_holds_kombos_id(roots: Client, acme: Tenant) -> None:
    made = Integration.objects.create(
        tenant=acme, integration_id="personio:secret", environment="production"
    )
    saved(roots, made, tenant=acme.pk, integration_id="personio:secret2")
    delete = page("integration_delete", made.pk)
    assert roots.post(delete, {"post": "yes"}).status_code == 403  # nor is its snapshot
    saved(roots, None, tenant=acme.pk, integration_id="personio:secret")
    assert len(recorded()) == 2
    assert "secret" not in str(list(AuditEntry.objects.values()))


def test_accounts_and_roles_are_on_record(roots: Client, alice: User) -> None:
    new = {
        "username": "zoe",
        "password1": "a good one 4711",
        "password2": "a good one 4711",
        "usable_password": "true",
    }
    roots.post(reverse("admin:auth_user_add"), new)
    changed = {"username": "alice", "is_staff": "on", "is_superuser": "on", "is_active": "on"}
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    roots.post(reverse("admin:auth_user_change", args=[alice.pk]), changed | joined)
    again = {
        "password1": "another one 4711",
        "password2": "another one 4711",
        "usable_password": "true",
    }
    roots.post(reverse("admin:auth_user_password_change", args=[alice.pk]), again)
    roots.post(reverse("admin:auth_group_add"), {"name": "Managers"})
    roots.post(reverse("admin:auth_user_delete", args=[alice.pk]), {"post": "yes"})
    said = [detail for *_rest, detail in recorded()]
    assert [one.partition(":")[0] for one in said] == [
        *("user zoe", "user alice", "user alice", "group Managers", "user alice")
    ]
    assert "Superuser status" in said[1]
    assert said[2] == "user alice: Changed password."
    assert "4711" not in str(said)


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
