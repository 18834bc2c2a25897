"""The demo's host: its token endpoint as a vendor would have it, its page, and what that page may
load.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import jwt
import pytest

from integrations.access import embed_sessions
from integrations.demo.host_page import Host, tools
from tests.simulator.conftest import GREENHOUSE, PERSONIO, seed

SITE = "http://127.0.0.1:8000"
SECRET = "s" * 40


@pytest.fixture
def host(settings: Any) -> Iterator[httpx.Client]:
    settings.EMBED_SECRETS = {"demo": SECRET}
    application = Host(SITE, tools(seed()))
    with httpx.Client(
        transport=httpx.WSGITransport(app=application), base_url="http://localhost:8002"
    ) as client:
        yield client


@pytest.mark.parametrize(
    ("query", "customer", "scope"),
    [
        ("as=acme", "acme", ["view", "repair"]),
        ("as=bolt&scope=view", "bolt", ["view"]),
        ("as=gallery&scope=view+repair", "gallery", ["view", "repair"]),
    ],
)
def test_token_is_for_one_customer(
    host: httpx.Client, query: str, customer: str, scope: list[str]
) -> None:
    answer = host.get(f"/integration-token?{query}")
    assert answer.headers["cache-control"] == "no-store"
    token = answer.json()["token"]
    claims = jwt.decode(token, SECRET, algorithms=["HS256"], audience=embed_sessions.AUDIENCE)
    assert (claims["sub"], claims["scope"]) == (customer, scope)
    assert jwt.get_unverified_header(token)["kid"] == "demo"


@pytest.mark.parametrize("query", ["", "as=", "as=nobody", "as=acme&scope=admin", "as=hostile"])
def test_no_token_for_what_is_not_known(host: httpx.Client, query: str) -> None:
    answer = host.get(f"/integration-token?{query}")
    assert (answer.status_code, "token" in answer.json()) == (404, False)


def test_no_token_for_another_sites_page(host: httpx.Client) -> None:
    answer = host.get("/integration-token?as=acme", headers={"Sec-Fetch-Site": "cross-site"})
    assert (answer.status_code, "token" in answer.json()) == (403, False)


def test_page_may_load_and_frame_the_dashboard_and_nobody_else(host: httpx.Client) -> None:
    policy = dict(
        part.split(" ", 1) for part in host.get("/").headers["content-security-policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["frame-src"] == SITE
    assert policy["script-src"] == f"'self' {SITE}"
    assert policy["connect-src"] == "'self'"
    assert "unsafe" not in str(policy)


def test_page_holds_the_element_and_the_loader(host: httpx.Client) -> None:
    body = host.get("/").text
    element = (
        '<kombo-integrations token-url="/integration-token?as=acme&amp;scope=view+repair" '
        'view="list" lang="en">'
    )
    assert element in body
    assert f'<script type="module" src="{SITE}/embed.js">' in body
    assert "token=" not in body


def test_page_takes_what_is_chosen(host: httpx.Client) -> None:
    chosen = {
        "view": "integration",
        "integration": GREENHOUSE,
        "lang": "de",
        "theme": "dark",
        "accent": "#ffcc00",
    }
    found = re.search("<kombo-integrations ([^>]*)>", host.get("/", params=chosen).text)
    assert found is not None
    given = dict(re.findall('([a-z-]+)="([^"]*)"', found[1]))
    assert chosen.items() <= given.items()


def test_page_takes_only_what_can_be_chosen(host: httpx.Client) -> None:
    wild = {
        "as": "<b>",
        "view": '"><script>',
        "theme": "x",
        "accent": "javascript:1",
        "lang": "../",
        "scope": "admin",
    }
    assert host.get("/", params=wild).text == host.get("/").text


def test_integrations_are_the_customers_own(host: httpx.Client) -> None:
    assert PERSONIO in host.get("/?as=acme").text
    assert PERSONIO not in host.get("/?as=bolt").text
    assert 'view="list"' in host.get("/?as=gallery").text, "a customer without any"


def test_files_of_the_page_are_served_and_no_others(host: httpx.Client) -> None:
    paths = re.findall('(?:href|src)="(/[a-z.]+)"', host.get("/").text)
    assert {host.get(path).status_code for path in paths} == {200}
    for path in ("/nothing", "/control.html", "/../host.py", "/host.html"):
        assert host.get(path).status_code == 404
    assert host.post("/").status_code == 405


def test_a_token_says_when_it_ends(host: httpx.Client) -> None:
    token = host.get("/integration-token?as=acme").json()["token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert 0 < claims["exp"] - claims["iat"] <= embed_sessions.LONGEST_LIFE.total_seconds()
