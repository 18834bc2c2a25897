"""Permissions are offered by names in the reader's language, whatever an earlier version stored."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import translation

from integrations.admin.people import permission_name
from tests import copy

pytestmark = pytest.mark.django_db


def permission(codename: str) -> Permission:
    return Permission.objects.get(codename=codename, content_type__app_label="integrations")


@pytest.mark.parametrize(
    ("language", "codename", "name"),
    [
        ("en", "assign_tenant", copy.CAN_ASSIGN_CUSTOMERS_TO_ACCOUNT_MANAGERS),
        ("en", "view_tenant", copy.CAN_VIEW_MODEL(model="customer")),
        ("de", "confirm_integration", "Kann Zuordnungen bestätigen"),
        ("fr", "view_tenant", "Peut voir\u202f: client"),
    ],
)
def test_a_name_is_in_the_readers_language(language: str, codename: str, name: str) -> None:
    with translation.override(language):
        assert permission_name(permission(codename)) == name


def test_a_name_that_an_earlier_version_stored_is_not_shown(root: User, client: Client) -> None:
    Permission.objects.filter(codename="export_tenant").update(name="Can export a tenant")
    client.force_login(root)
    page = client.get("/admin/auth/group/add/", headers={"Accept-Language": "de"})
    shown = page.content.decode()
    assert "Can export a tenant" not in shown
    assert "Kann alle Daten eines Kunden exportieren" in shown


def test_a_permission_of_no_model_keeps_its_own_name() -> None:
    kept = permission("view_tenant")
    kept.content_type.model = "gone"
    assert permission_name(kept) == kept.name
