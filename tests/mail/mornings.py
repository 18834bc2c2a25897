"""Days of account managers, and whom a mail went to."""

from django.contrib.auth.models import User

from integrations.mail import digests
from tests.mailbox import NOON, D, Days, H, sent


class Mornings(Days):
    """The worker writes digests too, once it is eight in the morning."""

    idle = H
    _whole = NOON
    """When the worker did more than look whether digests are due."""

    def work(self) -> None:
        """Every hour may be that of the digests; all else is for when something is due, and once
        a day at least.
        """
        written = digests.write_due()
        if written or self._due() <= self.now or self.now >= self._whole + D:
            self._whole = self.now
            super().work()


def to() -> list[str]:
    return [one.to[0] for one in sent()]


def see_all(user: User) -> User:
    user.email = f"{user.username}@example.com"
    user.save(update_fields=["email"])
    return user
