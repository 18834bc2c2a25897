"""Every way to be refused at a sign-in is counted, by its reason, for whoever watches."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from integrations import counters
from integrations.access import rate_limits
from tests.identity_provider import IdentityProvider
from tests.views.public.keys_set_up import with_app, wrong_code
from tests.views.public.sso_steps import BEGIN, sign_in

pytestmark = pytest.mark.django_db
LOGIN, SECOND = "/account/login/", "/account/second-factor/"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reasons, in the order in which they were counted."""
    reasons: list[str] = []

    def add(counter: counters.Counter, *values: str) -> None:
        if counter is counters.SIGN_INS_REFUSED:
            reasons.extend(values)

    monkeypatch.setattr(counters.Counter, "add", add)
    return reasons


def test_a_wrong_password_and_too_many(counted: list[str]) -> None:
    for _time in range(50):
        if Client().post(LOGIN, {"username": "ned", "password": "wrong"}).status_code == 429:
            break
    assert counted == [*["password"] * (len(counted) - 1), "too_many"]
    assert len(counted) > 1


def test_a_wrong_code_and_too_many(counted: list[str], ned: User) -> None:
    with_app(ned)
    client = Client()
    client.post(LOGIN, {"username": "ned", "password": "demo"})
    for _time in range(rate_limits.SECOND_FACTOR.times + 1):
        client.post(SECOND, {"code": wrong_code()})
    assert counted == [*["second_factor"] * rate_limits.SECOND_FACTOR.times, "too_many"]


def test_whom_the_provider_brings_without_a_role(
    counted: list[str], provider: IdentityProvider
) -> None:
    provider.person["groups"] = []
    sign_in(Client(), provider)
    assert counted == ["provider"]


@pytest.mark.usefixtures("few_tries")
def test_too_many_on_their_way_to_the_provider(
    counted: list[str], provider: IdentityProvider
) -> None:
    for _time in range(rate_limits.SINGLE_SIGN_ON.times + 1):
        last = Client().post(BEGIN)
    assert last.status_code == 429
    assert counted == ["too_many"]
