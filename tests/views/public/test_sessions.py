"""The page of one's own sessions."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from integrations.models import AccountSession
from tests import copy
from tests.views.browsing import SESSION, page_at, read
from tests.views.conftest import Browser

PAGE = "/account/sessions/"


@pytest.mark.parametrize("name", ["alice", "amy"])
def test_one_ends_another_of_ones_own(browser: Browser, name: str) -> None:
    here, there = browser(name), browser(name)
    page = page_at(here, PAGE)
    assert len(page.all("li", "data-session")) == 2
    assert len(page.all("li", "data-current")) == 1
    assert page.all("li", "data-session")[0] == page.one("li", "data-current")
    key = page.one("input", "name", "session")["value"]
    assert (
        copy.SESSION_ENDED in here.post(reverse("session_end"), {"session": key}, follow=True).text
    )
    assert there.get(PAGE).status_code == 302
    assert here.get(PAGE).status_code == 200


def test_all_others_end_and_this_one_stays(browser: Browser) -> None:
    here, *others = (browser("alice") for _ in range(4))
    answer = here.post(reverse("sessions_end_others"), follow=True)
    assert copy.N_SESSIONS_ENDED(n=3) in answer.text
    assert [other.get(PAGE).status_code for other in others] == [302] * 3
    assert len(read(answer).all("li", "data-session")) == 1
    assert reverse("sessions_end_others") not in answer.text


def test_anothers_session_is_not_there(browser: Browser, bob: User) -> None:
    bobs, alices = browser("bob"), browser("alice")
    row = AccountSession.objects.get(user=bob)
    assert row.public_id not in alices.get(PAGE).text
    alices.post(reverse("session_end"), {"session": row.public_id})
    alices.post(reverse("sessions_end_others"))
    assert bobs.get(PAGE).status_code == 200


def test_it_is_in_everybodys_menu(browser: Browser, amy: User) -> None:
    for name in ("alice", "amy"):
        assert page_at(browser(name), "/account/sessions/").all("a", "href", PAGE)


@pytest.mark.parametrize("number", [1, 5])
def test_it_costs_the_same_for_few_and_many(
    alice: User,
    sign_in: Callable[[User], Client],
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client, *_others = (sign_in(alice) for _ in range(number + 1))
    with django_assert_num_queries(SESSION + 3):  # the sessions; identity and organizations
        client.get(PAGE)
