"""What a customer is told while their tool is down, and never of whom else it concerns."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st
from time_machine import TimeMachineFixture

from integrations.models import Integration, Membership, Outage, Role, Tenant
from integrations.views.customer import pages
from integrations.workspace import outages, summaries
from tests import copy
from tests.conftest import acting
from tests.embed import enter, turn_on
from tests.outage_histories import RECONNECT, Histories
from tests.views.browsing import Element, read, url_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def histories(clock: TimeMachineFixture) -> Histories:
    return Histories(clock)


def customer(tenant: Tenant, role: str = Role.MEMBER) -> Client:
    """The browser of somebody of a tenant."""
    user = User.objects.create_user(f"{role} of {tenant.pk}")
    Membership.objects.create(user=user, tenant=tenant, role=role)
    client = Client()
    client.force_login(user)
    return client


def page_of(client: Client, tenant: Tenant) -> Element:
    return read(client.get(reverse("tenant", args=[tenant.public_id])))


def primary(page: Element) -> list[str]:
    return [one.text for one in page.all("button", "data-kind", "primary")]


def test_the_page_says_it_once_and_urges_nobody(histories: Histories) -> None:
    made = histories.connect("personio", 4, each=2)
    histories.fail(made[:6], 5)
    client = customer(made[0].tenant)
    page = page_of(client, made[0].tenant)
    said = page.one("section", "data-outage").text
    for words in (
        copy.PROBABLY_A_PROBLEM_AT.core,
        "Personio",
        "12:05",
        copy.YOU_DONT_NEED_TO_DO_ANYTHING,
    ):
        assert words in said
    assert not page.all("section", "class", "banner")
    assert primary(page) == []
    for card in page.all("article"):
        assert (card["data-headline"], card["data-severity"]) == ("sign_in_failing", "working")
        assert "again" in card.text
    own = read(client.get(url_of("integration", made[0]))).one("article")
    quiet = own.all("button", "data-kind", "quiet")
    assert any(button.text.startswith("Reconnect") for button in quiet)


def test_what_is_broken_besides_is_still_theirs(histories: Histories) -> None:
    made = histories.connect("personio", 4)
    [other] = histories.connect("workday", 1)
    Integration.objects.filter(pk=other.pk).update(tenant=made[0].tenant)
    summaries.recompute([other.pk])
    histories.fail([other], -200, RECONNECT)
    histories.fail(made[:3], 0)
    page = page_of(customer(made[0].tenant), made[0].tenant)
    assert len(page.all("section", "data-outage")) == 1
    assert len(page.all("article", "data-group", "attention")) == 1
    assert {text for text in primary(page) if "Workday" in text} == set(primary(page))


def test_many_are_counted_without_them(
    histories: Histories, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PER_PAGE", 5)
    made = [*histories.connect("personio", 1, each=6), *histories.connect("personio", 4)]
    histories.fail(made[:2], -2000, RECONNECT)
    histories.fail(made[2:], 0)
    tenant = made[0].tenant
    page = page_of(customer(tenant), tenant)
    assert page.one("", "data-acts")["data-acts"] == "2"
    assert len(page.all("article", "data-group", "attention")) == 2


def test_who_may_only_look_is_not_sent_to_ask(histories: Histories) -> None:
    made = histories.connect("personio", 4)
    histories.fail(made[:3], 0)
    page = page_of(customer(made[0].tenant, Role.VIEWER), made[0].tenant)
    assert copy.YOU_DONT_NEED_TO_DO_ANYTHING in page.text
    assert copy.YOU_HAVE_VIEW_ONLY_ACCESS not in page.text


@pytest.mark.parametrize("number", [3, 10])
def test_who_is_not_affected_hears_nothing(histories: Histories, number: int) -> None:
    made = histories.connect("personio", 12)
    histories.fail(made[:number], 0)
    page = page_of(customer(made[-1].tenant), made[-1].tenant)
    assert not page.all("", "data-outage")


def test_once_released_or_over_the_card_asks_again(histories: Histories, root: User) -> None:
    made = histories.connect("personio", 6)
    histories.fail(made[:4], 0)
    client = customer(made[0].tenant)
    assert primary(page_of(client, made[0].tenant)) == []
    outages.release(Outage.objects.get().public_id, acting(root))
    page = page_of(client, made[0].tenant)
    assert primary(page)
    assert not page.all("", "data-outage")


def test_a_page_in_view_learns_of_it_by_its_poll(histories: Histories) -> None:
    made = histories.connect("personio", 6)
    client = customer(made[0].tenant)
    card = page_of(client, made[0].tenant).one("article")
    histories.fail(made[:4], 0)
    seen = f"{card['data-integration']}.{card['data-version']}"
    answer = client.get(
        reverse("poll", args=[made[0].tenant.public_id]), {"seen": seen, "only": ""}
    )
    page = read(answer)
    assert page.one("article")["data-severity"] == "working"
    assert len(page.all("section", "data-outage")) == 1


def test_the_frame_says_it_too(histories: Histories, settings: Any) -> None:
    made = histories.connect("personio", 6)
    histories.fail(made[:4], 0)
    turn_on(settings)
    Tenant.objects.filter(pk=made[0].tenant_id).update(origin_id="acme")
    assert "data-outage" in enter(view="list").content


NAMES = ["Aardvark & Sons", "Badger GmbH", "Caribou SA", "Dormouse Ltd", "Echidna AG", "Ferret KG"]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["fail", "recover"]),
        st.sets(st.integers(0, len(NAMES) - 1), min_size=1),
        st.integers(1, 40),
    ),
    min_size=1,
    max_size=5,
)


@pytest.mark.exhaustive
@hypothesis(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
@example(steps=[("fail", set(range(6)), 1)])
@example(steps=[("fail", {0, 1, 2, 3}, 1), ("recover", {0, 1, 2}, 30), ("fail", {4}, 1)])
def test_no_page_names_another_customer(
    clock: TimeMachineFixture, steps: list[tuple[str, set[int], int]]
) -> None:
    with transaction.atomic():
        histories = Histories(clock)
        made = histories.connect("personio", len(NAMES))
        for name, one in zip(NAMES, made, strict=True):
            one.tenant.name = name
            one.tenant.save()
            summaries.recompute([one.pk])
        now = 0
        for act, numbers, minutes in steps:
            now += minutes
            getattr(histories, act)([made[number] for number in numbers], now)
        for name, one in zip(NAMES, made, strict=True):
            for text in texts_for(one):
                assert all(escape(other) not in text for other in NAMES if other != name)
                assert "4 of 6" not in text
        transaction.set_rollback(True)


def texts_for(integration: Integration) -> Iterator[str]:
    """All that a member of the integration's tenant can read of it."""
    tenant, client = integration.tenant, customer(integration.tenant)
    ids = [tenant.public_id, integration.public_id]
    for name, arguments in (
        ("tenant", ids[:1]),
        ("banner", ids[:1]),
        ("integration", ids),
        ("history", ids),
        ("statement", ids),
    ):
        yield client.get(reverse(name, args=arguments)).content.decode()
    poll = reverse("poll", args=ids[:1])
    yield client.get(poll, {"seen": f"{ids[1]}.", "only": ""}).content.decode()
