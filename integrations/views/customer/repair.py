"""What a person can do about an integration: check now, reconnect, continue the setup, resume.

Each asks Kombo once at most, so that no request waits longer than one call may take; the card then
looks for itself.
"""

import re
from dataclasses import replace

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integrations.access import audit, mapping_guard, permissions, rate_limits
from integrations.access.audit import Act, Actor
from integrations.access.grants import AccessGrant
from integrations.domain.bidi import isolate
from integrations.domain.headline import SETTLED, key_of
from integrations.kombo.errors import KomboError
from integrations.models import Integration, RepairAct, RepairOutcome
from integrations.upstream import repairs, snapshots
from integrations.upstream.connect_links import ConnectLink, LinkRefused
from integrations.views.actors import actor_of
from integrations.views.customer import cards, connect_dialog
from integrations.views.customer.card import Card
from integrations.views.customer.connect_dialog import subject_of
from integrations.views.customer.pages import opens_connect
from integrations.views.customer.polling import card_response
from integrations.views.decorators import redirect_get_to
from integrations.views.errors import too_many
from integrations.views.types import Request

# What an activation token looks like: opaque, but too long to be guessed and safe in an address.
TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]{16,4096}")
MAX_ATTEMPT = 40  # characters of an attempt's name, which is ours


class RepairNotBegun(Exception):
    """Kombo Connect can't be opened, and why in words.

    `is_final` if it is of no use to try again.
    """

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


@redirect_get_to("integration")
def check(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Ask Kombo now."""
    grant, integration = _enter(request, tenant_id, integration_id)
    if wait := rate_limits.CHECK_NOW.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    audit.record(actor_of(request), Act.CHECKED, integration=integration)
    integration.snapshot = snapshots.revalidate(integration, by_person=True)
    return _back(request, grant, integration)


@redirect_get_to("integration")
@opens_connect
def reconnect(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Mint a reconnection link and open Kombo Connect with it."""
    return _connect(request, tenant_id, integration_id, RepairAct.RECONNECT)


@redirect_get_to("integration")
@opens_connect
def set_up(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Mint a setup link and open Kombo Connect with it."""
    return _connect(request, tenant_id, integration_id, RepairAct.SETUP)


@redirect_get_to("integration")
def completed(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Kombo Connect reported success in the reader's browser."""
    grant, integration = _enter(request, tenant_id, integration_id, to_repair=True)
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    finish(request, integration, by=actor_of(request))
    return _back(request, grant, integration)


@redirect_get_to("integration")
def resume(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let a paused integration continue."""
    grant, integration = _enter(request, tenant_id, integration_id)
    if not grant.may_resume:
        raise Http404
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    try:
        repairs.resume(integration, by=actor_of(request))
    except KomboError as error:
        words = excuse(error, _("The connection couldn’t be resumed. Try again in a moment."))
        return problem(
            request,
            grant,
            cards.card(grant, integration),
            words,
            is_open=repairs.may_have_happened(error),
        )
    return _back(request, grant, integration)


def _connect(request: Request, tenant_id: str, integration_id: str, act: str) -> HttpResponse:
    grant, integration = _enter(request, tenant_id, integration_id, to_repair=True)
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    card = cards.card(grant, integration)
    by, with_scope = actor_of(request), asks_for_scope(request)
    try:
        link = begin(integration, act, by=by, with_scope=with_scope)
    except RepairNotBegun as error:
        response = problem(request, grant, card, str(error))
        if error.is_final and request.htmx and card.may_change_sharing:
            # The button that leads nowhere goes away.
            context = {"grant": grant, "card": cards.card(grant, integration), "is_news": True}
            panel = render_to_string("components/settings_panel.html", context, request)
            response.write(panel)
        return response
    return start_connect(request, grant, card, link)


def asks_for_scope(request: Request) -> bool:
    """Whether somebody wants to review what the vendor asks for by now."""
    return request.POST.get("scope", "") == "new"


def begin(
    integration: Integration, act: str, *, by: Actor, with_scope: bool = False
) -> ConnectLink:
    """Mint the link by which somebody sets out to reconnect, perhaps with the vendor's newest scope
    config, to go on with the setup, or to go through its steps again.

    Raises RepairNotBegun.
    """
    if integration.snapshot.removed_at:  # since whoever asks opened the page
        words = _("To use it again, connect it from scratch.")
        raise RepairNotBegun(words, is_final=True)
    language = get_language() or "en"
    try:
        if act == RepairAct.SETUP:
            return repairs.setup_link(integration, language=language, by=by)
        return repairs.reconnect_link(integration, language=language, by=by, with_scope=with_scope)
    except repairs.NothingToSetUp as error:
        if key_of(integration.snapshot) in SETTLED:
            words = _("%(tool)s has no settings that can be changed here.")
            words %= {"tool": isolate(integration.snapshot.tool_label)}
        else:
            words = _("There is nothing left to set up.")
        raise RepairNotBegun(words, is_final=True) from error
    except LinkRefused as error:
        refused = _("We received an untrusted link and didn’t open it. Contact %(vendor)s.")
        raise RepairNotBegun(refused % {"vendor": isolate(settings.VENDOR_NAME)}) from error
    except KomboError as error:
        failed = _("The connection couldn’t be started. Try again in a moment.")
        raise RepairNotBegun(failed) from error


def start_connect(
    request: Request, grant: AccessGrant, card: Card, link: ConnectLink, *, back: str = ""
) -> HttpResponse:
    """Open Kombo Connect for an integration; `back` leads to where it began."""
    return connect_dialog.show(request, grant, subject_of(grant, card, back=back), link)


def finish(request: Request, integration: Integration, *, by: Actor) -> str:
    """Look into the token that Kombo Connect gave to the page, as `repair.completed`; "untold" if
    there is none that is worth a call.

    That is one of the right shape, while a repair is under way; and after some that Kombo did not
    know, one now and then. What is not looked into the next check shows all the same.
    """
    token = request.POST.get("token", "")
    is_possible = bool(TOKEN.fullmatch(token)) and repairs.is_under_way(integration)
    if not is_possible or rate_limits.UNKNOWN_TOKEN.spend(integration.pk):
        return "untold"
    attempt = request.POST.get("attempt", "")[:MAX_ATTEMPT]
    outcome = repairs.confirm_completion(integration, token, by=by, attempt=attempt)
    if outcome == RepairOutcome.DONE:
        rate_limits.UNKNOWN_TOKEN.forget(integration.pk)
    return outcome


def excuse(error: KomboError, message: str) -> str:
    """Why something was not done, as the message says, or that it may have been all the same."""
    if repairs.may_have_happened(error):
        return _(
            "Kombo didn’t confirm the change, but it may have been made. Check again in a minute."
        )
    return message


def problem(
    request: Request,
    grant: AccessGrant,
    card: Card,
    message: str,
    *,
    title: str = "",
    back: str = "",
    is_open: bool = False,
) -> HttpResponse:
    """Say in words what did not work, below a title or the headline's; nothing was changed, unless
    it is open whether it was.
    """
    subject = subject_of(grant, card, back=back)
    subject = replace(subject, title=title or subject.title)
    return connect_dialog.show_problem(request, grant, subject, message, is_open=is_open)


def _enter(
    request: Request, tenant_id: str, integration_id: str, *, to_repair: bool = False
) -> tuple[AccessGrant, Integration]:
    grant, integration = permissions.integration(request.user, tenant_id, integration_id)
    if mapping_guard.is_withheld(integration) or (to_repair and not grant.may_repair):
        raise Http404
    return grant, integration


def _back(request: Request, grant: AccessGrant, integration: Integration) -> HttpResponse:
    """Return the card for htmx, else a redirect to its page."""
    if request.htmx:
        return card_response(request, grant, integration)
    return redirect("integration", grant.tenant.public_id, integration.public_id)
