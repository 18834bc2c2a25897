"""Customers without an integration are found in the workspace too."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import Tenant
from tests.conftest import Connect
from tests.views.browsing import read
from tests.views.conftest import Browser

PAGE = reverse("triage")


@pytest.fixture(autouse=True)
def tenants(acme: Tenant, connect: Connect, amy: User, root: User) -> dict[str, Tenant]:
    """acme has an integration; amy's and somebody else's have none yet."""
    connect(acme)
    made = {
        "Zenith AG": Tenant(name="Zenith AG", origin_id="z-1", owner=amy),
        "Müller & Co": Tenant(name="Müller & Co", origin_id="mueller"),
    }
    Tenant.objects.bulk_create(made.values())
    return made


def bare(client: Client, query: str = "", **headers: str) -> list[str]:
    response = client.get(PAGE + query, headers=headers)
    assert response.status_code == 200
    return [one.one("a").text for one in read(response).all("li", "data-tenant")]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Zenith AG"]),
        ("?q=zenith", ["Zenith AG"]),
        ("?q=ZEN+ag", ["Zenith AG"]),
        ("?q=z-1", ["Zenith AG"]),
        ("?q=müller", []),
        ("?q=acme", []),
        ("?q=%25", []),
    ],
)
def test_her_own_are_listed_and_searched(browser: Browser, query: str, found: list[str]) -> None:
    assert bare(browser("amy"), query) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?scope=all", ["Müller & Co", "Zenith AG"]),
        ("?scope=all&q=müll", ["Müller & Co"]),
        ("?scope=all&owner=amy", ["Zenith AG"]),
        ("?scope=all&owner=nobody", ["Müller & Co"]),
        ("?scope=all&tenant=mueller", ["Müller & Co"]),
        ("?scope=all&tool=Personio", []),
        ("?scope=all&headline=connected", []),
        ("?scope=all&untold=1", []),
    ],
)
def test_who_sees_all_finds_all(browser: Browser, query: str, found: list[str]) -> None:
    assert bare(browser("root"), query) == found


def test_what_htmx_brings_has_them_too(browser: Browser) -> None:
    assert bare(browser("amy"), "?q=zenith", **{"HX-Request": "true"}) == ["Zenith AG"]


def test_nothing_says_that_there_is_nothing(browser: Browser) -> None:
    page = browser("amy").get(f"{PAGE}?q=zenith").content.decode()
    assert 'data-empty="no-match"' not in page
    Tenant.objects.filter(origin_id="acme").delete()
    assert 'data-empty="nothing"' not in browser("amy").get(PAGE).content.decode()


def test_the_name_leads_to_the_customers_page(browser: Browser, tenants: dict[str, Tenant]) -> None:
    page = read(browser("amy").get(PAGE))
    [row] = page.all("li", "data-tenant")
    assert row.one("a")["href"] == reverse("workspace_tenant", args=[row["data-tenant"]])
    assert browser("amy").get(row.one("a")["href"]).status_code == 200


def test_there_are_so_many_that_a_page_can_hold(browser: Browser) -> None:
    client = browser("root")
    Tenant.objects.bulk_create(
        Tenant(name=f"T{number}", origin_id=f"t{number}") for number in range(60)
    )
    assert len(bare(client, "?scope=all")) == 50
    assert bare(client, "?scope=all&q=t57") == ["T57"]
