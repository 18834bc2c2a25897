"""`SECRET_KEY` changes, and nothing that was signed with the key before ends by it."""

import secrets
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.test import Client
from django.urls import reverse

from integrations.access import hand_offs
from integrations.mail import compose
from integrations.models import HandOff, Integration, Tenant
from tests.conftest import Connect, acting

OLD, NEW = (secrets.token_urlsafe(50) for _ in range(2))


@pytest.fixture
def before(settings: Any) -> Any:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    return settings


@pytest.fixture
def made(acme: Tenant, connect: Connect) -> Integration:
    return connect(acme, state="invalid")


@pytest.fixture
def link(before: Any, made: Integration, alice: User) -> HandOff:
    return hand_offs.create(made, "reconnect", by=acting(alice))


def rotate(settings: Any, *fallbacks: str) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, list(fallbacks)


def test_a_hand_off_link_opens_with_an_earlier_key(before: Any, link: HandOff) -> None:
    token = hand_offs.token_of(link)
    rotate(before, secrets.token_urlsafe(50), OLD)
    assert hand_offs.find(token) == link
    assert hand_offs.find(token[:-1] + "x") is None
    assert Client().get(reverse("hand_off", args=[token])).status_code == 200
    rotate(before)
    assert hand_offs.find(token) is None


def test_new_links_are_signed_with_the_new_key(before: Any, link: HandOff) -> None:
    rotate(before, OLD)
    token = hand_offs.token_of(link)
    rotate(before)
    assert hand_offs.find(token) == link


def test_who_is_signed_in_stays_so(before: Any, alice: User, acme: Tenant) -> None:
    client = Client()
    client.force_login(alice)
    rotate(before, OLD)
    page = reverse("tenant", args=[acme.public_id])
    assert client.get(page).status_code == 200
    rotate(before)
    assert client.get(page).status_code == 200, "signed anew when it was last used"
    before.SECRET_KEY = OLD
    assert client.get(page).status_code == 302


def test_a_password_reset_link_still_works(before: Any, alice: User) -> None:
    token = default_token_generator.make_token(alice)
    rotate(before, OLD)
    assert default_token_generator.check_token(alice, token)


def test_a_thread_of_mails_goes_on(before: Any, made: Integration) -> None:
    terms: Any = {
        "kind": "recovered",
        "to": "a@example.com",
        "tenant": made.tenant,
        "integration": made,
    }
    context = compose.context_about(made, made.snapshot)
    first = compose.write_mail("first", context=context, **terms)
    rotate(before, OLD)
    before.SITE_URL = "https://elsewhere.example.com"
    second = compose.write_mail("second", context=context, thread="first", **terms)
    assert second.headers["References"] == first.headers["Message-ID"]
    assert second.headers["In-Reply-To"] == first.headers["Message-ID"]
