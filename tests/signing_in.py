"""Signing in without the looks that a new session takes at what was there before it."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.test import Client
from django.utils.crypto import get_random_string

from integrations.access.session_store import SessionStore


class _NewSession(SessionStore):
    """A session that begins with a sign-in: nothing is to be carried over, and its row is written
    once.
    """

    key_salt = SessionStore().key_salt  # else it would be signed in the name of this class

    def cycle_key(self) -> None:
        self._session_key = get_random_string(32)


def signed_in(user: User) -> Client:
    """Return the browser of somebody who has signed in, as `Client.force_login` leaves it."""
    request = HttpRequest()
    request.session = _NewSession()
    with transaction.atomic():  # other rows stand beside the session's
        login(request, user, settings.AUTHENTICATION_BACKENDS[0])
        request.session.save(must_create=True)
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    return client
