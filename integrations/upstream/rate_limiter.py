"""How many calls an environment of Kombo's gets, shared by all processes: one slot after the other,
evenly spaced.

A slot is an instant in a database row. Viewers queue for a short while, so the row may be ahead of
now; the worker takes a slot only if nobody queues, or if it had none for `WORKER_SHARE` slots. So
viewers come first, and no second holds more calls than the budget.

A call counts against its tenant for a while. The more a tenant has had of late, the less deep it
may queue: others get in behind whom it would have to wait, and it takes what they leave.
"""

import math
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.kombo.errors import Unavailable
from integrations.models import Upstream

# Turns lie a little further apart than the budget asks for, and one that was missed by more than
# that is lost: calls that go out late must not meet the next ones in the same second with one too
# many.
SPARE = 0.97
LATE = timedelta(seconds=1 / SPARE - 1)
VIEWER_PATIENCE = 1.0  # seconds that a request may queue
WORKER_SHARE = 3  # at least every third slot is a worker's, if it wants one
CALL_COUNTS = 10  # slots for which a call counts against its tenant, one call after the other
LONGEST_DEBT = 50  # slots: no tenant pays longer for what it had, however much that was
LEAST_PATIENCE = 0.05, 0.5  # seconds: a wait that nobody notices, and one that leaves room
RECENT = 60.0  # seconds after which a call counts a third (1/e) of what it did
_ROUNDING = 1e-4  # seconds
_ODD = timedelta(minutes=1)  # nobody queues so long: the clock was set back


class RateLimitBusy(Unavailable):
    """No slot is free soon enough. `retry_after` says when one may be, in seconds."""

    kind = "busy"


def spacing(environment: str) -> float:
    """Seconds between two calls of an environment."""
    return 1 / (float(settings.KOMBO_ENVIRONMENTS[environment]["CALLS_PER_SECOND"]) * SPARE)


def thread_share(environment: str) -> int:
    """Return how many calls of an environment may be under way at once.

    All environments share WORKER_THREADS, each has one at least, and no more than its budget keeps
    busy: two for a budget of one, as a slow call takes longer than its second.
    """
    names = list(settings.KOMBO_ENVIRONMENTS)
    share, remainder = divmod(settings.WORKER_THREADS, len(names))
    share += names.index(environment) < remainder
    rate = int(settings.KOMBO_ENVIRONMENTS[environment]["CALLS_PER_SECOND"])
    return max(min(share, max(rate, 2)), 1)


def reserve_slot(
    environment: str, *, patience: float, tenant: int | None = None, by_worker: bool = False
) -> datetime:
    """Take the next slot.

    Return when it is; raises RateLimitBusy if that is more than `patience` seconds away. `tenant`
    is the primary key of the one that it counts against; a worker need not be patient if it is its
    turn.
    """
    with transaction.atomic():
        state, _created = Upstream.objects.select_for_update().get_or_create(pk=environment)
        now = timezone.now()
        slot = max(now, state.next_call_at or now)
        if slot - now > _ODD:
            slot = now
        wait = (slot - now).total_seconds()
        step = spacing(environment)
        debts = _debts(state, now, longest=LONGEST_DEBT * step)
        debt = debts.get(str(tenant), 0.0)
        if tenant is not None:
            patience = min(patience, _patience(debt, step))
        is_workers_turn = by_worker and _is_workers_turn(state, slot)
        if wait > patience and not is_workers_turn:
            raise RateLimitBusy(retry_after=wait)
        state.recent_calls = _recent_calls(state, slot) + 1
        state.next_call_at = slot + timedelta(seconds=spacing(environment))
        if by_worker:
            state.worker_call_at = slot
        if tenant is not None:
            debts[str(tenant)] = min(debt + CALL_COUNTS * step, LONGEST_DEBT * step)
        state.tenant_debts = {name: now.timestamp() + debt for name, debt in debts.items()}
        state.save(update_fields=["next_call_at", "worker_call_at", "tenant_debts", "recent_calls"])
    return slot


def budget_used(state: Upstream, now: datetime) -> float:
    """Return the share of an environment's budget that was used of late, from 0 to 1."""
    return min(_recent_calls(state, now) * spacing(state.pk) / RECENT, 1.0)


def latest_call(state: Upstream) -> datetime | None:
    """Return when the latest slot was; None if there never was one."""
    step = timedelta(seconds=spacing(state.pk))
    return state.next_call_at - step if state.next_call_at else None


def _recent_calls(state: Upstream, at: datetime) -> float:
    """How many calls there were of late, as of an instant, each the less the longer ago it was."""
    latest = latest_call(state)
    since = max((at - latest).total_seconds(), 0.0) if latest else 0.0
    return state.recent_calls * math.exp(-since / RECENT)


def _debts(state: Upstream, now: datetime, *, longest: float) -> dict[str, float]:
    """For how many seconds from now on the calls of tenants count against them."""
    left = {name: until - now.timestamp() for name, until in state.tenant_debts.items()}
    # None is longer, unless the clock was set back.
    return {name: min(debt, longest) for name, debt in left.items() if debt > 0}


def _patience(debt: float, step: float) -> float:
    """How many seconds a tenant may queue; what nobody else queues for is always left to it."""
    shortest, longest = LEAST_PATIENCE
    least = min(max(step, shortest), longest)
    return max(least, VIEWER_PATIENCE * (1 - debt / (LONGEST_DEBT * step)))


def _is_workers_turn(state: Upstream, slot: datetime) -> bool:
    """Whether the viewers had their share since a worker's latest slot."""
    if state.worker_call_at is None:
        return True
    since = (slot - state.worker_call_at).total_seconds()
    return not 0 <= since < WORKER_SHARE * spacing(state.environment) - _ROUNDING


def wait_for_slot(
    environment: str,
    slot: datetime | None = None,
    *,
    patience: float = VIEWER_PATIENCE,
    tenant: int | None = None,
) -> None:
    """Wait until the slot has come, one that was taken or the next. Raises RateLimitBusy."""
    patience_ends = time.monotonic() + patience
    while (left := patience_ends - time.monotonic()) > 0:
        slot = slot or reserve_slot(environment, patience=left, tenant=tenant)
        time.sleep(min(max((slot - timezone.now()).total_seconds(), 0.0), VIEWER_PATIENCE))
        if timezone.now() - slot <= LATE:
            return
        slot = None  # this machine is too busy to be on time
    raise RateLimitBusy(retry_after=VIEWER_PATIENCE)


def try_reserve_slot(environment: str) -> bool:
    """Take a slot if one is free this instant: for a second attempt, which must not push others
    back.
    """
    try:
        reserve_slot(environment, patience=0.0)
    except RateLimitBusy:
        return False
    return True
