"""One integration as account managers see it: all that is known, and what they can do about it.

Each act asks Kombo once at most. What did not work is said on the page, and what Kombo refused is
not on record.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import audit, mapping_guard, permissions, rate_limits
from integrations.access.audit import Act
from integrations.access.grants import Person
from integrations.domain import durations, freshness
from integrations.domain.headline import Key, key_of, staff_severity
from integrations.domain.kombo_words import failure
from integrations.kombo.errors import KomboError
from integrations.mail import compose
from integrations.models import NEVER, Integration
from integrations.upstream import repairs, snapshots
from integrations.views.actors import actor_of
from integrations.views.customer import cards
from integrations.views.customer.repair import excuse
from integrations.views.decorators import is_duplicate_submission, redirect_get_to
from integrations.views.errors import too_many
from integrations.views.pager import page_of
from integrations.views.types import PREVIEW_URLCONF, Request
from integrations.views.workspace import hand_offs
from integrations.views.workspace.forms import NoteForm, SnoozeForm
from integrations.views.workspace.integration_facts import access_statement, https, past, raw
from integrations.views.workspace.triage_table import next_actor_name
from integrations.workspace import staff_actions
from integrations.workspace.summaries import headline_name

NOTES_PER_PAGE = 20
# Kombo failing is no failure of ours, so it is a conflict too
CONFLICT = 409
UNPROCESSABLE = 422


@require_safe
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Everything about one integration. A search of the raw grid is this page's own state."""
    return _page(
        request, permissions.integration_for_staff(request.user, tenant_id, integration_id)
    )


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
        return _page(request, integration, problem=_("Kombo didn’t respond."), status=CONFLICT)
    return _back(request, integration, _("Check complete."))


def _busy_message(integration: Integration) -> str:
    """Return why a check did not happen: another one is running, or the rate limit is reached; then
    the worker is told to check as soon as it may.
    """
    if freshness.is_leased(integration.snapshot, timezone.now()):
        return _("A check is already running.")
    snapshots.request_check([integration.pk])
    return _("Kombo’s rate limit is reached. The check runs as soon as possible.")


@redirect_get_to("workspace_integration")
def pause(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Have Kombo read nothing for a while."""
    permissions.require_staff(request.user, "integrations.pause_integration")
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    if not _may_pause(integration):
        return _page(
            request,
            integration,
            problem=_("This integration can’t be paused in its current status."),
            status=CONFLICT,
        )
    return _ask(
        request,
        integration,
        repairs.pause,
        _("Paused. Kombo syncs no data until you resume it."),
    )


@redirect_get_to("workspace_integration")
def resume(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let a paused integration continue."""
    permissions.require_staff(request.user, "integrations.resume_integration")
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    if not _may_resume(integration):
        return _page(
            request,
            integration,
            problem=_("Only paused integrations can be resumed."),
            status=CONFLICT,
        )
    return _ask(
        request,
        integration,
        repairs.resume,
        _("Resumed. It can take a minute for the status to update."),
    )


@redirect_get_to("workspace_integration")
def sync(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Have Kombo read everything anew."""
    permissions.require_staff(request.user, "integrations.sync_integration")
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    if not _may_sync(integration):
        return _page(
            request,
            integration,
            problem=_("Only active integrations can be synced."),
            status=CONFLICT,
        )
    return _ask(
        request,
        integration,
        repairs.force_sync,
        _("Sync queued."),
        otherwise=_("A sync is already queued."),
    )


@redirect_get_to("workspace_integration")
def snooze(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let it step back in the list until a date, or until its state changes."""
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    form = SnoozeForm(request.POST)
    if not staff_actions.is_broken(staff_actions.summary_of(integration)):
        return _page(
            request,
            integration,
            problem=_("Only integrations that need attention can be snoozed."),
            status=CONFLICT,
        )
    if not form.is_valid():
        return _page(request, integration, snooze_form=form, status=UNPROCESSABLE)
    staff_actions.snooze([integration], form.cleaned_data["until"], actor_of(request))
    return _back(request, integration, _("Snoozed. It reappears when its status changes."))


@redirect_get_to("workspace_integration")
def wake(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """End the snooze."""
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    staff_actions.wake([integration], actor_of(request))
    return _back(request, integration, _("Snooze ended."))


@redirect_get_to("workspace_integration")
def note(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Write a note."""
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, integration, note_form=form, status=UNPROCESSABLE)
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
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    staff_actions.mark_contacted(integration, actor_of(request))
    return _back(request, integration, _("Marked as notified."))


def _ask(
    request: Request,
    integration: Integration,
    act: Callable[..., bool | None],
    message: str,
    *,
    otherwise: str = "",
) -> HttpResponse:
    """Have Kombo do something, and return to the page with `message`, or with `otherwise` if `act`
    returns true.
    """
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    try:
        answer = act(integration, by=actor_of(request))
    except KomboError as error:
        words = excuse(error, _("Kombo couldn’t complete the request. Try again in a moment."))
        return _page(request, integration, problem=words, status=CONFLICT)
    return _back(request, integration, otherwise if answer else message)


def _page(
    request: Request, integration: Integration, *, problem: str = "", status: int = 200, **more: Any
) -> HttpResponse:
    now = timezone.localtime()
    summary = staff_actions.summary_of(integration)
    grant = permissions.grant_access(request.user, integration.tenant.public_id)
    query = request.GET.get("q", "").strip()[:100]
    recipient = compose.recipient(integration.tenant, integration.snapshot)
    context = {
        "grant": grant,
        "card": cards.card(grant, integration),
        "one": integration,
        "snapshot": integration.snapshot,
        "is_withheld": mapping_guard.is_withheld(integration),
        "summary": summary,
        "badge": headline_name(summary.headline),
        "severity": staff_severity(summary.headline),
        "next_actor": next_actor_name(summary.next_actor),
        "lasts": durations.duration(now - summary.since),
        "failure": failure(integration.snapshot),
        "log_url": https(integration.snapshot.error_log_url),
        "raw": raw(integration, query),
        "query": query,
        "notes": page_of(
            request,
            staff_actions.notes(integration.tenant, integration),
            NOTES_PER_PAGE,
            name="notes",
        ),
        "note_form": NoteForm(),
        "snooze_form": SnoozeForm(),
        "contacted_at": None if summary.contacted_at == NEVER else summary.contacted_at,
        "preview_url": reverse(
            "integration",
            args=[integration.tenant.public_id, integration.public_id],
            urlconf=PREVIEW_URLCONF,
        ),
        "is_broken": staff_actions.is_broken(summary),
        "problem": problem,
        "recipient": recipient,
        "unmailable": compose.unmailable(
            integration.tenant.contact_email, integration.snapshot.creator_email
        ),
    }
    context |= access_statement(integration, recipient)
    context |= past(integration, now) | _may(request.user, integration)
    context |= hand_offs.panel(request, integration) | more
    return render(request, "workspace/integration.html", context, status=status)


def _may(user: Person, integration: Integration) -> dict[str, bool]:
    """Return for each act whether it makes sense now and the person has the permission."""
    return {
        "may_pause": _may_pause(integration) and user.has_perm("integrations.pause_integration"),
        "may_resume": _may_resume(integration) and user.has_perm("integrations.resume_integration"),
        "may_sync": _may_sync(integration) and user.has_perm("integrations.sync_integration"),
    }


def _may_pause(integration: Integration) -> bool:
    gone_or_paused = {Key.REMOVED, Key.PAUSED, Key.PENDING}
    return (
        not mapping_guard.is_withheld(integration)
        and key_of(integration.snapshot) not in gone_or_paused
    )


def _may_resume(integration: Integration) -> bool:
    return not mapping_guard.is_withheld(integration) and key_of(integration.snapshot) is Key.PAUSED


def _may_sync(integration: Integration) -> bool:
    snapshot = integration.snapshot
    return (
        not mapping_guard.is_withheld(integration)
        and snapshot.status == "ACTIVE"
        and snapshot.removed_at is None
    )


def _back(request: Request, integration: Integration, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("workspace_integration", integration.tenant.public_id, integration.public_id)
