"""What a host's page that isolates itself (COEP) has to be told before it shows the frame."""

from typing import Any

from django.test import Client

from integrations.models import Integration, Tenant
from tests.conftest import Connect
from tests.embed import enter, turn_on
from tests.views.browsing import url_of


def test_the_shell_may_be_embedded(client: Client, settings: Any) -> None:
    turn_on(settings)
    response = client.get("/embed/")
    assert response["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert response["Cross-Origin-Resource-Policy"] == "cross-origin"


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
