"""Days of account managers, and whom a mail went to."""

from datetime import datetime

from django.contrib.auth.models import User

from integrations.mail import digests
from tests.mailbox import NOON, D, Days, H, sent

HOURS = (7, 8, 9, 12, 13)
"""Around eight in the morning, and around eight in New York."""


class Mornings(Days):
    """The worker writes digests too, once it is eight in the morning."""

    _whole = NOON
    """When the worker did more than look whether digests are due."""

    def work(self) -> None:
        """Some hours may be that of the digests; all else is for when something is due, and once
        a day at least.
        """
        written = digests.write_due()
        if written or self._due() <= self.now or self.now >= self._whole + D:
            self._whole = self.now
            super().work()

    def _due(self) -> datetime:
        """When there may be something to do again, or an hour that may be that of the digests."""
        today = self.now.replace(hour=0, minute=0)
        looks = [today + day + hour * H for day in (0 * D, D) for hour in HOURS]
        return min(super()._due(), *(look for look in looks if look > self.now))


def to() -> list[str]:
    return [one.to[0] for one in sent()]


def see_all(user: User) -> User:
    user.email = f"{user.username}@example.com"
    user.save(update_fields=["email"])
    return user
