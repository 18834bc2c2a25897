"""How much Python each page executes, in bytecodes against a view that does nothing for whoever is
signed in: no load on the machine moves it. `python -m tests.bench` tells CPU time beside them.
"""

from collections.abc import Callable

import pytest
from django.test import Client

from integrations.models import Tenant
from tests.bytecodes import bytecodes
from tests.conftest import Connect
from tests.views.browsing import HTMX, Element, read, tenant_url, url_of
from tests.views.conftest import Browser

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.bench.urls")]

# What was measured and a tenth; a page that is to need more says here why.
BUDGETS = {
    "base": 4.05,
    "customer": 6.55,
    "poll": 1.45,
    "integration": 6.7,
    "integration, all fields": 10.5,
    "list": 27.6,
    "overview": 28.4,
}

BUDGETS_OF_MANY = {"customer": 8.4, "poll": 1.7}


def seen_on(page: Element) -> str:
    """Return what a page says in a poll that it shows."""
    cards = page.all("article")
    return "seen=" + "~".join(f"{one['data-integration']}.{one['data-version']}" for one in cards)


@pytest.fixture
def looks(
    alices: Client, acme: Tenant, connect: Connect, browser: Browser
) -> dict[str, Callable[[], object]]:
    """A look at each page, of a customer with three integrations that work."""
    made = [connect(acme, coverage="everything") for _number in range(3)]
    roots, shown = browser("root"), read(alices.get(tenant_url(made[0])))
    unchanged = f"{tenant_url(made[0], 'poll')}?{seen_on(shown)}"
    return {
        "base": lambda: alices.get("/bench/empty/"),
        "nothing": lambda: alices.get("/bench/nothing/"),
        "customer": lambda: alices.get(tenant_url(made[0])),
        "poll": lambda: alices.get(unchanged, headers=HTMX),
        "integration": lambda: alices.get(url_of("integration", made[0])),
        "integration, all fields": lambda: alices.get(url_of("integration", made[0], open="all")),
        "list": lambda: roots.get("/workspace/"),
        "overview": lambda: roots.get("/workspace/overview/"),
    }


@pytest.fixture
def looks_at_many(
    alices: Client, acme: Tenant, connect: Connect
) -> dict[str, Callable[[], object]]:
    """The same, of a customer with 30."""
    made = [connect(acme) for _number in range(30)]
    unchanged = f"{tenant_url(made[0], 'poll')}?{seen_on(read(alices.get(tenant_url(made[0]))))}"
    return {
        "nothing": lambda: alices.get("/bench/nothing/"),
        "customer": lambda: alices.get(tenant_url(made[0])),
        "poll": lambda: alices.get(unchanged, headers=HTMX),
    }


def work(looks: dict[str, Callable[[], object]], budgets: dict[str, float]) -> dict[str, float]:
    """Return how much work those looks are that take more than their budget."""
    for look in looks.values():
        look()  # templates are read, SQL is built, and cards are kept
    executed = {name: bytecodes(look) for name, look in looks.items()}
    spent = {name: round(executed[name] / executed["nothing"], 2) for name in budgets}
    return {name: one for name, one in spent.items() if one > budgets[name]}


def test_pages_keep_their_budgets(looks: dict[str, Callable[[], object]]) -> None:
    assert work(looks, BUDGETS) == {}


def test_many_cards_cost_little_more(looks_at_many: dict[str, Callable[[], object]]) -> None:
    assert work(looks_at_many, BUDGETS_OF_MANY) == {}
