"""Every string of Kombo's, of a tenant's and of a URL's renders as text, whatever it holds."""

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.kombo.overrides import drop_overrides
from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.simulator.hostile import NASTY, hostile
from tests.conftest import Connect
from tests.views.browsing import HTMX, Element, acts, read, tenant_url, url_of, visits

STATES = ("connected", "invalid", "unknown_status")


@pytest.fixture
def states() -> tuple[str, ...]:
    """In which there is one each; a test of more gives them as its parameter."""
    return STATES[:1]


@pytest.fixture
def harmless(acme: Tenant, connect: Connect, states: tuple[str, ...]) -> list[Integration]:
    return [connect(acme, state=state, coverage="everything", beta=True) for state in states]


@pytest.fixture
def nasty(
    acme: Tenant, connect: Connect, kombo: Simulator, alices: Client, states: tuple[str, ...]
) -> list[Integration]:
    """A tenant whose name, and whose integrations' every string, is an attack or a mess."""
    Tenant.objects.update(name="</title><img src=x onerror=alert(0)>")
    acme.refresh_from_db()
    made = [connect(acme, fetched=False) for _ in states]
    for one, state in zip(made, states, strict=True):
        kombo.add(hostile(integration_id=one.integration_id, origin_id="acme", state=state))
        assert alices.get(url_of("card", one)).status_code == 200
        one.snapshot.refresh_from_db()
    return made


def everything(client: Client, made: list[Integration]) -> list[tuple[str, Any]]:
    answers = [*visits(client, *made), *acts(client, *made)]
    return [
        (name, response)
        for name, response in answers
        if "text/html" in response.get("Content-Type", "")
    ]


def shapes(answers: list[tuple[str, Any]]) -> set[tuple[str, str]]:
    """Which elements with which attributes a set of answers is made of."""
    return {
        (element.tag, attribute)
        for _, response in answers
        for element in read(response)
        for attribute in ("", *element.attributes)
    }


@pytest.mark.parametrize("states", [STATES[:2], pytest.param(STATES, marks=pytest.mark.exhaustive)])
def test_no_string_makes_an_element_or_an_attribute(
    alices: Client, harmless: list[Integration], nasty: list[Integration], states: tuple[str, ...]
) -> None:
    # Of two, which the tenant's page lists, it is enough to go to one.
    which = slice(None) if states == STATES else slice(1)
    usual = shapes(everything(alices, harmless[which]))
    assert ("article", "data-integration") in usual
    assert shapes(everything(alices, nasty[which])) - usual == set()


@pytest.mark.exhaustive
@pytest.mark.parametrize("states", [STATES])
def test_no_string_makes_an_address_a_script_or_a_picture(
    alices: Client, nasty: list[Integration], kombo: Simulator, states: tuple[str, ...]
) -> None:
    ours = ("/", "#", "?", f"{kombo.public_url}/connect/v1", "https://docs.kombo.dev/")
    assert len(nasty) == len(states)
    for name, response in everything(alices, nasty):
        for element in read(response):
            for attribute in ("href", "src", "action", "hx-get", "hx-post", "formaction"):
                value = element.attributes.get(attribute, "/")
                assert value.startswith(ours), (name, value)
                assert not value.startswith("//"), (name, value)
            if element.tag in {"script", "img"}:
                assert element["src"].startswith(("/static/", "/logos/")), name
                assert not element.text, name


def points(made: Integration, kombo: Simulator) -> list[dict[str, Any]]:
    """What Kombo says of each datapoint, without the signs that are dropped when it is read."""
    said = json.dumps(kombo.details(made.integration_id)).encode()
    body = json.loads(drop_overrides(said))
    return [*body["read_models"], *body["write_actions"]]


def text(element: Element) -> str:
    return " ".join(element.text.split())


@pytest.mark.parametrize("states", [STATES[:2]])
def test_every_string_stands_there_as_it_came(
    alices: Client, nasty: list[Integration], kombo: Simulator, states: tuple[str, ...]
) -> None:
    assert len(nasty) == len(states)
    page = read(alices.get(url_of("integration", nasty[0], open="all")))
    rows = {row["data-datapoint"]: row for row in page.all("", "data-datapoint")}
    for model in points(nasty[0], kombo):
        row = rows[model["id"]]
        assert text(row.one("span", "class", "coverage-name")) == " ".join(
            f"{model['label']} {model['id']}".split()
        )
        for field in model["fields"]:
            shown = rows[f"{model['id']}.{field['id']}"].one("code")
            assert text(shown) == " ".join(field["id"].split())
    card = page.one("article")
    assert "<img src=x onerror=alert(1)>" in card.one("h1").text
    assert "o'n+click@a.evil.example" in card.text
    assert "</title><img src=x onerror=alert(0)>" in page.one("title").text
    listed = read(alices.get(tenant_url(nasty[0])))
    head = listed.one("header", "class", "page-head")
    assert "</title><img src=x onerror=alert(0)>" in head.text


def test_the_home_page_shows_a_hostile_name_as_text(
    alices: Client, nasty: list[Integration], bolt: Tenant
) -> None:
    bolt.memberships.create(user=nasty[0].tenant.memberships.get().user)
    names = [a.text for a in read(alices.get("/")).one("main").all("a")]
    assert any("</title><img src=x onerror=alert(0)>" in name for name in names)


def test_a_hostile_model_opens_and_shows_its_fields(
    alices: Client, nasty: list[Integration], kombo: Simulator
) -> None:
    by_string = {
        model["id"].rpartition(" ")[0]: model
        for model in points(nasty[0], kombo)
        if model["fields"]
    }
    assert len(by_string) >= 8
    for model in by_string.values():
        fields = read(
            alices.get(url_of("coverage_fields", nasty[0]), {"group": model["id"]}, headers=HTMX)
        )
        assert len(fields.all("", "data-datapoint")) == len(model["fields"])
        opened = read(
            alices.get(
                url_of("integration", nasty[0]),
                {"open": model["id"], "q": model["id"]},
                headers=HTMX,
            )
        )
        assert "open" in opened.one("details", "data-datapoint", model["id"]).attributes


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("query", NASTY)
def test_a_hostile_search_stays_in_its_box(
    alices: Client, harmless: list[Integration], query: str
) -> None:
    url = url_of("integration", harmless[0])
    usual = shapes([("", alices.get(url)), ("", alices.get(url, {"q": "no such thing"}))])
    for headers in ({}, HTMX):
        response = alices.get(
            url_of("integration", harmless[0]),
            {"q": query, "show": query, "open": query},
            headers=headers,
        )
        assert shapes([("", response)]) <= usual
        if not headers:
            assert read(response).one("input", "id", "grid-query")["value"] == query.strip()[:100]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("only", NASTY)
def test_a_hostile_banner_request_is_a_banner(
    alices: Client, harmless: list[Integration], only: str
) -> None:
    response = alices.get(tenant_url(harmless[0], "banner"), {"only": only})
    assert response.status_code in {200, 404}
    assert shapes([("", response)]) <= shapes(
        [("", alices.get(tenant_url(harmless[0], "banner"), {"only": "x"}))]
    )


def test_the_file_holds_the_strings_and_no_formula(
    alices: Client, nasty: list[Integration], kombo: Simulator
) -> None:
    response = alices.get(url_of("coverage_csv", nasty[0]))
    lines = list(
        csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline=""), strict=True)
    )
    assert {len(line) for line in lines} == {8}
    assert not [
        cell for line in lines for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    ]
    expected = {
        "'" + key if key.startswith("=") else key
        for key in (one["id"] for one in points(nasty[0], kombo))
    }
    assert expected <= {line[5] for line in lines}
    assert (
        response["Content-Disposition"] == 'attachment; filename="img-srcx-onerroralert1-data.csv"'
    )


def test_who_signs_in_under_a_hostile_name_reads_it_as_text(db: None) -> None:
    page = read(
        Client().post(reverse("login"), {"username": NASTY[1], "password": "x", "next": NASTY[1]})
    )
    [form] = [one for one in page.one("main").all("form") if one.all("input", "name", "username")]
    assert form.one("input", "name", "username")["value"] == NASTY[1]
    assert not [script for script in page.all("script") if script.text]
