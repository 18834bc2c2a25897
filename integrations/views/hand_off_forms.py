"""The forms that make, show and take back hand-off links: the same for staff and for customers who
may repair.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access import audit, hand_offs, mapping_guard, rate_limits
from integrations.access.audit import Act
from integrations.access.hand_offs import HandOffStatus
from integrations.mail import compose
from integrations.models import HandOff, Integration
from integrations.views.actors import actor_of
from integrations.views.decorators import is_duplicate_submission
from integrations.views.types import Request

LONGEST_ADDRESS = 254  # characters
MOST = 20  # links that a list shows
DAYS = range(1, hand_offs.LONGEST_LIFE.days + 1)


type FormAddresses = Callable[[HandOff], tuple[str, str]]
"""Where the forms go that show a link again and take it back."""


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link in a list."""

    link: HandOff
    state: HandOffStatus
    show: str
    revoke: str


class NotPossible(Exception):
    """What was asked for can't be done, and why in words."""


class TooMany(Exception):
    """So many links were made of late that another has to wait for so many seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(wait)
        self.wait = wait


def make(
    request: Request, integration: Integration, *, lives: timedelta = hand_offs.LIVES
) -> HandOff:
    """Make a link for what is needed now. Raises NotPossible, TooMany."""
    act = hand_offs.act_for(integration.snapshot)
    sent_to = _address(request)
    by = actor_of(request)
    if mapping_guard.is_withheld(integration):
        raise NotPossible(_("This connection isn’t confirmed yet, so a link can’t be created."))
    if not act:
        raise NotPossible(
            _("This connection doesn’t need any action right now, so a link can’t be created.")
        )
    with transaction.atomic():
        if is_duplicate_submission(request):
            raise NotPossible(_("This link already exists. You’ll find it in the list."))
        # Of a guest's sessions there is always another one: all of a tenant's count as one person.
        maker = by.user.pk if by.user else f"guests of {integration.tenant_id}"
        if wait := rate_limits.HAND_OFF.spend(maker):
            raise TooMany(wait)
        made = hand_offs.create(
            integration, act, by=by, lives=lives, sent_to=sent_to, by_guest=by.user is None
        )
        hand_off = hand_offs.reload(made)
        if sent_to and compose.write_hand_off_mail(hand_off) is None:
            raise NotPossible(_not_sent())
        audit.record(by, Act.HAND_OFF_REVEALED, integration=integration)
    return hand_off


def reveal(request: Request, among: QuerySet[HandOff], public_id: str) -> HandOff:
    """One of these links, to be shown again.

    Raises NotPossible if it leads nowhere any more, and Http404.
    """
    named = _named(among, public_id)
    if hand_offs.status_of(named, timezone.now()) is not HandOffStatus.OPEN:
        raise NotPossible(_("This link is no longer valid. Create a new one."))
    audit.record(actor_of(request), Act.HAND_OFF_REVEALED, integration=named.integration)
    return named


def take_back(request: Request, among: QuerySet[HandOff], public_id: str) -> None:
    """Take one of these links back, and say so. Raises Http404."""
    hand_offs.revoke(_named(among, public_id), actor_of(request))
    messages.success(request, _("Link revoked."))


def _named(among: QuerySet[HandOff], public_id: str) -> HandOff:
    for link in among.filter(public_id=public_id):
        return link
    raise Http404


def lifetime(request: Request) -> timedelta:
    """Return how long the new link is to work, as typed in days. Raises NotPossible."""
    typed = request.POST.get("days", str(hand_offs.LIVES.days))
    if typed not in {str(days) for days in DAYS}:
        raise NotPossible(_("Choose a validity of 1 to %(most)s days.") % {"most": DAYS[-1]})
    return timedelta(days=int(typed))


def _address(request: Request) -> str:
    """Return the address to mail the link to, or an empty text. Raises NotPossible."""
    typed = request.POST.get("send_to", "").strip()
    if typed and not compose.can_send():
        raise NotPossible(_not_sent())
    if typed and not compose.address(typed):
        raise NotPossible(_("Enter a valid email address."))
    return compose.address(typed)


def _not_sent() -> str:
    return _(
        "We can’t send email to this address. Create a link without an address and share it "
        "yourself."
    )


def panel(among: QuerySet[HandOff], act: str, address: str, ways: FormAddresses) -> dict[str, Any]:
    """The list of links and the form to make one for an act, which goes to an address."""
    now = timezone.now()
    rows = [
        LinkRow(hand_off, hand_offs.status_of(hand_off, now), *ways(hand_off))
        for hand_off in among[:MOST]
    ]
    return {
        "open": [row for row in rows if row.state is HandOffStatus.OPEN],
        "ended": [row for row in rows if row.state is not HandOffStatus.OPEN],
        "act": act,
        "address": address,
        "standard": hand_offs.LIVES.days,
    }


def answer(
    request: Request, template: str, context: dict[str, Any], revealed: HandOff | None, why: str
) -> HttpResponse:
    """A page with the list; with a link that was revealed, or with why something can't be done and
    what was typed.
    """
    context["hand_offs"] |= {
        "shown": revealed,
        "link": hand_offs.url_of(revealed) if revealed else "",
        "problem": why,
        "send_to": request.POST.get("send_to", "")[: 2 * LONGEST_ADDRESS] if why else "",
        "chosen": request.POST.get("days", "")[:10] if why else "",
    }
    return render(request, template, context, status=409 if why else 200)
