"""What stands before every view."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from integrations.models import Tenant
from tests.views.browsing import read


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("triage", {"tenant": "a\0"}),
        ("audit", {"q": "\0"}),
        ("datapoints", {"q\0": "x"}),
    ],
)
def test_a_nul_in_an_address_is_a_bad_request(
    name: str, asked: dict[str, str], client: Client, root: User
) -> None:
    client.force_login(root)
    response = client.get(reverse(name), asked)
    assert response.status_code == 400
    assert read(response).one("h1").text


@pytest.mark.parametrize("typed", [{"owner": "\0"}, {"\0owner": ""}, {"owner": ["1", "a\0b"]}])
def test_a_nul_in_a_form_is_a_bad_request_and_nothing_is_done(
    typed: dict[str, str], client: Client, root: User, acme: Tenant
) -> None:
    client.force_login(root)
    address = reverse("tenant_assign", args=[acme.public_id])
    assert client.post(address, typed).status_code == 400
    acme.refresh_from_db()
    assert acme.owner is None


def test_a_nul_in_a_cookie_is_a_bad_request(client: Client, db: None) -> None:
    client.cookies["sessionid"] = "\0aaaaaaaaaaaa"
    assert client.get("/").status_code == 400
