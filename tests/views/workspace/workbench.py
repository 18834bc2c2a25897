"""What tests of the page of one integration look at."""

from typing import Any

from django.test import Client

from integrations.models import AuditEntry, Integration
from tests.views.browsing import Element, page_at, read, url_of

PERMITTED = {
    "pause": "pause_integration",
    "workspace_resume": "resume_integration",
    "sync": "sync_integration",
}


def look(client: Client, made: Integration, tab: str = "integration", **query: str) -> Element:
    return page_at(client, url_of(f"workspace_{tab}", made), query)


def acts() -> list[str]:
    found = AuditEntry.objects.exclude(what="checked").order_by("pk")
    return list(found.values_list("what", flat=True))


def problem(response: Any, status: int) -> str:
    """What the page says went wrong; it says so with its status too, and nothing is recorded as
    done.
    """
    assert response.status_code == status
    assert acts() == []
    return read(response).one("p", "data-problem").text


def fact(page: Element, name: str) -> str:
    return page.one("dd", "data-fact", name).text


def addresses(page: Element) -> set[str]:
    """Where the page's forms go to, by the last part."""
    return {form["action"].rstrip("/").rpartition("/")[2] for form in page.one("main").all("form")}
