"""What staff set up to sign in with, and take away again."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from time_machine import TimeMachineFixture

from integrations.access import second_factor
from integrations.models import AuditEntry
from tests.authenticator import Authenticator
from tests.views.browsing import read
from tests.views.public.keys_set_up import code_now, with_app, with_passkey, wrong_code

PAGE = "/account/security/"
APP, PASSKEY, CODES, REMOVE = (f"{PAGE}{one}/" for one in ("app", "passkey", "codes", "remove"))


@pytest.fixture
def neds(ned: User, sign_in: Callable[[User], Client], clock: TimeMachineFixture) -> Client:
    cache.clear()
    return sign_in(ned)


def kinds(user: User) -> list[str]:
    return [key.type for key in second_factor.keys_of(user)]


def told() -> list[dict[str, Any]]:
    rows = AuditEntry.objects.filter(what="second_factor_changed").order_by("pk")
    return [row.told for row in rows]


def test_an_app_is_set_up_by_the_first_code_it_shows(neds: Client, ned: User) -> None:
    page = read(neds.get(APP))
    assert page.one("svg", "class", "qr")["role"] == "img"
    secret = page.one("code").text
    assert neds.post(APP, {"code": wrong_code(secret)}).status_code == 200
    assert kinds(ned) == []
    done = read(neds.post(APP, {"code": code_now(secret)}))
    assert len(done.one("ul", "data-codes").all("li")) == 10
    assert kinds(ned) == ["totp", "recovery_codes"]
    assert told() == [{"kind": "totp", "done": "created"}]
    assert neds.get(APP)["Location"] == PAGE


def test_a_secret_that_somebody_proposes_is_not_taken(neds: Client, ned: User) -> None:
    assert neds.post(APP, {"code": "000000", "secret": "A" * 32}).status_code == 200
    assert neds.post(APP, {}).status_code == 200
    assert kinds(ned) == []


def test_codes_are_tried_a_few_times_only(neds: Client) -> None:
    secret = read(neds.get(APP)).one("code").text
    statuses = [neds.post(APP, {"code": wrong_code(secret)}).status_code for _ in range(11)]
    assert statuses == [200] * 10 + [429]


def made(client: Client, key: Authenticator, **lie: str) -> Any:
    page = read(client.get(PASSKEY, headers={"host": "localhost"}))
    options = json.loads(page.one("form", "data-passkey")["data-options"])
    posted = {"credential": key.make(options, **lie), "name": "Work laptop"}
    return client.post(PASSKEY, posted, headers={"host": "localhost"})


def test_a_passkey_is_added_under_its_name(neds: Client, ned: User) -> None:
    assert read(made(neds, Authenticator())).all("ul", "data-codes")
    assert made(neds, Authenticator())["Location"] == PAGE, "the codes were shown already"
    assert kinds(ned) == ["webauthn", "recovery_codes", "webauthn"]
    names = [name.text for name in read(neds.get(PAGE)).one("ul", "class", "keys").all("b")]
    assert names == ["Work laptop"] * 2


@pytest.mark.parametrize("lie", [{"challenge": "eA"}, {"origin": "https://evil.example"}])
def test_a_passkey_for_another_page_is_not_added(
    neds: Client, ned: User, lie: dict[str, str]
) -> None:
    assert read(made(neds, Authenticator(), **lie)).all("p", "data-wrong")
    assert kinds(ned) == []


def test_a_made_up_passkey_is_not_added(neds: Client, ned: User, subtests: pytest.Subtests) -> None:
    for credential in ["", "{", "[]", "{}", '{"id": "x"}']:
        with subtests.test(credential=credential):
            neds.get(PASSKEY)
            assert neds.post(PASSKEY, {"credential": credential}).status_code == 200
            assert kinds(ned) == []


def test_new_recovery_codes_end_the_old_ones(neds: Client, ned: User) -> None:
    old = with_app(ned)
    page = read(neds.post(CODES))
    new = [code.text for code in page.one("ul", "data-codes").all("code")]
    assert not set(old) & set(new)
    assert "10" in read(neds.get(PAGE)).one("main").text
    assert not set(new) & set(read(neds.get(PAGE)).text.split()), "they are shown once"


def test_without_a_key_there_are_no_codes(neds: Client, ned: User) -> None:
    assert neds.post(CODES)["Location"] == PAGE
    assert kinds(ned) == []


def test_with_the_last_key_the_codes_go(neds: Client, ned: User) -> None:
    with_app(ned)
    with_passkey(ned)
    first, second = second_factor.keys_of(ned).exclude(type="recovery_codes")
    neds.post(REMOVE, {"key": first.pk})
    assert kinds(ned) == ["recovery_codes", "webauthn"]
    neds.post(REMOVE, {"key": second.pk})
    assert kinds(ned) == []
    assert told()[-1] == {"kind": "webauthn", "done": "deleted"}


def test_nobody_removes_anothers(neds: Client, ned: User, mia: User) -> None:
    with_app(mia)
    theirs = second_factor.keys_of(mia).first()
    for key in (str(theirs.pk), "", "x", "9" * 30, "²"):
        assert neds.post(REMOVE, {"key": key})["Location"] == PAGE
    assert kinds(mia) == ["totp", "recovery_codes"]


def test_codes_alone_can_not_be_removed(neds: Client, ned: User) -> None:
    with_app(ned)
    codes = second_factor.keys_of(ned).get(type="recovery_codes")
    neds.post(REMOVE, {"key": codes.pk})
    assert kinds(ned) == ["totp", "recovery_codes"]


def test_who_may_not_do_without_keeps_the_last(neds: Client, ned: User, settings: Any) -> None:
    settings.STAFF_MFA = "required"
    with_app(ned)
    neds.post(REMOVE, {"key": second_factor.keys_of(ned).get(type="totp").pk})
    assert kinds(ned) == ["totp", "recovery_codes"]


def test_who_has_no_password_needs_none(neds: Client, ned: User) -> None:
    ned.set_unusable_password()
    ned.save()
    client = Client()
    client.force_login(ned)
    assert client.get(PAGE).status_code == 404
    assert not read(client.get("/workspace/")).all("a", "href", PAGE)


def test_staff_find_it_in_their_menu(neds: Client, alices: Client) -> None:
    assert read(neds.get("/workspace/")).all("a", "href", PAGE)
    assert not read(alices.get("/", follow=True)).all("a", "href", PAGE)
