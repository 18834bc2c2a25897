"""Where Kombo's webhooks arrive: who is let in."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from integrations.kombo import webhooks
from integrations.kombo.webhooks import parse, sign
from integrations.models import Event
from tests.conftest import API_KEY
from tests.kombo.malformed import malformed
from tests.views.public.webhook_requests import OTHERS_SECRET, body_of, rows
from tests.webhook_payloads import SECRET, TYPES, URL, documented, encoded, post

pytestmark = pytest.mark.usefixtures("configured")


def test_what_kombo_signed_is_kept_and_gets_an_empty_200(client: Client) -> None:
    body = documented("integration-state-changed")
    response = post(client, body)
    assert (response.status_code, response.content) == (200, b"")
    stored = Event.objects.get()
    assert (stored.environment, stored.event_id) == ("production", "Cbfk5sHtDxrSrJBRjsDtbaN9")
    assert stored.type == "integration-state-changed"
    assert parse(stored.payload.encode()) == parse(body)


def test_the_address_is_the_one_that_the_readme_gives() -> None:
    assert reverse("webhooks", args=["production"]) == URL


def test_it_needs_neither_session_nor_token_and_gives_none() -> None:
    client = Client(enforce_csrf_checks=True)
    with CaptureQueriesContext(connection) as queries:
        response = post(client, body_of())
    assert response.status_code == 200
    assert not response.cookies
    assert not [
        one
        for one in queries.captured_queries
        if "session" in one["sql"] or "auth_user" in one["sql"]
    ]
    assert "no-store" in response["Cache-Control"]


def test_a_session_that_is_there_makes_no_difference(
    sign_in: Callable[[Any], Client], alice: Any, settings: Any
) -> None:
    assert post(sign_in(alice), body_of()).status_code == 200
    assert post(sign_in(alice), body_of(), signature="").status_code == 401


def test_both_secrets_hold_while_one_is_replaced(client: Client, settings: Any) -> None:
    secrets = settings.KOMBO_ENVIRONMENTS["production"]["WEBHOOK_SECRETS"]
    secrets[:] = ["new", SECRET]
    assert [
        post(client, body_of(), secret=secret).status_code for secret in (SECRET, "new", "other")
    ] == [
        200,
        200,
        401,
    ]
    secrets[:] = ["new"]
    assert [post(client, body_of(), secret=secret).status_code for secret in (SECRET, "new")] == [
        401,
        200,
    ]


def test_every_environment_has_secrets_of_its_own(client: Client) -> None:
    us = "/webhooks/kombo/us/"
    assert post(client, body_of(), secret=OTHERS_SECRET).status_code == 401
    assert post(client, body_of(), secret=SECRET, url=us).status_code == 401
    assert post(client, body_of(), secret=OTHERS_SECRET, url=us).status_code == 200
    assert [one.environment for one in Event.objects.all()] == ["us"]


def test_without_secrets_an_environment_is_as_if_not_there(
    client: Client, subtests: pytest.Subtests
) -> None:
    for environment in ["silent", "unknown", "Production", "x" * 300]:
        for secret in [SECRET, "", "None", API_KEY]:
            with subtests.test(environment=environment, secret=secret):
                response = post(
                    client, body_of(), secret=secret, url=f"/webhooks/kombo/{environment}/"
                )
                assert (response.status_code, response.content) == (401, b"")
                assert not Event.objects.exists()


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("environment", ["production", "unknown"])
def test_it_only_takes_posts(client: Client, method: str, environment: str) -> None:
    response = getattr(client, method)(f"/webhooks/kombo/{environment}/")
    assert response.status_code == 405
    assert response["Allow"] == "POST"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _right: "",
        lambda right: f"{right}==",
        lambda right: f"sha256={right}",
        lambda right: right[:-1],
        lambda right: right.swapcase(),
        lambda right: right.encode().hex(),
        lambda _right: "é" * 43,
        lambda _right: "\xff" * 43,
        lambda _right: "A" * 5000,
        lambda _right: sign(body_of(), SECRET),
        lambda _right: SECRET,
    ],
)
def test_another_signature_is_refused(client: Client, spoil: Callable[[str], str]) -> None:
    body = body_of()
    response = post(client, body, signature=spoil(sign(body, SECRET)))
    assert (response.status_code, response.content) == (401, b"")
    assert not Event.objects.exists()


def test_no_signature_is_refused(client: Client) -> None:
    assert client.post(URL, body_of(), content_type="application/json").status_code == 401
    assert client.post(URL, {"a": "form"}).status_code == 401
    assert client.post(URL).status_code == 401


def test_forged_and_damaged_bodies_are_refused(client: Client) -> None:
    before = rows()
    for kind in TYPES:
        body = documented(kind)
        signature = sign(body, SECRET)
        for bit in range(0, len(body) * 8, 101):
            damaged = bytearray(body)
            damaged[bit // 8] ^= 1 << bit % 8
            assert post(client, bytes(damaged), signature=signature).status_code == 401
        for other in (body + b"\n", body[:-1], encoded(json.loads(body)), b""):
            assert post(client, other, signature=signature).status_code == 401
    assert rows() == before


def test_what_nobody_signed_is_never_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(_body: bytes) -> None:
        raise AssertionError

    monkeypatch.setattr(webhooks, "parse", parse)
    for body in list(malformed().values())[::10]:
        assert post(client, body, signature=sign(body, OTHERS_SECRET)).status_code == 401
