"""How many queries a page costs: written down, and the same for few integrations as for many."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from integrations.models import Integration, Tenant
from tests.conftest import Connect
from tests.views.browsing import HTMX, make_stale, read, tenant_url, url_of
from tests.views.conftest import Browser

SESSION = 2  # the session and its user
TENANT = SESSION + 1
TENANT_ALONE = TENANT + 1  # and the grid of its only integration
BANNER = SESSION + 1
INTEGRATION = SESSION + 1
FIELDS = SESSION + 1
CSV = SESSION + 1
POLL = SESSION + 1
HOME = SESSION + 1
STAFF_TENANT = SESSION + 6  # is it their own, are they a member, two for permissions, the tenant, its integrations


@pytest.mark.parametrize(("number", "queries"), [(1, TENANT_ALONE), (2, TENANT), (3, TENANT), (30, TENANT)])
def test_a_tenants_page_costs_the_same_for_few_and_many(
    alices: Client,
    acme: Tenant,
    connect: Connect,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
    queries: int,
) -> None:
    made = [connect(acme, state=("connected", "invalid")[n % 2]) for n in range(number)]
    with django_assert_num_queries(queries):
        page = alices.get(tenant_url(made[0]))
    assert len(read(page).all("article")) == number
    with django_assert_num_queries(BANNER):
        alices.get(tenant_url(made[0], "banner"))


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, coverage="everything")


BUDGETS = [
    ("integration", {}, INTEGRATION),
    ("integration", {"open": "all", "show": "unavailable", "q": "a"}, INTEGRATION),
    ("coverage_fields", {"group": "hris_employees"}, FIELDS),
    ("coverage_csv", {}, CSV),
    ("card", {}, POLL),
]


@pytest.mark.parametrize(("name", "query", "queries"), BUDGETS)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_an_integrations_pages_keep_their_budget(
    alices: Client,
    made: Integration,
    django_assert_num_queries: DjangoAssertNumQueries,
    name: str,
    query: dict[str, str],
    queries: int,
    headers: dict[str, str],
) -> None:
    with django_assert_num_queries(queries):
        assert alices.get(url_of(name, made), query, headers=headers).status_code == 200


def test_an_unchanged_poll_keeps_its_budget(
    alices: Client, made: Integration, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    url = read(alices.get(url_of("integration", made))).one("article")["hx-get"]
    with django_assert_num_queries(POLL):
        assert alices.get(url, headers=HTMX).status_code == 204


def test_a_stale_page_costs_what_a_fresh_one_does(
    alices: Client, made: Integration, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_stale(made)
    with django_assert_num_queries(INTEGRATION):
        alices.get(url_of("integration", made))


def test_the_way_home_keeps_its_budget(
    alices: Client, acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(HOME):
        alices.get("/")


@pytest.mark.parametrize("number", [3, 30])
def test_staff_pay_the_same_for_few_and_many(
    browser: Browser, acme: Tenant, connect: Connect, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    made = [connect(acme) for _ in range(number)]
    mia = browser("mia")
    with django_assert_num_queries(STAFF_TENANT):
        mia.get(tenant_url(made[0]))
