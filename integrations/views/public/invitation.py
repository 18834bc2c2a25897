"""The page behind a link by which a colleague connects a tool: who asks, which tool, what it takes,
and one button.

It leads to this one tool of this one customer, and can neither dismiss the attempt nor undo
anything.
"""

from dataclasses import replace
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from integrations.access import colleagues, connections, hand_offs, rate_limits
from integrations.access.grants import AccessGrant
from integrations.domain.bidi import isolate
from integrations.mail import compose
from integrations.models import ConnectionAttempt, HandOff, Integration
from integrations.tenants import connecting
from integrations.tenants.connecting import AttemptStatus
from integrations.upstream import tool_catalogue
from integrations.views.customer import connect_dialog, connect_offer
from integrations.views.customer.connecting import email_of, finish, mint, subject_of
from integrations.views.customer.repair import RepairNotBegun
from integrations.views.embed.repair import done, expired
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
    if settled := _settled(request, hand_off, attempt, grant):
        return settled
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
        case Integration():
            return done(
                request,
                _("Done, thank you"),
                _("You can close this window. You don’t need to do anything else."),
                card={"logo_key": attempt.logo_id or ""},
            )
    look = _("We didn’t receive a result. To see the status, open the link again.")
    return done(request, _("Result unknown"), look)


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


def _settled(
    request: Request, hand_off: HandOff, attempt: ConnectionAttempt, grant: AccessGrant
) -> HttpResponse | None:
    """Say that nothing is left to do, or not now; None if something is."""
    names = {"tool": isolate(attempt.tool_label)}
    if connections.is_connected_since(attempt):
        title = _("%(tool)s is already connected") % names
        words = _("You don’t need to do anything. Thank you.")
    elif connecting.status_of(attempt, timezone.now()) is AttemptStatus.UNCONFIRMED:
        title = _("Checking the connection")
        words = (
            _("%(tool)s was connected. As soon as that is confirmed, there’s nothing left to do.")
            % names
        )
    else:
        return None
    if request.htmx:
        subject = replace(subject_of(attempt, back=address_of(hand_off)), title=title)
        return connect_dialog.show_problem(request, grant, subject, words, is_open=True)
    is_well = title != _("Checking the connection")
    return expired(request, title, words, 200, press=address_of(hand_off), is_well=is_well)


def _email(request: Request, hand_off: HandOff) -> str:
    """Return the address of whoever connects, which Kombo asks for: where the link was sent, their
    account's, or the one that they typed.
    """
    return compose.address(hand_off.sent_to) or email_of(request)
