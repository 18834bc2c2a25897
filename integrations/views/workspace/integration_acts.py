"""What account managers can do about one integration.

Each act asks Kombo once at most. What did not work is said on the page, and what Kombo refused is
not on record.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.access import audit, permissions, rate_limits, roles
from integrations.access.audit import Act
from integrations.domain import freshness
from integrations.kombo.errors import KomboError
from integrations.models import Integration
from integrations.upstream import repairs, snapshots
from integrations.views.actors import actor_of
from integrations.views.customer.repair import excuse
from integrations.views.customer.syncing import refusal
from integrations.views.decorators import is_duplicate_submission, redirect_get_to
from integrations.views.errors import too_many
from integrations.views.types import Request
from integrations.views.workspace import integration as pages
from integrations.views.workspace.forms import NoteForm, SnoozeForm
from integrations.views.workspace.integration import may_pause, may_resume, may_sync
from integrations.workspace import staff_actions

# Kombo failing is no failure of ours, so it is a conflict too
CONFLICT = 409
UNPROCESSABLE = 422


@redirect_get_to("workspace_integration")
def check(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Ask Kombo now."""
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    if wait := rate_limits.CHECK_NOW.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    audit.record(actor_of(request), Act.CHECKED, integration=integration)
    before = integration.snapshot
    integration.snapshot = after = snapshots.revalidate(integration, by_person=True)
    if (after.fetched_at, after.failures) == (before.fetched_at, before.failures):
        return _back(request, integration, _busy_message(integration))
    if freshness.is_failing(after):
        return pages.overview(
            request, integration, problem=_("Kombo didn’t respond."), status=CONFLICT
        )
    return _back(request, integration, _("Check complete."))


def _busy_message(integration: Integration) -> str:
    """Return why a check did not happen: another one is running, or the rate limit is reached; then
    the worker is told to check as soon as it may.
    """
    if freshness.is_leased(integration.snapshot, timezone.now()):
        return _("A check is already running.")
    snapshots.request_check([integration.pk])
    return _("Kombo’s rate limit is reached. The check runs as soon as possible.")


@dataclass(frozen=True, slots=True)
class _KomboAct:
    """What Kombo can be asked to do: who may have it done, when, and what is said of it.

    `ask` returns true where there was nothing to do, of which `otherwise` tells.
    """

    permission: str
    is_possible: Callable[[Integration], bool]
    ask: Callable[..., bool | None]
    impossible: Promise
    done: Promise
    otherwise: Promise | None = None


_PAUSE = _KomboAct(
    "integrations.pause_integration",
    may_pause,
    repairs.pause,
    impossible=gettext_lazy("This integration can’t be paused in its current status."),
    done=gettext_lazy("Paused. Kombo syncs no data until you resume it."),
)
_RESUME = _KomboAct(
    "integrations.resume_integration",
    may_resume,
    repairs.resume,
    impossible=gettext_lazy("Only paused integrations can be resumed."),
    done=gettext_lazy("Resumed. It can take a minute for the status to update."),
)
_SYNC = _KomboAct(
    "integrations.sync_integration",
    may_sync,
    repairs.force_sync,
    impossible=gettext_lazy("Only active integrations can be synced."),
    done=gettext_lazy("Sync queued."),
    otherwise=gettext_lazy("A sync is already queued."),
)


@redirect_get_to("workspace_integration")
def pause(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Have Kombo read nothing for a while."""
    return _have_done(_PAUSE, request, tenant_id, integration_id)


@redirect_get_to("workspace_integration")
def resume(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let a paused integration continue."""
    return _have_done(_RESUME, request, tenant_id, integration_id)


@redirect_get_to("workspace_integration")
def sync(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Have Kombo read everything anew."""
    return _have_done(_SYNC, request, tenant_id, integration_id)


@redirect_get_to("workspace_integration")
def snooze(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let it step back in the list until a date, or until its state changes."""
    roles.require_acting(request.user)
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    form = SnoozeForm(request.POST)
    if not staff_actions.is_broken(staff_actions.summary_of(integration)):
        return pages.overview(
            request,
            integration,
            problem=_("Only integrations that need attention can be snoozed."),
            status=CONFLICT,
        )
    if not form.is_valid():
        return pages.overview(request, integration, snooze_form=form, status=UNPROCESSABLE)
    staff_actions.snooze([integration], form.cleaned_data["until"], actor_of(request))
    return _back(request, integration, _("Snoozed. It reappears when its status changes."))


@redirect_get_to("workspace_integration")
def wake(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """End the snooze."""
    roles.require_acting(request.user)
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    staff_actions.wake([integration], actor_of(request))
    return _back(request, integration, _("Snooze ended."))


@redirect_get_to("workspace_integration")
def note(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Write a note."""
    roles.require_acting(request.user)
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return pages.overview(request, integration, note_form=form, status=UNPROCESSABLE)
    with transaction.atomic():
        if not is_duplicate_submission(request):
            staff_actions.write_note(
                form.cleaned_data["text"],
                actor_of(request),
                tenant=integration.tenant,
                integration=integration,
            )
    return _back(request, integration, _("Note saved."))


@redirect_get_to("workspace_integration")
def mark_contacted(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Say that the customer knows."""
    roles.require_acting(request.user)
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    staff_actions.mark_contacted(integration, actor_of(request))
    return _back(request, integration, _("Marked as notified."))


def _have_done(
    act: _KomboAct, request: Request, tenant_id: str, integration_id: str
) -> HttpResponse:
    """Have Kombo do something, and return to the page with what became of it."""
    permissions.require_staff(request.user, act.permission)
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    if not act.is_possible(integration):
        return pages.overview(request, integration, problem=str(act.impossible), status=CONFLICT)
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    try:
        was_done_before = act.ask(integration, by=actor_of(request))
    except KomboError as error:
        words = (act.ask is repairs.force_sync and refusal(error)) or excuse(
            error, _("Kombo couldn’t complete the request. Try again in a moment.")
        )
        return pages.overview(request, integration, problem=words, status=CONFLICT)
    said = act.otherwise if was_done_before and act.otherwise else act.done
    return _back(request, integration, str(said))


def _back(request: Request, integration: Integration, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("workspace_integration", integration.tenant.public_id, integration.public_id)
