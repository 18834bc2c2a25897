"""The list of customers: whose, in which order, what is found, and what a row says."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.models import Feature, FeatureAnswer, Integration, Summary, Tenant
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import Element, page_at, read
from tests.views.conftest import Browser

PAGE = reverse("customers")


@pytest.fixture(autouse=True)
def customers(
    acme: Tenant, bolt: Tenant, connect: Connect, amy: User, ned: User
) -> dict[str, Tenant]:
    """acme works, bolt is broken, and two have nothing connected; amy has acme and Zenith."""
    connect(acme)
    connect(bolt, state="invalid", tool_id="bamboohr")
    made = {
        "Zenith AG": Tenant(name="Zenith AG", origin_id="z-1", owner=amy),
        "Müller & Co": Tenant(name="Müller & Co", origin_id="mueller"),
    }
    Tenant.objects.bulk_create(made.values())
    return made | {acme.name: acme, bolt.name: bolt}


def names(client: Client, **query: str) -> list[str]:
    return [row.one("th").one("a").text for row in rows(page_at(client, PAGE, query))]


def rows(page: Element) -> list[Element]:
    return page.all("tr", "data-tenant")


def row_of(client: Client, tenant: Tenant) -> Element:
    return page_at(client, PAGE, {"scope": "all"}).one("tr", "data-tenant", tenant.public_id)


def test_it_is_for_staff(browser: Browser) -> None:
    for name, status in (("amy", 200), ("root", 200), ("alice", 404)):
        assert browser(name).get(PAGE).status_code == status, name


def test_the_worst_come_first_and_nothing_connected_last(browser: Browser, root: User) -> None:
    everybody = ["Bolt & Sons", "Acme GmbH", "Müller & Co", "Zenith AG"]
    assert names(browser("root"), scope="all") == everybody
    assert names(browser("root"), scope="all", sort="name") == sorted(everybody)


def test_without_the_permission_it_lists_ones_own(browser: Browser, amy: User) -> None:
    client = browser("amy")
    for scope in ("", "mine", "all", "x"):
        page = page_at(client, PAGE, {"scope": scope})
        assert [row.one("th").one("a").text for row in rows(page)] == ["Acme GmbH", "Zenith AG"]
        assert copy.SHOW_CUSTOMERS not in {one["aria-label"] for one in page.all("ul")}
    assert names(browser("ned")) == []


def test_who_sees_all_begins_with_their_own(browser: Browser, root: User, bolt: Tenant) -> None:
    assert len(names(browser("root"))) == 4
    Tenant.objects.filter(pk=bolt.pk).update(owner=root)
    assert names(browser("root")) == ["Bolt & Sons"]
    assert len(names(browser("root"), scope="all")) == 4


def test_it_is_searched_by_name_id_and_tool(browser: Browser, root: User) -> None:
    client = browser("root")
    for query, found in {
        "bolt": ["Bolt & Sons"],
        "bamboo": ["Bolt & Sons"],
        "muller": ["Müller & Co"],
        "ZEN ag": ["Zenith AG"],
        "z-1": ["Zenith AG"],
        "nobody": [],
        "%": [],
    }.items():
        page = page_at(client, PAGE, {"scope": "all", "q": query})
        assert [row.one("th").one("a").text for row in rows(page)] == found, query
        assert bool(page.all("", "data-empty", "no-match")) is not bool(found), query


def test_a_search_finds_no_customer_of_others(browser: Browser, amy: User) -> None:
    assert names(browser("amy"), q="bolt") == names(browser("amy"), q="muller") == []


def test_a_row_says_status_tools_features_and_last_contact(
    browser: Browser, root: User, acme: Tenant, bolt: Tenant, amy: User, connect: Connect
) -> None:
    connect(acme)
    feature = Feature.objects.create(name="Org chart", needs=["a"])
    FeatureAnswer.objects.create(tenant=bolt, feature=feature, verdict="not")
    FeatureAnswer.objects.create(tenant=acme, feature=feature, verdict="works")
    told = timezone.now() - timedelta(days=2)
    Summary.objects.filter(tenant=bolt).update(contacted_at=told)
    client = browser("root")
    bolts, acmes = row_of(client, bolt), row_of(client, acme)
    assert bolts.one("span", "class", "badge").text == copy.RECONNECT_REQUIRED
    assert copy.N_DOES_NOT_WORK(n=1) in bolts.text
    assert bolts.one("time", "data-relative").text == "2 days ago"
    assert acmes.one("span", "class", "badge").text == copy.CONNECTED
    assert [(one["title"], one.one("span").text) for one in acmes.all("li", "title")] == [
        ("Personio", "2")
    ]
    assert amy.get_username() in acmes.text
    assert not acmes.all("time")


def test_who_has_nothing_connected_says_so(
    browser: Browser, root: User, customers: dict[str, Tenant]
) -> None:
    row = row_of(browser("root"), customers["Zenith AG"])
    assert row.one("span", "class", "badge").text == copy.NOTHING_CONNECTED
    assert row.one("th").one("a")["href"] == reverse("workspace_tenant", args=[row["data-tenant"]])


def test_it_has_pages_that_keep_what_was_asked(
    browser: Browser, root: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("integrations.views.workspace.customers.PER_PAGE", 3)
    page = page_at(browser("root"), PAGE, {"scope": "all", "sort": "name"})
    assert len(rows(page)) == 3
    second = read(browser("root").get(page.one("a", "rel", "next")["href"]))
    assert [row.one("th").one("a").text for row in rows(second)] == ["Zenith AG"]


def test_nothing_yet_says_what_to_do(browser: Browser, ned: User, root: User) -> None:
    for name, scope in (("ned", ""), ("root", "mine")):
        page = page_at(browser(name), PAGE, {"scope": scope})
        assert page.one("", "data-empty", "nothing")


@pytest.mark.parametrize("number", [1, 4])
def test_the_list_costs_the_same_for_few_and_many(
    browser: Browser,
    root: User,
    connect: Connect,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    tenants = [Tenant(name=f"T{n}", origin_id=f"t{n}", owner=root) for n in range(number)]
    Tenant.objects.bulk_create(tenants)
    made: list[Integration] = [connect(tenant) for tenant in tenants]
    assert len(made) == number
    client = browser("root")
    # Session and user, two about the installation; the number, the page, and of its customers:
    # worst, names, tools, last contact, features, what was begun; the vendor's identity.
    with django_assert_num_queries(13):
        assert len(names(client, scope="all")) == number + 4
