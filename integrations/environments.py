"""Calling Kombo's environments: which client, and when to leave Kombo in peace.

The circuit is a database row, so all processes share it: after five failures in a row nobody calls for 30 s, then one
probe goes out; each failed probe doubles the silence, to 5 min. A 429 silences the environment for as long as it says.
"""

import functools
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from integrations.kombo.client import Kombo
from integrations.kombo.errors import (
    AccessDenied,
    BadAnswer,
    ConnectionFailed,
    KomboError,
    RateLimited,
    ServerFailed,
    TimedOut,
    Unavailable,
)
from integrations.models import Upstream

logger = logging.getLogger(__name__)

FAILURES_TO_OPEN = 5
SHORTEST_PAUSE, LONGEST_PAUSE = 30, 300  # seconds
LONGEST_SILENCE = 600  # seconds: what a 429 may ask for at most
PROBE = timedelta(seconds=5)  # one probe is under way for at most about a call's deadline


class Silenced(Unavailable):
    """We do not call this environment just now. `retry_after` says for how long, in seconds."""

    kind = "silenced"


def client(environment: str) -> Kombo:
    """The process's client for a configured environment. Raises AccessDenied for one that is not configured."""
    config = settings.KOMBO_ENVIRONMENTS.get(environment)
    if config is None:
        raise AccessDenied(code="NOT_CONFIGURED")
    return _client(config["API_URL"], config["API_KEY"])


@functools.cache
def _client(base_url: str, api_key: str) -> Kombo:
    return Kombo(base_url=base_url, api_key=api_key)


def call[T](environment: str, ask: Callable[[Kombo], T], *, by_person: bool = False) -> T:
    """Ask Kombo, if the circuit lets us, and tell the circuit how it went. Raises KomboError.

    A person's click may probe an open circuit early, but not a silence that Kombo asked for.
    """
    kombo = client(environment)
    state = Upstream.objects.filter(pk=environment).first()
    if state and state.silent_until:
        _ask_leave(state, by_person=by_person)
    try:
        answer = ask(kombo)
    except (ConnectionFailed, TimedOut, RateLimited, ServerFailed, AccessDenied) as error:
        _note_failure(environment, error)
        raise
    except BadAnswer:  # could be a sick Kombo or one odd integration: says nothing about the environment
        raise
    except KomboError:  # an answer after all: about this one request, not about the environment
        _note_success(state)
        raise
    _note_success(state)
    return answer


def _ask_leave(state: Upstream, *, by_person: bool) -> None:
    now = timezone.now()
    silent_until = state.silent_until or now
    wait = (silent_until - now).total_seconds()
    early = by_person and state.last_error_kind != RateLimited.kind and wait > PROBE.total_seconds()
    if wait > 0 and not early:
        raise Silenced(retry_after=wait)
    # Half open: whoever moves the instant makes the probe, the others stay silent meanwhile.
    claim = Upstream.objects.filter(pk=state.pk, silent_until=silent_until).update(silent_until=now + PROBE)
    if not claim:
        raise Silenced(retry_after=PROBE.total_seconds())


def _note_success(state: Upstream | None) -> None:
    if state and (state.failures or state.silent_until):
        logger.info("Kombo environment %s answers again", state.pk)
        Upstream.objects.filter(pk=state.pk).update(failures=0, silent_until=None, pause_seconds=0, last_error_kind="")


def _note_failure(environment: str, error: KomboError) -> None:
    state, _created = Upstream.objects.get_or_create(pk=environment)
    rows = Upstream.objects.filter(pk=environment)
    rows.update(failures=F("failures") + 1, last_error_kind=error.kind)
    if isinstance(error, RateLimited):
        _silence(environment, min(error.retry_after or SHORTEST_PAUSE, LONGEST_SILENCE))
    elif state.failures + 1 >= FAILURES_TO_OPEN:
        pause = max(SHORTEST_PAUSE, min(state.pause_seconds * 2, LONGEST_PAUSE))
        rows.update(pause_seconds=pause)
        _silence(environment, pause)


def _silence(environment: str, seconds: float) -> None:
    until: datetime = timezone.now() + timedelta(seconds=seconds)
    logger.warning("Kombo environment %s: no call for %d s", environment, seconds)
    Upstream.objects.filter(pk=environment).update(silent_until=until)
