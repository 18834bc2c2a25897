"""The page of one customer, and what tests read there."""

from typing import Any

from django.test import Client
from django.urls import reverse

from integrations.models import AuditEntry, Tenant
from tests.views.browsing import Element, page_at, read

TYPED = {
    "contact_email": "hr@acme.example",
    "language": "de",
    "reminders": "2h 2d",
    "quiet_hours": "19-7",
    "reminder_cap": "3",
}


def address(tenant: Tenant, name: str = "workspace_tenant") -> str:
    return reverse(name, args=[tenant.public_id])


def look(client: Client, tenant: Tenant) -> Element:
    return page_at(client, address(tenant))


def acts() -> list[tuple[str, dict[str, Any]]]:
    return [(one.what, one.told) for one in AuditEntry.objects.order_by("pk")]


def wrong(response: Any) -> set[str]:
    """The fields that the page points at."""
    assert response.status_code == 422
    return {one["name"] for one in read(response).all("", "aria-invalid", "true")}
