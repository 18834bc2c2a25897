"""How long ago somebody proved who they are: what is grave asks for it anew.

A session notes the time. It begins with the sign-in; a provider that says when it asked last is
believed, and one that doesn't say has not asked.
"""

import time
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

_KEY = "proved_at"  # seconds since the epoch
AHEAD = 60  # seconds that another clock may be ahead of ours


def note(session: SessionBase, at: float | None = None) -> None:
    """Note that somebody proved who they are, at a time or now."""
    now = time.time()
    session[_KEY] = int(now if at is None else min(at, now))


def is_recent(session: SessionBase) -> bool:
    """Whether it is so little time ago that nothing needs to be asked."""
    if not settings.REAUTHENTICATION_MINUTES:
        return True
    ago: float = time.time() - session.get(_KEY, 0)
    return -AHEAD <= ago <= settings.REAUTHENTICATION_MINUTES * 60


def on_signed_in(request: Any, **_more: Any) -> None:
    """Note it at each sign-in, by whichever door."""
    if hasattr(request, "session"):
        note(request.session)
