"""What is left to set up once a tool is connected by an invitation, and whoever connected it finds
their way there.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.utils import timezone

from integrations.access import hand_offs
from integrations.access.audit import Act
from integrations.models import (
    AuditEntry,
    ConnectionAttempt,
    HandOff,
    Integration,
    RepairAct,
    Snapshot,
    Tenant,
)
from integrations.simulator.app import Simulator
from integrations.upstream import snapshots
from integrations.webhooks import handlers
from tests import copy
from tests.conftest import acting
from tests.views import to_connect
from tests.views.browsing import HTMX, read
from tests.views.connect_flow import finish, link_in
from tests.views.hand_off_pages import path_of
from tests.views.public.connecting import created


@pytest.fixture
def attempt(acme: Tenant, settings: Any, kombo: Simulator) -> ConnectionAttempt:
    settings.KOMBO_ENVIRONMENTS["production"] |= {"ENABLE_FIELD_MAPPING": True}
    return to_connect.planned(acme)


@pytest.fixture
def link(attempt: ConnectionAttempt, alice: User) -> HandOff:
    return hand_offs.create(
        attempt, RepairAct.CONNECT, by=acting(alice), sent_to="tom@acme.example"
    )


def went_through(client: Client, link: HandOff, kombo: Simulator) -> str:
    """Connect the tool; answers what Kombo Connect tells the page."""
    return finish(kombo, link_in(client.post(path_of(link))))


def connected(client: Client, link: HandOff, kombo: Simulator) -> Integration:
    """Let only a webhook tell of it."""
    went_through(client, link, kombo)
    handlers.handle("production", created(kombo), timezone.now())
    return Integration.objects.get()


def onward() -> HandOff:
    return HandOff.objects.get(act=RepairAct.SETUP)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_it_goes_on_where_something_is_left(
    client: Client,
    link: HandOff,
    attempt: ConnectionAttempt,
    kombo: Simulator,
    headers: dict[str, str],
) -> None:
    told = {"token": went_through(client, link, kombo), "attempt": attempt.public_id}
    ended = client.post(f"{path_of(link)}completed/", told, headers=headers)
    made = onward()
    assert ended.headers["HX-Redirect" if headers else "Location"].startswith(path_of(made))
    assert (made.integration, made.created_by) == (Integration.objects.get(), link.created_by)
    assert (made.by_person, made.expires_at) == (True, link.expires_at)
    last = AuditEntry.objects.order_by("-pk")[0]
    assert (last.what, last.actor) == (Act.HAND_OFF_CREATED, "hand-off link")
    activation = finish(kombo, link_in(client.post(path_of(made))))
    done = client.post(f"{path_of(made)}completed/", {"token": activation})
    assert copy.DONE_THANK_YOU in done.content.decode()


def test_without_scripts_a_button_leads_there(
    client: Client, link: HandOff, kombo: Simulator
) -> None:
    integration = connected(client, link, kombo)
    page = read(client.get(path_of(link)))
    assert page.one("h1").text == copy.TOOL_IS_CONNECTED(tool="Workday")
    assert not HandOff.objects.filter(integration=integration).exists()
    for _press in range(2):
        answer = client.post(path_of(link))
        assert answer.headers["Location"].startswith(path_of(onward()))
    looked = client.get(path_of(link))
    assert looked.headers["Location"].startswith(path_of(onward()))


HOW = ("another's link", "revoked", "expired", "set up", "mapped elsewhere", "withheld")


def test_nobody_else_comes_there(
    client: Client, link: HandOff, kombo: Simulator, bolt: Tenant, subtests: pytest.Subtests
) -> None:
    integration = connected(client, link, kombo)
    snapshots.revalidate(integration)
    for how in HOW:
        with subtests.test(how=how), transaction.atomic():
            become(how, integration, link, bolt)
            for ask in (client.get, client.post):
                assert ask(path_of(link)).status_code == 410
            assert not HandOff.objects.filter(act=RepairAct.SETUP).exists()
            transaction.set_rollback(True)


def become(how: str, integration: Integration, link: HandOff, bolt: Tenant) -> None:
    row = Snapshot.objects.filter(integration=integration)
    links = HandOff.objects.filter(pk=link.pk)
    match how:
        case "another's link":  # whoever holds it never went through
            links.update(begun_at=None)
        case "revoked":
            links.update(revoked_at=timezone.now())
        case "expired":
            links.update(expires_at=timezone.now() - timedelta(seconds=1))
        case "set up":
            row.update(setup_status="COMPLETED")
        case "mapped elsewhere":
            Integration.objects.update(tenant=bolt)
        case "withheld":
            row.update(origin_id="bolt")
