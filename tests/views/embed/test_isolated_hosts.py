"""What a host's page that isolates itself (COEP) has to be told before it shows the frame."""

from typing import Any

from django.test import Client

from integrations.models import Integration, Tenant
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import read, url_of


def test_the_shell_may_be_embedded(client: Client, settings: Any, db: None) -> None:
    turn_on(settings)
    response = client.get("/embed/")
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_the_shell_may_load_declared_fonts_and_no_page_else_may(
    client: Client, settings: Any, db: None
) -> None:
    turn_on(settings)
    settings.EMBED_FONTS = {"Inter": "https://cdn.example/inter.woff2"}
    shell, other = client.get("/embed/"), client.get("/account/login/")
    policies = [one["Content-Security-Policy"].split("; ") for one in (shell, other)]
    assert "font-src 'self' https://cdn.example/inter.woff2" in policies[0]
    assert "font-src 'self'" in policies[1]
    assert read(shell).one("body")["data-fonts"] == ('{"Inter": "https://cdn.example/inter.woff2"}')


def test_the_loader_may_be_loaded(client: Client) -> None:
    assert client.get("/embed.js")["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_nothing_else_may(
    client: Client, alices: Client, settings: Any, acme: Tenant, connect: Connect
) -> None:
    """What a tenant owns is for the site's own pages, and so is a shell that is off."""
    made: Integration = connect(acme)
    off = client.get("/embed/")
    turn_on(settings)
    frame = enter()
    inside = [frame.get(frame.on("tenant")), frame.get(frame.on("card", made.public_id))]
    outside = [alices.get(url_of("integration", made)), client.get("/go/x/"), off]
    for response in (*inside, *outside):
        assert response["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "Cross-Origin-Embedder-Policy" not in response
