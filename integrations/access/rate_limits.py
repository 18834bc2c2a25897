"""Rate limits that hold exactly, whatever the number of processes: the database counts."""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from integrations.models import RateLimit


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `times` in any window of `seconds` that starts with the first of them."""

    purpose: str
    times: int
    seconds: int

    def _key(self, who: tuple[object, ...]) -> str:
        text = "\0".join(map(str, (self.purpose, *who)))
        return hashlib.blake2s(text.encode(), digest_size=24).hexdigest()

    def spend(self, *who: object) -> int:
        """Count one act. Return 0 if it may happen, else the seconds to wait.

        Who acts, and perhaps on what, count together: `REPAIR.spend(user.pk, integration.pk)`.
        """
        key = self._key(who)
        now = timezone.now()
        for _attempt in range(3):
            rows = RateLimit.objects.filter(key=key)
            if rows.filter(window_ends__gt=now, count__lt=self.times).update(count=F("count") + 1):
                return 0
            ends = now + timedelta(seconds=self.seconds)
            if rows.filter(window_ends__lte=now).update(window_ends=ends, count=1):
                return 0
            window_ends, count = rows.values_list("window_ends", "count").first() or (None, 0)
            if window_ends and count >= self.times:
                return max(1, math.ceil((window_ends - now).total_seconds()))
            if window_ends is None and self._open(key, ends):
                return 0
        return 1

    def refund(self, *who: object) -> None:
        """Take back one act, such as a sign-in that succeeded."""
        RateLimit.objects.filter(key=self._key(who), count__gt=0).update(count=F("count") - 1)

    def _open(self, key: str, ends: datetime) -> bool:
        RateLimit.objects.filter(window_ends__lt=timezone.now() - timedelta(hours=1)).delete()
        try:
            with transaction.atomic():
                RateLimit.objects.create(key=key, window_ends=ends)
        except IntegrityError:  # somebody else's first act came in between
            return False
        return True


SIGN_IN_BY_NAME = Limit("sign-in by name", times=10, seconds=300)
SIGN_IN_BY_ADDRESS = Limit("sign-in by address", times=100, seconds=300)
CHECK_NOW = Limit("check now", times=6, seconds=60)
BULK_CHECK = Limit("bulk check", times=10, seconds=60)
REPAIR = Limit("repair", times=10, seconds=60)
HAND_OFF = Limit("hand-off", times=20, seconds=3600)
PASSWORD_RESET = Limit("password reset", times=5, seconds=3600)
EXCHANGE = Limit("embed session by address", times=300, seconds=60)
ONCE = Limit("form", times=1, seconds=86400)
HOUSEKEEPING = Limit("housekeeping", times=1, seconds=3600)
