"""What a customer sees of an integration that may be somebody else's, and what staff see."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import Integration, Snapshot, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from tests.conftest import Connect, acting
from tests.views.browsing import read, tenant_url, url_of, visits
from tests.views.conftest import Browser

FOREIGN: dict[str, Any] = {
    "origin_id": "bolt-origin",
    "creator_email": "secret@bolt.example",
    "tool_id": "workday",
    "beta": True,
}
THEIRS = (
    "bolt-origin",
    "secret@bolt.example",
    "Workday",
    "workday",
    "Beta",
    "14 March 2025",
    "hris_employees",
)


@pytest.fixture
def withheld(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, **FOREIGN)


def test_a_customer_sees_nothing_of_what_may_be_somebody_elses(
    alices: Client, withheld: Integration
) -> None:
    logo = reverse("logo", args=[withheld.snapshot.logo_id])
    for name, response in visits(alices, withheld):
        if not name.endswith("logo"):
            found = [
                word
                for word in (*THEIRS, logo)
                if word in response.content.decode() + str(response.headers)
            ]
            assert not found, name


def test_a_customer_is_told_that_it_is_not_confirmed(alices: Client, withheld: Integration) -> None:
    for url in (tenant_url(withheld), url_of("card", withheld)):
        assert (
            "Northwind is confirming that this connection belongs to your organization"
            in read(alices.get(url)).text
        )


@pytest.mark.parametrize("name", ["coverage_fields", "coverage_csv"])
def test_what_shows_only_the_grid_is_not_there_while_withheld(
    browser: Browser, withheld: Integration, name: str
) -> None:
    for person in ("alice", "mia"):
        assert (
            browser(person).get(url_of(name, withheld, group="hris_employees")).status_code == 404
        )


def test_nothing_can_be_done_while_withheld(
    alices: Client, withheld: Integration, kombo: Simulator, subtests: pytest.Subtests
) -> None:
    for name in ["check", "reconnect", "set_up", "completed"]:
        with subtests.test(name=name):
            before = kombo.calls
            assert alices.post(url_of(name, withheld), {"token": "x"}).status_code == 404
            assert kombo.calls == before


def test_staff_see_why_it_is_withheld(browser: Browser, withheld: Integration) -> None:
    text = read(browser("mia").get(url_of("integration", withheld))).text
    assert "Kombo reports origin ID “bolt-origin” for this integration" in text
    assert "mapped to “acme”" in text


def test_confirmed_by_staff_it_is_shown(alices: Client, withheld: Integration, mia: User) -> None:
    mapping.confirm(withheld, acting(mia))
    assert "secret@bolt.example" in read(alices.get(url_of("integration", withheld))).text
    assert alices.get(url_of("coverage_csv", withheld)).status_code == 200
    Snapshot.objects.filter(pk=withheld.pk).update(origin_id="a third one")
    assert "secret@bolt.example" not in read(alices.get(url_of("integration", withheld))).text
