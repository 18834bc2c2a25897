"""When a hand-off link counts as opened: by a person's press, and by no look at its page."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import COMMAND, Act
from integrations.models import AuditEntry, HandOff, Tenant
from tests.conftest import Connect
from tests.views.conftest import Browser


@pytest.fixture
def way(acme: Tenant, connect: Connect) -> str:
    """The address of a link to what needs to be reconnected."""
    made = hand_offs.create(connect(acme, state="invalid"), "reconnect", by=COMMAND)
    return hand_offs.url_of(made).removeprefix("http://localhost")


def opened() -> Any:
    return HandOff.objects.get().opened_at


def told() -> list[tuple[str, str]]:
    found = AuditEntry.objects.filter(what=Act.HAND_OFF_OPENED)
    return list(found.values_list("actor", "address"))


@pytest.mark.parametrize("headers", [{}, {"Sec-Purpose": "prefetch;prerender"}])
def test_a_look_is_none_whoever_looks(client: Client, way: str, headers: dict[str, str]) -> None:
    for ask in (client.get, client.head, client.get, client.options):
        ask(way, headers=headers)
    assert opened() is None
    assert told() == []


def test_the_first_press_is_with_where_from(client: Client, way: str) -> None:
    client.get(way)
    for number in (1, 2):
        assert client.post(way, REMOTE_ADDR=f"192.0.2.{number}").status_code == 200
    assert told() == [("hand-off link", "192.0.2.1")]
    assert timezone.now() - opened() < timedelta(minutes=1)


@pytest.mark.parametrize(("person", "is_seen"), [("ned", False), ("root", False), ("vic", True)])
def test_the_vendors_own_press_is_not_the_colleagues(
    browser: Browser, person: str, is_seen: bool, way: str
) -> None:
    browser(person).post(way)
    assert bool(opened()) == is_seen
