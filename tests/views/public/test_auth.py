"""Signing in and out, password resets, and how often that may be tried."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client, RequestFactory
from django.urls import URLResolver, get_resolver, reverse

from integrations.access import rate_limits
from integrations.mail import delivery, password_resets
from integrations.models import AuditEntry, RateLimit, Tenant
from integrations.views.actors import client_address
from tests import copy
from tests.views.browsing import read

LOGIN, RESET = "/account/login/", "/account/password/reset/"
ATTEMPTS = 10  # per name and address in five minutes


def sign_in(client: Client, name: str = "alice", password: str = "demo", **extra: Any) -> Any:
    return client.post(
        LOGIN, {"username": name, "password": password, **extra.pop("data", {})}, **extra
    )


def fail(times: int, name: str = "alice", **extra: Any) -> list[int]:
    return [sign_in(Client(), name, "wrong", **extra).status_code for _ in range(times)]


def test_signing_in_leads_to_the_integrations(alice: User, acme: Tenant) -> None:
    client = Client()
    assert sign_in(client)["Location"] == "/"
    assert client.get("/")["Location"] == reverse("tenant", args=[acme.public_id])


def test_the_page_one_wanted_comes_after_signing_in(alice: User, acme: Tenant) -> None:
    client, wanted = Client(), reverse("tenant", args=[acme.public_id])
    login = client.get(wanted)["Location"]
    forms = read(client.get(login)).one("main").all("form")
    [form] = [one for one in forms if one.all("input", "name", "username")]
    fields = {field["name"]: field["value"] for field in form.all("input", "name")}
    response = client.post(LOGIN, fields | {"username": "alice", "password": "demo"})
    assert response["Location"] == wanted


def test_signing_in_never_leads_to_another_site(alice: User, subtests: pytest.Subtests) -> None:
    for target in [
        "https://evil.example/",
        "//evil.example/",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http:evil",
    ]:
        with subtests.test(target=target):
            assert sign_in(Client(), data={"next": target})["Location"] == "/"
            client = Client()
            client.force_login(alice)
            assert client.get(LOGIN, {"next": target})["Location"] == "/"


def test_a_wrong_password_does_not_tell_if_the_name_exists(alice: User) -> None:
    answers = [
        read(sign_in(Client(), name, "wrong")).one("ul", "class", "errorlist nonfield")
        for name in ("alice", "x")
    ]
    assert answers[0].text == answers[1].text != ""


def test_the_eleventh_attempt_is_refused_and_says_for_how_long(alice: User) -> None:
    assert fail(ATTEMPTS) == [200] * ATTEMPTS
    response = sign_in(Client(), password="wrong")
    assert response.status_code == 429
    assert 290 <= int(response["Retry-After"]) <= 300
    assert read(response).one("h1").text == copy.TOO_MANY_REQUESTS


@pytest.fixture
def every_address(acme: Tenant) -> list[str]:
    """Every address of the site, the administration's included, with made-up ids."""

    def walk(patterns: list[Any], before: str = "/") -> Iterator[str]:
        for pattern in patterns:
            here = before + str(pattern.pattern).removeprefix("^").removesuffix("$").replace(
                "\\Z", ""
            )
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            else:
                yield re.sub(r"<[^>]*>|\(.*\)", "1", here)

    found = list(walk(get_resolver().url_patterns))
    assert {LOGIN, RESET, "/admin/", "/admin/login/", "/admin/auth/user/"} <= set(found)
    return found


def signs_in(address: str) -> bool:
    client = Client()
    client.post(address, {"username": "root", "password": "demo"})
    return "_auth_user_id" in client.session


def test_one_address_signs_in_and_its_limit_holds_at_all(
    root: User, every_address: list[str]
) -> None:
    assert [address for address in every_address if signs_in(address)] == [LOGIN]
    fail(ATTEMPTS, "root")
    assert not signs_in(LOGIN)
    assert not signs_in("/admin/login/")


def test_the_administration_sends_to_the_sites_sign_in_and_back(alice: User, root: User) -> None:
    client, wanted = Client(), "/admin/auth/user/?q=a"
    for page in (wanted, "/admin/login/?" + urlencode({"next": wanted})):
        login = client.get(page)["Location"]
        assert login == f"{LOGIN}?" + urlencode({"next": wanted}, safe="/")
    assert sign_in(client, "root", data={"next": wanted})["Location"] == wanted
    stranger = Client()
    sign_in(stranger)
    assert stranger.get("/admin/", follow=True).status_code == 404


def test_once_refused_the_right_password_does_not_help_either(alice: User) -> None:
    fail(ATTEMPTS)
    assert sign_in(Client()).status_code == 429


def test_the_name_counts_in_any_case(alice: User) -> None:
    fail(ATTEMPTS)
    assert fail(1, "ALICE") == [429]


def test_another_name_and_another_address_count_on_their_own(alice: User) -> None:
    fail(ATTEMPTS)
    assert fail(1, "vic") == [200]
    assert fail(1, REMOTE_ADDR="192.0.2.7") == [200]


def test_one_address_can_not_try_name_after_name(db: None) -> None:
    assert fail(1, "name 1") + fail(1, "name 2") == [200, 200]
    of_the_address = RateLimit.objects.filter(count=2)
    assert of_the_address.update(count=rate_limits.GUESS.times - 1) == 1  # as if it went on
    assert fail(1, "name 3") + fail(1, "name 4") == [200, 429]


def test_success_does_not_count(alice: User) -> None:
    assert {sign_in(Client()).status_code for _ in range(ATTEMPTS * 2)} == {302}
    assert list(RateLimit.objects.order_by("count").values_list("count", flat=True)) == [0, 0, 1]
    assert rate_limits.SIGN_IN_KNOWN.is_begun("alice", "127.0.0.1"), "the one that counts"


def test_no_name_and_no_address_is_stored(alice: User) -> None:
    fail(1, "alice@example.com")
    keys = RateLimit.objects.values_list("key", flat=True)
    assert {bool(re.fullmatch(r"[0-9a-f]+", key)) for key in keys} == {True}


# Fewer hops than there are proxies: it did not come through them.
FORWARDED = [
    (0, "198.51.100.1", "127.0.0.1"),  # nobody to trust: the header is hearsay
    (1, "198.51.100.1", "198.51.100.1"),
    (1, "203.0.113.9, 198.51.100.1", "198.51.100.1"),
    (2, "203.0.113.9, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
    (
        2,
        "198.51.100.1",
        "127.0.0.1",
    ),
    (1, "", "127.0.0.1"),
    (1, " , ,198.51.100.1 ", "198.51.100.1"),
]


@pytest.mark.parametrize(("proxies", "header", "address"), FORWARDED)
def test_the_address_is_counted_from_the_right(
    settings: Any, proxies: int, header: str, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    headers = {"X-Forwarded-For": header} if header else {}
    assert client_address(RequestFactory().post(LOGIN, headers=headers)) == address


@pytest.mark.parametrize(("proxies", "last"), [(0, 429), (1, 200)])
def test_a_made_up_address_does_not_get_around_the_limit(
    alice: User, settings: Any, proxies: int, last: int
) -> None:
    """With a proxy the right-most address counts, so what differs there is another person; without
    one nothing is.
    """
    settings.TRUSTED_PROXY_COUNT = proxies
    statuses = [
        fail(1, headers={"X-Forwarded-For": f"192.0.2.{n}"})[0] for n in range(ATTEMPTS + 1)
    ]
    assert statuses == [200] * ATTEMPTS + [last]
    if proxies:
        spoofed = [
            fail(1, headers={"X-Forwarded-For": f"192.0.2.{n}, 203.0.113.1"})[0]
            for n in range(ATTEMPTS + 1)
        ]
        assert spoofed[-1] == 429


def test_signing_out_ends_the_session(alices: Client, acme: Tenant) -> None:
    wanted = reverse("tenant", args=[acme.public_id])
    assert alices.get(wanted).status_code == 200
    assert alices.post(reverse("logout"))["Location"] == LOGIN
    assert alices.get(wanted)["Location"].startswith(LOGIN)


def test_signing_out_takes_the_forms_token(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post(reverse("logout")).status_code == 403


@pytest.mark.parametrize("url", [LOGIN, RESET])
def test_forms_before_the_session_take_their_token_too(db: None, url: str) -> None:
    assert Client(enforce_csrf_checks=True).post(url, {}).status_code == 403


def test_a_reset_mail_leads_to_a_new_password(alice: User) -> None:
    client = Client()
    assert client.post(RESET, {"email": "alice@example.com"})["Location"] == reverse(
        "password_reset_done"
    )
    link = mailed_link()
    form = client.get(link, follow=True)
    new = {"new_password1": "a quite long one", "new_password2": "a quite long one"}
    done = client.post(form.redirect_chain[-1][0], new)
    assert done["Location"] == reverse("password_reset_complete")
    assert sign_in(Client(), password="a quite long one").status_code == 302
    assert copy.THIS_LINK_NO_LONGER_WORKS in read(Client().get(link, follow=True)).text


def mailed_link() -> str:
    """The path of the link that the worker mails."""
    password_resets.write_due()
    delivery.send_due()
    [link] = re.findall(r"https?://[^/\s]+(/account/\S+)", str(mail.outbox[-1].body))
    return str(link)


def reset(client: Client, password: str) -> Any:
    client.post(RESET, {"email": "alice@example.com"})
    url = client.get(mailed_link(), follow=True).redirect_chain[-1][0]
    return client.post(
        url, {"new_password1": password, "new_password2": password}, REMOTE_ADDR="192.0.2.7"
    )


def test_a_new_password_by_link_is_on_record(alice: User) -> None:
    assert reset(Client(), "12345678").status_code == 200
    changed = AuditEntry.objects.filter(what="password_changed")
    assert not changed.exists()
    assert reset(Client(), "a quite long one").status_code == 302
    one = changed.get()
    assert (one.what, one.actor_id, one.actor, one.address) == (
        "password_changed",
        alice.pk,
        "alice",
        "192.0.2.7",
    )
    assert one.told == {"way": "link"}


def test_a_password_changed_in_the_administration_is_on_record(amy: User) -> None:
    client, url = Client(REMOTE_ADDR="192.0.2.7"), reverse("admin:password_change")
    client.force_login(amy)
    typed = {
        "old_password": "demo",
        "new_password1": "a quite long one",
        "new_password2": "a quite long one",
    }
    assert client.post(url, typed | {"old_password": "wrong"}).status_code == 200
    assert not AuditEntry.objects.exists()
    assert client.post(url, typed)["Location"] == reverse("admin:password_change_done")
    one = AuditEntry.objects.get()
    assert (one.what, one.actor, one.address) == ("password_changed", "amy", "192.0.2.7")
    assert client.get(url).status_code == 200, "the session goes on"
    assert AuditEntry.objects.count() == 1
    assert "a quite long one" not in str(AuditEntry.objects.values_list())


def test_a_reset_does_not_say_whether_there_is_an_account(alice: User) -> None:
    for address in ("alice@example.com", "nobody@example.com"):
        assert Client().post(RESET, {"email": address})["Location"] == reverse(
            "password_reset_done"
        )


def test_the_sixth_reset_within_an_hour_is_refused(alice: User) -> None:
    times = rate_limits.PASSWORD_RESET.times
    statuses = [
        Client().post(RESET, {"email": f"{n}@example.com"}).status_code for n in range(times + 1)
    ]
    assert statuses == [302] * times + [429]


def test_a_weak_new_password_is_refused_in_words(alice: User) -> None:
    assert read(reset(Client(), "12345678")).all("ul", "class", "errorlist")


def test_who_is_signed_in_needs_no_sign_in_page(alices: Client) -> None:
    assert alices.get(LOGIN)["Location"] == "/"


@pytest.mark.exhaustive(keep=2)
@pytest.mark.parametrize("name", ["ａｌｉｃｅ", "alice ", " alice", "ALICE"])
def test_another_spelling_of_a_name_is_no_fresh_start(alice: User, name: str) -> None:
    fail(ATTEMPTS)
    assert fail(1, name) == [429]


def test_neighbours_in_an_ipv6_network_count_as_one() -> None:
    request = RequestFactory()
    first, second, other = (
        client_address(request.get("/", REMOTE_ADDR=address))
        for address in ("2001:db8:1:2::1", "2001:db8:1:2:3::4", "2001:db8:1:3::1")
    )
    assert first == second != other


def test_without_a_mail_server_there_is_no_reset_but_a_word(db: None, settings: Any) -> None:
    settings.EMAIL_HOST_NAME = ""
    assert Client().get(RESET).status_code == 404
    page = read(Client().get(LOGIN)).one("main")
    assert "Ask Northwind for a new one" in page.text
    assert not [link for link in page.all("a", "href") if link["href"] == RESET]


def test_a_nul_in_a_cookie_is_a_bad_request(db: None) -> None:
    client = Client()
    client.cookies["sessionid"] = "\0aaaaaaaaaaaa"
    assert client.get("/").status_code == 400
