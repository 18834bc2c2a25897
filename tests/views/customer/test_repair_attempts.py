"""The page carries the name of the attempt from the button to its end."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from integrations.models import Entry, Integration, Kind, RepairOutcome, Tenant
from integrations.simulator.app import Simulator
from tests.conftest import Connect
from tests.views.browsing import HTMX, Element, read, url_of


@pytest.fixture
def invalid(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


def dialog_of(client: Client, integration: Integration) -> Element:
    return read(client.post(url_of("reconnect", integration), headers=HTMX)).one("dialog")


def finish(kombo: Simulator, dialog: Element) -> str:
    """Go through Kombo Connect; answers the activation token."""
    link = parse_qs(urlsplit(dialog.one("iframe")["src"]).query)["token"][0]
    activation = kombo.world.complete(link, offered=[], shared=[])
    assert activation
    return activation


def outcomes() -> list[str]:
    found = Entry.objects.filter(kind=Kind.REPAIR).order_by("pk")
    return [entry.data["outcome"] for entry in found]


def test_the_attempt_that_was_finished_is_done_not_the_latest(
    alices: Client, invalid: Integration, kombo: Simulator
) -> None:
    worked, abandoned = dialog_of(alices, invalid), dialog_of(alices, invalid)
    assert worked["data-attempt"] != abandoned["data-attempt"]
    told = {"token": finish(kombo, worked), "attempt": worked["data-attempt"]}
    alices.post(url_of("completed", invalid), told, headers=HTMX)
    assert outcomes() == [RepairOutcome.DONE, RepairOutcome.STARTED]


def test_the_form_that_tells_the_end_has_room_for_the_name(
    alices: Client, invalid: Integration
) -> None:
    page = read(alices.get(url_of("integration", invalid)))
    form = page.one("form", "id", f"completed-{invalid.public_id}")
    assert {field["name"] for field in form.all("input")} >= {"token", "attempt"}
