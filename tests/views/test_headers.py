"""What every answer carries."""

from typing import Any

from django.test import Client

from integrations.models import Integration
from tests.views.browsing import HTMX, acts, policy_of, read, tenant_url, url_of, visits

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ALWAYS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin-allow-popups",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
    ),
}


def test_no_answer_is_cached_changed_framed_or_goes_elsewhere(
    alices: Client, invalid: Integration
) -> None:
    """Proxies that hide mail addresses leave it as it is, too: their script undoes it in a page
    once, and not in cards that are swapped in later.
    """
    for name, response in [*visits(alices, invalid), *acts(alices, invalid)]:
        assert {key: response.get(key) for key in ALWAYS} == ALWAYS, name
        if not name.endswith("logo"):
            policy = policy_of(response)
            policy.pop("frame-src", None)
            assert policy == POLICY, name
            cached = set(response["Cache-Control"].split(", "))
            assert {"private", "no-store", "no-transform"} <= cached, name


def test_refusals_and_redirects_to_sign_in_are_not_cached(
    client: Client, invalid: Integration
) -> None:
    for headers in ({}, HTMX):
        assert "no-store" in client.get(tenant_url(invalid), headers=headers)["Cache-Control"]


def test_files_of_a_page_are_cacheable_and_not_private(
    alices: Client, invalid: Integration
) -> None:
    page = read(alices.get(url_of("integration", invalid)))
    files = [link["href"] for link in page.all("link")] + [
        script["src"] for script in page.all("script")
    ]
    assert len(files) >= 4
    for file in files:
        response = Client().get(file)
        assert response.status_code == 200, file
        assert "max-age" in response["Cache-Control"], file
        assert "no-store" not in response["Cache-Control"], file
        assert response["X-Content-Type-Options"] == "nosniff", file
        assert not response.cookies
        response.close()


def test_over_loopback_http_nothing_insists_on_https(client: Client, db: None) -> None:
    assert "Strict-Transport-Security" not in client.get("/account/login/", secure=True)


def test_https_is_insisted_on_for_a_year(https: None, db: None) -> None:
    client = Client()
    response = client.get("/account/login/", secure=True)
    assert response["Strict-Transport-Security"] == "max-age=31536000"
    plain = client.get("/account/login/")
    assert (plain.status_code, plain["Location"]) == (301, "https://testserver/account/login/")
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200


def test_cookies_belong_to_this_host_and_no_script(https: None, alice: Any) -> None:
    client = Client()
    client.get("/account/login/", secure=True)
    data = {"username": "alice", "password": "demo"}
    cookies = client.post("/account/login/", data, secure=True).cookies
    assert set(cookies) == {"__Host-session", "__Host-csrf"}
    for cookie in cookies.values():
        assert cookie["secure"]
        assert cookie["httponly"]
        assert (cookie["path"], cookie["domain"]) == ("/", "")
        assert cookie["samesite"] == "Lax"
