"""Who is in several organizations sees how each of them is, wherever they can go to another."""

from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from integrations.models import Membership, Tenant
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import SESSION, read
from tests.views.conftest import Browser


def test_home_says_how_each_organization_is(
    alices: Client, alice: User, acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    empty = Tenant.objects.create(name="Empty", origin_id="empty")
    Tenant.objects.create(name="Not hers", origin_id="not hers")
    for tenant in (bolt, empty):
        Membership.objects.create(user=alice, tenant=tenant)
    connect(acme)
    for state in ("invalid", "setup_incomplete"):
        connect(acme, state=state)
    connect(bolt)
    rows = {
        row["data-organization"]: row
        for row in read(alices.get("/")).all("li", "data-organization")
    }
    assert {
        key: row.one("span", "class", "badge")["data-severity"] for key, row in rows.items()
    } == {
        acme.public_id: "action_required",
        bolt.public_id: "ok",
        empty.public_id: "unknown",
    }
    assert copy.N_NEED_YOUR_ATTENTION(n=2) in rows[acme.public_id].text
    assert copy.N_INTEGRATIONS(n=3) in rows[acme.public_id].text
    assert copy.WORKING in rows[bolt.public_id].text
    assert copy.NOTHING_IS_CONNECTED_YET in rows[empty.public_id].text


def test_a_page_leads_to_the_others(
    browser: Browser, alice: User, acme: Tenant, bolt: Tenant, connect: Connect
) -> None:
    page_url = reverse("tenant", args=[acme.public_id])
    for _ in range(2):
        connect(acme)
    connect(bolt, state="invalid")
    assert not read(browser("alice").get(page_url)).all("a", "class", "organization")
    latest = Tenant.objects.create(name="also hers", origin_id="also hers")
    for tenant in (latest, bolt):
        Membership.objects.create(user=alice, tenant=tenant)
    page = read(browser("alice").get(page_url))
    for menu in ("menu switcher", "menu"):
        links = page.all("details", "class", menu)[-1].all("a", "class", "organization")
        assert [(link["href"], "aria-current" in link.attributes) for link in links] == [
            (page_url, True),
            (reverse("tenant", args=[latest.public_id]), False),
            (reverse("tenant", args=[bolt.public_id]), False),
        ]
        assert copy.N_NEEDS_YOUR_ATTENTION(n=1) in links[2].text
    assert not read(browser("mia").get(page_url)).all("a", "class", "organization")


def test_many_organizations_cost_what_few_do(
    alices: Client, alice: User, acme: Tenant, connect: Connect,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:  # fmt: skip
    for number in range(5):
        other = Tenant.objects.create(name=f"Other {number}", origin_id=f"other {number}")
        Membership.objects.create(user=alice, tenant=other)
        connect(other)
    with django_assert_num_queries(SESSION + 1 + 1):  # and the vendor's identity
        assert len(read(alices.get("/")).all("li", "data-organization")) == 6
