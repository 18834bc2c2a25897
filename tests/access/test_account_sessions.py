"""Sessions: how long they live, whose they are, and how they end."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from time_machine import TimeMachineFixture

from integrations.access import account_sessions, housekeeping
from integrations.models import AccountSession, AuditEntry
from tests.conftest import acting
from tests.signing_in import signed_in
from tests.views.browsing import HTMX, SESSION

pytestmark = pytest.mark.django_db

type SignIn = Callable[[User], Client]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BY_ITSELF = {"By-Itself": "1"}


def is_signed_in(client: Client, **headers: str) -> bool:
    return client.get(reverse("sessions"), headers=headers).status_code == 200


def sign_in_by_form(user: User, **headers: str) -> Client:
    client = Client(headers=headers)
    typed = {"username": user.get_username(), "password": "demo"}
    assert client.post(reverse("login"), typed).status_code == 302
    return client


@pytest.mark.parametrize(
    ("name", "idle"), [("alice", timedelta(days=14)), ("amy", timedelta(minutes=60))]
)
def test_a_session_left_alone_ends(
    name: str,
    idle: timedelta,
    request: pytest.FixtureRequest,
    sign_in: SignIn,
    clock: TimeMachineFixture,
) -> None:
    client = sign_in(request.getfixturevalue(name))
    clock.shift(idle - timedelta(seconds=1))
    assert is_signed_in(client)
    clock.shift(idle)
    assert not is_signed_in(client)
    assert not Session.objects.exists()


@pytest.mark.parametrize(
    ("name", "absolute", "step"),
    [
        ("alice", timedelta(days=30), timedelta(days=6)),
        ("amy", timedelta(hours=12), timedelta(minutes=50)),
    ],
)
def test_a_session_that_is_used_ends_in_the_end(
    name: str,
    absolute: timedelta,
    step: timedelta,
    request: pytest.FixtureRequest,
    sign_in: SignIn,
    clock: TimeMachineFixture,
) -> None:
    client = sign_in(request.getfixturevalue(name))
    began = timezone.now()
    while timezone.now() - began + step < absolute:
        clock.shift(step)
        assert is_signed_in(client)
    clock.shift(step)
    assert not is_signed_in(client)


def test_who_becomes_staff_has_the_limits_of_staff(
    alice: User, sign_in: SignIn, clock: TimeMachineFixture
) -> None:
    client = sign_in(alice)
    clock.shift(timedelta(hours=2))
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    assert not is_signed_in(client)


def test_a_page_that_is_left_open_is_no_activity(
    amy: User, sign_in: SignIn, clock: TimeMachineFixture
) -> None:
    """Neither what it asks for by itself, nor its icon, which the browser asks for."""
    client = sign_in(amy)
    for headers in ({**HTMX, **BY_ITSELF}, {"Sec-Fetch-Dest": "image"}):
        clock.shift(timedelta(minutes=25))
        assert is_signed_in(client, **headers)
    clock.shift(timedelta(minutes=15))
    asked = client.get(reverse("triage"), headers={**HTMX, **BY_ITSELF})
    assert asked.status_code == 401


def test_what_is_for_everybody_asks_for_no_session(alice: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    with CaptureQueriesContext(connection) as queries:
        client.get("/healthz")
    assert len(queries) == 0


def test_a_request_writes_at_most_once_a_minute(
    alice: User, sign_in: SignIn, clock: TimeMachineFixture
) -> None:
    client = sign_in(alice)
    home = reverse("home")
    costs = []
    for seconds in (0, 59, 1, 59, 1):
        clock.shift(timedelta(seconds=seconds))
        with CaptureQueriesContext(connection) as queries:
            client.get(home)
        costs.append(sum(query["sql"].startswith("UPDATE") for query in queries))
    assert costs == [0, 0, 2, 0, 2]
    with CaptureQueriesContext(connection) as queries:
        client.get(home)
    assert len(queries) == SESSION + 1  # and the way home itself


def test_the_browser_keeps_its_cookie_while_it_is_used(
    alice: User, clock: TimeMachineFixture
) -> None:
    """It gets one when somebody signs in, for as long as a session may live."""
    client = Client()
    signed_in = client.post(reverse("login"), {"username": "alice", "password": "demo"})
    assert signed_in.cookies["sessionid"]["max-age"] == 30 * 86_400
    clock.shift(timedelta(minutes=5))
    assert "sessionid" not in client.get(reverse("sessions")).cookies
    assert is_signed_in(client)


def test_where_nothing_can_be_written_reading_goes_on(
    alice: User, sign_in: SignIn, clock: TimeMachineFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(alice)
    clock.shift(timedelta(minutes=5))

    def fail(*_args: object, **_more: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("integrations.access.session_store.SessionStore.save", fail)
    assert is_signed_in(client)


def test_a_session_of_an_earlier_version_begins_now(
    alice: User, sign_in: SignIn, clock: TimeMachineFixture
) -> None:
    client = sign_in(alice)
    session = client.session
    for key in [key for key, _value in session.items() if key.startswith("_account")]:
        del session[key]
    session.save()
    AccountSession.objects.all().delete()
    clock.shift(timedelta(days=13))
    assert is_signed_in(client)
    assert AccountSession.objects.get().began_at == timezone.now()
    clock.shift(timedelta(days=15))
    assert not is_signed_in(client)


def test_a_clock_that_is_set_back_ends_no_session(
    amy: User, sign_in: SignIn, clock: TimeMachineFixture
) -> None:
    client = sign_in(amy)
    clock.shift(-timedelta(hours=3))
    assert is_signed_in(client)
    clock.shift(timedelta(minutes=61))
    assert not is_signed_in(client)


def test_a_session_that_is_ended_ends_at_once(alice: User, sign_in: SignIn) -> None:
    here, there = sign_in(alice), sign_in(alice)
    other = AccountSession.objects.get(session_id=there.session.session_key)
    assert account_sessions.end(alice, other.public_id, acting(alice))
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert AuditEntry.objects.get().told == {"number": 1}


def test_nobody_ends_anothers_session(alice: User, bob: User, sign_in: SignIn) -> None:
    client = sign_in(bob)
    row = AccountSession.objects.get()
    assert not account_sessions.end(alice, row.public_id, acting(alice))
    sign_in(alice)
    account_sessions.end_others(alice, Client().session, acting(alice))
    assert is_signed_in(client)


def test_one_that_is_ended_while_it_is_used_stays_ended(
    alice: User, sign_in: SignIn, clock: TimeMachineFixture
) -> None:
    client = sign_in(alice)
    session = client.session
    session.get("loads it")
    clock.shift(timedelta(minutes=5))
    Session.objects.all().delete()
    assert not account_sessions.keep_alive(session, alice, "", is_used=True)
    assert not Session.objects.exists()


def test_a_new_password_ends_the_others_and_the_list_shows_it(amy: User) -> None:
    here, there = sign_in_by_form(amy), sign_in_by_form(amy)
    assert len(account_sessions.of(amy)) == 2
    typed = {
        "old_password": "demo",
        "new_password1": "a-long-one-4711",
        "new_password2": "a-long-one-4711",
    }
    assert here.post(reverse("own_password"), typed).status_code == 302
    amy.refresh_from_db()
    began = AccountSession.objects.latest("pk").began_at
    assert is_signed_in(here)  # under another key, which is noted now
    [left] = account_sessions.of(amy)
    assert not is_signed_in(there)
    assert account_sessions.is_current(left, here.session)
    assert abs(left.began_at - began) < timedelta(seconds=2)


def test_the_list_knows_browser_and_times_and_no_key(
    alice: User, clock: TimeMachineFixture
) -> None:
    began = timezone.now()
    client = sign_in_by_form(alice, **{"User-Agent": FIREFOX})
    clock.shift(timedelta(minutes=7))
    page = client.get(reverse("sessions")).text
    [row] = account_sessions.of(alice)
    assert (row.browser, row.system) == ("Firefox", "Linux")
    assert (row.began_at, row.seen_at) == (began, timezone.now())
    assert str(client.session.session_key) not in page
    assert FIREFOX not in repr(list(AccountSession.objects.values()))


def test_a_key_stands_only_where_djangos_own_table_has_it(alice: User, sign_in: SignIn) -> None:
    key = str(sign_in(alice).session.session_key)
    columns = [one.name for one in AccountSession._meta.concrete_fields if one.name != "session"]
    assert key not in repr(list(AccountSession.objects.values(*columns)))
    Session.objects.filter(pk=key).delete()
    assert not AccountSession.objects.exists()


def test_what_is_over_is_forgotten(
    alice: User, amy: User, sign_in: SignIn, clock: TimeMachineFixture
) -> None:
    for user in (alice, amy):
        sign_in(user)
    clock.shift(timedelta(hours=1))
    assert [one.user for one in AccountSession.objects.all()] == [alice, amy]
    housekeeping.prune(timezone.now(), before=timezone.now() - timedelta(days=400))
    assert [one.user for one in AccountSession.objects.all()] == [alice]
    clock.shift(timedelta(days=14))
    account_sessions.prune(timezone.now())
    assert not Session.objects.exists()


def test_signing_out_leaves_no_row(alice: User, sign_in: SignIn) -> None:
    sign_in(alice).post(reverse("logout"))
    assert not AccountSession.objects.exists()


def test_signing_in_as_another_in_one_browser(alice: User, bob: User, sign_in: SignIn) -> None:
    client = sign_in(alice)
    client.force_login(bob)
    assert [one.user for one in AccountSession.objects.all()] == [bob]
    assert is_signed_in(client)


def test_limits_can_be_set(
    settings: Any, alice: User, sign_in: SignIn, clock: TimeMachineFixture
) -> None:
    settings.SESSION_LIMITS = settings.SESSION_LIMITS._replace(idle=timedelta(minutes=5))
    client = sign_in(alice)
    clock.shift(timedelta(minutes=6))
    assert not is_signed_in(client)


def test_who_signs_in_in_tests_is_signed_in_as_anybody(
    alice: User, clock: TimeMachineFixture
) -> None:
    """In every row and all that the session holds."""
    left = []
    for sign_in in (signed_in, _by_force):
        with transaction.atomic():
            session = sign_in(alice).session
            rows = list(AccountSession.objects.values("user", "began_at", "seen_at", "browser"))
            alice.refresh_from_db()
            held = {**session, "_account_noted_for": session["_account_noted_for"][:0]}
            left.append((held, rows, alice.last_login, Session.objects.count()))
            transaction.set_rollback(True)
    assert left[0] == left[1]


def _by_force(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
