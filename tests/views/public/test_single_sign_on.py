"""Signing in at the vendor's identity provider."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver, reverse

from integrations.access import rate_limits
from integrations.access.provider_accounts import provider_key
from integrations.access.roles import StaffRole
from integrations.models import AuditEntry, Tenant
from tests.identity_provider import IdentityProvider
from tests.views.access_answers import names
from tests.views.browsing import policy_of, read
from tests.views.public.sso_steps import (
    BEGIN,
    CALLBACK,
    come_back,
    left_for,
    reason,
    sign_in,
    who,
)

LOGIN = "/account/login/"


def test_who_has_a_group_gets_an_account_and_its_roles(provider: IdentityProvider) -> None:
    client = Client()
    assert sign_in(client, provider)["Location"] == "/"
    ida = User.objects.get()
    assert who(client) == str(ida.pk)
    assert (ida.username, ida.email, ida.first_name) == ("ida@example.com",) * 2 + ("Ida",)
    assert (ida.is_staff, ida.is_superuser, ida.has_usable_password()) == (True, False, False)
    assert [group.name for group in ida.groups.all()] == [StaffRole.ACCOUNT_MANAGER]
    assert client.get("/workspace/").status_code == 200


def test_it_is_on_record_without_what_the_provider_tells(provider: IdentityProvider) -> None:
    sign_in(Client(REMOTE_ADDR="192.0.2.7"), provider)
    acts = list(AuditEntry.objects.order_by("pk").values_list("what", "actor", "address"))
    acts_expected = ["account_added", "account_linked", "roles_set", "signed_in"]
    assert acts == [(act, "ida@example.com", "192.0.2.7") for act in acts_expected]
    assert AuditEntry.objects.get(what="signed_in").told == {"way": "provider"}
    [account] = User.objects.get().socialaccount_set.all()  # type: ignore[attr-defined]
    assert account.extra_data == {}
    assert account.provider == provider_key(provider.issuer)


def test_what_is_asked_for(provider: IdentityProvider) -> None:
    address = left_for(Client())
    asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert address.startswith(f"{provider.issuer}/authorize?")
    assert asked["redirect_uri"] == f"http://testserver{CALLBACK}"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert set(asked["scope"].split()) == {"openid", "email", "profile"}
    assert len(asked["nonce"]) >= 32
    assert len(asked["state"]) >= 16
    assert "prompt" not in asked
    assert "the-secret" not in address


def test_two_sign_ins_share_nothing(provider: IdentityProvider) -> None:
    queries = [parse_qs(urlsplit(left_for(Client())).query) for _ in range(2)]
    for name in ("nonce", "state", "code_challenge"):
        assert queries[0][name] != queries[1][name]


def test_the_page_one_wanted_comes_after_it(provider: IdentityProvider) -> None:
    client, wanted = Client(), "/workspace/customers/?scope=all"
    page = read(client.get(client.get(wanted)["Location"]))
    [form] = page.all("form", "action", BEGIN)
    fields = {field["name"]: field["value"] for field in form.all("input", "name")}
    assert sign_in(client, provider, next=fields["next"])["Location"] == wanted


def test_it_never_leads_to_another_site(
    provider: IdentityProvider, subtests: pytest.Subtests
) -> None:
    for target in ["https://evil.example/", "//evil.example/", "javascript:1"]:
        with subtests.test(target=target):
            assert sign_in(Client(), provider, next=target)["Location"] == "/"


def test_a_form_of_ours_must_begin_it(provider: IdentityProvider) -> None:
    assert Client(enforce_csrf_checks=True).post(BEGIN, {}).status_code == 403
    assert Client().get(BEGIN).status_code == 405


def test_the_page_on_the_way_keeps_the_policy(provider: IdentityProvider) -> None:
    response = Client().post(BEGIN, {})
    assert policy_of(response)["form-action"] == "'self'"
    assert policy_of(response)["script-src"] == "'self'"
    assert "no-store" in response["Cache-Control"]


def test_an_answer_ends_where_it_began(provider: IdentityProvider) -> None:
    mallory, victim = Client(), Client()
    back = urlsplit(provider.approve(left_for(mallory)))
    response = victim.get(f"{back.path}?{back.query}")
    assert (response.status_code, reason(response), who(victim)) == (403, "lost", "")
    assert not User.objects.exists()


def test_an_answer_counts_once(provider: IdentityProvider) -> None:
    client = Client()
    back = urlsplit(provider.approve(left_for(client)))
    address = f"{back.path}?{back.query}"
    assert client.get(address).status_code == 302
    client.post(reverse("logout"))
    assert reason(client.get(address)) == "lost"
    assert who(client) == ""


@pytest.mark.parametrize("query", ["", "?code=x", "?state=x&code=x", "?error=access_denied"])
def test_what_nobody_began_is_refused(provider: IdentityProvider, query: str) -> None:
    response = Client().get(f"{CALLBACK}{query}")
    assert (response.status_code, reason(response)) == (403, "lost")


def test_who_changes_their_mind_is_told(provider: IdentityProvider) -> None:
    client = Client()
    state = parse_qs(urlsplit(left_for(client)).query)["state"][0]
    response = client.get(CALLBACK, {"state": state, "error": "access_denied"})
    assert reason(response) == "cancelled"


def test_a_provider_that_is_away_is_told(provider: IdentityProvider, settings: Any) -> None:
    client, other = Client(), Client()
    address = left_for(client)
    provider.is_away = True
    for response in (
        other.post(BEGIN, {"next": "/workspace/"}),
        come_back(client, provider, address),
    ):
        assert (response.status_code, reason(response)) == (424, "away")
        assert read(response).all("form", "action", BEGIN)
    settings.SSO = provider.settings(issuer="http://127.0.0.1:9")
    assert reason(Client().post(BEGIN)) == "away"


def test_what_only_userinfo_tells_counts_too(provider: IdentityProvider) -> None:
    provider.only_in_userinfo = ("groups", "email", "email_verified")
    sign_in(Client(), provider)
    assert User.objects.get().email == "ida@example.com"


def test_groups_may_lie_deeper(provider: IdentityProvider, settings: Any) -> None:
    settings.SSO = provider.settings(groups_claim="realm_access.roles")
    provider.person["realm_access"] = {"roles": ["admins", 7, None]}
    sign_in(Client(), provider)
    assert [group.name for group in User.objects.get().groups.all()] == [StaffRole.ADMINISTRATOR]


@pytest.mark.exhaustive(keep=3)
@pytest.mark.parametrize("groups", [None, [], ["others"], "others", {"staff": 1}, 7])
def test_without_a_group_there_is_no_account(provider: IdentityProvider, groups: object) -> None:
    provider.person["groups"] = groups
    client = Client()
    response = sign_in(client, provider)
    assert (response.status_code, reason(response), who(client)) == (403, "no_role", "")
    assert not User.objects.exists()
    [failed] = AuditEntry.objects.all()
    assert failed.told == {"way": "provider", "code": "no_role"}


def test_a_customers_person_becomes_a_member(
    provider: IdentityProvider, acme: Tenant, bolt: Tenant
) -> None:
    provider.person |= {"groups": [], "customers": ["acme", "nobody's"]}
    client = Client()
    sign_in(client, provider)
    [membership] = User.objects.get().memberships.all()
    assert (membership.tenant, membership.role) == (acme, "viewer")
    assert client.get(reverse("tenant", args=[acme.public_id])).status_code == 200
    assert client.get(reverse("tenant", args=[bolt.public_id])).status_code == 404
    assert client.get("/workspace/").status_code == 404


def test_who_is_signed_in_needs_no_provider(alices: Client, provider: IdentityProvider) -> None:
    assert alices.post(BEGIN, {"next": "/t/x/"})["Location"] == "/t/x/"


@pytest.mark.usefixtures("few_tries")
def test_it_can_not_be_begun_without_end(provider: IdentityProvider) -> None:
    times = rate_limits.SINGLE_SIGN_ON.times
    provider.is_away = True  # quicker
    statuses = [Client().post(BEGIN).status_code for _ in range(times + 1)]
    assert statuses == [424] * times + [429]


def test_without_a_provider_nothing_is_there(db: None, settings: Any) -> None:
    settings.SSO = None
    assert Client().post(BEGIN).status_code == 404
    assert Client().get(CALLBACK).status_code == 404
    assert not read(Client().get(LOGIN)).all("form", "action", BEGIN)


def test_with_the_provider_alone_no_password_helps(
    provider: IdentityProvider, root: User, settings: Any
) -> None:
    settings.SSO_ONLY = True
    page = read(Client().get(LOGIN)).one("main")
    assert page.all("form", "action", BEGIN)
    assert not page.all("input", "name", "password")
    client = Client()
    sent = {"username": "root", "password": "demo"}
    assert client.post(LOGIN, sent).status_code == 404
    assert who(client) == ""
    for name in ("password_reset", "password_reset_done", "password_reset_complete"):
        assert client.get(reverse(name)).status_code == 404
    assert client.get(reverse("password_reset_confirm", args=["MQ", "a-b"])).status_code == 404
    client.force_login(root)
    assert client.get(reverse("own_password")).status_code == 404
    assert sign_in(Client(), provider).status_code == 302


def test_allauths_own_addresses_do_not_exist() -> None:
    known = set(names(get_resolver().url_patterns))
    assert {"single_sign_on", "second_factor"} <= known
    prefixes = ("account_", "socialaccount_", "mfa_", "openid_connect_")
    assert [name for name in known if name.startswith(prefixes)] == []


def test_the_administration_shows_no_keys(roots: Client) -> None:
    page = read(roots.get("/admin/"))
    places = {
        link["href"].split("/")[2]
        for link in page.all("a", "href")
        if link["href"].startswith("/admin/")
    }
    assert places <= {"", "auth", "integrations", "password_change"}
    for path in ("mfa/authenticator", "socialaccount/socialapp", "account/emailaddress"):
        assert roots.get(f"/admin/{path}/").status_code == 404
