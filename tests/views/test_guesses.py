"""Every address of the site, what it lets in by, and that whoever guesses has to wait."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from integrations.access import rate_limits, second_factor
from integrations.access.rate_limits import GrowingLimit, Limit
from integrations.models import Tenant
from tests.embed import URLS, bearer, enter, turn_on
from tests.views.public.keys_set_up import with_app, wrong_code

# What an address takes that somebody could guess; of all others a session, or nothing, is asked.
TAKES = {
    "login": "password",
    "own_password": "password",
    "confirm": "password",
    "second_factor": "code",
    "security_app": "code",
    "password_reset": "mailbox",
    "password_reset_confirm": "link",
    "join": "link",
    "hand_off": "link",
    "hand_off_completed": "link",
    "embed_repair": "link",
    "embed_repair_completed": "link",
    "embed_session": "token",
    "webhooks_bare": "signature",
    "webhooks": "signature",  # of a body, by a secret that people neither choose nor type
}
# Names in an address that are no ids but keys.
KEYS = {"token", "handle", "uidb64"}
# Below /embed/ all but these ask for a session's key.
OPEN_IN_FRAME = {"embed", "logo", "theme", "vendor_picture", "embed_repair", "home"}


def patterns(found: Any, names: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every address that a resolver knows, with its name."""
    for one in found:
        if isinstance(one, URLResolver):
            space = f"{one.namespace}:" if one.namespace else ""
            yield from patterns(one.url_patterns, names + space)
        else:
            yield names + (one.name or ""), one


# Of the administration's models: lists, and forms of one.
LISTS = re.compile(r"^admin:(?!auth_user).*_(changelist|add)$")


def has_key(pattern: URLPattern) -> bool:
    return bool(KEYS & set(pattern.pattern.converters))


def takes_password(client: Client, name: str) -> bool:
    """Whether its page, if it has one without ids, asks for a password that exists."""
    try:
        page = client.get(reverse(name))
    except Exception:  # it needs an id, so it is no sign-in
        return False
    return b'autocomplete="current-password"' in getattr(page, "content", b"")


def test_what_takes_a_key_or_a_password_is_known_as_such(root: User) -> None:
    signed_in = Client()
    signed_in.force_login(root)
    everywhere = dict(patterns(get_resolver().url_patterns))
    assert len(everywhere) > 60
    by_key = {name for name, pattern in everywhere.items() if has_key(pattern)}
    assert by_key == {name for name, what in TAKES.items() if what == "link"}
    by_password = {
        name
        for name in everywhere
        for client in (Client(), signed_in)
        if name and not LISTS.search(name) and takes_password(client, name)
    }
    # Django's own page of the administration lies behind ours, at the same address.
    assert by_password - {"admin:password_change"} == {
        name for name, what in TAKES.items() if what == "password"
    }
    assert reverse("admin:password_change") == reverse("own_password")


def test_below_embed_all_but_the_open_ones_ask_for_a_key(acme: Tenant, settings: Any) -> None:
    turn_on(settings)
    found = dict(patterns(get_resolver(URLS).url_patterns))
    asking = {name for name in found if name not in OPEN_IN_FRAME | {"embed_session"}}
    assert len(asking) > 8
    for name in asking:
        ids = dict.fromkeys(found[name].pattern.converters, "x")
        ids |= {"tenant_id": acme.public_id}
        is_of_tenant = name in {"tenant", "banner", "badge", "poll"} or name.startswith("connect")
        ids |= {} if is_of_tenant else {"integration_id": "x"}
        address = reverse(name, kwargs=ids, urlconf=URLS)
        assert Client().get(address, headers=bearer("a wrong one")).status_code == 401


FEW = {"GUESS", "EXCHANGE", "PASSWORD_RESET", "SECOND_FACTOR"}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """So few tries, that a test need not make hundreds; each limit keeps its window."""
    for name, one in vars(rate_limits).items():
        if isinstance(one, Limit) and name in FEW:
            monkeypatch.setattr(rate_limits, name, Limit(one.purpose, 3, one.seconds))
    return 3


type Try = Callable[[Client, int], Any]


def _code(client: Client, number: int) -> Any:
    """Of whoever has given the password in this browser."""
    amy = User.objects.get(username="amy")
    if not second_factor.is_set_up(amy):
        cache.clear()
        with_app(amy)
    client.post(reverse("login"), {"username": "amy", "password": "demo"})
    return client.post(reverse("second_factor"), {"code": wrong_code()})


def _first_code(client: Client, number: int) -> Any:
    client.force_login(User.objects.get(username="amy"))
    client.get(reverse("security_app"))
    return client.post(reverse("security_app"), {"code": wrong_code(client.session["new_app"])})


def _confirm(client: Client, number: int) -> Any:
    client.force_login(User.objects.get(username="amy"))
    return client.post(reverse("confirm"), {"password": f"wrong {number}"})


def _own_password(client: Client, number: int) -> Any:
    client.force_login(User.objects.get(username="amy"))
    return client.post(reverse("own_password"), {"old_password": f"wrong {number}"})


TRIES: dict[str, Try] = {
    "login": lambda c, n: c.post(reverse("login"), {"username": f"n{n}", "password": "wrong"}),
    "own_password": _own_password,
    "confirm": _confirm,
    "second_factor": _code,
    "security_app": _first_code,
    "password_reset": lambda c, n: c.post(reverse("password_reset"), {"email": f"{n}@x.example"}),
    "password_reset_confirm": lambda c, n: c.get(
        reverse("password_reset_confirm", args=["MQ", f"wrong-{n}"])
    ),
    "join": lambda c, n: c.get(reverse("join", args=[f"wrong{n}"])),
    "hand_off": lambda c, n: c.get(reverse("hand_off", args=[f"wrong{n}"])),
    "hand_off_completed": lambda c, n: c.post(reverse("hand_off_completed", args=[f"wrong{n}"])),
    "embed_repair": lambda c, n: c.get(reverse("embed_repair", args=[f"wrong{n}"])),
    "embed_repair_completed": lambda c, n: c.post(
        reverse("embed_repair_completed", args=[f"wrong{n}"])
    ),
    "embed_session": lambda c, n: c.post("/embed/session", headers=bearer(f"wrong{n}")),
    "a frame's page": lambda c, n: c.get("/embed/t/x/", headers=bearer(f"wrong{n}")),
}


def test_every_address_that_can_be_guessed_is_tried_below() -> None:
    limited = {name for name, what in TAKES.items() if what != "signature"}
    assert limited <= TRIES.keys()


@pytest.mark.exhaustive(keep=4)
@pytest.mark.parametrize("name", TRIES)
def test_whoever_guesses_has_to_wait(
    name: str, few: int, acme: Tenant, amy: User, settings: Any
) -> None:
    turn_on(settings)
    answers = [TRIES[name](Client(), number) for number in range(few + 1)]
    assert [one.status_code == 429 for one in answers] == [False] * few + [True]
    assert int(answers[-1]["Retry-After"]) > 0
    elsewhere = TRIES[name](Client(REMOTE_ADDR="192.0.2.7"), 9)
    assert elsewhere.status_code != 429


def test_a_true_key_opens_whatever_a_neighbour_tries(few: int, acme: Tenant, settings: Any) -> None:
    turn_on(settings)
    frame = enter()
    for number in range(few + 2):
        TRIES["a frame's page"](Client(), number)
    assert frame.get(frame.on("tenant")).status_code == 200


def test_a_page_without_any_key_is_no_guess(few: int, acme: Tenant, settings: Any) -> None:
    turn_on(settings)
    assert {Client().get("/embed/t/x/").status_code for _ in range(few + 2)} == {401}


# --- The second limit of a name: slower, from wherever, and locking nobody out


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "SIGN_IN_SLOWLY", GrowingLimit("slow", 3, 600, 1200))


def try_from(address: str, password: str, name: str = "alice") -> Any:
    client = Client(REMOTE_ADDR=address)
    return client.post(reverse("login"), {"username": name, "password": password})


def test_many_addresses_for_one_name_are_slowed_down(slow: None, alice: User) -> None:
    answers = [try_from(f"192.0.2.{n}", "wrong") for n in range(5)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429, 429]
    assert 590 <= int(answers[-1]["Retry-After"]) <= 600
    assert try_from("192.0.2.99", "wrong", "vic").status_code == 200


def test_where_somebody_signed_in_before_nobody_delays_them(slow: None, alice: User) -> None:
    assert try_from("203.0.113.5", "demo").status_code == 302
    for number in range(5):
        try_from(f"192.0.2.{number}", "wrong")
    assert try_from("192.0.2.99", "demo").status_code == 429
    assert try_from("203.0.113.5", "demo").status_code == 302


def test_the_slow_limit_waits_a_minute_at_most() -> None:
    assert rate_limits.SIGN_IN_SLOWLY.longest == 60
