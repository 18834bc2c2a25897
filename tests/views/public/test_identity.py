"""The vendor's colours and pictures: public, cached for good, and unable to do anything."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from integrations.domain import accent
from integrations.workspace import identity
from tests.pictures import PNG, png

pytestmark = pytest.mark.django_db
FOR_GOOD = "public, max-age=31536000, immutable"


def test_the_theme_is_cached_for_good_and_asks_nothing(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    url = identity.from_settings().theme_url
    with django_assert_num_queries(0):
        response = client.get(url)
    assert response["Cache-Control"] == FOR_GOOD
    assert response["Content-Type"] == "text/css"
    assert response.content.decode() == accent.stylesheet(accent.DEFAULT)
    assert not response.cookies


def test_another_versions_theme_is_this_ones_for_a_while(client: Client) -> None:
    response = client.get(reverse("theme", args=["ffcc00-0123456789"]))
    assert response["Cache-Control"] == "public, max-age=300"
    assert response.content.decode() == accent.stylesheet("#ffcc00")


@pytest.mark.parametrize("name", ["x", "ffcc0", "ffcc000-0123456789", "red-0123456789"])
def test_a_theme_of_no_colour_is_not_there(client: Client, name: str) -> None:
    assert client.get(reverse("theme", args=[name])).status_code == 404


def test_a_picture_is_cached_for_good_and_inert(client: Client, settings: Any) -> None:
    settings.VENDOR_LOGO = PNG
    response = client.get(identity.from_settings().logo_url)
    assert (response.content, response["Content-Type"]) == (PNG, "image/png")
    assert response["Cache-Control"] == FOR_GOOD
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].endswith("; sandbox")
    assert client.get(reverse("vendor_picture", args=["x"])).status_code == 404


def test_a_page_keeps_the_place_of_the_logo(client: Client, settings: Any) -> None:
    settings.VENDOR_LOGO, settings.VENDOR_LOGO_DARK = png(width=8, height=2), png()
    page = client.get(reverse("login")).text
    assert '" width="104" height="26" alt="Northwind"' in page
    assert '(prefers-color-scheme: dark)" width="26" height="26">' in page
