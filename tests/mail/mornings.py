"""Days of account managers, and whom a mail went to."""

from django.contrib.auth.models import User

from integrations.mail import digests
from tests.mailbox import Days, H, sent


class Mornings(Days):
    """The worker writes digests too, once it is eight in the morning."""

    idle = H

    def work(self) -> None:
        digests.write_due()
        super().work()


def to() -> list[str]:
    return [one.to[0] for one in sent()]


def see_all(user: User) -> User:
    user.email = f"{user.username}@example.com"
    user.save(update_fields=["email"])
    return user
