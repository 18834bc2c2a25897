"""Where people are signed in: a row beside each session of Django's says whose it is and since
when, so that its owner can end it, and the worker what is over.

When it began and was last used stands in the session too, which every request reads anyway: to ask
whether it still lives costs no query, and to note that it was used one write a minute.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import User
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from integrations.access import audit
from integrations.access.audit import Act, Actor
from integrations.domain import browsers
from integrations.domain.clock import SKEW
from integrations.models import AccountSession

NOTED = timedelta(minutes=1)  # how exactly the last use is known
MOST = 50  # on one's page
_BEGAN, _SEEN, _NOTED_FOR = "_account_began", "_account_seen", "_account_noted_for"


def begin(session: SessionBase, user: User, user_agent: str) -> None:
    """Note that somebody has just signed in."""
    now = timezone.now()
    if session.session_key is None:
        session.save()  # has a key, and a row to stand beside, from now on
    session[_BEGAN] = session[_SEEN] = _seconds(now)
    session[_NOTED_FOR] = _name_of(session)
    _write(session, user, user_agent, began=now, now=now)


def keep_alive(session: SessionBase, user: User, user_agent: str, *, is_used: bool) -> bool:
    """Return whether the session of somebody who is signed in still lives, and note that it is
    used.
    """
    now = timezone.now()
    # One of an earlier version, which noted nothing, begins now.
    began, seen = (_moment(session.get(name), now) for name in (_BEGAN, _SEEN))
    idle, absolute = limits_of(user)
    if now - began >= absolute or now - seen >= idle:
        return False
    is_ahead = session.get(_SEEN, 0) > _seconds(now + SKEW)  # by a clock that was set back
    is_noted = session.get(_NOTED_FOR) == _name_of(session) and not is_ahead
    if is_noted and not (is_used and abs(now - seen) >= NOTED):
        return True
    # If it got another key just now, as when ours was changed, the browser is to be told.
    is_to_be_told = session.modified
    session[_BEGAN], session[_SEEN] = _seconds(began), _seconds(now)
    session[_NOTED_FOR] = _name_of(session)
    try:
        session.save()
        _write(session, user, user_agent, began=began, now=now)
    except UpdateError:  # somebody ended it meanwhile
        return False
    except DatabaseError:  # it takes no writes now: whoever reads is not kept from it
        pass
    session.modified = is_to_be_told
    return True


def limits_of(user: User) -> tuple[timedelta, timedelta]:
    """Return for how long a session of somebody's lives without being used, and at most."""
    limits = settings.STAFF_SESSION_LIMITS if user.is_staff else settings.SESSION_LIMITS
    return limits.idle, limits.absolute


def of(user: User) -> list[AccountSession]:
    """Return somebody's sessions that live, the latest used first."""
    now = timezone.now()
    rows = AccountSession.objects.filter(user=user).exclude(_over(now))
    rows = rows.filter(session__expire_date__gt=now).select_related("session")
    return [row for row in rows.order_by("-seen_at", "-pk")[:MOST] if _is_signed_in(row, user)]


def is_current(row: AccountSession, session: SessionBase) -> bool:
    """Whether a row is that of the session in which somebody looks at it."""
    return row.session_id == session.session_key


def end(user: User, public_id: str, by: Actor) -> bool:
    """End one of somebody's sessions at once. Return whether there was one."""
    return _end(Q(account__user=user, account__public_id=public_id), by) > 0


def end_others(user: User, session: SessionBase, by: Actor) -> int:
    """End all of somebody's sessions but this one. Return how many."""
    return _end(Q(account__user=user) & ~Q(pk=session.session_key), by)


def end_all(user_ids: Collection[int]) -> None:
    """End all sessions of these accounts."""
    Session.objects.filter(account__user__in=user_ids).delete()


def prune(now: datetime) -> int:
    """Forget the sessions that have ended by themselves. Return how many."""
    over = Session.objects.filter(Q(expire_date__lt=now) | Q(account__in=_over_rows(now)))
    return over.delete()[1].get(Session._meta.label, 0)


def _end(which: Q, by: Actor) -> int:
    with transaction.atomic():
        ended = Session.objects.filter(which).delete()[1].get(Session._meta.label, 0)
        if ended:
            audit.record(by, Act.ACCOUNT_SESSIONS_ENDED, number=ended)
    return ended


def _over(now: datetime) -> Q:
    """Return the condition that a row's session has ended by one of the limits."""
    conditions = Q(pk__in=[])
    for is_staff, limits in (
        (True, settings.STAFF_SESSION_LIMITS),
        (False, settings.SESSION_LIMITS),
    ):
        late = Q(began_at__lte=now - limits.absolute) | Q(seen_at__lte=now - limits.idle)
        conditions |= Q(user__is_staff=is_staff) & late
    return conditions


def _over_rows(now: datetime) -> Any:
    return AccountSession.objects.filter(_over(now)).values("pk")


def _is_signed_in(row: AccountSession, user: User) -> bool:
    """Whether the session is its owner's still: a new password ends those that it did not make,
    when they are used next.
    """
    data = row.session.get_decoded()
    hashes = (user.get_session_auth_hash(), *user.get_session_auth_fallback_hash())
    known = str(data.get(HASH_SESSION_KEY, ""))
    return data.get(SESSION_KEY) == str(user.pk) and any(
        constant_time_compare(known, one) for one in hashes
    )


def _write(
    session: SessionBase, user: User, user_agent: str, *, began: datetime, now: datetime
) -> None:
    """Write down in the row beside a session that has a key when it was used, or make it."""
    if AccountSession.objects.filter(session_id=session.session_key).update(seen_at=now):
        return
    browser, system = browsers.parse(user_agent)
    AccountSession.objects.create(
        session_id=str(session.session_key),
        user=user,
        began_at=began,
        seen_at=now,
        browser=browser,
        system=system,
    )


def _name_of(session: SessionBase) -> str:
    """Return by what a session is told from one that has taken its place under another key, as
    after a new password.
    """
    return str(session.session_key or "")[-6:]


def _seconds(at: datetime) -> int:
    return int(at.timestamp())


def _moment(seconds: Any, now: datetime) -> datetime:
    """Return what a session holds as an instant; what is not there, or ahead of a clock that was
    set back, counts as now.
    """
    known = datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int) else now
    return now if known > now + SKEW else known
