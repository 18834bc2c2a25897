"""The forms that make, show and take back hand-off links: the same for staff and for customers who
may repair.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access import colleagues, hand_offs, mapping_guard, rate_limits
from integrations.access.audit import Act
from integrations.access.hand_off_lists import Subject
from integrations.access.hand_offs import HandOffStatus
from integrations.domain.bidi import isolate
from integrations.domain.hand_off_text import request_text
from integrations.mail import compose, hand_off_mails
from integrations.models import ConnectionAttempt, HandOff, Integration
from integrations.tenants import attempts
from integrations.views.actors import actor_of
from integrations.views.decorators import is_duplicate_submission
from integrations.views.types import Request

LONGEST_ADDRESS = 254  # characters
LONGEST_MESSAGE = 500  # characters
# What a mail program makes a link of: nobody's but ours and Kombo's instructions stand in mails.
LINK_IN_TEXT = re.compile(r"://|\bwww\.", re.IGNORECASE)
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
    request: Request, subject: Subject, act: str, *, lives: timedelta = hand_offs.LIVES
) -> HandOff:
    """Make a link for an act; an attempt to connect something is stored along, if it is not yet.

    Raises NotPossible, TooMany.
    """
    sent_to = _address(request)
    message = _message(request)
    by = actor_of(request)
    with transaction.atomic():
        if is_duplicate_submission(request):
            raise NotPossible(_("This link already exists. You’ll find it in the list."))
        # Of a guest's sessions there is always another one: all of a tenant's count as one person.
        maker = by.user.pk if by.user else f"guests of {subject.tenant_id}"
        if wait := rate_limits.HAND_OFF.spend(maker):
            raise TooMany(wait)
        if isinstance(subject, ConnectionAttempt):
            subject = attempts.store(subject)
        made = hand_offs.create(
            subject,
            act,
            by=by,
            lives=lives,
            sent_to=sent_to,
            message=message,
            by_guest=by.user is None,
        )
        hand_off = hand_offs.reload(made)
        if sent_to and hand_off_mails.write(hand_off) is None:
            raise NotPossible(_not_sent())
        hand_offs.record(by, Act.HAND_OFF_REVEALED, hand_off)
    return hand_off


def preview(
    request: Request, subject: Subject, act: str, *, lives: timedelta = hand_offs.LIVES
) -> dict[str, Any]:
    """What a colleague would get, without making anything. Raises NotPossible."""
    hand_off = hand_offs.draft(
        subject,
        act,
        by=actor_of(request),
        lives=lives,
        message=_message(request),
    )
    mail = hand_off_mails.words_of(hand_off)
    return {
        "asker": colleagues.asker_of(hand_off),
        "request": request_of(hand_off),
        "hand_off": hand_off,
        "mail": mail,
        "text": mail.text.replace(compose.LINK, _("(the link)")),
    }


def request_of(hand_off: HandOff) -> str:
    """Return who asks a colleague for what, as the page behind the link says it."""
    asker = colleagues.asker_of(hand_off)
    organization = settings.VENDOR_NAME if asker.of_vendor else hand_off.subject.tenant.name
    return request_text(
        hand_off.act,
        person=isolate(asker.name) if asker.name else "",
        organization=isolate(organization),
        tool=isolate(tool_of(hand_off) or _("Connection")),
    )


def tool_of(hand_off: HandOff) -> str:
    """Return the name of the tool that a link is about."""
    match hand_off.subject:
        case Integration() as integration:
            return integration.snapshot.tool_label
        case attempt:
            return attempt.tool_label


def reveal(request: Request, among: QuerySet[HandOff], public_id: str) -> HandOff:
    """One of these links, to be shown again.

    Raises NotPossible if it leads nowhere any more, and Http404.
    """
    named = _named(among, public_id)
    if hand_offs.status_of(named, timezone.now()) is not HandOffStatus.OPEN:
        raise NotPossible(_("This link is no longer valid. Create a new one."))
    hand_offs.record(actor_of(request), Act.HAND_OFF_REVEALED, named)
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


def act_of(integration: Integration) -> str:
    """Return what a link to an integration would be for now. Raises NotPossible."""
    if mapping_guard.is_withheld(integration):
        raise NotPossible(_("This connection isn’t confirmed yet, so a link can’t be created."))
    act = hand_offs.act_for(integration.snapshot)
    if not act:
        raise NotPossible(
            _("This connection doesn’t need any action right now, so a link can’t be created.")
        )
    return act


def _message(request: Request) -> str:
    """Return what its maker adds, as printable text in lines. Raises NotPossible."""
    lines = map(compose.one_line, request.POST.get("message", "").splitlines())
    message = "\n".join(lines).strip()
    if len(message) > LONGEST_MESSAGE:
        raise NotPossible(
            _("The message can have at most %(most)s characters.") % {"most": LONGEST_MESSAGE}
        )
    if LINK_IN_TEXT.search(message):
        raise NotPossible(_("Leave web addresses out of the message."))
    return message


def _address(request: Request) -> str:
    """Return the address to mail the link to; an empty text if the way is to copy it.

    Raises NotPossible.
    """
    way = request.POST.get("way")
    typed = "" if way == "link" else request.POST.get("send_to", "").strip()
    if way == "email" and not typed:
        raise NotPossible(_("Enter a valid email address."))
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


def last_address(among: QuerySet[HandOff]) -> str:
    """Return to whom the last of these links went; an empty text if none went by mail."""
    return among.exclude(sent_to="").values_list("sent_to", flat=True).first() or ""


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
    request: Request,
    template: str,
    context: dict[str, Any],
    *,
    revealed: HandOff | None = None,
    why: str = "",
    shown: dict[str, Any] | None = None,
) -> HttpResponse:
    """A page with the list; with a link that was revealed, with what was typed and why that can't
    be done, or with what was typed and what a colleague would see of it.

    For htmx a refusal is an answer like any other: it has its place in the dialog.
    """
    typed = request.POST if why or shown else {}
    context["hand_offs"] |= {
        "shown": revealed,
        "is_new": "way" in request.POST,
        "is_to_copy": request.POST.get("way") == "link",
        "link": hand_offs.url_of(revealed) if revealed else "",
        "problem": why,
        "preview": shown,
        "longest_message": LONGEST_MESSAGE,
        "send_to": typed.get("send_to", "")[: 2 * LONGEST_ADDRESS],
        "message": typed.get("message", "")[: 2 * LONGEST_MESSAGE],
        "chosen": typed.get("days", "")[:10],
    }
    return render(request, template, context, status=409 if why and not request.htmx else 200)
