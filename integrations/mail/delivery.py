"""Mails on their way to the mail server: each is sent once, whoever sends it and whoever is killed
meanwhile.

A worker claims a mail, looks whether it is still needed, and notes that it hands it over just
before it does. Killed before that, the mail is tried again. Killed after it, nobody knows whether
it arrived: then it is not sent again by itself, since a customer who is reminded twice is worse off
than one whom the next reminder reaches.
"""

import logging
import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import MIMEPart
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from integrations import counters
from integrations.access import audit, hand_offs
from integrations.access.audit import Act, Actor
from integrations.domain.backoff import backoff
from integrations.domain.clock import SKEW, is_over
from integrations.mail import account_invitations, compose, password_resets, preconditions
from integrations.mail import status as mail_status
from integrations.mail.status import CLAIM, HANDED_CLAIM, PATIENCE
from integrations.models import HandOff, Mail, MailKind, MailProblem
from integrations.workspace import summaries
from integrations.workspace.identity import Picture

logger = logging.getLogger(__name__)

BATCH = 10
FIRST_RETRY = timedelta(minutes=1)
LAST_RETRY = timedelta(hours=1)
MOST_ATTEMPTS = 12  # over six hours


def send_due(stopped: Callable[[], bool] = lambda: False) -> int:
    """Send what is due, until it is time to stop. Return how many mails were tried."""
    if not compose.can_send():
        return 0
    now = timezone.now()
    due = list(
        _free(now)
        .filter(_is_due(now))
        .order_by("due_at", "pk")
        .values_list("pk", flat=True)[:BATCH]
    )
    if not due:
        return 0
    connection = mailers.default
    try:
        for number, pk in enumerate(due):
            if stopped() or not _try(pk, connection):
                return number
    finally:
        _close(connection)
    return len(due)


def resend(mail: Mail, by: Actor) -> bool:
    """Try a mail again that failed, or that may not have arrived. Return whether it was one."""
    now = timezone.now()
    stuck = Mail.objects.filter(mail_status.needs_resend(now), pk=mail.pk)
    with transaction.atomic():
        done = stuck.update(due_at=now, handed_at=None, claimed_until=None, attempts=0, error="")
        if done:
            known = mail.integration
            # Else it is another's now.
            integration = known if known and known.tenant_id == mail.tenant_id else None
            audit.record(
                by,
                Act.MAIL_RESENT,
                tenant=mail.tenant,
                integration=integration,
                kind=mail.kind,
            )
    return bool(done)


def mark_sent(mail: Mail, now: datetime) -> None:
    """Record that the mail server has taken a mail."""
    with transaction.atomic():
        if mail.integration and mail.kind in {MailKind.REMINDER, MailKind.HAND_OFF}:
            # First, as all who lock more than one take them.
            summaries.mark_contacted([mail.integration.pk], now)
        Mail.objects.filter(pk=mail.pk).update(
            sent_at=now, due_at=None, claimed_until=None, error=""
        )
        if mail.hand_off:
            HandOff.objects.filter(pk=mail.hand_off.pk).update(sent_at=now)


def prune(before: datetime) -> int:
    """Forget what was written before an instant. Return how many mails."""
    return Mail.objects.filter(created_at__lt=before).delete()[0]


def _free(now: datetime) -> QuerySet[Mail]:
    unclaimed = is_over("claimed_until", now, at_most=HANDED_CLAIM)
    return Mail.objects.filter(
        unclaimed, sent_at__isnull=True, handed_at__isnull=True, due_at__isnull=False
    )


def _is_due(now: datetime) -> Q:
    """Its time has come, or was told by a clock that ran ahead when it was written."""
    return Q(due_at__lte=now) | Q(created_at__gt=now + SKEW)


def _try(pk: int, connection: Any) -> bool:
    """Send one mail, if nobody else does. Return whether the mail server can be reached."""
    mail = _claim(pk)
    if mail is None:
        return True
    if mail.attempts > MOST_ATTEMPTS:  # whatever it is, each of them ended before its end
        _release_claim(mail, due_at=None, error=mail.error or MailProblem.UNSENDABLE)
        return True
    try:
        return _send(mail, connection)
    except Exception:  # of one, which must not keep all others from being sent
        logger.exception("Mail %s fails; it waits until its claim ends", mail.key)
        return True


def _send(mail: Mail, connection: Any) -> bool:
    try:
        preconditions.check(mail, timezone.now())
        message = _message(mail)
    except preconditions.NotNeeded:
        _release_claim(mail, due_at=None, error="")
        if mail.hand_off:
            hand_offs.revoke(mail.hand_off, audit.WORKER)
        return True
    except preconditions.NotNow as later:
        _release_claim(mail, due_at=later.at, attempts=mail.attempts - 1)
        return True
    except (ValueError, TypeError, LookupError):
        _release_claim(mail, due_at=None, error=MailProblem.UNSENDABLE)
        return True
    try:
        _connect(connection)
    except (
        OSError,
        ValueError,
    ) as error:  # as are an SMTPException, and a name that can't be written for it
        _unreachable(mail, error)
        return False
    if _hand_over(mail):
        _transmit(mail, message, connection)
    return True


def _claim(pk: int) -> Mail | None:
    """Claim a due mail for CLAIM and return it; None if another worker has it."""
    now = timezone.now()
    taken = _free(now).filter(_is_due(now), pk=pk)
    if not taken.update(claimed_until=now + CLAIM, attempts=F("attempts") + 1):
        return None
    known = Mail.objects.select_related(
        "tenant", "integration__tenant", "hand_off", "reminder", "reader"
    )
    return known.filter(pk=pk, claimed_until=now + CLAIM).first()


def _connect(connection: Any) -> None:
    """Have a mail server listen: one that hung up after the mail before is called again."""
    if connection.open() is not False:  # it is a new one, or nothing that can hang up
        return
    try:
        listens = connection.connection.noop()[0] == 250
    except OSError:
        listens = False
    if not listens:
        _close(connection)
        connection.open()


def _hand_over(mail: Mail) -> bool:
    """Record that sending begins, after which it may arrive. Return whether it was still ours."""
    claimed = Mail.objects.filter(
        pk=mail.pk, claimed_until=mail.claimed_until, handed_at__isnull=True
    )
    now = timezone.now()
    mail.claimed_until = now + HANDED_CLAIM
    return bool(claimed.update(handed_at=now, due_at=None, claimed_until=mail.claimed_until))


def _transmit(mail: Mail, message: EmailMultiAlternatives, connection: Any) -> None:
    """Hand it to the mail server, and note what came of it."""
    try:
        _wait_for_answers(connection, PATIENCE)
        connection.send_messages([message])
        _wait_for_answers(connection, settings.MAIL_TIMEOUT)
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        _close(connection)
        _refused(mail, error)
    except OSError as error:
        _close(connection)
        logger.warning("Mail %s may not have arrived: %s", mail.key, type(error).__name__)
        counters.MAILS.add(MailProblem.BROKEN_OFF)
        Mail.objects.filter(pk=mail.pk).update(error=MailProblem.BROKEN_OFF, claimed_until=None)
    except ValueError:  # an address that can't be written; found before anything was said
        _release_claim(mail, due_at=None, error=MailProblem.UNSENDABLE)
    else:
        mark_sent(mail, timezone.now())
        counters.MAILS.add("sent")


def _wait_for_answers(connection: Any, seconds: float) -> None:
    """Give the mail server so long for each answer, if there is one: a console answers at once."""
    if sock := getattr(getattr(connection, "connection", None), "sock", None):
        sock.settimeout(seconds)


def _refused(mail: Mail, error: smtplib.SMTPException) -> None:
    """The mail server said no. To this mail for good, if its word is final; else later."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next((code for code, _reply in error.recipients.values()), 0)
    else:
        code = int(getattr(error, "smtp_code", 0))
    # The sender is ours to set right.
    is_final = code >= 500 and not isinstance(error, smtplib.SMTPSenderRefused)
    logger.warning("Mail %s was refused with code %d", mail.key, code)
    _release_claim(
        mail, due_at=None if is_final else _retry_at(mail), error=f"{MailProblem.REFUSED} {code}"
    )


def _unreachable(mail: Mail, error: Exception) -> None:
    """Put off this mail and all that are due, as the mail server can't be reached."""
    logger.warning(
        "The mail server can't be reached (%s); mail %s waits", type(error).__name__, mail.key
    )
    _release_claim(mail, due_at=_retry_at(mail), error=MailProblem.UNREACHABLE)
    now = timezone.now()
    _free(now).filter(_is_due(now)).update(due_at=now + FIRST_RETRY)


def _retry_at(mail: Mail) -> datetime | None:
    wait = backoff(mail.attempts, first=FIRST_RETRY, longest=LAST_RETRY)
    return timezone.now() + wait if mail.attempts < MOST_ATTEMPTS else None


def _release_claim(mail: Mail, **columns: Any) -> None:
    """Give a mail back that was certainly not sent, unless another worker has it by now."""
    if problem := str(columns.get("error", "")).partition(" ")[0]:
        counters.MAILS.add(problem)
    claimed = Mail.objects.filter(
        pk=mail.pk, claimed_until=mail.claimed_until, sent_at__isnull=True
    )
    claimed.update(handed_at=None, claimed_until=None, **columns)


def _close(connection: Any) -> None:
    with suppress(OSError):
        connection.close()


def _link_of(mail: Mail) -> str:
    if mail.kind == MailKind.PASSWORD_RESET:
        return password_resets.url_of(mail)
    if mail.kind == MailKind.ACCOUNT_INVITATION:
        return account_invitations.url_of(mail)
    return hand_offs.url_of(mail.hand_off) if mail.hand_off else ""


def _message(mail: Mail) -> EmailMultiAlternatives:
    """The mail as it will be sent, with its link. Raises ValueError if that can't be."""
    text, html = compose.with_link(mail, _link_of(mail))
    message = EmailMultiAlternatives(
        mail.subject, text, compose.sender(), [mail.to], headers=mail.headers
    )
    message.attach_alternative(html, "text/html")
    if logo := compose.logo_in(html):
        message.attach(_inline(logo))
    message.message()
    return message


def _inline(logo: Picture) -> MIMEPart:
    """The logo as the part of a mail that its HTML names."""
    part = MIMEPart()
    kind, _, subtype = logo.content_type.partition("/")
    part.set_content(
        logo.content,
        maintype=kind,
        subtype=subtype,
        disposition="inline",
        filename=f"logo.{subtype}",
        cid=f"<logo.{logo.key}@vendor>",
    )
    return part
