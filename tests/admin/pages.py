"""Pages and forms of the administration."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from integrations.models import Integration


def page(name: str, *args: object, query: str = "") -> str:
    return reverse(f"admin:integrations_{name}", args=args) + query


def post_integration(staff: Client, integration: Integration | None, **terms: Any) -> Any:
    """Return the answer to the form of an integration, with all that the form holds hidden."""
    address = page("integration_change", integration.pk) if integration else page("integration_add")
    hidden = re.findall(
        r'name="(snapshot-[A-Z_]+)" value="(\d*)"', staff.get(address).content.decode()
    )
    return staff.post(address, {"environment": "production", **dict(hidden), **terms})


def saved(staff: Client, integration: Integration | None, **terms: Any) -> None:
    response = post_integration(staff, integration, **terms)
    assert response.status_code == 302, response.context["errors"]
