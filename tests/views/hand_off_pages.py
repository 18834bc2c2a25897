"""What tests of hand-offs look at: the page that a link leads to, and what it says."""

from typing import Any

from integrations.access import hand_offs
from integrations.access.audit import COMMAND
from integrations.models import AuditEntry, HandOff, Integration
from tests.views.browsing import Element, read


def handed(integration: Integration, act: str = "reconnect", **more: Any) -> str:
    """The address of a new hand-off."""
    return path_of(hand_offs.create(integration, act, by=COMMAND, **more))


def path_of(link: HandOff) -> str:
    return hand_offs.url_of(link).removeprefix("http://localhost")


def told(*, since: int = 0) -> list[tuple[str, str, str]]:
    found = AuditEntry.objects.filter(pk__gt=since).order_by("pk")
    return list(found.values_list("what", "actor", "address"))


def refused(response: Any, status: int, *words: str) -> bool:
    """Refused in words of its own, which name nobody and lead nowhere."""
    said = response.content.decode()
    page = read(response)
    assert response.status_code == status, said
    assert not [name for name in ("Acme", "Personio", "creator@", "/connect/v1") if name in said]
    assert not [form for form in page.all("form") if form["method"] == "post"]
    assert not page.all("iframe")
    assert "no-store" in response["Cache-Control"]
    return all(word in page.one("main").text for word in words)


def shown(page: Element) -> str:
    return page.one("input", "id", "hand-off-link")["value"]
