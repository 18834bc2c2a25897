"""What tests of the preview look at."""

from django.test import Client
from django.urls import reverse

from integrations.models import Integration
from integrations.views.types import PREVIEW_URLCONF
from tests.views.browsing import Element, page_at


def there(name: str, made: Integration) -> str:
    """The address of one of the customer's pages, for who looks."""
    ids = [made.tenant.public_id]
    if name not in {"tenant", "banner", "poll"}:
        ids.append(made.public_id)
    query = {"coverage_fields": "?group=hris_employees", "poll": f"?seen={made.public_id}."}
    return reverse(name, args=ids, urlconf=PREVIEW_URLCONF) + query.get(name, "")


def look(client: Client, address: str, **headers: str) -> Element:
    return page_at(client, address, headers=headers)
