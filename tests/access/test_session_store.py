"""Who is signed in, by queries built once: nobody else than Django would say, and its sessions are
ours.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

from integrations.access.session_store import SessionStore, user_of
from tests.signing_in import signed_in

pytestmark = pytest.mark.django_db

# What can be wrong with a session or with whose it is.
WRONG: dict[str, Callable[[SessionStore, User], object]] = {
    "nobody's": lambda session, _user: session.pop(SESSION_KEY),
    "another's": lambda session, user: session.update({SESSION_KEY: str(user.pk + 1)}),
    "by no backend": lambda session, _user: session.pop(BACKEND_SESSION_KEY),
    "by a backend of others": lambda session, _user: session.update({BACKEND_SESSION_KEY: "x.Y"}),
    "without a proof": lambda session, _user: session.pop(HASH_SESSION_KEY),
    "with an empty proof": lambda session, _user: session.update({HASH_SESSION_KEY: ""}),
    "with a wrong proof": lambda session, _user: session.update({HASH_SESSION_KEY: "0" * 64}),
    "of an old password": lambda _session, user: User.objects.filter(pk=user.pk).update(
        password="another"
    ),
    "of one turned off": lambda _session, user: User.objects.filter(pk=user.pk).update(
        is_active=False
    ),
    "of one deleted": lambda _session, user: user.delete(),
}


def session_of(user: User) -> SessionStore:
    return SessionStore(next(iter(signed_in(user).cookies.values())).value)


def djangos(session: SessionStore) -> Any:
    """Whom Django itself would let in; None for nobody."""
    request = HttpRequest()
    request.session = SessionStore(session.session_key)
    user = get_user(request)
    return user if user.is_authenticated else None


def test_whoever_signed_in_is_known(alice: User, bob: User) -> None:
    for user in (alice, bob, alice):
        session = session_of(user)
        assert user_of(session) == djangos(session) == user


@pytest.mark.parametrize("wrong", WRONG)
def test_it_lets_nobody_in_whom_django_would_not(wrong: str, alice: User, bob: User) -> None:
    assert user_of(session_of(alice)) == alice  # the query is built
    session = session_of(alice)
    WRONG[wrong](session, alice)
    session.save()
    assert user_of(SessionStore(session.session_key)) is None
    assert djangos(session) is None


def test_an_older_secret_is_left_to_django(alice: User, settings: Any) -> None:
    session = session_of(alice)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newer" * 10, [settings.SECRET_KEY]
    assert user_of(SessionStore(session.session_key)) is None
    assert djangos(session) == alice


def test_what_is_over_or_never_was_is_empty_and_has_no_key(alice: User) -> None:
    session = session_of(alice)
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    for key in (session.session_key, "never-was-such-a-session"):
        late = SessionStore(key)
        assert late.get(SESSION_KEY) is None
        assert late.session_key is None
        assert late.is_empty()


def test_djangos_own_engine_reads_and_writes_the_same(alice: User) -> None:
    ours = session_of(alice)
    theirs = db.SessionStore(ours.session_key)
    assert dict(theirs.items()) == dict(ours.items())
    theirs["by"] = "Django"
    theirs.save()
    assert SessionStore(ours.session_key)["by"] == "Django"
