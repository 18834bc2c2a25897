"""Tool logos: public pictures, from our own origin, that can do nothing."""

import pytest
from django.test import Client
from django.urls import reverse

from integrations.models import Integration, Logo, Tenant
from integrations.simulator.app import Simulator
from integrations.simulator.hostile import hostile
from tests.conftest import Connect
from tests.views.browsing import read, url_of


def logo_url(made: Integration) -> str:
    return reverse("logo", args=[made.snapshot.logo_id])


def test_the_card_shows_the_logo_from_our_origin(alices: Client, personio: Integration) -> None:
    [image, *_others] = read(alices.get(url_of("integration", personio))).one("article").all("img")
    assert image["src"] == logo_url(personio)
    assert (image["width"], image["height"], image["alt"]) == ("48", "48", "")


def test_a_logo_needs_no_session_and_leaves_no_cookie(
    client: Client, personio: Integration
) -> None:
    response = client.get(logo_url(personio))
    assert response.status_code == 200
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")


def test_a_logo_is_cacheable_and_inert(client: Client, personio: Integration) -> None:
    response = client.get(logo_url(personio))
    assert response["Content-Type"] == "image/svg+xml"
    assert (
        response["Content-Security-Policy"]
        == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    )
    assert response["Cache-Control"] == "public, max-age=86400"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_logo_is_fetched_once_and_kept(
    client: Client, personio: Integration, kombo: Simulator
) -> None:
    first = client.get(logo_url(personio))
    Logo.objects.update(url="http://127.0.0.1:9/gone.svg")
    assert client.get(logo_url(personio)).content == first.content
    assert first.content.startswith(b"<svg")


def test_a_logo_of_a_host_we_do_not_ask_is_a_monogram_a_while(
    client: Client, personio: Integration, subtests: pytest.Subtests
) -> None:
    for url in [
        "https://elsewhere.example/logo.svg",
        "http://storage.googleapis.com/logo.svg",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[broken",
        "http://127.0.0.1@elsewhere.example/",
        "",
    ]:
        with subtests.test(url=url):
            Logo.objects.update(url=url)
            response = client.get(logo_url(personio))
            assert response["Cache-Control"] == "public, max-age=300"
            assert read(response).one("text").text == "P"
            assert "sandbox" in response["Content-Security-Policy"]


def test_a_hostile_tool_gets_a_harmless_monogram(
    client: Client, alices: Client, acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    made = connect(acme, fetched=False)
    kombo.add(hostile(integration_id=made.integration_id, origin_id="acme"))
    alices.get(url_of("card", made))
    picture = read(client.get(reverse("logo", args=[Logo.objects.get().key])))
    assert {element.tag for element in picture} == {"", "svg", "rect", "text"}


@pytest.mark.parametrize("key", ["unknown", "%00", "..%2f..%2fetc", "x" * 500])
def test_an_unknown_logo_is_404(client: Client, db: None, key: str) -> None:
    assert client.get(f"/logos/{key}/").status_code == 404


def test_the_same_tool_has_one_logo_whoever_uses_it(
    personio: Integration, bolt: Tenant, connect: Connect
) -> None:
    assert connect(bolt).snapshot.logo_id == personio.snapshot.logo_id


def test_a_page_can_ask_for_the_monogram(client: Client, personio: Integration) -> None:
    client.get(logo_url(personio))
    response = client.get(logo_url(personio), {"monogram": ""})
    assert b">P</text>" in response.content
    assert response["Cache-Control"] == "public, max-age=300"
