"""A tenant of many integrations: pages of fifty, and what is said of all of them on each."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from integrations.models import Integration, Snapshot, Tenant
from integrations.views.customer import pages as views
from integrations.workspace import summaries
from tests import copy
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import Element, read
from tests.views.conftest import Browser

PER_PAGE = 50
FEW = 5


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of five, of which there are several soon."""
    monkeypatch.setattr(views, "PER_PAGE", FEW)


@pytest.fixture
def many(acme: Tenant, connect: Connect) -> Callable[..., None]:
    """Make so many like one that was fetched."""

    def many(number: int, **details: Any) -> None:
        one = connect(acme, **details)
        like = {
            field.attname: getattr(one.snapshot, field.attname)
            for field in Snapshot._meta.concrete_fields
            if not field.primary_key
        }
        names = [f"{one.integration_id}{n}" for n in range(number - 1)]
        made = [Integration(tenant=acme, integration_id=name) for name in names]
        Integration.objects.bulk_create(made)
        Snapshot.objects.bulk_create([Snapshot(integration=each, **like) for each in made])
        summaries.recompute([each.pk for each in made])

    return many


def pages(client: Client, tenant: Tenant) -> Iterator[Element]:
    """Every page, by the links that lead on."""
    url = path = reverse("tenant", args=[tenant.public_id])
    while url:
        page = read(client.get(url))
        yield page
        onward = page.all("a", "rel", "next")
        url = onward[0]["href"] if onward else ""
        assert url == "" or url.startswith(f"{path}?page=")


def ids(page: Element) -> list[str]:
    return [card["data-integration"] for card in page.all("article")]


@pytest.mark.usefixtures("few")
def test_every_card_is_on_one_page(alices: Client, acme: Tenant, many: Callable[..., None]) -> None:
    many(6, tool_id="personio")
    many(4, tool_id="bamboohr")
    many(3, tool_id="workday", state="invalid")
    found = [ids(page) for page in pages(alices, acme)]
    assert [len(page) for page in found] == [FEW, FEW, 3]
    assert len({one for page in found for one in page}) == 13


@pytest.mark.usefixtures("few")
def test_who_must_act_is_on_the_first_page(
    alices: Client, acme: Tenant, many: Callable[..., None]
) -> None:
    many(6)
    many(2, tool_id="workday", state="invalid")
    first, second = pages(alices, acme)
    assert [card["data-headline"] for card in first.all("article")[:3]] == [
        "reconnect_required",
        "reconnect_required",
        "connected",
    ]
    assert "reconnect_required" not in {card["data-headline"] for card in second.all("article")}


def test_a_few_cards_need_no_pages(alices: Client, acme: Tenant, many: Callable[..., None]) -> None:
    many(PER_PAGE)
    (page,) = pages(alices, acme)
    assert len(ids(page)) == PER_PAGE
    assert not page.all("nav", "class", "pages")


def test_a_page_that_is_not_there_is_the_nearest(
    alices: Client, acme: Tenant, many: Callable[..., None], subtests: pytest.Subtests
) -> None:
    many(PER_PAGE + 1)
    for asked, shown in [("x", 50), ("0", 1), ("99", 1), ("-1", 1)]:
        with subtests.test(asked=asked, shown=shown):
            url = reverse("tenant", args=[acme.public_id])
            assert len(ids(read(alices.get(url, {"page": asked})))) == shown


def test_the_banner_is_about_all_and_leads_to_the_cards(
    alices: Client, acme: Tenant, many: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few are named and the others counted; on another page than theirs it leads back there."""
    monkeypatch.setattr(views, "PER_PAGE", 12)
    many(13, state="invalid")
    for number, page in enumerate(pages(alices, acme), start=1):
        banner = page.one("div", "id", "banner")
        assert (banner["data-acts"], banner["data-total"]) == ("13", "13")
        if number == 1:  # the cards are there themselves
            assert not banner.all("section")
            continue
        assert banner.one("h2").text == copy.N_CONNECTIONS_NEED_YOUR_ATTENTION(n=13)
        named = [link["href"] for link in banner.all("a")]
        assert len(named) == 10
        assert copy.AND_N_MORE(n=3) in banner.text
        path = reverse("tenant", args=[acme.public_id])
        assert {link.partition("#")[0] for link in named} == {path}
        again = read(alices.get(banner["hx-get"])).one("div", "id", "banner")
        assert (again.text, again["hx-get"]) == (banner.text, banner["hx-get"])
        assert [link["href"] for link in again.all("a")] == named
        assert page.one("title").text.startswith("(13) ")


@pytest.mark.usefixtures("few")
def test_a_single_one_in_need_is_repaired_from_any_page(
    alices: Client, acme: Tenant, many: Callable[..., None]
) -> None:
    many(6)
    many(1, tool_id="workday", state="invalid")
    first, second = pages(alices, acme)
    assert first.one("article", "data-headline", "reconnect_required").all("button")
    banner = second.one("div", "id", "banner")
    assert banner.one("h2").text == copy.TOOL_NEEDS_TO_BE_RECONNECTED(tool="Workday")
    assert banner.all("button")


@pytest.mark.usefixtures("few")
def test_a_banner_of_whichever_page_answers(
    alices: Client, acme: Tenant, many: Callable[..., None], subtests: pytest.Subtests
) -> None:
    many(6, state="invalid")
    for banner in ["", "?page=%3Cb%3E%22", "?page=2", "?page=0"]:
        with subtests.test(banner=banner):
            response = alices.get(reverse("banner", args=[acme.public_id]) + banner)
            assert response.status_code == 200
            assert read(response).one("div", "id", "banner")["data-total"] == "6"
            assert b"<b>" not in response.content


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(("number", "page", "queries"), [(6, 1, 9), (30, 1, 9), (30, 4, 11)])
def test_a_page_costs_the_same_of_how_many_ever(
    alices: Client,
    acme: Tenant,
    many: Callable[..., None],
    django_assert_num_queries: DjangoAssertNumQueries,
    number: int,
    page: int,
    queries: int,
) -> None:
    many(number)
    with django_assert_num_queries(queries):
        shown = read(alices.get(reverse("tenant", args=[acme.public_id]), {"page": page}))
    assert len(ids(shown)) == min(FEW, number - (page - 1) * FEW)


@pytest.mark.usefixtures("few")
def test_frames_and_staff_have_the_same_pages(
    settings: object, alices: Client, acme: Tenant, many: Callable[..., None], browser: Browser
) -> None:
    many(7)
    turn_on(settings)
    frame = enter()
    first = read(frame.get(frame.on("tenant")))
    onward = first.one("a", "rel", "next")["href"]
    assert onward == f"{frame.on('tenant')}?page=2"
    assert len(ids(read(frame.get(onward)))) == 2
    badge = read(frame.get(frame.on("badge"))).one("div", "id", "banner")
    assert badge["data-total"] == "7"
    url = f"/workspace/preview/t/{acme.public_id}/"
    page = read(browser("mia").get(url))
    assert page.one("a", "rel", "next")["href"] == f"{url}?page=2"
    assert page.one("div", "id", "poll")["hx-get"] == f"{url}poll/"
