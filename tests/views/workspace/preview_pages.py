"""What tests of the preview look at."""

from django.test import Client
from django.urls import reverse

from integrations.models import Integration
from integrations.views.types import PREVIEW_URLCONF
from tests.views.browsing import Element, page_at


def there(name: str, made: Integration) -> str:
    """The address of one of the customer's pages, for who looks."""
    ids = [made.tenant.public_id]
    if name not in {"tenant", "banner"}:
        ids.append(made.public_id)
    query = "?group=hris_employees" if name == "coverage_fields" else ""
    return reverse(name, args=ids, urlconf=PREVIEW_URLCONF) + query


def look(client: Client, address: str, **headers: str) -> Element:
    return page_at(client, address, headers=headers)
