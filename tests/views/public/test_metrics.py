"""Who may read `/metrics`, and that for everybody else there is no such address."""

from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client, override_settings

from integrations.access import rate_limits
from tests.installation import TOKEN
from tests.views.conftest import Browser

pytestmark = pytest.mark.django_db
URL = "/metrics"
ANOTHER = "an0ther-of-prometheus"


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def on(settings: Any, counting: None) -> None:
    settings.METRICS_TOKENS = [TOKEN, ANOTHER]


@pytest.mark.parametrize("token", [TOKEN, ANOTHER])
@pytest.mark.usefixtures("on")
def test_each_token_opens_it(client: Client, token: str) -> None:
    answer = client.get(URL, headers=bearing(token))
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    assert b"kombo_dashboard_database_up 1.0" in answer.content
    assert "no-store" in answer["Cache-Control"]


WRONG = ["", "x", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "\xe9", f"{TOKEN},{ANOTHER}"]


@pytest.mark.parametrize("token", WRONG)
@pytest.mark.usefixtures("on")
def test_any_other_token_opens_nothing(client: Client, token: str) -> None:
    assert same(client.get(URL, headers=bearing(token)), client.get("/metricz"))


def same(answer: Any, unknown: Any) -> bool:
    return bool((answer.status_code, answer.content) == (404, unknown.content))


@pytest.mark.parametrize("method", ["get", "post", "put", "options"])
def test_while_it_is_off_it_is_not_there(client: Client, method: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    for browser in (client, strict):
        answer = getattr(browser, method)(URL, headers=bearing(""))
        assert same(answer, getattr(browser, method)("/metricz"))


@pytest.mark.usefixtures("on")
def test_a_session_opens_nothing(browser: Browser) -> None:
    assert browser("root").get(URL).status_code == 404


@pytest.mark.usefixtures("on")
def test_whoever_may_read_may_only_read(client: Client) -> None:
    assert client.post(URL, headers=bearing(TOKEN)).status_code == 405


@pytest.mark.usefixtures("few_tries", "on")
def test_whoever_guesses_has_to_wait(client: Client) -> None:
    for _time in range(rate_limits.GUESS.times):
        assert client.get(URL, headers=bearing("x")).status_code == 404
    assert client.get(URL, headers=bearing("x")).status_code == 429
    assert client.get(URL, headers=bearing(TOKEN)).status_code == 200
    assert client.get(URL).status_code == 404


NEAR = ["10.0.3.0/24", "192.0.2.7", "fd00::7"]


def test_an_address_opens_it(client: Client, settings: Any, subtests: pytest.Subtests) -> None:
    for peer, forwarded, proxies, status in [
        ("10.0.3.9", "", 0, 200),
        ("192.0.2.7", "", 0, 200),
        ("fd00::7", "", 0, 200),
        ("::ffff:10.0.3.9", "", 0, 200),
        ("10.0.4.9", "", 0, 404),
        ("fd00::8", "", 0, 404),  # of the same /64
        ("", "", 0, 404),
        ("10.0.4.9", "10.0.3.9", 0, 404),  # anybody could say so
        ("10.0.4.9", "10.0.3.9", 1, 200),
        ("10.0.3.9", "203.0.113.5", 1, 404),  # the proxy is near, who asks is not
        ("10.0.4.9", "10.0.3.9, 203.0.113.5", 1, 404),
        ("10.0.4.9", "10.0.3.9, 203.0.113.5", 2, 200),
    ]:
        with subtests.test(peer=peer, forwarded=forwarded, proxies=proxies, status=status):
            settings.METRICS_ON = True
            settings.METRICS_ADDRESSES = [ip_network(one) for one in NEAR]
            settings.TRUSTED_PROXY_COUNT = proxies
            headers = {"X-Forwarded-For": forwarded} if forwarded else {}
            assert client.get(URL, headers=headers, REMOTE_ADDR=peer).status_code == status


@override_settings(
    SECURE_SSL_REDIRECT=True,
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    ALLOWED_HOSTS=["integrations.example.com"],
)
def test_it_may_be_read_by_any_name_of_the_host(client: Client, on: None, settings: Any) -> None:
    headers = bearing(TOKEN) | {"Host": "10.0.3.7:8000", "X-Forwarded-Proto": "https"}
    assert client.get(URL, headers=headers).status_code == 200
    settings.METRICS_ON = False
    assert client.get(URL, headers=headers).status_code == 400
