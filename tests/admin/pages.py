"""Pages and forms of the administration."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from integrations.models import Integration


def page(name: str, *args: object, query: str = "") -> str:
    return reverse(f"admin:integrations_{name}", args=args) + query


def saved(staff: Client, integration: Integration | None, **terms: Any) -> None:
    address = page("integration_change", integration.pk) if integration else page("integration_add")
    hidden = re.findall(
        r'name="(snapshot-[A-Z_]+)" value="(\d*)"', staff.get(address).content.decode()
    )
    response = staff.post(address, {"environment": "production", **dict(hidden), **terms})
    assert response.status_code == 302, response.context["errors"]
