"""The page behind a link by which a colleague connects a tool: who asks, which tool, what it takes,
and one button.

It leads to this one tool of this one customer, and can neither dismiss the attempt nor undo
anything.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integrations.access import (
    colleagues,
    connections,
    hand_offs,
    rate_limits,
    setup_by_invitation,
)
from integrations.access.grants import AccessGrant
from integrations.domain.bidi import isolate
from integrations.mail import compose
from integrations.models import ConnectionAttempt, HandOff, Integration, RepairAct
from integrations.upstream import snapshots, tool_catalogue
from integrations.views.customer import cards, connect_dialog, connect_offer
from integrations.views.customer.connecting import email_of, finish, lead, mint, subject_of
from integrations.views.customer.repair import RepairNotBegun
from integrations.views.embed.repair import done, quiet, settled
from integrations.views.errors import too_many
from integrations.views.hand_off_forms import request_of
from integrations.views.public.hand_off_doors import address_of, closed, holder_of
from integrations.views.types import Request
from integrations.workspace import repair_guides


def page(
    request: Request, hand_off: HandOff, attempt: ConnectionAttempt, grant: AccessGrant
) -> HttpResponse:
    """Say which tool is to be connected, and for whom; a POST opens Kombo Connect, once it has an
    address that Kombo asks for.
    """
    if request.method == "POST":
        if wait := rate_limits.REPAIR.spend(grant.user.pk, attempt.pk):
            return too_many(request, wait)
        if not request.user.is_staff:  # the vendor's own people try the link
            hand_offs.mark_opened(hand_off, holder_of(request))
    if over := settled(
        request,
        grant,
        attempt,
        is_connected=connections.is_connected_since(attempt),
        back=address_of(hand_off),
    ):
        return over
    if request.method == "POST":
        return _press(request, hand_off, attempt, grant)
    tool = tool_catalogue.tool(attempt.environment, attempt.category, attempt.tool_id)
    context = {
        "grant": grant,
        "attempt": attempt,
        "card": {"label": attempt.tool_label, "logo_key": attempt.logo_id or ""},
        "hand_off": hand_off,
        "asker": colleagues.asker_of(hand_off),
        "request_text": request_of(hand_off),
        "press": address_of(hand_off),
        "host": urlsplit(settings.SITE_URL).hostname,
        "asks_email": not _email(request, hand_off),
        "guide": repair_guides.of_tool(tool) if tool else None,
        **(connect_offer.of(tool) if tool else {}),
    }
    return render(request, "public/invitation.html", context)


def completed(
    request: Request, hand_off: HandOff, attempt: ConnectionAttempt, grant: AccessGrant
) -> HttpResponse:
    """Kombo Connect reported success in the window."""
    here = address_of(hand_off)
    answer = finish(
        request,
        grant,
        attempt,
        action=f"{here}completed/",
        back=here,
        by=holder_of(request),
    )
    match answer:
        case HttpResponse():
            return answer
        case Integration() as made:
            made.snapshot = snapshots.revalidate(made)
            if hand_offs.act_for(made.snapshot) == RepairAct.SETUP:
                return _lead_on(request, hand_off, made)
            return done(
                request,
                _("%(tool)s is connected") % {"tool": isolate(attempt.tool_label)},
                _("You can close this window. You don’t need to do anything else."),
                card={"logo_key": attempt.logo_id or ""},
            )
    look = _("We didn’t receive a result. To see the status, open the link again.")
    return done(request, _("Result unknown"), look)


def left_to_set_up(request: Request, hand_off: HandOff) -> Integration | None:
    """Return what was connected by an invitation and still has to be set up, as Kombo says now."""
    made = hand_off.attempt.integration if hand_off.attempt else None
    if made and request.method == "GET" and hand_off.begun_at:
        # Without JavaScript nobody tells us of the end.
        made.snapshot = snapshots.revalidate(made)
    return setup_by_invitation.left_to_set_up(hand_off)


def go_on(
    request: Request, hand_off: HandOff, integration: Integration, grant: AccessGrant
) -> HttpResponse:
    """The tool is connected, and some of its setup is left: lead whoever connected it there. A
    look makes no link.
    """
    if request.method == "POST":
        return _lead_on(request, hand_off, integration)
    if known := setup_by_invitation.find(hand_off, integration):
        return redirect(f"{address_of(known)}?lang={get_language()}")
    context = {
        "card": cards.card(grant, integration),
        "title": _("%(tool)s is connected") % {"tool": isolate(integration.snapshot.tool_label)},
        "press": address_of(hand_off),
    }
    return quiet(render(request, "public/setup_left.html", context))


def _lead_on(request: Request, hand_off: HandOff, integration: Integration) -> HttpResponse:
    onward = setup_by_invitation.ensure(hand_off, integration, by=holder_of(request))
    return lead(request, f"{address_of(onward)}?lang={get_language()}")


def _press(
    request: Request, hand_off: HandOff, attempt: ConnectionAttempt, grant: AccessGrant
) -> HttpResponse:
    subject = subject_of(attempt, back=address_of(hand_off))
    email = _email(request, hand_off)
    if not email:
        words = _("Enter a valid email address.")
        return connect_dialog.show_problem(request, grant, subject, words)
    try:
        link = mint(attempt, email=email, by=holder_of(request), revives=False)
    except RepairNotBegun as error:
        return connect_dialog.show_problem(request, grant, subject, str(error))
    if hand_offs.mark_begun(hand_off):
        return connect_dialog.show(request, grant, subject, link)
    hand_off.refresh_from_db()  # it ended meanwhile
    return closed(request, hand_off)


def _email(request: Request, hand_off: HandOff) -> str:
    """Return the address of whoever connects, which Kombo asks for: where the link was sent, their
    account's, or the one that they typed.
    """
    return compose.address(hand_off.sent_to) or email_of(request)
