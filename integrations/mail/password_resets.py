"""A new password for who has forgotten theirs, by a link in a mail.

Whoever asks is answered before anybody looks whether there is an account, so that neither words nor
time tell. The worker looks, and writes the mail; its link is made only while it is sent.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth.forms import PasswordResetForm
from django.contrib.auth.models import User
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from integrations.domain.bidi import isolate
from integrations.mail import compose
from integrations.models import Mail, MailKind, PasswordResetRequest

BATCH = 50
STALE = timedelta(hours=24)  # whoever waited for so long has asked again


def ask(email: str, *, language: str) -> None:
    """Note that somebody wants a link for the accounts of an address."""
    PasswordResetRequest.objects.create(email=email, language=language, asked_at=timezone.now())


def write_due() -> int:
    """Write the mails that were asked for. Return how many requests there were."""
    requests = list(PasswordResetRequest.objects.order_by("pk")[:BATCH])
    for request in requests:
        with transaction.atomic():
            if PasswordResetRequest.objects.filter(pk=request.pk).delete()[0]:
                _write(request)
    return len(requests)


def is_wanted(mail: Mail) -> bool:
    """There is still the account that a mail is for, under the same address."""
    user = mail.reader
    return isinstance(user, User) and user in _accounts(mail.to)


def url_of(mail: Mail) -> str:
    """The link by which its reader chooses a new password. Raises LookupError without a reader."""
    user = mail.reader
    if not isinstance(user, User):
        raise LookupError
    ids = [urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
    return settings.SITE_URL + reverse(
        "password_reset_confirm", args=ids, urlconf=settings.ROOT_URLCONF
    )


def _write(request: PasswordResetRequest) -> None:
    if not compose.can_send() or timezone.now() - request.asked_at > STALE:
        return
    for user in _accounts(request.email):
        if to := compose.address(user.email):
            compose.write_mail(
                f"password_reset {user.pk} {request.pk}",
                kind=MailKind.PASSWORD_RESET,
                to=to,
                language=request.language,
                reader=user,
                context={"username": isolate(compose.one_line(user.get_username()))},
            )


def _accounts(email: str) -> list[User]:
    """Those that may sign in with a password, under exactly this address but for the case."""
    return list(PasswordResetForm().get_users(email))
