"""What the administration leaves in the audit record: keys and values, by name, old and new."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import translation

from integrations.access.audit import Act
from integrations.models import AuditEntry, Integration, Tenant
from integrations.tenants import mapping

JOINED = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
MEMBERS = {"memberships-TOTAL_FORMS": "0", "memberships-INITIAL_FORMS": "0"}
INLINE = {"snapshot-TOTAL_FORMS": "0", "snapshot-INITIAL_FORMS": "0"}


@pytest.fixture
def roots(root: User, sign_in: Callable[[User], Client]) -> Client:
    return sign_in(root)


def post(client: Client, page: str, *args: object, **typed: Any) -> None:
    response = client.post(reverse(f"admin:{page}", args=args), typed)
    assert response.status_code == 302, response.context["errors"]


def told(**of: Any) -> list[dict[str, Any]]:
    found = AuditEntry.objects.filter(what=Act.ADMINISTERED, **of).order_by("pk")
    return [one.told for one in found]


def test_an_origin_id_is_told_as_it_was_and_is(roots: Client, acme: Tenant) -> None:
    typed = {"name": "Acme SE", "origin_id": "acme-2", "contact_email": "hr@acme.example"}
    post(roots, "integrations_tenant_change", acme.pk, **typed, **MEMBERS)
    assert told() == [
        {
            "object": "tenant",
            "done": "changed",
            "changes": {"name": ["Acme GmbH", "Acme SE"], "origin_id": ["acme", "acme-2"]},
            "fields": ["contact_email"],
        }
    ]
    assert "hr@acme.example" not in str(list(AuditEntry.objects.values()))


def test_an_integration_id_is_told_as_it_was_and_is(roots: Client, acme: Tenant) -> None:
    made = mapping.create(acme, "personio:1")
    typed = {"tenant": acme.pk, "integration_id": "personio:2", "environment": "production"}
    post(roots, "integrations_integration_change", made.pk, **typed, **INLINE)
    assert told()[0]["changes"] == {"integration_id": ["personio:1", "personio:2"]}


def test_who_gets_it_is_not_told_whose_it_was(roots: Client, acme: Tenant, bolt: Tenant) -> None:
    made = mapping.create(acme, "personio:1")
    typed = {"tenant": bolt.pk, "integration_id": "personio:2", "environment": "production"}
    post(roots, "integrations_integration_change", made.pk, **typed, **INLINE)
    assert told(tenant_id=acme.pk) == [{"moved": "away"}]
    [theirs] = told(tenant_id=bolt.pk)
    assert (theirs["changes"], theirs["moved"]) == ({"integration_id": ["", "personio:2"]}, "here")
    assert "Acme" not in str(theirs)
    assert Integration.objects.get().tenant == bolt


def test_permissions_and_groups_are_told_by_name(roots: Client, alice: User) -> None:
    old, new = (Group.objects.create(name=name) for name in ("Old", "New"))
    alice.groups.add(old)
    may = Permission.objects.get(codename="view_tenant")
    typed: dict[str, Any] = {"username": "alice", "is_active": "on", "is_staff": "on", **JOINED}
    typed |= {"groups": [str(new.pk)], "user_permissions": [str(may.pk)]}
    with translation.override("de"):
        post(roots, "auth_user_change", alice.pk, **typed)
    [one] = told()
    assert (one["object"], one["name"], one["done"]) == ("user", "alice", "changed")
    assert one["changes"] == {"is_staff": ["no", "yes"]}
    assert one["added"] == {"groups": ["New"], "user_permissions": ["integrations.view_tenant"]}
    assert one["removed"] == {"groups": ["Old"]}
    post(roots, "auth_group_change", new.pk, name="New", permissions=[str(may.pk)])
    assert told()[1]["added"] == {"permissions": ["integrations.view_tenant"]}


def test_a_password_is_told_without_a_word_of_it(roots: Client, alice: User) -> None:
    typed = dict.fromkeys(("password1", "password2"), "a good one 4711")
    post(roots, "auth_user_password_change", alice.pk, **typed, usable_password="true")
    [one] = told()
    assert (one["object"], one["name"], one["fields"]) == ("user", "alice", ["password"])
    assert "4711" not in str(list(AuditEntry.objects.values()))


def test_accounts_come_and_go_by_name(roots: Client, alice: User) -> None:
    typed = dict.fromkeys(("password1", "password2"), "a good one 4711")
    post(roots, "auth_user_add", username="zoe", usable_password="true", **typed)
    post(roots, "auth_user_delete", alice.pk, post="yes")
    assert [(one["name"], one["done"]) for one in told()] == [
        ("zoe", "created"),
        ("alice", "deleted"),
    ]


def test_a_row_below_a_form_is_an_entry_of_its_own(
    roots: Client, acme: Tenant, vic: User, ned: User
) -> None:
    one = vic.memberships.get()
    rows: dict[str, Any] = {"TOTAL_FORMS": 2, "INITIAL_FORMS": 1, "0-id": one.pk, "0-user": vic.pk}
    rows |= {"0-tenant": acme.pk, "0-role": "member"}
    rows |= {"1-tenant": acme.pk, "1-user": ned.pk, "1-role": "viewer"}
    members = {f"memberships-{name}": value for name, value in rows.items()}
    post(roots, "integrations_tenant_change", acme.pk, name=acme.name, origin_id="acme", **members)
    found = [(one["object"], one["done"]) for one in told(tenant_id=acme.pk)]
    assert sorted(found[:2]) == [("membership", "changed"), ("membership", "created")]
