"""Being asked anew before what is grave, and by what one can answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from integrations.access import rate_limits
from integrations.models import AuditEntry, Integration
from tests.conftest import allow
from tests.identity_provider import IdentityProvider
from tests.views.browsing import read
from tests.views.public import sso_steps
from tests.views.public.keys_set_up import code_now, with_app, with_passkey, wrong_code
from tests.views.public.sso_steps import reason

CONFIRM = "/account/confirm/"
LATER = 15 * 60 + 1


@pytest.fixture
def later(root: User, sign_in: Callable[[User], Client], clock: TimeMachineFixture) -> Client:
    """The browser of somebody who signed in more than 15 minutes ago."""
    cache.clear()
    client = sign_in(root)
    clock.shift(LATER)
    return client


def asks(response: Any) -> bool:
    return bool(response.status_code == 302 and response["Location"].startswith(CONFIRM))


def is_asked(client: Client) -> bool:
    return asks(client.get("/admin/auth/group/add/"))


def test_after_a_while_one_is_asked_and_led_back(later: Client, root: User) -> None:
    wanted = "/admin/auth/user/add/?a=b"
    place = later.get(wanted)["Location"]
    page = read(later.get(place))
    form = page.one("input", "name", "password").parent
    assert form
    next_page = page.all("input", "name", "next")[0]["value"]
    assert next_page == wanted
    response = later.post(CONFIRM, {"password": "demo", "next": next_page})
    assert response["Location"] == wanted
    assert later.get(wanted).status_code == 200
    [entry] = AuditEntry.objects.filter(what="reauthenticated")
    assert (entry.actor, entry.told) == ("root", {"way": "password"})


def test_for_a_while_one_is_not_asked(
    root: User, sign_in: Callable[[User], Client], clock: TimeMachineFixture
) -> None:
    client = sign_in(root)
    clock.shift(LATER - 2)
    assert not is_asked(client)


def test_it_can_be_turned_off(later: Client, settings: Any) -> None:
    settings.REAUTHENTICATION_MINUTES = 0
    assert not is_asked(later)


def test_a_clock_that_was_set_back_asks(later: Client, clock: TimeMachineFixture) -> None:
    clock.shift(-2 * 3600)
    assert is_asked(later)


def test_all_that_is_grave_asks(
    later: Client, root: User, invalid: Integration, subtests: pytest.Subtests
) -> None:
    allow(root, "disconnect_integration")
    of_one = {"tenant_id": invalid.tenant.public_id, "integration_id": invalid.public_id}
    disconnect = reverse("workspace_disconnect", kwargs=of_one)
    tenant = invalid.tenant_id
    grave = [
        ("GET", disconnect),
        ("POST", disconnect),
        ("POST", reverse("disconnect_approve", kwargs=of_one)),
        ("GET", f"/admin/auth/user/{root.pk}/change/"),
        ("POST", f"/admin/auth/user/{root.pk}/change/"),
        ("POST", f"/admin/auth/user/{root.pk}/password/"),
        ("POST", f"/admin/auth/user/{root.pk}/delete/"),
        ("POST", "/admin/auth/user/add/"),
        ("POST", "/admin/auth/user/"),
        ("POST", "/admin/auth/group/add/"),
        ("POST", f"/admin/integrations/tenant/{tenant}/delete/"),
        ("POST", "/admin/integrations/tenant/"),
        ("POST", "/admin/integrations/membership/add/"),
        ("GET", reverse("security_app")),
        ("POST", reverse("security_app")),
        ("GET", reverse("security_passkey")),
        ("POST", reverse("security_remove")),
        ("POST", reverse("security_codes")),
    ]
    for method, address in grave:
        with subtests.test(f"{method} {address}"):
            assert asks(later.generic(method, address))
    for address in ("/workspace/", "/admin/", "/admin/auth/user/", "/account/security/"):
        assert later.get(address).status_code == 200


def test_a_wrong_password_does_not_confirm(later: Client) -> None:
    page = read(later.post(CONFIRM, {"password": "wrong", "next": "/"}))
    assert page.all("p", "data-wrong")
    assert is_asked(later)
    assert AuditEntry.objects.get().told == {"code": "reauthentication"}


def test_another_way_that_one_does_not_have(later: Client, root: User) -> None:
    for sent in ({}, {"code": ""}, {"code": "000000"}, {"credential": "{}"}):
        assert later.post(CONFIRM, sent).status_code == 200
    assert is_asked(later)


def test_it_shares_the_limits_of_signing_in(later: Client) -> None:
    times = rate_limits.SIGN_IN_BY_NAME.times
    statuses = [later.post(CONFIRM, {"password": "x"}).status_code for _ in range(times)]
    assert statuses == [200] * times
    assert later.post(CONFIRM, {"password": "demo"}).status_code == 429
    assert Client().post("/account/login/", {"username": "root"}).status_code == 429


def test_codes_have_their_limit_too(later: Client, root: User) -> None:
    with_app(root)
    times = rate_limits.SECOND_FACTOR.times
    statuses = [later.post(CONFIRM, {"code": wrong_code()}).status_code for _ in range(times)]
    assert statuses == [200] * times
    assert later.post(CONFIRM, {"code": code_now()}).status_code == 429


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:1"])
def test_it_never_leads_to_another_site(later: Client, target: str) -> None:
    assert later.post(CONFIRM, {"password": "demo", "next": target})["Location"] == "/"


def test_a_code_confirms(later: Client, root: User) -> None:
    with_app(root)
    assert later.post(CONFIRM, {"code": code_now()}).status_code == 302
    assert not is_asked(later)


def test_a_passkey_confirms(later: Client, root: User) -> None:
    made = with_passkey(root)
    page = read(later.get(CONFIRM, headers={"host": "localhost"}))
    options = json.loads(page.one("form", "data-passkey")["data-options"])
    shown = made.show(options)
    later.post(CONFIRM, {"credential": shown}, headers={"host": "localhost"})
    assert not is_asked(later)


def test_strangers_are_sent_to_sign_in(db: None) -> None:
    assert Client().get(CONFIRM)["Location"].startswith("/account/login/")


# --- At the provider ------------------------------------------------------------------------------


@pytest.fixture
def idas(provider: IdentityProvider, clock: TimeMachineFixture) -> Client:
    """The browser of Ida, who came from the provider a while ago."""
    provider.person["groups"] = ["admins"]
    client = Client()
    sso_steps.sign_in(client, provider)
    User.objects.update(is_superuser=True)  # as no role of ours is yet
    clock.shift(LATER)
    return client


def confirm(client: Client, provider: IdentityProvider) -> Any:
    return sso_steps.sign_in(client, provider, purpose="confirm", next="/admin/")


def test_the_provider_is_asked_to_ask(idas: Client, provider: IdentityProvider) -> None:
    assert is_asked(idas)
    page = read(idas.get(CONFIRM)).one("main")
    assert not page.all("input", "name", "password")
    assert page.all("input", "value", "confirm")
    assert confirm(idas, provider)["Location"] == "/admin/"
    assert (provider.asked[-1]["prompt"], provider.asked[-1]["max_age"]) == ("login", "0")
    assert not is_asked(idas)
    assert AuditEntry.objects.get(what="reauthenticated").told == {"way": "provider"}


@pytest.mark.parametrize("ago", [3600, None])
def test_a_provider_that_did_not_ask(
    idas: Client, provider: IdentityProvider, ago: int | None
) -> None:
    provider.asked_ago = ago
    assert reason(confirm(idas, provider)) == "not_asked"
    assert is_asked(idas)


def test_another_person_at_the_provider(idas: Client, provider: IdentityProvider) -> None:
    provider.person["sub"] = "subject-2"
    assert reason(confirm(idas, provider)) == "another_person"
    assert is_asked(idas)
    assert User.objects.count() == 1


@pytest.mark.parametrize(("ago", "is_old"), [(0, False), (LATER + 60, True), (None, True)])
def test_a_sign_in_is_as_old_as_the_provider_says(
    provider: IdentityProvider, ago: int | None, is_old: bool
) -> None:
    provider.asked_ago = ago
    client = Client()
    sso_steps.sign_in(client, provider)
    User.objects.update(is_superuser=True)
    assert is_asked(client) == is_old


def test_who_can_answer_in_no_way_signs_in_anew(later: Client, settings: Any) -> None:
    settings.SSO_ONLY = True
    page = read(later.get(CONFIRM)).one("main")
    assert page.all("form", "action", reverse("logout"))
    assert later.post(CONFIRM, {"password": "demo"}).status_code == 200
    assert is_asked(later)
