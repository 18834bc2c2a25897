"""One integration as account managers see it: all that is known, and what they can do about it.

Each act asks Kombo once at most. What did not work is said on the page, and what Kombo refused is not on record.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import permissions, rate_limits
from integrations.access.rate_limits import Limit
from integrations.domain import coverage, freshness
from integrations.domain.headline import Key, key_of
from integrations.history import record as history_record
from integrations.history import text as history_text
from integrations.kombo.errors import KomboError
from integrations.models import NEVER, Integration
from integrations.upstream import issues, repairs, snapshots
from integrations.views.actors import actor_of
from integrations.views.customer import cards
from integrations.views.customer.repair import excuse
from integrations.views.decorators import is_repeated, leads_back
from integrations.views.errors import too_many
from integrations.views.types import LOOKED_AT, Request
from integrations.views.workspace import hand_offs
from integrations.views.workspace.forms import NoteForm, SnoozeForm
from integrations.views.workspace.triage import severity_name, step_name
from integrations.webhooks import inbox
from integrations.workspace import staff_actions
from integrations.workspace.summaries import headline_name

MOST_ISSUES, MOST_EVENTS, MOST_INCIDENTS = 50, 20, 5
NOTES_PER_PAGE = 20
MOST_RAW = 1000  # rows of the raw grid on one page
CONFLICT, UNPROCESSABLE = 409, 422  # Kombo failing is no failure of ours, so it is a conflict too


@require_safe
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Everything about one integration. A search of the raw grid is this page's own state."""
    return _page(request, permissions.customers_integration(request.user, tenant_id, integration_id))


@leads_back("workbench")
def check(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Ask Kombo now."""
    found = permissions.customers_integration(request.user, tenant_id, integration_id)
    if wait := _spend(rate_limits.CHECK_NOW, request, found):
        return too_many(request, wait)
    before = found.snapshot
    found.snapshot = after = snapshots.revalidate(found, by_person=True)
    if (after.fetched_at, after.failures) == (before.fetched_at, before.failures):
        return _back(request, found, _not_asked(found))
    if freshness.is_failing(after):
        return _page(request, found, problem=_("Kombo did not tell."), status=CONFLICT)
    return _back(request, found, _("Checked."))


def _not_asked(found: Integration) -> str:
    """Somebody else is asking Kombo; or else nobody may just now, and the worker will as soon as it may."""
    if freshness.is_leased(found.snapshot, timezone.now()):
        return _("It is being checked already.")
    snapshots.ask_soon([found.pk])
    return _("Kombo can't be asked more often just now. It is checked as soon as possible.")


@leads_back("workbench")
def pause(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Have Kombo read nothing for a while."""
    permissions.staff(request.user, "integrations.pause_integration")
    found = permissions.customers_integration(request.user, tenant_id, integration_id)
    if not _may_pause(found):
        return _page(request, found, problem=_("This can't be paused as it is now."), status=CONFLICT)
    return _ask(request, found, repairs.pause, _("Paused. Kombo reads nothing from it until it is resumed."))


@leads_back("workbench")
def resume(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let a paused integration continue."""
    permissions.staff(request.user, "integrations.resume_integration")
    found = permissions.customers_integration(request.user, tenant_id, integration_id)
    if not _may_resume(found):
        return _page(request, found, problem=_("Only what is paused can be resumed."), status=CONFLICT)
    return _ask(request, found, repairs.resume, _("Resumed. It can take a minute until Kombo shows it."))


@leads_back("workbench")
def sync(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Have Kombo read everything anew."""
    permissions.staff(request.user, "integrations.sync_integration")
    found = permissions.customers_integration(request.user, tenant_id, integration_id)
    if not _may_sync(found):
        return _page(request, found, problem=_("Only what is active can be synced."), status=CONFLICT)
    return _ask(request, found, repairs.sync, _("A sync is queued."), otherwise=_("A sync was queued already."))


@leads_back("workbench")
def snooze(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Let it step back in the list until a date, or until its state changes."""
    found = permissions.customers_integration(request.user, tenant_id, integration_id)
    form = SnoozeForm(request.POST)
    if not staff_actions.is_broken(staff_actions.summary_of(found)):
        return _page(request, found, problem=_("Only what is broken can be snoozed."), status=CONFLICT)
    if not form.is_valid():
        return _page(request, found, snooze_form=form, status=UNPROCESSABLE)
    staff_actions.snooze([found], form.cleaned_data["until"], actor_of(request))
    return _back(request, found, _("Snoozed. It wakes by itself when its state changes."))


@leads_back("workbench")
def wake(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """End the snooze."""
    found = permissions.customers_integration(request.user, tenant_id, integration_id)
    staff_actions.wake([found], actor_of(request))
    return _back(request, found, _("It is back in the list."))


@leads_back("workbench")
def note(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Write a note."""
    found = permissions.customers_integration(request.user, tenant_id, integration_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, found, note_form=form, status=UNPROCESSABLE)
    with transaction.atomic():
        if not is_repeated(request):
            staff_actions.write(form.cleaned_data["text"], actor_of(request), tenant=found.tenant, integration=found)
    return _back(request, found, _("The note is kept."))


@leads_back("workbench")
def told(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Say that the customer knows."""
    found = permissions.customers_integration(request.user, tenant_id, integration_id)
    staff_actions.tell(found, actor_of(request))
    return _back(request, found, _("It is noted that the customer was told."))


def _ask(
    request: Request, found: Integration, act: Callable[..., bool | None], said: str, *, otherwise: str = ""
) -> HttpResponse:
    """Have Kombo do something; `otherwise` is said if it answers true."""
    if wait := _spend(rate_limits.REPAIR, request, found):
        return too_many(request, wait)
    try:
        answer = act(found, by=actor_of(request))
    except KomboError as error:
        words = excuse(error, _("Kombo could not do that just now."))
        return _page(request, found, problem=words, status=CONFLICT)
    return _back(request, found, otherwise if answer else said)


def _page(request: Request, found: Integration, *, problem: str = "", status: int = 200, **more: Any) -> HttpResponse:
    user, now = request.user, timezone.localtime()
    place, summary = permissions.visit(user, found.tenant.public_id), staff_actions.summary_of(found)
    query = request.GET.get("q", "").strip()[:100]
    context = {
        "place": place,
        "card": cards.card(place, found),
        "one": found,
        "snapshot": found.snapshot,
        "is_withheld": permissions.is_withheld(found),
        "summary": summary,
        "badge": headline_name(summary.headline),
        "severity": severity_name(summary.headline),
        "step": step_name(summary.step),
        "lasts": history_text.duration(now - summary.since),
        "failure": cards.failure(found.snapshot),
        "log_url": _https(found.snapshot.error_log_url),
        "raw": _raw(found, query),
        "query": query,
        "issues": [(one, issues.is_open(one)) for one in issues.of(found.pk)[:MOST_ISSUES]],
        "strip": history_text.strip(found, now),
        "spells": history_text.spells(history_record.incidents(found)[:MOST_INCIDENTS], now),
        "events": inbox.of(found.pk)[:MOST_EVENTS],
        "notes": Paginator(staff_actions.notes(found.tenant, found), NOTES_PER_PAGE).get_page(request.GET.get("notes")),
        "note_form": NoteForm(),
        "snooze_form": SnoozeForm(),
        "told_at": None if summary.told_at == NEVER else summary.told_at,
        "looking_url": reverse("integration", args=[found.tenant.public_id, found.public_id], urlconf=LOOKED_AT),
        "is_broken": staff_actions.is_broken(summary),
        "may_pause": _may_pause(found) and user.has_perm("integrations.pause_integration"),
        "may_resume": _may_resume(found) and user.has_perm("integrations.resume_integration"),
        "may_sync": _may_sync(found) and user.has_perm("integrations.sync_integration"),
        "problem": problem,
    }
    return render(
        request, "workspace/integration.html", context | hand_offs.panel(request, found) | more, status=status
    )


def _may_pause(found: Integration) -> bool:
    gone_or_paused = {Key.REMOVED, Key.PAUSED, Key.PENDING}
    return not permissions.is_withheld(found) and key_of(found.snapshot) not in gone_or_paused


def _may_resume(found: Integration) -> bool:
    return not permissions.is_withheld(found) and key_of(found.snapshot) is Key.PAUSED


def _may_sync(found: Integration) -> bool:
    snapshot = found.snapshot
    return not permissions.is_withheld(found) and snapshot.status == "ACTIVE" and snapshot.removed_at is None


def _raw(found: Integration, query: str) -> dict[str, Any] | None:
    """The grid as Kombo told it, as far as a page can hold it; None if Kombo has not told of one."""
    if not found.snapshot.coverage:
        return None
    rows, groups, left = coverage.raw(found.snapshot.coverage, query=query), [], MOST_RAW
    for head, fields in rows:
        if left <= 0:
            break
        groups.append((head, fields[:left]))
        left -= 1 + len(fields)
    return {"groups": groups, "is_cut": left < 0 or len(groups) < len(rows), "most": MOST_RAW}


def _https(url: str) -> str:
    """An address from outside, if it may become a link."""
    return url if url.startswith("https://") else ""


def _spend(limit: Limit, request: Request, found: Integration) -> int:
    return limit.spend(f"{request.user.pk}/{found.pk}")


def _back(request: Request, found: Integration, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("workbench", found.tenant.public_id, found.public_id)
