"""The public list of tools: off unless it is on, the same for everybody, and of no customer."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from integrations.models import CatalogueTool, Tenant, ToolCatalogue
from integrations.workspace import gains
from tests.conftest import Connect
from tests.feature_factories import declare
from tests.views.browsing import Element, page_at
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db
WEIGHT = 60_000  # bytes of a page of tools and a few features


@pytest.fixture
def here(settings: Any) -> str:
    settings.WORKS_WITH = True
    return reverse("works_with")


def tool(name: str, category: str = "HRIS", **fields: str) -> None:
    row = ToolCatalogue.objects.get_or_create(environment="production", category=category)[0]
    points = [
        {"id": key, "is_available": status == "SUPPORTED", "coverage_status": status}
        for key, status in fields.items()
    ]
    model = {"id": "m", "label": "M", "is_available": True, "coverage_status": "SUPPORTED"}
    told = {"read_models": [model | {"fields": points}], "write_actions": []}
    CatalogueTool.objects.create(
        catalogue=row, tool_id=name.lower(), label=name, coverage=json.dumps(told)
    )


def shown(page: Element) -> dict[str, list[str]]:
    return {
        row["data-tool"]: [cell["data-verdict"] for cell in row.all("td")]
        for row in page.all("tr", "data-tool")
    }


@pytest.mark.parametrize("person", ["nobody", "alice", "root"])
def test_it_is_off_unless_it_is_on(person: str, browser: Browser) -> None:
    assert browser(person).get(reverse("works_with")).status_code == 404


def test_every_tool_is_shown_with_every_public_feature(here: str) -> None:
    tool("Personio", a="SUPPORTED", b="UNSUPPORTED")
    tool("Lever", "ATS", a="UNKNOWN")
    declare("m.a", "m.b", name="Both", is_public=True)
    declare("m.a", name="One", is_public=True)
    declare("m.a", name="Our secret")
    page = page_at(Client(), here)
    assert shown(page) == {"personio": ["partly", "works"], "lever": ["unknown", "unknown"]}
    assert "Our secret" not in page.text


def test_it_is_searched_and_narrowed(here: str, subtests: pytest.Subtests) -> None:
    for name, category in (("Personio", "HRIS"), ("Müller", "HRIS"), ("Lever", "ATS")):
        tool(name, category)
    for query, found in [
        ({"q": "PERSO"}, ["personio"]),
        ({"q": "muller"}, ["müller"]),
        ({"category": "ATS"}, ["lever"]),
        ({"category": "ATS", "q": "personio"}, []),
        ({"category": "nothing"}, ["lever", "müller", "personio"]),
        ({"q": "nothing at all"}, []),
    ]:
        with subtests.test(query=query, found=found):
            assert list(shown(page_at(Client(), here, query))) == found


def test_it_may_be_cached_and_not_framed(here: str) -> None:
    answer = Client().get(here)
    assert answer["Cache-Control"] == "public, max-age=300"
    assert {"Accept-Language", "Cookie"} <= set(answer["Vary"].split(", "))
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert not answer.cookies
    assert Client().post(here).status_code == 405


def test_it_speaks_the_language_that_is_asked_for(here: str) -> None:
    tool("Personio")
    tool("Lever", "ATS")
    page = page_at(Client(), here, {"lang": "de"})
    assert page.one("html")["lang"] == "de"
    for one in page.one("nav", "class", "segments").all("a"):
        assert "lang=de" in one["href"]


def test_it_says_the_same_to_everybody(
    here: str, browser: Browser, acme: Tenant, connect: Connect
) -> None:
    connect(acme)
    tool("Personio")
    answers = {person: browser(person).get(here) for person in ("nobody", "alice", "root")}
    assert len({answer.content for answer in answers.values()}) == 1
    assert acme.name not in answers["alice"].content.decode()


@pytest.mark.parametrize("number", [3, 90])
def test_many_tools_cost_what_few_do(
    here: str, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(number):
        tool(f"Tool {n}", a="SUPPORTED")
    for n in range(3):
        declare("m.a", name=f"Feature {n}", is_public=True)
    gains.judge_stale_tools()
    with django_assert_num_queries(3):  # tools, features, identity
        answer = Client().get(here)
    assert len(answer.content) < WEIGHT


def test_before_anything_is_known_it_says_so(here: str) -> None:
    assert page_at(Client(), here).all("div", "class", "panel empty-page")
