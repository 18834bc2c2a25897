"""What staff show besides their password, and when."""

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from integrations.access import rate_limits, second_factor, second_factor_keys
from integrations.models import AuditEntry, RateLimit
from tests.authenticator import Authenticator
from tests.identity_provider import IdentityProvider
from tests.views.browsing import read
from tests.views.public import sso_steps
from tests.views.public.keys_set_up import (
    SECRET,
    STEP,
    code_now,
    with_app,
    with_passkey,
    wrong_code,
)
from tests.views.public.sso_steps import who

LOGIN, SECOND, SECURITY = "/account/login/", "/account/second-factor/", "/account/security/"


@pytest.fixture
def codes(ned: User, clock: TimeMachineFixture) -> list[str]:
    """The recovery codes of ned, who has an authenticator app."""
    cache.clear()  # where the library remembers codes
    return with_app(ned)


def password(client: Client, name: str = "ned", **more: str) -> Any:
    return client.post(LOGIN, {"username": name, "password": "demo", **more})


def show(client: Client, code: str) -> Any:
    return client.post(SECOND, {"code": code})


def test_after_the_password_comes_the_code(codes: list[str], ned: User) -> None:
    client = Client()
    assert password(client, next="/workspace/tools/")["Location"] == SECOND
    assert who(client) == ""
    assert client.get("/workspace/")["Location"].startswith(LOGIN)
    assert show(client, code_now())["Location"] == "/workspace/tools/"
    assert who(client) == str(ned.pk)
    assert AuditEntry.objects.get(what="signed_in").told == {"way": "totp"}


def test_a_wrong_code_lets_nobody_in(codes: list[str]) -> None:
    client = Client()
    password(client)
    for code in (wrong_code(), "", "0", "abc", "9" * 5000):
        response = show(client, code)
        assert response.status_code == 200
        assert read(response).all("p", "data-wrong")
    assert who(client) == ""
    failed = AuditEntry.objects.filter(what="sign_in_failed")
    assert failed.count() == 5
    assert failed[0].told == {"account": "ned", "code": "second_factor"}


def test_without_the_password_no_code_helps(codes: list[str]) -> None:
    client = Client()
    assert client.get(SECOND)["Location"] == LOGIN
    assert show(client, code_now())["Location"] == LOGIN
    assert who(client) == ""


def test_a_code_counts_once(codes: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In every process: what the library remembers of it is of one."""
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.cache.add", lambda *_a, **_k: True)
    first, second = Client(), Client()
    password(first)
    password(second)
    assert show(first, code_now()).status_code == 302
    spaced = f"{code_now()[:3]} {code_now()[3:]}"
    for code in (code_now(), spaced):
        assert show(second, code).status_code == 200
    assert who(second) == ""


def test_a_phone_may_be_half_a_minute_off(codes: list[str], clock: TimeMachineFixture) -> None:
    code = code_now()
    clock.shift(STEP)
    client = Client()
    password(client)
    assert show(client, code).status_code == 302


def test_an_old_code_does_not_count(codes: list[str], clock: TimeMachineFixture) -> None:
    code = code_now()
    clock.shift(3 * STEP)
    client = Client()
    password(client)
    assert show(client, code).status_code == 200


def test_a_recovery_code_counts_once(codes: list[str], ned: User) -> None:
    assert len(set(codes)) == 10
    for status in (302, 200):
        client = Client()
        password(client)
        assert show(client, codes[3]).status_code == status
    assert second_factor_keys.unused_recovery_codes(ned) == 9
    assert AuditEntry.objects.get(what="signed_in").told == {"way": "recovery_codes"}


def test_who_waits_too_long_begins_anew(codes: list[str], clock: TimeMachineFixture) -> None:
    client = Client()
    password(client)
    clock.shift(601)
    assert show(client, code_now())["Location"] == LOGIN


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "another"}])
def test_an_account_that_changed_meanwhile_is_not_let_in(
    codes: list[str], ned: User, change: dict[str, Any]
) -> None:
    client = Client()
    password(client)
    User.objects.filter(pk=ned.pk).update(**change)
    assert show(client, code_now())["Location"] == LOGIN
    assert who(client) == ""


@pytest.mark.usefixtures("few_tries")
def test_after_so_many_tries_the_right_code_is_refused(codes: list[str]) -> None:
    client = Client()
    password(client)
    times = rate_limits.SECOND_FACTOR.times
    assert [show(client, wrong_code()).status_code for _ in range(times)] == [200] * times
    assert show(client, code_now()).status_code == 429
    assert who(client) == ""


def test_from_many_addresses_it_is_slow(codes: list[str]) -> None:
    client = Client()
    password(client)
    statuses = [
        client.post(SECOND, {"code": wrong_code()}, REMOTE_ADDR=f"192.0.2.{n}").status_code
        for n in range(21)
    ]
    assert statuses == [200] * 20 + [429]


@pytest.mark.usefixtures("few_tries")
def test_success_does_not_count(codes: list[str], clock: TimeMachineFixture) -> None:
    for _ in range(rate_limits.SECOND_FACTOR.times + 1):
        client = Client()
        password(client)
        assert show(client, code_now()).status_code == 302
        clock.shift(STEP)
    assert RateLimit.objects.filter(count__gt=1).count() == 0


@pytest.fixture
def passkey(ned: User, codes: list[str]) -> Authenticator:
    """The passkey of ned, who has an authenticator app too."""
    return with_passkey(ned)


def asked(client: Client) -> dict[str, Any]:
    """What the page asks the browser for."""
    options = read(client.get(SECOND)).one("form", "data-passkey")["data-options"]
    found: dict[str, Any] = json.loads(options)
    return found


def at_localhost() -> Client:
    client = Client(SERVER_NAME="localhost")
    password(client)
    return client


def test_a_passkey_is_as_good(passkey: Authenticator, ned: User) -> None:
    client = at_localhost()
    shown = passkey.show(asked(client))
    assert client.post(SECOND, {"credential": shown})["Location"] == "/"
    assert who(client) == str(ned.pk)
    assert AuditEntry.objects.get(what="signed_in").told == {"way": "webauthn"}


def test_what_a_passkey_said_counts_once(passkey: Authenticator) -> None:
    client = at_localhost()
    shown = passkey.show(asked(client))
    client.post(SECOND, {"credential": shown})
    client.post(reverse("logout"))
    password(client)
    asked(client)
    assert client.post(SECOND, {"credential": shown}).status_code == 200
    assert who(client) == ""


def test_a_passkey_that_is_not_theirs(passkey: Authenticator, subtests: pytest.Subtests) -> None:
    for lie in ["origin", "challenge", "type", "another key", "unknown key"]:
        with subtests.test(lie=lie):
            client = at_localhost()
            options = asked(client)
            match lie:
                case "another key":
                    shown = passkey.same_id().show(options)
                case "unknown key":
                    shown = Authenticator().show(options)
                case "origin":
                    shown = passkey.show(options, origin="https://evil.example")
                case _:
                    shown = passkey.show(options, **{lie: "another"})
            assert client.post(SECOND, {"credential": shown}).status_code == 200
            assert who(client) == ""


JUNK = ["{", "[]", "{}", "7", '{"id": "x"}', "[" * 50_000]


def test_a_made_up_passkey_is_none(passkey: Authenticator, subtests: pytest.Subtests) -> None:
    for credential in JUNK:
        with subtests.test(credential=credential):
            client = at_localhost()
            asked(client)
            assert client.post(SECOND, {"credential": credential}).status_code == 200
            assert who(client) == ""


def test_secrets_are_encrypted(codes: list[str], ned: User) -> None:
    stored = str(list(second_factor.keys_of(ned).values()))
    assert SECRET not in stored
    assert not [code for code in codes if code in stored]


def test_a_key_of_ours_can_be_changed(
    codes: list[str], settings: Any, clock: TimeMachineFixture
) -> None:
    old, settings.SECRET_KEY = settings.SECRET_KEY, "another key of fifty characters " * 2
    client = Client()
    password(client)
    assert show(client, code_now()).status_code == 200, "nobody can read it, and nothing breaks"
    settings.SECRET_KEY_FALLBACKS = [old]
    clock.shift(STEP)
    assert show(client, code_now()).status_code == 302
    settings.SECRET_KEY_FALLBACKS = []
    clock.shift(STEP)
    again = Client()
    password(again)
    assert show(again, code_now()).status_code == 302, "it was encrypted anew when it was used"


def test_from_the_provider_nobody_shows_another(
    codes: list[str], ned: User, provider: IdentityProvider
) -> None:
    provider.person["email"] = ned.email
    client = Client()
    assert sso_steps.sign_in(client, provider)["Location"] == "/"
    assert who(client) == str(ned.pk)


def test_who_has_none_is_let_in_where_it_is_offered(ned: User) -> None:
    client = Client()
    assert password(client)["Location"] == "/"
    assert who(client) == str(ned.pk)


def test_where_it_is_off_nobody_is_asked(codes: list[str], settings: Any) -> None:
    settings.STAFF_MFA = "off"
    client = Client()
    assert password(client)["Location"] == "/"
    assert client.get(SECURITY).status_code == 404


def test_staff_must_set_it_up_where_it_is_required(
    ned: User, settings: Any, clock: TimeMachineFixture
) -> None:
    settings.STAFF_MFA = "required"
    client = Client()
    assert password(client, next="/workspace/tools/")["Location"] == SECURITY
    assert who(client) == ""
    assert client.get("/workspace/")["Location"].startswith(LOGIN)
    page = read(client.get(f"{SECURITY}app/"))
    secret = page.one("code").text
    assert read(client.post(f"{SECURITY}app/", {"code": wrong_code(secret)})).all("p", "data-wrong")
    assert who(client) == ""
    codes_page = read(client.post(f"{SECURITY}app/", {"code": code_now(secret)}))
    assert len(codes_page.one("ul", "data-codes").all("li")) == 10
    assert who(client) == str(ned.pk)
    assert codes_page.all("a", "href", "/workspace/tools/")


def test_customers_need_none(alice: User, settings: Any) -> None:
    settings.STAFF_MFA = "required"
    client = Client()
    assert password(client, "alice")["Location"] == "/"
    assert client.get(SECURITY).status_code == 404
