"""Sessions in the database as Django keeps them, read by queries whose SQL is built once: each
request begins with these, and a poll is little else.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from integrations.database.prepared import Prepared


class SessionStore(db.SessionStore):
    """The engine: named as Django's, whose name is part of what its rows are signed by."""

    def load(self) -> dict[str, Any]:
        """Return what the session holds; nothing, and it has no key any more, if none lives."""
        found = _data(str(self.session_key), timezone.now())
        if found:
            return self.decode(found[0])
        self._session_key = None
        return {}


def user_of(session: SessionBase) -> User | None:
    """Return the active account that a session is signed in as and the newest secret proves.

    None says nothing: such a session is Django's to judge, and to renew or end.
    """
    backend, pk = session.get(BACKEND_SESSION_KEY), session.get(SESSION_KEY)
    if backend not in settings.AUTHENTICATION_BACKENDS or pk is None:
        return None
    for user in _active(int(pk)):
        if constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash()):
            return user
    return None


@Prepared
def _data(key: Any, now: Any) -> QuerySet[Session, str]:
    rows = Session.objects.filter(session_key=key, expire_date__gt=now)
    return rows.values_list("session_data", flat=True)


@Prepared
def _active(pk: Any) -> QuerySet[User]:
    return User.objects.filter(pk=pk, is_active=True)
