"""Calling Kombo's environments: which client, in which slot, and when to leave Kombo in peace.

The circuit is a database row, so all processes share it: after five failures in a row nobody calls
for 30 s, then one probe goes out; each failed probe doubles the pause, to 5 min. A 429 pauses
the environment for as long as it says.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone

from integrations import counters, logs
from integrations.domain.clock import age, is_ahead, is_over
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
from integrations.kombo.http import Http
from integrations.models import Upstream
from integrations.upstream import rate_limiter

logger = logging.getLogger(__name__)

FAILURES_TO_OPEN = 5
# seconds
SHORTEST_PAUSE = 30
LONGEST_PAUSE = 300
LONGEST_LIMIT = 600  # seconds: what a 429 may ask for at most
WEBHOOKS_SILENT_AFTER = timedelta(days=1)  # so long without any webhook, something is wrong with it
PROBE = timedelta(seconds=5)  # one probe is under way for at most about a call's deadline

_CLOSED = {"failures": 0, "silent_until": None, "pause_seconds": 0, "refused_since": None}
_http = Http()  # one pool of connections for all environments and threads


class CircuitOpen(Unavailable):
    """We do not call this environment just now. `retry_after` says for how long, in seconds."""

    kind = "circuit_open"


def client(environment: str) -> Kombo:
    """A client for a configured environment. Raises AccessDenied for one that is not configured, or
    that has no key.
    """
    config = settings.KOMBO_ENVIRONMENTS.get(environment)
    if config is None or not config["API_KEY"]:
        raise AccessDenied(code="NOT_CONFIGURED")
    may_retry = partial(rate_limiter.try_reserve_slot, environment)
    return Kombo(
        base_url=config["API_URL"],
        api_key=config["API_KEY"],
        http=_http,
        may_retry=may_retry,
        request_id=logs.request_id,
    )


def key_setting(environment: str) -> str:
    """Return the name of the setting that holds an environment's key."""
    return setting(environment, "API_KEY")


def setting(environment: str, name: str) -> str:
    """Return what a setting of an environment's is called."""
    prefix = "KOMBO_" if environment == "production" else f"KOMBO_{environment.upper()}_"
    return f"{prefix}{name}"


def call[T](
    environment: str,
    ask: Callable[[Kombo], T],
    *,
    by_person: bool = False,
    slot: datetime | None = None,
    tenant: int | None = None,
    patience: float = rate_limiter.VIEWER_PATIENCE,
) -> T:
    """Ask Kombo, if circuit and budget let us, and tell the circuit how it went. Raises KomboError.

    A person's click may probe an open circuit early, but not a pause that Kombo asked for. `slot`
    is the caller's slot of the budget, if it has taken one; else it queues for `patience` seconds
    at most, on the account of `tenant`, a primary key.
    """
    kombo = client(environment)
    state = Upstream.objects.filter(pk=environment).first() or Upstream(pk=environment)
    try:
        if wait := _pause_left(state, by_person=by_person):
            raise CircuitOpen(retry_after=wait)
        rate_limiter.wait_for_slot(environment, slot, patience=patience, tenant=tenant)
        probe = _claim_probe(state)
    except (CircuitOpen, rate_limiter.RateLimitBusy) as error:
        counters.CALLS.add(environment, error.kind, counters.NONE)
        raise
    try:
        answer = _counted(environment, partial(ask, kombo))
    except KomboError as error:
        _note_error(environment, error, probe, state)
        raise
    _note_success(state, probe)
    return answer


def _counted[T](environment: str, ask: Callable[[], T]) -> T:
    """Ask, and count what came of it and how long it took."""
    began = time.monotonic()
    try:
        answer = ask()
    except KomboError as error:
        counters.CALLS.add(environment, error.kind, error.code or counters.NONE)
        raise
    else:
        counters.CALLS.add(environment, "ok", counters.NONE)
        return answer
    finally:
        counters.CALL_SECONDS.observe(environment, seconds=time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """How it goes with one environment: its webhooks, and how long nobody calls it."""

    name: str
    has_secret: bool
    latest_event: datetime | None
    is_quiet: bool
    silent_until: datetime | None


def environment_statuses(
    latest_events: Mapping[str, datetime], now: datetime
) -> list[EnvironmentStatus]:
    """How it goes with every configured environment."""
    statuses = []
    states = Upstream.objects.in_bulk(settings.KOMBO_ENVIRONMENTS)
    for name, config in settings.KOMBO_ENVIRONMENTS.items():
        latest = latest_events.get(name)
        state = states.get(name)
        statuses.append(
            EnvironmentStatus(
                name=name,
                has_secret=bool(config["WEBHOOK_SECRETS"]),
                latest_event=latest,
                is_quiet=age(latest, now) > WEBHOOKS_SILENT_AFTER,
                silent_until=paused_until(state, now) if state else None,
            )
        )
    return statuses


def paused_until(state: Upstream, now: datetime) -> datetime | None:
    """Return until when nobody calls an environment; None if it is called."""
    pauses = [until for until in (_limited(state, now), _silent(state, now)) if until]
    return max(pauses, default=None)


def pause_left(environment: str) -> float:
    """Seconds for which nobody should call an environment; 0 if it may be called now."""
    state = Upstream.objects.filter(pk=environment).first()
    return _pause_left(state, by_person=False) if state else 0.0


def _pause_left(state: Upstream, *, by_person: bool) -> float:
    now = timezone.now()
    if limited_until := _limited(state, now):
        return (limited_until - now).total_seconds()
    silent_until = _silent(state, now)
    if silent_until is None or (by_person and silent_until - now > PROBE):
        return 0.0
    return (silent_until - now).total_seconds()


def _limited(state: Upstream, now: datetime) -> datetime | None:
    """Return until when Kombo asked for a pause; None if there is none."""
    until = state.limited_until
    return until if is_ahead(until, now, at_most=timedelta(seconds=LONGEST_LIMIT)) else None


def _silent(state: Upstream, now: datetime) -> datetime | None:
    """Return until when the circuit is open; None if it is closed."""
    until = state.silent_until
    return until if is_ahead(until, now, at_most=timedelta(seconds=LONGEST_PAUSE)) else None


def _claim_probe(state: Upstream) -> datetime | None:
    """Half open: whoever moves the instant makes the one probe, for all others it raises
    CircuitOpen.
    """
    if state.silent_until is None:
        return None
    claim = timezone.now() + PROBE
    if not Upstream.objects.filter(pk=state.pk, silent_until=state.silent_until).update(
        silent_until=claim
    ):
        raise CircuitOpen(retry_after=PROBE.total_seconds())
    return claim


def _note_error(
    environment: str, error: KomboError, probe: datetime | None, state: Upstream
) -> None:
    if isinstance(error, BadAnswer) or _is_about_one_integration(error):
        return  # a sick Kombo or one odd integration: says nothing about the environment
    if isinstance(error, RateLimited):
        _note_limit(environment, min(error.retry_after or SHORTEST_PAUSE, LONGEST_LIMIT))
    elif isinstance(error, ConnectionFailed | TimedOut | ServerFailed | AccessDenied):
        _note_failure(environment, probe)
        if isinstance(error, AccessDenied):
            refused = Upstream.objects.filter(pk=environment, refused_since=None)
            refused.update(refused_since=timezone.now())
    else:  # an answer after all: about this one request
        _note_success(state, probe)


def _is_about_one_integration(error: KomboError) -> bool:
    """Whether an error is about one integration: that must not stop the calls for all others."""
    code = error.code or ""
    return (
        code.startswith(("REMOTE.", "INTEGRATION."))
        or code == "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED"
    )


def _note_success(state: Upstream, probe: datetime | None) -> None:
    """Close the circuit, unless somebody opened it after this call had begun."""
    if state.failures or state.silent_until or state.refused_since:
        seen = Q(silent_until=probe) if probe else Q(silent_until__isnull=True)
        closed = Upstream.objects.filter(seen, pk=state.pk)
        if closed.update(**_CLOSED) and probe:
            logger.info("Kombo environment %s answers again", state.pk)


def _note_limit(environment: str, seconds: float) -> None:
    """Keep the pause that Kombo asked for; it is never shortened."""
    now = timezone.now()
    until = now + timedelta(seconds=seconds)
    Upstream.objects.get_or_create(pk=environment)
    over = is_over("limited_until", now, at_most=timedelta(seconds=LONGEST_LIMIT))
    rows = Upstream.objects.filter(over | Q(limited_until__lt=until), pk=environment)
    if rows.update(limited_until=until):
        logger.warning(
            "Kombo environment %s asks for a pause: no call for %d s", environment, seconds
        )


def _note_failure(environment: str, probe: datetime | None) -> None:
    """Open the circuit after enough failures in a row; double the pause only if a probe failed."""
    now = timezone.now()
    rows = Upstream.objects.filter(pk=environment)
    state, _created = Upstream.objects.get_or_create(pk=environment)
    rows.update(failures=F("failures") + 1)
    if probe:
        pause = min(state.pause_seconds * 2, LONGEST_PAUSE)
        closed = rows.filter(silent_until=probe)
    else:
        pause = SHORTEST_PAUSE
        closed = rows.filter(silent_until__isnull=True, failures__gte=FAILURES_TO_OPEN)
    if closed.update(silent_until=now + timedelta(seconds=pause), pause_seconds=pause):
        logger.warning("Kombo environment %s fails: no call for %d s", environment, pause)
