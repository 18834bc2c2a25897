"""How many calls an environment of Kombo's gets, shared by all processes: one slot after the other,
evenly spaced.

A slot is an instant in a database row. Viewers queue for a short while, so the row may be ahead of
now; the worker takes a slot only if nobody queues. Viewers come first for that reason alone, and no
second holds more calls than the budget.
"""

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
    share, rest = divmod(settings.WORKER_THREADS, len(names))
    share += names.index(environment) < rest
    rate = int(settings.KOMBO_ENVIRONMENTS[environment]["CALLS_PER_SECOND"])
    return max(min(share, max(rate, 2)), 1)


def reserve_slot(environment: str, *, patience: float) -> datetime:
    """Take the next slot.

    Return when it is; raises RateLimitBusy if that is more than `patience` seconds away.
    """
    with transaction.atomic():
        state, _created = Upstream.objects.select_for_update().get_or_create(pk=environment)
        now = timezone.now()
        slot = max(now, state.next_call_at or now)
        if slot - now > _ODD:
            slot = now
        wait = (slot - now).total_seconds()
        if wait > patience:
            raise RateLimitBusy(retry_after=wait)
        state.next_call_at = slot + timedelta(seconds=spacing(environment))
        state.save(update_fields=["next_call_at"])
    return slot


def wait_for_slot(environment: str, slot: datetime | None = None) -> None:
    """Wait until the slot has come, one that was taken or the next. Raises RateLimitBusy."""
    patience_ends = time.monotonic() + VIEWER_PATIENCE
    while (left := patience_ends - time.monotonic()) > 0:
        slot = slot or reserve_slot(environment, patience=left)
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
