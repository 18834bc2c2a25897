"""A mail server that does as it is told, and mails as they are told apart."""

import smtplib
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from integrations.mail import compose
from integrations.mail import status as mail_status
from integrations.mail.status import MailStatus
from integrations.models import Mail
from tests.mailbox import NOON


class Server:
    """A mail server that does as it is told, and its own connection."""

    def __init__(self) -> None:
        self.taken: list[Any] = []
        self.opening: Exception | None = None
        self.sending: Exception | None = None
        self.meanwhile: Callable[[], object] = lambda: None
        self.connection = self
        self.is_open = False
        self.to_noop: int | Exception = 250
        """What it says to NOOP."""
        self.opened = 0

    @property
    def default(self) -> "Server":
        return self

    def open(self) -> bool:
        if self.opening:
            raise self.opening
        was_open, self.is_open = self.is_open, True
        self.opened += not was_open
        return not was_open

    def noop(self) -> tuple[int, bytes]:
        if isinstance(self.to_noop, Exception):
            raise self.to_noop
        return self.to_noop, b""

    def close(self) -> None:
        self.is_open = False
        raise smtplib.SMTPServerDisconnected

    def send_messages(self, messages: list[Any]) -> None:
        self.meanwhile()
        if self.sending:
            raise self.sending
        self.taken += messages


def digest(user: User, day: int = 1) -> Mail:
    """A mail to somebody of the staff, due now."""
    context = {"number": 1, "day": NOON.date()}
    return compose.write_mail(
        f"digest {user.pk} {day}", kind="digest", to=user.email, reader=user, context=context
    )


def state(mail: Mail) -> MailStatus:
    mail.refresh_from_db()
    now = timezone.now()
    found = mail_status.status_of(mail, now)
    # What a filter finds is what a badge says.
    assert [
        one
        for one in MailStatus
        if Mail.objects.filter(mail_status.with_status(one, now), pk=mail.pk).exists()
    ] == [found]
    return found
