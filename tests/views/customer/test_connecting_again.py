"""A tool that somebody set out to connect before, or that is connected: what its pages say."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.access.audit import COMMAND
from integrations.models import ConnectionAttempt, Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import attempts, connecting
from integrations.upstream import snapshots
from tests import copy
from tests.conftest import Connect
from tests.views import to_connect
from tests.views.browsing import Element, read, url_of
from tests.views.connect_flow import token_of


@pytest.fixture
def attempt(acme: Tenant) -> ConnectionAttempt:
    return to_connect.planned(acme)


def tool_page(client: Client, tenant: Tenant, tool_id: str = "workday") -> Element:
    return read(client.get(reverse("connect_tool", args=[tenant.public_id, "hris", tool_id])))


def test_the_page_says_what_came_of_it_last_time(
    alices: Client, acme: Tenant, attempt: ConnectionAttempt
) -> None:
    now = timezone.now()
    attempts = ConnectionAttempt.objects.filter(pk=attempt.pk)
    for values, shown in (
        ({}, []),  # an invitation, which nobody has opened
        ({"begun_at": now - timedelta(hours=2)}, ["left"]),
        ({"failed_at": now}, ["failed"]),
        ({"connected_at": now}, []),
    ):
        attempts.update(**values)
        found = tool_page(alices, acme).all("div", "data-attempt-status")
        assert [one["data-attempt-status"] for one in found] == shown


@pytest.mark.parametrize("number", [1, 2])
def test_each_connection_says_how_it_is(
    alices: Client, acme: Tenant, connect: Connect, number: int
) -> None:
    """And only one button is filled."""
    made = [connect(acme, state="invalid") for _one in range(number)]
    to_connect.offered("personio", "Personio")
    choice = tool_page(alices, acme, "personio").one("div", "data-connected")
    assert choice.text.count(copy.RECONNECT_REQUIRED) == number
    assert len(choice.all("a", "data-kind", "primary")) == 1
    links = {link["href"] for link in choice.all("a")}
    assert links == {url_of("integration", one) for one in made}


@pytest.fixture
def old(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, tool_id="workday")


@pytest.fixture
def new(acme: Tenant, old: Integration, kombo: Simulator, alice: User) -> Integration:
    """What somebody connected in place of the old one."""
    tool = to_connect.offered()
    attempt = attempts.plan(acme, tool, by=COMMAND, replaces=old)
    link = connecting.begin(attempt, email="a@acme.example", language="en", by=COMMAND)
    activation = kombo.world.complete(token_of(link.url), offered=[], shared=[])
    made = connecting.complete(attempt, str(activation), by=COMMAND).integration
    assert made
    assert made.snapshot.tool_label == tool.label, "known before Kombo is asked"
    made.snapshot = snapshots.revalidate(made)
    return made


@pytest.mark.usefixtures("old")
def test_a_new_connection_leads_to_the_one_it_replaces(
    alices: Client, old: Integration, new: Integration
) -> None:
    page = read(alices.get(url_of("integration", new)))
    link = page.one("section", "id", "replaced").one("a")
    assert link["href"] == url_of("integration", old)
    history = read(alices.get(url_of("history", new)))
    assert copy.MEANT_TO_REPLACE in history.one("main").text
    assert not read(alices.get(url_of("integration", old))).all("section", "id", "replaced")


@pytest.mark.parametrize("change", [{"removed_at": timezone.now()}, {"origin_id": "bolt"}])
def test_what_is_gone_or_withheld_is_not_led_to(
    alices: Client, old: Integration, new: Integration, change: dict[str, Any]
) -> None:
    Snapshot.objects.filter(integration=old).update(**change)
    assert not read(alices.get(url_of("integration", new))).all("section", "id", "replaced")


def test_nor_is_what_became_another_tenants(
    alices: Client, old: Integration, new: Integration, bolt: Tenant
) -> None:
    Integration.objects.filter(pk=old.pk).update(tenant=bolt)
    assert not read(alices.get(url_of("integration", new))).all("section", "id", "replaced")
