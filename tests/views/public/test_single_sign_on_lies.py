"""What an identity provider, or somebody in its place, could say, and nobody must believe."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.identity_provider import IdentityProvider
from tests.views.public.sso_steps import BEGIN, come_back, left_for, reason, sign_in, who

NOT_TRUSTED = (
    "aud",
    "azp",
    "iss",
    "nonce",
    "expired",
    "not yet",
    "no subject",
    "alg none",
    "alg hmac",
    "foreign key",
    "unknown key",
    "no token",
    "iss of the answer",
)


@pytest.mark.exhaustive(keep=5)
@pytest.mark.parametrize("lie", NOT_TRUSTED)
def test_a_token_that_is_not_for_this_sign_in(provider: IdentityProvider, lie: str) -> None:
    provider.lie = lie
    client = Client()
    response = sign_in(client, provider)
    assert (response.status_code, reason(response), who(client)) == (403, "not_trusted", "")
    assert not User.objects.exists()


def test_the_same_is_believed_without_the_lie(provider: IdentityProvider) -> None:
    assert sign_in(Client(), provider).status_code == 302


@pytest.mark.parametrize("lie", ["issuer", "discovery"])
def test_another_that_answers_in_its_place(provider: IdentityProvider, lie: str) -> None:
    client = Client()
    address = left_for(client)
    provider.lie = lie
    assert reason(Client().post(BEGIN)) == "away"
    assert reason(come_back(client, provider, address)) == "away"


def test_userinfo_of_another_person(provider: IdentityProvider) -> None:
    provider.lie, provider.only_in_userinfo = "userinfo", ("groups",)
    client = Client()
    assert (reason(sign_in(client, provider)), who(client)) == ("not_trusted", "")


def test_a_code_that_somebody_slipped_in(provider: IdentityProvider) -> None:
    """One's own code in another's answer: PKCE and nonce belong to another sign-in."""
    mallory, victim = Client(), Client()
    stolen = provider.approve(left_for(mallory))
    own = provider.approve(left_for(victim))
    code = stolen.partition("code=")[2].partition("&")[0]
    state = own.partition("state=")[2]
    response = victim.get("/account/sso/callback/", {"code": code, "state": state})
    assert (reason(response), who(victim)) == ("not_trusted", "")


@pytest.mark.exhaustive(keep=4)
@pytest.mark.parametrize("claim", ["sub", "email", "groups", "given_name", "auth_time"])
@pytest.mark.parametrize("value", [None, 7, [], {}, "\0", "x" * 5000])
def test_claims_of_any_kind_never_break_it(
    provider: IdentityProvider, claim: str, value: Any
) -> None:
    provider.person[claim] = value
    assert sign_in(Client(), provider).status_code in {302, 403, 424}
