"""The administration looks as the rest does, and each leads to the other."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.workspace import identity
from tests.pictures import PNG
from tests.views.browsing import read

pytestmark = pytest.mark.django_db


def test_it_has_the_vendors_colours_and_logo(roots: Client, settings: Any) -> None:
    settings.VENDOR_LOGO, settings.VENDOR_ACCENT = PNG, "#ffcc00"
    page = read(roots.get(reverse("admin:index")))
    known = identity.current()
    sheets = [link["href"] for link in page.all("link", "rel", "stylesheet")]
    assert sheets.index(known.theme_url) < sheets.index("/static/css/admin.css")
    assert page.one("img", "class", "brand-logo")["src"] == known.logo_url
    assert page.one("title").text.endswith("| Northwind")


def test_it_leads_to_the_workspace(roots: Client) -> None:
    links = {link["href"] for link in read(roots.get(reverse("admin:index"))).all("a")}
    assert {reverse("triage"), reverse("identity")} <= links
