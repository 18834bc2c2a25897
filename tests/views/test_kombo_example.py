"""Kombo's own documented answer on the page, and values that this version does not know."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations.models import Integration, Tenant
from integrations.simulator.app import Simulator
from integrations.tenants import mapping
from tests import copy
from tests.conftest import Connect
from tests.views.browsing import Element, read, tenant_url, url_of, visits

EXAMPLE = Path(__file__).parents[1] / "payloads" / "kombo" / "example.json"


@pytest.fixture
def example(kombo: Simulator, acme: Tenant) -> Integration:
    """The example as Kombo documents it, mapped to a tenant under the origin id it names."""
    body = json.loads(EXAMPLE.read_text())["data"]
    Tenant.objects.update(origin_id=body["end_user"]["origin_id"])
    acme.refresh_from_db()
    kombo.add(body)
    return mapping.create(acme, body["id"])


def page_of(client: Client, made: Integration) -> Element:
    assert client.get(url_of("card", made)).status_code == 200
    return read(client.get(tenant_url(made)))


def test_the_example_is_factorial_and_connected(alices: Client, example: Integration) -> None:
    page = page_of(alices, example)
    card = page.one("article")
    assert card.one("h1").text == "Factorial"
    assert card["data-headline"] == "connected"
    assert copy.HR_SYSTEM in card.text
    assert "7 August 2022 by example-integration-creator@acme.com" in card.text
    assert page.one("title").text == "Integrations · Acme GmbH"


def test_the_examples_grid_is_as_documented(alices: Client, example: Integration) -> None:
    page = page_of(alices, example)
    found = {
        row["data-datapoint"]: row["data-availability"] for row in page.all("", "data-datapoint")
    }
    assert found == {
        "hris_employees": "available",
        "hris_employees.date_of_birth": "opted_out",
        "hris_create_employee": "available",
        "hris_create_employee.first_name": "available",
    }
    names = [name.text for name in page.all("span", "class", "coverage-name")]
    assert names == [
        "Employees hris_employees The people who work for the organization, with their details.",
        "Create employee hris_create_employee",
    ]
    birth = page.one("", "id", "hris_employees.date_of_birth")
    assert birth.one("a").text == "Date of birth"
    assert birth.one("dd").text == copy.YOU_OPTED_OUT_YOU_CAN


def test_the_logo_is_a_monogram_where_its_host_is_not_allowed(
    alices: Client, example: Integration
) -> None:
    logo = read(alices.get(page_of(alices, example).one("img")["src"]))
    assert logo.one("text").text == "F"


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"status": "SLEEPING"}, "SLEEPING"),
    ({"setup_status": "HALFWAY"}, "HALFWAY"),
    ({"category": "PAYROLL_2"}, "PAYROLL_2"),
    ({"status": "SLEEPING", "setup_status": "HALFWAY"}, "SLEEPING / HALFWAY"),
]


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize(("change", "shown"), UNKNOWN)
def test_an_unknown_value_is_shown_as_it_is(
    alices: Client, example: Integration, kombo: Simulator, change: dict[str, Any], shown: str
) -> None:
    kombo.add({**(kombo.details(example.integration_id) or {}), **change})
    card = page_of(alices, example).one("article")
    assert shown in card.text
    unknown = "category" not in change
    assert card["data-headline"] == ("unrecognised" if unknown else "connected")
    assert (copy.UNKNOWN_STATUS in card.text) is unknown


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("coverage_status", "SOMEWHAT", "unclear"),
        ("scope_config_setting", "PERHAPS", "unclear"),
        ("coverage_status", "UNKNOWN", "unknown"),
    ],
)
def test_an_unknown_coverage_value_is_labelled(
    alices: Client, example: Integration, kombo: Simulator, key: str, value: str, reason: str
) -> None:
    body: dict[str, Any] = kombo.details(example.integration_id) or {}
    for point in (body["read_models"][0]["fields"][0], body["read_models"][0]):
        point |= {key: value, "is_available": False, "opted_out_by_customer": False}
    kombo.add(body)
    page = page_of(alices, example)
    row = next(row for row in page.all("", "data-datapoint", "hris_employees.date_of_birth"))
    assert row["data-availability"] in {reason, "model_unavailable"}
    assert row.one("dd").text
    assert page.one("details", "id", "hris_employees")["data-availability"] == reason


def test_unknown_values_everywhere_break_no_page(
    alices: Client, example: Integration, kombo: Simulator, alice: User, connect: Connect
) -> None:
    text = json.dumps(kombo.details(example.integration_id))
    for known in ("ACTIVE", "COMPLETED", "HRIS", "SUPPORTED", "ENABLED", "OPTIONAL"):
        text = text.replace(f'"{known}"', f'"NEW_{known}"')
    kombo.add(json.loads(text) | {"a new key": {"with": ["anything"]}})
    assert "NEW_ACTIVE / NEW_COMPLETED" in page_of(alices, example).one("article").text
    for name, response in visits(alices, example):
        assert response.status_code in {200, 302} or name == "nowhere", name
