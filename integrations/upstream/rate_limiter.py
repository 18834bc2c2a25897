"""How many calls an environment of Kombo's gets, shared by all processes: one turn after the other, evenly spaced.

A turn is an instant in a database row. Viewers queue for a short while, so the row may be ahead of now; the worker
takes a turn only if nobody queues. Viewers come first for that reason alone, and no second holds more calls than
the budget.
"""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from integrations.kombo.errors import Unavailable
from integrations.models import Upstream

# Turns lie a little further apart than the budget asks for, and one that was missed by more than that is lost: calls
# that go out late must not meet the next ones in the same second with one too many.
SPARE = 0.97
LATE = timedelta(seconds=1 / SPARE - 1)
VIEWER_PATIENCE = 1.0  # seconds that a request may queue
_ODD = timedelta(minutes=1)  # nobody queues so long: the clock was set back


class Busy(Unavailable):
    """No turn is free soon enough. `retry_after` says when one may be, in seconds."""

    kind = "busy"


def spacing(environment: str) -> float:
    """Seconds between two calls of an environment."""
    return 1 / (float(settings.KOMBO_ENVIRONMENTS[environment]["CALLS_PER_SECOND"]) * SPARE)


def take_turn(environment: str, *, patience: float) -> datetime:
    """Take the next turn. Answers when it is; raises Busy if that is more than `patience` seconds away."""
    with transaction.atomic():
        state, _created = Upstream.objects.select_for_update().get_or_create(pk=environment)
        now = timezone.now()
        turn = max(now, state.next_call_at or now)
        if turn - now > _ODD:
            turn = now
        wait = (turn - now).total_seconds()
        if wait > patience:
            raise Busy(retry_after=wait)
        state.next_call_at = turn + timedelta(seconds=spacing(environment))
        state.save(update_fields=["next_call_at"])
    return turn


def wait_for_turn(environment: str, turn: datetime | None = None) -> None:
    """Wait until the turn has come, one that was taken or the next. Raises Busy."""
    patience_ends = time.monotonic() + VIEWER_PATIENCE
    while (left := patience_ends - time.monotonic()) > 0:
        turn = turn or take_turn(environment, patience=left)
        time.sleep(max((turn - timezone.now()).total_seconds(), 0.0))
        if timezone.now() - turn <= LATE:
            return
        turn = None  # this machine is too busy to be on time
    raise Busy(retry_after=VIEWER_PATIENCE)


def is_spare_turn(environment: str) -> bool:
    """Take a turn if one is free this instant: for a second attempt, which must not push others back."""
    try:
        take_turn(environment, patience=0.0)
    except Busy:
        return False
    return True
