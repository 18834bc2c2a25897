"""What proxies, probes and slow or large requests get, as they really come."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import reverse

from integrations.middleware import MOST_BYTES
from integrations.models import Tenant
from tests import copy

PROJECT = Path(__file__).resolve().parent.parent
HTTPS = {
    "SECURE_SSL_REDIRECT": True,
    "SECURE_REDIRECT_EXEMPT": [r"^(healthz|readyz)/?$"],
    "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
    "ALLOWED_HOSTS": ["integrations.example.com"],
}


class Untouched(io.BytesIO):
    """A body that never comes."""

    def read(self, *_size: Any) -> bytes:
        raise AssertionError("nobody waits for it")


UNTOUCHED: Any = {"wsgi.input": Untouched()}


@pytest.mark.parametrize("url", ["/healthz", "/readyz", "/healthz/", "/readyz/"])
@pytest.mark.parametrize("host", ["10.0.3.7:8000", "[fd00::7]:8000", "another.example", "", "a b"])
@override_settings(**HTTPS)
def test_a_probe_may_name_any_host(client: Client, db: None, url: str, host: str) -> None:
    answer = client.get(url, headers={"Host": host})
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@override_settings(**HTTPS)
def test_nobody_else_may(client: Client, db: None) -> None:
    headers = {"Host": "10.0.3.7:8000", "X-Forwarded-Proto": "https"}
    assert client.get("/account/login/", headers=headers).status_code == 400


@pytest.mark.parametrize("scheme", ["https", "HTTPS", "Https", "HTTPS, http", "https,http"])
@override_settings(**HTTPS)
def test_a_scheme_counts_in_any_case(client: Client, db: None, scheme: str) -> None:
    headers = {"Host": "integrations.example.com", "X-Forwarded-Proto": scheme}
    assert client.get("/account/login/", headers=headers).status_code == 200


@pytest.mark.parametrize("scheme", ["http", "HTTP", "", "httpss", "http, https"])
@override_settings(**HTTPS)
def test_plain_http_is_still_redirected(client: Client, db: None, scheme: str) -> None:
    headers = {"Host": "integrations.example.com", "X-Forwarded-Proto": scheme}
    answer = client.get("/account/login/", headers=headers)
    assert answer["Location"] == "https://integrations.example.com/account/login/"


# --- A port that is not the usual one


def posting(host: str) -> Any:
    """Sign in as a browser does that has the site at port 8443, while the proxy names this host."""
    client = Client(enforce_csrf_checks=True)
    headers = {"Host": host, "X-Forwarded-Proto": "https"}
    page = client.get("/account/login/", headers=headers).content.decode()
    token = re.findall(r'csrfmiddlewaretoken" value="(\w+)"', page)[0]
    origin = {"Origin": "https://integrations.example.com:8443"}
    form = {"csrfmiddlewaretoken": token, "username": "alice", "password": "demo"}
    return client.post("/account/login/", form, headers=headers | origin)


@override_settings(**HTTPS)
def test_a_proxy_that_keeps_the_port_lets_forms_through(alice: User) -> None:
    assert posting("integrations.example.com:8443").status_code == 302


@override_settings(**HTTPS)
def test_one_that_loses_it_is_named_as_the_reason(alice: User) -> None:
    answer = posting("integrations.example.com")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert copy.THE_ADDRESS_IN_YOUR_BROWSER in page
    assert "signed in or out" not in page


def test_the_example_for_nginx_keeps_the_port_and_buffers() -> None:
    example = (PROJECT / "deploy" / "nginx" / "dashboard.conf").read_text()
    assert "proxy_set_header Host $http_host;" in example
    for line in ("client_max_body_size", "client_body_timeout", "proxy_request_buffering on"):
        assert line in example


# --- Large and slow bodies


def large(client: Client, url: str, size: int) -> int:
    answer = client.generic(
        "POST",
        url,
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(size),
        **UNTOUCHED,
    )
    return answer.status_code


@pytest.mark.parametrize("size", [MOST_BYTES + 1, 60 * 1024 * 1024, 10**15])
def test_no_address_reads_a_large_body(client: Client, acme: Tenant, size: int) -> None:
    for url in (
        reverse("login"),
        reverse("password_reset"),
        reverse("tenant", args=[acme.public_id]),
        reverse("webhooks", args=["production"]),
        "/embed/session",
        "/admin/",
        "/nowhere/",
        "/healthz",
    ):
        assert large(client, url, size) == 413, url


def test_a_usual_form_is_read(alice: User) -> None:
    assert MOST_BYTES >= 1024 * 1024
    form = {"username": "alice", "password": "demo", "next": "/" + "x" * 500_000}
    assert Client().post(reverse("login"), form).status_code == 302


@pytest.mark.parametrize("name", ["login", "password_reset", "triage", "own_password"])
def test_whoever_may_not_post_is_not_waited_for(db: None, name: str) -> None:
    slow: Any = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "1000"}
    client = Client(enforce_csrf_checks=True)
    assert client.generic("POST", reverse(name), b"", **slow, **UNTOUCHED).status_code == 403
