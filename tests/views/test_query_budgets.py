"""How many queries a page costs: written down, and the same for few integrations as for many."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from integrations.domain.headline import Key
from integrations.models import (
    Entry,
    Event,
    Incident,
    Integration,
    Kind,
    Source,
    Tenant,
    UnmappedIntegration,
)
from integrations.views.customer import kept_cards
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import HTMX, SESSION, make_stale, poll_url, read, tenant_url, url_of
from tests.views.conftest import Browser

IDENTITY = 1  # what the vendor looks like, on every whole page
DAYS = 1  # how each day of the strips was, of all cards together
OBJECTS = 1  # what cards are made of that are not kept, of all together
AGAIN = 1  # when a sync can be asked for again, of one that works and is shown alone
# Of a whole page of a customer's person: the vendor's identity, and their organizations.
FRAME = IDENTITY + 1
ATTEMPTS = 1  # what was begun to be connected and is not yet, at a customer's home
TENANT = SESSION + 2 + DAYS + FRAME + ATTEMPTS  # and what they can use
REPLACED = 1  # what an integration was connected in place of, on its page
TENANT_ALONE = TENANT + 1 + AGAIN + REPLACED  # and the grid of its only integration
BANNER = SESSION + 1
INTEGRATION = SESSION + 1
WHOLE_INTEGRATION = (
    INTEGRATION + 1 + DAYS + AGAIN + FRAME + ATTEMPTS + REPLACED
)  # and whether there is another
FIELDS = SESSION + 1
CSV = SESSION + 2  # and who took it away
POLL = SESSION + 1
CARD = POLL + OBJECTS + DAYS + AGAIN
HOME = SESSION + 1
OUTAGE = 1  # whether its tool is down, where something fails
GUIDES = 4  # what helps with a repair: instructions, notes, how long it took, what was before
ON_HOLD = 3  # which features wait, where the customer must act: the grids that count, and answers

# The integration, its states and the one before them, its incidents, how many entries there are,
# and a page of them; and whether there is another integration.
HISTORY = SESSION + 6 + 1 + DAYS + AGAIN + FRAME
# The latest events, the circuits, what failed, what waits, who that may belong to, the tenants on
# offer, and the installation's state in two.
INBOX = SESSION + 8 + IDENTITY
GUEST = 1  # the frame's session with its tenant
# The limit, the tenant, the token and the session, and savepoints around these and around all; and
# the audit record.
EXCHANGE = 9
# Is it their own, are they a member, two for permissions, the tenant, its integrations, and what
# they can use.
STAFF_TENANT = (
    SESSION + 7 + OBJECTS + DAYS + IDENTITY + ATTEMPTS + 3
)  # that they opened it is on record


@pytest.mark.parametrize(
    ("number", "queries"),
    [
        (1, TENANT_ALONE),
        *((number, TENANT + OBJECTS + OUTAGE + ON_HOLD + GUIDES) for number in (2, 3, 6)),
    ],
)
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
    with django_assert_num_queries(BANNER + OBJECTS + (OUTAGE if number > 1 else 0)):
        alices.get(tenant_url(made[0], "banner"))


BUDGETS = [
    ("integration", {}, {}, WHOLE_INTEGRATION),
    ("integration", {"open": "all", "show": "unavailable", "q": "a"}, {}, WHOLE_INTEGRATION),
    ("integration", {"open": "all", "show": "unavailable", "q": "a"}, HTMX, INTEGRATION),
    *(
        (name, query, headers, queries)
        for name, query, queries in (
            ("coverage_fields", {"group": "hris_employees"}, FIELDS),
            ("coverage_csv", {}, CSV),
            ("card", {}, CARD),
        )
        for headers in ({}, HTMX)
    ),
]


def test_an_integrations_pages_keep_their_budget(
    alices: Client,
    with_grid: Integration,
    django_assert_num_queries: DjangoAssertNumQueries,
    subtests: pytest.Subtests,
) -> None:
    for name, query, headers, queries in BUDGETS:
        kept_cards.KEPT.clear()
        named = subtests.test(name=name, query=query, headers=headers)
        with named, django_assert_num_queries(queries):
            assert alices.get(url_of(name, with_grid), query, headers=headers).status_code == 200


def test_an_unchanged_poll_keeps_its_budget(
    alices: Client, with_grid: Integration, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    url = poll_url(read(alices.get(url_of("integration", with_grid))).one("article"), with_grid)
    for queries in (POLL + OBJECTS, POLL):  # the first keeps the card
        with django_assert_num_queries(queries):
            assert alices.get(url, headers=HTMX).status_code == 204


def test_a_stale_page_costs_what_a_fresh_one_does(
    alices: Client, with_grid: Integration, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_stale(with_grid)
    with django_assert_num_queries(WHOLE_INTEGRATION):
        alices.get(url_of("integration", with_grid))


def test_the_way_home_keeps_its_budget(
    alices: Client, acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(HOME):
        alices.get("/")


@pytest.mark.parametrize("number", [3, 6])
def test_staff_pay_the_same_for_few_and_many(
    browser: Browser,
    acme: Tenant,
    connect: Connect,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    made = [connect(acme) for _ in range(number)]
    mia = browser("mia")
    with django_assert_num_queries(STAFF_TENANT):
        mia.get(tenant_url(made[0]))


@pytest.mark.parametrize("number", [1, 200])
def test_a_history_costs_the_same_for_few_and_many(
    alices: Client,
    alice: User,
    with_grid: Integration,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    now, whats = (
        timezone.now(),
        {Kind.STATE: Key.DEGRADED, Kind.REPAIR: "reconnect", Kind.COVERAGE: "changed"},
    )
    moments = [now - timedelta(hours=hours) for hours in range(number)]
    Entry.objects.bulk_create(
        Entry(integration=with_grid, kind=kind, what=what, at=at, source=Source.CHECK, actor=alice)
        for kind, what in whats.items()
        for at in moments
    )
    Incident.objects.bulk_create(
        Incident(
            integration=with_grid,
            key=Key.DEGRADED,
            opened_at=at,
            closed_at=now,
            detected_by=Source.CHECK,
            repaired_by=alice,
        )
        for at in moments
    )
    queries: list[dict[str, str]] = [{}, {"kind": "repair"}, {"kind": "state", "page": "3"}]
    for query in queries:
        with django_assert_num_queries(HISTORY):
            page = read(alices.get(url_of("history", with_grid), query))
        assert page.all("li", "data-entry"), query


@pytest.mark.parametrize("number", [1, 20])
def test_the_inbox_costs_the_same_for_few_and_many(
    browser: Browser,
    acme: Tenant,
    bolt: Tenant,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
) -> None:
    now = timezone.now()
    UnmappedIntegration.objects.bulk_create(
        UnmappedIntegration(
            environment="us",
            integration_id=f"hibob:{n}",
            origin_id=("acme", "bolt")[n % 2],
            seen_at=now,
        )
        for n in range(number)
    )
    Event.objects.bulk_create(
        Event(environment="us", event_id=f"{n}", received_at=now, due_at=now, attempts=1)
        for n in range(number)
    )
    Tenant.objects.bulk_create(Tenant(name=f"{n}", origin_id=f"{n}") for n in range(number))
    root = browser("root")
    with django_assert_num_queries(INBOX):
        page = read(root.get("/workspace/webhooks/"))
    assert len(page.all("li", "data-arrival")) == len(page.all("li", "data-event")) == number


@pytest.mark.parametrize(("number", "grid"), [(1, 1), (2, 0), (6, 0)])
def test_a_frame_costs_the_same_for_few_and_many(
    settings: Any,
    acme: Tenant,
    connect: Connect,
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
    grid: int,
) -> None:
    turn_on(settings)
    made = [connect(acme, state=("connected", "invalid")[n % 2]) for n in range(number)]
    enter(view="none")  # the first of an hour opens the limit's window
    # What fails is made each time.
    down, waiting = (OBJECTS + OUTAGE, ON_HOLD + GUIDES) if number > 1 else (0, 0)
    asked = AGAIN if number == 1 else 0
    page = 2 + grid + DAYS + ATTEMPTS + asked + waiting + (REPLACED if number == 1 else 0)
    with django_assert_num_queries(EXCHANGE + page + IDENTITY + down):
        frame = enter()
    card = frame.on("card", made[-1].public_id)
    for address, queries in (
        (frame.on("tenant"), page + IDENTITY),
        (frame.on("banner"), 1 if number > 1 else 1 + OBJECTS),
        (frame.on("badge"), 1),
        (card, 1 + DAYS + asked + waiting + (IDENTITY if waiting else 0)),
    ):
        with django_assert_num_queries(GUEST + queries + down):
            assert frame.get(address).status_code == 200
    seen = card + read(frame.get(card)).one("article")["data-version"]
    with django_assert_num_queries(GUEST + 1 + down):
        assert frame.get(seen, **HTMX).status_code == 204
