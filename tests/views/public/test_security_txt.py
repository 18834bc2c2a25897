"""Whom to tell of a vulnerability (RFC 9116)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from tests.conftest import NOW
from tests.loading import KEY, Load, refusal


@pytest.fixture
def address() -> str:
    return reverse("security_txt")


def test_it_names_contacts_policy_and_its_own_end(
    client: Client, settings: Any, clock: TimeMachineFixture, address: str
) -> None:
    assert address == "/.well-known/security.txt"
    settings.SECURITY_CONTACT = ["mailto:security@northwind.example", "https://northwind.example/s"]
    settings.SECURITY_POLICY_URL = "https://northwind.example/disclosure"
    settings.SITE_URL, settings.SITE_URL_IS_KNOWN = "https://integrations.example", True
    settings.LANGUAGE_CODE = "de"
    response = client.get(address)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = [line.split(": ", 1) for line in response.content.decode().splitlines()]
    assert fields == [
        ["Contact", "mailto:security@northwind.example"],
        ["Contact", "https://northwind.example/s"],
        ["Expires", "2027-02-18T00:00:00+00:00"],
        ["Preferred-Languages", "en, de"],
        ["Canonical", "https://integrations.example/.well-known/security.txt"],
        ["Policy", "https://northwind.example/disclosure"],
    ]
    assert datetime(2027, 2, 18, tzinfo=UTC) - NOW < timedelta(days=365)


def test_without_a_contact_there_is_none(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 404


def test_contacts_are_uris(load: Load) -> None:
    both = "security@northwind.example, https://northwind.example/security"
    found = load(**KEY, SECURITY_CONTACT=both)
    assert found["SECURITY_CONTACT"] == [
        "mailto:security@northwind.example",
        "https://northwind.example/security",
    ]


@pytest.mark.parametrize("contact", ["http://northwind.example", "us", "mailto:us", "https://"])
def test_what_is_no_contact_stops_the_start(load: Load, contact: str) -> None:
    assert "SECURITY_CONTACT must be" in refusal(load, **KEY, SECURITY_CONTACT=contact)
