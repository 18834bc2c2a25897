"""The page that a hand-off's link leads to: what is wrong and whose it is, and one button.

The address is the key. A look does nothing, whoever looks; only a POST mints Kombo's link, for that
one answer.
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from integrations.access import colleagues, hand_offs, rate_limits
from integrations.access.grants import AccessGrant
from integrations.domain import coverage, statement, statement_words
from integrations.domain.bidi import isolate
from integrations.domain.headline import Key
from integrations.models import ConnectionAttempt, HandOff, Integration, RepairAct, RepairOutcome
from integrations.upstream import snapshots
from integrations.views.customer import cards
from integrations.views.customer.card import Card
from integrations.views.customer.pages import opens_connect
from integrations.views.customer.repair import RepairNotBegun, begin, finish, problem, start_connect
from integrations.views.embed.repair import done, expired
from integrations.views.errors import too_many
from integrations.views.hand_off_forms import request_of
from integrations.views.public import invitation
from integrations.views.public.hand_off_doors import (
    address_of,
    closed,
    holder_of,
    refusal,
    with_hand_off,
)
from integrations.views.types import Request
from integrations.workspace import repair_guides


@with_hand_off
@opens_connect
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, hand_off: HandOff, grant: AccessGrant) -> HttpResponse:
    """Say what is to be done and for whom; a POST mints the link and opens Kombo Connect, if that
    is what is needed.
    """
    if made := invitation.left_to_set_up(request, hand_off):
        return invitation.go_on(request, hand_off, made, grant)
    if refusal(hand_off):
        return closed(request, hand_off)
    match hand_off.subject:
        case ConnectionAttempt() as attempt:
            return invitation.page(request, hand_off, attempt, grant)
        case Integration() as integration:
            return _page(request, hand_off, integration, grant)


def _page(
    request: Request, hand_off: HandOff, integration: Integration, grant: AccessGrant
) -> HttpResponse:
    if request.method == "GET" and hand_off.begun_at:
        # Without JavaScript nobody tells us of the end.
        integration.snapshot = snapshots.revalidate(integration)
    if request.method == "POST":
        if wait := rate_limits.REPAIR.spend(grant.user.pk, integration.pk):
            return too_many(request, wait)
        if not request.user.is_staff:  # the vendor's own people try the link
            hand_offs.mark_opened(hand_off, holder_of(request))
    card = cards.card(grant, integration)
    if not (card.may_set_up if hand_off.act == RepairAct.SETUP else card.may_reconnect):
        return _needless(request, hand_off, integration, grant, card)
    if request.method == "POST":
        return _press(request, hand_off, integration, grant, card)
    context = {
        "grant": grant,
        "card": card,
        "hand_off": hand_off,
        "asker": colleagues.asker_of(hand_off),
        "request_text": request_of(hand_off),
        "press": address_of(hand_off),
        "host": urlsplit(settings.SITE_URL).hostname,
        "shared": _shared(integration),
        "guide": repair_guides.of_integrations([integration]).get(integration.pk),
    }
    if hand_off.act == RepairAct.SETUP:  # of all others the headline says it in its sentence
        context["since"] = hand_offs.headline_since(integration)
    return render(request, "public/hand_off.html", context)


def _shared(integration: Integration) -> dict[str, Any]:
    """What is read by this connection, in groups, and what may be written; nothing if that is not
    known.
    """
    stored = integration.snapshot.coverage
    if not stored:
        return {}
    rows = statement.rows_of(coverage.read(stored))
    groups = statement_words.read_by_group(rows)
    actions = [
        statement_words.name_of(row)
        for row in rows
        if row.direction is statement.Direction.WRITE and not row.field and row.standing.is_shared
    ]
    return {"groups": groups, "total": sum(number for _name, number in groups), "actions": actions}


def _press(
    request: Request,
    hand_off: HandOff,
    integration: Integration,
    grant: AccessGrant,
    card: Card,
) -> HttpResponse:
    try:
        link = begin(integration, hand_off.act, by=holder_of(request))
    except RepairNotBegun as error:
        return problem(request, grant, card, str(error), back=address_of(hand_off))
    if hand_offs.mark_begun(hand_off):
        return start_connect(request, grant, card, link, back=address_of(hand_off))
    hand_off.refresh_from_db()  # it ended meanwhile
    return closed(request, hand_off)


@with_hand_off
@require_POST
def completed(request: Request, hand_off: HandOff, grant: AccessGrant) -> HttpResponse:
    """Kombo Connect reported success in the window."""
    if not hand_offs.may_finish(hand_off):
        return closed(request, hand_off)
    match hand_off.subject:
        case ConnectionAttempt() as attempt:
            return invitation.completed(request, hand_off, attempt, grant)
        case Integration() as integration:
            return _completed(request, hand_off, integration, grant)


def _completed(
    request: Request, hand_off: HandOff, integration: Integration, grant: AccessGrant
) -> HttpResponse:
    if wait := rate_limits.REPAIR.spend(grant.user.pk, integration.pk):
        return too_many(request, wait)
    match finish(request, integration, by=holder_of(request)):
        case RepairOutcome.DONE:
            hand_offs.mark_used(hand_off)
            return done(
                request,
                _("Done, thank you"),
                _("You can close this window. You don’t need to do anything else."),
                card=cards.card(grant, integration),
            )
        case RepairOutcome.UNCONFIRMED:
            later = _(
                "We’re checking the connection. This can take a minute. You can close this window."
            )
            return done(request, _("Thank you"), later)
        case "untold":
            look = _("We didn’t receive a result. To see the status, open the link again.")
            return done(request, _("Result unknown"), look)
    elsewhere = _(
        "You signed in to a different connection than the one this link is for. Open the "
        "link again."
    )
    return done(request, _("That didn’t work"), elsewhere)


def _needless(
    request: Request,
    hand_off: HandOff,
    integration: Integration,
    grant: AccessGrant,
    card: Card,
) -> HttpResponse:
    """What the link is for need not be done, or not now; or something else has to be."""
    names = {"tool": isolate(card.label), "vendor": isolate(settings.VENDOR_NAME)}
    if card.may_reconnect or card.may_set_up:
        other = (
            _("%(tool)s now needs something other than what this link is for. Ask for a new one.")
            % names
        )
        return expired(request, card.headline.title, other, 409, press=address_of(hand_off))
    # A repair was made a moment ago.
    if hand_offs.act_for(integration.snapshot) == hand_off.act:
        title = _("Checking the connection")
        message = card.headline.sentence
    elif card.headline.key is Key.CONNECTED:
        title = _("%(tool)s is already working again") % names
        message = _("You don’t need to do anything. Thank you.")
    else:
        title = card.headline.title
        message = (
            _("No action is needed right now. If something looks wrong, contact %(vendor)s.")
            % names
        )
    if request.htmx:
        return problem(request, grant, card, message, title=title)
    is_well = card.headline.key is Key.CONNECTED
    return expired(request, title, message, 200, press=address_of(hand_off), is_well=is_well)
