"""The door that a hand-off's link opens: who is let in, and what is said where it leads nowhere."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from integrations.access import hand_offs, permissions
from integrations.access.audit import HAND_OFF, Actor
from integrations.access.grants import AccessGrant
from integrations.access.hand_offs import HandOffStatus
from integrations.domain.bidi import isolate
from integrations.domain.dates import moment_text
from integrations.models import HandOff
from integrations.views.actors import client_address
from integrations.views.embed.repair import expired, quiet
from integrations.views.guesses import refuse_guess
from integrations.views.language import asked_language
from integrations.views.types import Request, View

type Holder = Callable[[Request, HandOff, AccessGrant], HttpResponseBase]


def with_hand_off(view: Holder) -> View[[str]]:
    """Let in whoever holds a link of ours, in the customer's language unless another is asked
    for.
    """

    @login_not_required
    @wraps(view)
    def wrapped(request: Request, /, token: str) -> HttpResponseBase:
        entered = permissions.by_hand_off(token)
        with translation.override(
            asked_language(request, entered[1].tenant.language if entered else "")
        ):
            if entered is None:
                return refuse_guess(request, "link") or expired(request, *_unknown())
            return quiet(view(request, *entered))

    return wrapped


def refusal(hand_off: HandOff) -> tuple[str, str, int] | None:
    """Why a link leads nowhere: a title, what to do about it, and the status."""
    names = {"vendor": isolate(settings.VENDOR_NAME), "until": _end(hand_off)}
    status = hand_offs.status_of(hand_off, timezone.now())
    gone = hand_off.integration and hand_off.integration.snapshot.removed_at
    if gone and status is not HandOffStatus.USED:
        advice = _("To connect again, ask %(vendor)s to set up a new connection.") % names
        return _("This connection was removed"), advice, 410
    again = (
        _(
            "If there’s still something to do, ask the person who sent it, or %(vendor)s, "
            "for a new one."
        )
        % names
    )
    match status:
        case HandOffStatus.USED:
            return (
                _("This link has already been used"),
                _("The task is done. If something stops working again, ask for a new link."),
                410,
            )
        case HandOffStatus.REVOKED:
            return _("This link was revoked"), again, 410
        case HandOffStatus.EXPIRED:
            return (
                _("This link has expired"),
                _(
                    "It expired on %(until)s. If there’s still something to do, ask the person who "
                    "sent it, or %(vendor)s, for a new one."
                )
                % names,
                410,
            )
    attempt = hand_off.attempt
    is_off = attempt and attempt.category not in settings.CONNECT_CATEGORIES
    if is_off or (attempt and attempt.dismissed_at):
        return _("This link was revoked"), again, 410
    return None


def closed(request: Request, hand_off: HandOff) -> HttpResponse:
    """Say why a link leads nowhere."""
    is_well = hand_offs.status_of(hand_off, timezone.now()) is HandOffStatus.USED
    why = refusal(hand_off) or _unknown()
    return expired(request, *why, press=address_of(hand_off), is_well=is_well)


def _unknown() -> tuple[str, str, int]:
    advice = _(
        "Check that the link is complete: email programs can break long links. Or ask the "
        "person who sent it."
    )
    return _("This link is not valid"), advice, 404


def _end(hand_off: HandOff) -> str:
    """Return until when a link works, with the time zone, as the colleague may be anywhere."""
    return moment_text(hand_off.expires_at, zone=True)


def address_of(hand_off: HandOff) -> str:
    """Return the address of the page behind a link."""
    return reverse("hand_off", args=[hand_offs.token_of(hand_off)])


def holder_of(request: Request) -> Actor:
    """Return the link's holder as actor, signed in or not: it is the link that let them in."""
    return Actor(None, HAND_OFF, client_address(request))
