"""Steps of a sign-in at the identity provider, as a browser takes them."""

from typing import Any
from urllib.parse import urlsplit

from django.test import Client

from tests.identity_provider import IdentityProvider
from tests.views.browsing import read

BEGIN, CALLBACK = "/account/sso/", "/account/sso/callback/"


def left_for(client: Client, **form: str) -> str:
    """The address that the site leads to."""
    page = read(client.post(BEGIN, form))
    link = page.one("main").one("a", "rel", "noreferrer")
    refresh = page.one("meta", "http-equiv", "refresh")["content"]
    assert refresh == f"0;url={link['href']}"
    return link["href"]


def come_back(client: Client, provider: IdentityProvider, address: str) -> Any:
    """The site's answer to whoever comes back from there."""
    back = urlsplit(provider.approve(address))
    return client.get(f"{back.path}?{back.query}")


def sign_in(client: Client, provider: IdentityProvider, **form: str) -> Any:
    return come_back(client, provider, left_for(client, **form))


def who(client: Client) -> str:
    """The primary key of whoever is signed in, or an empty text."""
    return str(client.session.get("_auth_user_id", ""))


def reason(response: Any) -> str:
    """Why somebody was turned away."""
    return read(response).one("section", "class", "door-say")["data-reason"]
