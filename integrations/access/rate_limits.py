"""Rate limits that hold exactly, whatever the number of processes: the database counts."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from integrations.database.prepared import Prepared
from integrations.domain.backoff import backoff
from integrations.domain.clock import is_ahead, is_over
from integrations.models import RateLimit

FORGOTTEN = timedelta(hours=1)  # since its window ended, a counter


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` in any window of `seconds` that starts with the first of them."""

    purpose: str
    times: int
    seconds: int

    def spend(self, *subject: object) -> int:
        """Count one act. Return 0 if it may happen, else the seconds to wait.

        Who acts, and perhaps on what, count together: `REPAIR.spend(user.pk, integration.pk)`.
        """
        key = _key(self.purpose, subject)
        now = timezone.now()
        for _attempt in range(3):
            rows = RateLimit.objects.filter(key=key)
            length = timedelta(seconds=self.seconds)
            over = is_over("window_ends", now, at_most=length)
            if rows.exclude(over).filter(count__lt=self.times).update(count=F("count") + 1):
                return 0
            ends = now + length
            if rows.filter(over).update(window_ends=ends, count=1):
                return 0
            window_ends, count = rows.values_list("window_ends", "count").first() or (None, 0)
            if window_ends and count >= self.times:
                return max(1, math.ceil((window_ends - now).total_seconds()))
            if window_ends is None and _open(key, ends):
                return 0
        return 1

    def refund(self, *subject: object) -> None:
        """Take back one act, such as a sign-in that succeeded."""
        RateLimit.objects.filter(key=_key(self.purpose, subject), count__gt=0).update(
            count=F("count") - 1
        )

    def ends_at(self, *subject: object) -> datetime | None:
        """Return when the next act may happen; None if it may now."""
        now = timezone.now()
        length = timedelta(seconds=self.seconds)
        for window_ends in _full(_key(self.purpose, subject), self.times):
            if is_ahead(window_ends, now, at_most=length):
                return window_ends
        return None

    def is_begun(self, *subject: object) -> bool:
        """Return whether something was counted in the present window."""
        rows = RateLimit.objects.filter(key=_key(self.purpose, subject), count__gt=0)
        return rows.filter(window_ends__gt=timezone.now()).exists()


@Prepared
def _full(key: str, times: int) -> QuerySet[Any, datetime]:
    """When the window of a counter ends, if it has counted so many."""
    return RateLimit.objects.filter(key=key, count__gte=times).values_list("window_ends", flat=True)


@dataclass(frozen=True, slots=True)
class GrowingLimit:
    """Acts that nobody means to repeat: `free` of them at once, then each waits longer.

    The first wait is `first` seconds, each further one twice as long, `longest` at most. What is
    refused does not count. All is forgotten an hour after the last wait.
    """

    purpose: str
    free: int
    first: int
    longest: int

    def spend(self, *subject: object) -> int:
        """Count one act. Return 0 if it may happen, else the seconds to wait."""
        key = _key(self.purpose, subject)
        for _attempt in range(3):
            now = timezone.now()
            row = RateLimit.objects.filter(key=key).first()
            if row is None:
                if _open(key, now):
                    return 0
                continue
            if row.window_ends > now:
                return max(1, math.ceil((row.window_ends - now).total_seconds()))
            count = 1 if row.window_ends < now - FORGOTTEN else row.count + 1
            same = RateLimit.objects.filter(key=key, window_ends=row.window_ends, count=row.count)
            if same.update(count=count, window_ends=now + self._wait_after(count)):
                return 0
        return 1

    def forget(self, *subject: object) -> None:
        """Forget all acts counted so far, as after a sign-in that succeeded."""
        RateLimit.objects.filter(key=_key(self.purpose, subject)).delete()

    def _wait_after(self, count: int) -> timedelta:
        if count < self.free:
            return timedelta()
        return backoff(
            count - self.free + 1,
            first=timedelta(seconds=self.first),
            longest=timedelta(seconds=self.longest),
        )


def _key(purpose: str, subject: tuple[object, ...]) -> str:
    text = "\0".join(map(str, (purpose, *subject)))
    return hashlib.blake2s(text.encode(), digest_size=24).hexdigest()


def _open(key: str, ends: datetime) -> bool:
    RateLimit.objects.filter(window_ends__lt=timezone.now() - FORGOTTEN).delete()
    try:
        with transaction.atomic():
            RateLimit.objects.create(key=key, window_ends=ends)
    except IntegrityError:  # somebody else's first act came in between
        return False
    return True


# Wrong passwords, keys and links, of each kind, from one address.
GUESS = Limit("guess by address", times=100, seconds=300)
SIGN_IN_BY_NAME = Limit("sign-in by name", times=10, seconds=300)
# From wherever: it slows down whoever has many addresses, and locks nobody out.
SIGN_IN_SLOWLY = GrowingLimit("sign-in by name, from wherever", free=20, first=2, longest=60)
# Where somebody has signed in lately, nobody else's tries keep them waiting.
SIGN_IN_KNOWN = Limit("address of a sign-in", times=1, seconds=30 * 86_400)
# Each asks the identity provider what it is.
SINGLE_SIGN_ON = Limit("sign-in at the provider", times=30, seconds=60)
SECOND_FACTOR = Limit("second factor", times=10, seconds=300)
SECOND_FACTOR_SLOWLY = GrowingLimit("second factor, from wherever", free=20, first=2, longest=60)
USED_CODE = Limit("code of an authenticator app", times=1, seconds=180)
CHECK_NOW = Limit("check now", times=6, seconds=60)
BULK_CHECK = Limit("bulk check", times=10, seconds=60)
REPAIR = Limit("repair", times=10, seconds=60)
# A token that Kombo does not know: each costs a call.
UNKNOWN_TOKEN = GrowingLimit("token unknown to Kombo", free=3, first=60, longest=3600)
# A customer's, of one integration, whoever asks: each has Kombo read all of the tool's data.
SYNC = Limit("sync of an integration", times=1, seconds=900)
HAND_OFF = Limit("hand-off", times=20, seconds=3600)
# A viewer who asks the colleagues of one integration: once, until there was time to act.
ASK = Limit("ask colleagues", times=1, seconds=4 * 3600)
PASSWORD_RESET = Limit("password reset", times=5, seconds=3600)
PASSWORD_RESET_TO = Limit("password reset by mailbox", times=3, seconds=3600)
INVITE = Limit("invitation to an account", times=50, seconds=3600)
EXCHANGE = Limit("embed session by address", times=300, seconds=60)
REFUSED_TOKEN = Limit("refused token on record", times=10, seconds=3600)
ONCE = Limit("form", times=1, seconds=86400)
HOUSEKEEPING = Limit("housekeeping", times=1, seconds=3600)
STATISTICS = Limit("statistics", times=1, seconds=86400)
