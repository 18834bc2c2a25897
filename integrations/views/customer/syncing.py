"""A sync that the customer asks for: once in a while for each of their tools, whoever asks."""

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from integrations.access import mapping_guard, permissions, rate_limits
from integrations.domain.dates import time_text
from integrations.kombo.errors import KomboError
from integrations.models import Integration
from integrations.upstream import repairs, snapshots
from integrations.views.actors import actor_of
from integrations.views.customer import cards
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request


@redirect_get_to("integration")
def sync(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Have Kombo read everything anew, and say what became of it."""
    grant, integration = permissions.integration(request.user, tenant_id, integration_id)
    is_withheld = mapping_guard.is_withheld(integration)
    if is_withheld or not (settings.CUSTOMER_SYNC and grant.may_repair):
        raise Http404
    card = cards.card(grant, integration)
    outcome, said = _sync(request, integration, is_possible=card.may_sync)
    template = "customer/synced.html#said" if request.htmx else "customer/synced.html"
    return render(
        request, template, {"grant": grant, "card": card, "outcome": outcome, "said": said}
    )


def _sync(request: Request, integration: Integration, *, is_possible: bool) -> tuple[str, str]:
    """Return the outcome for programs, and in words."""
    if not is_possible:
        return "refused", _("In its current status, it can’t be synced.")
    if rate_limits.SYNC.spend(integration.pk):
        said = _("A sync was requested a short while ago.")
        return "limited", f"{said} {again_text(integration)}"
    try:
        queued = repairs.force_sync(integration, by=actor_of(request))
    except KomboError as error:
        if repairs.may_have_happened(error):
            said = _("Kombo didn’t confirm the sync, but it may have started.")
            return "unconfirmed", f"{said} {again_text(integration)}"
        rate_limits.SYNC.refund(integration.pk)
        if reason := refusal(error):
            snapshots.request_check([integration.pk])  # Kombo knows it to be another way than we
            return "refused", reason
        return "failed", _("The sync couldn’t be requested. Try again in a moment.")
    if queued:
        said = _("A sync is already queued or in progress. New data arrives when it is done.")
        return "running", said
    said = _("Sync requested. It can take a few hours until all data has arrived.")
    return "queued", f"{said} {again_text(integration)}"


def again_text(integration: Integration) -> str:
    """Say when the next sync can be requested; nothing if that is now."""
    ends_at = rate_limits.SYNC.ends_at(integration.pk)
    if ends_at is None:
        return ""
    return _("You can request another one at %(time)s.") % {"time": time_text(ends_at)}


def refusal(error: KomboError) -> str:
    """Why Kombo does not sync an integration, in words; nothing for another error."""
    return {
        "INTEGRATION.INACTIVE": _("Kombo declined the sync, because the connection is paused."),
        "INTEGRATION.AUTHENTICATION_INVALID": _(
            "Kombo declined the sync, because the tool no longer accepts the saved credentials."
        ),
        "INTEGRATION.PERMISSION_MISSING": _(
            "Kombo declined the sync, because the saved credentials lack a permission in the tool."
        ),
        "INTEGRATION.SETUP_INCOMPLETE": _("Kombo declined the sync, because setup is incomplete."),
        "INTEGRATION.SETUP_SYNC_PENDING": _(
            "Kombo declined the sync, because the first sync is still in progress."
        ),
        "INTEGRATION.QA_FAILED": _(
            "Kombo declined the sync, because the first data is still being checked."
        ),
    }.get(error.code or "") or (
        _("Kombo declined the sync.") if (error.code or "").startswith("INTEGRATION.") else ""
    )
