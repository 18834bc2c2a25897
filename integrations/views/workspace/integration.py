"""One integration as account managers see it: overview, data, history, and what Kombo says of
it. What they can do about it is in `integration_acts`.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from integrations.access import hand_offs as guest_links
from integrations.access import mapping_guard, permissions, roles
from integrations.access.grants import Person
from integrations.domain import durations
from integrations.domain.headline import Key, key_of, staff_severity
from integrations.domain.kombo_words import failure
from integrations.mail import compose
from integrations.models import NEVER, Integration
from integrations.views.customer import cards
from integrations.views.field_rows import fields_of
from integrations.views.types import PREVIEW_URLCONF, Request
from integrations.views.workspace import hand_offs, integration_facts, timeline
from integrations.views.workspace.forms import NoteForm, SnoozeForm
from integrations.views.workspace.triage_table import next_actor_name
from integrations.workspace import disconnect_requests, repair_steps, staff_actions
from integrations.workspace.summaries import headline_name


@require_safe
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """What goes on: the way to a repair, guest links, what happened, facts."""
    return overview(
        request, permissions.integration_for_staff(request.user, tenant_id, integration_id)
    )


@require_safe
def data(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """What is shared, in short and as Kombo tells it. A search of that is this page's own state."""
    integration = permissions.integration_for_staff(request.user, tenant_id, integration_id)
    query = request.GET.get("q", "").strip()[:100]
    recipient = compose.recipient(integration.tenant, integration.snapshot)
    context: dict[str, Any] = {
        "shared": integration_facts.shared(integration),
        "raw": integration_facts.raw(integration, query),
        "query": query,
    } | integration_facts.access_statement(integration, recipient)
    if not mapping_guard.is_withheld(integration):
        context["fields"] = fields_of(integration)
        context["may_map"] = request.user.has_perm("integrations.map_fields")
    return tab(request, integration, "data", context)


@require_safe
def history(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The last days and the incidents."""
    integration = permissions.integration_for_staff(
        request.user, tenant_id, integration_id, with_grid=False
    )
    context = integration_facts.past(request, integration, timezone.localtime())
    return tab(request, integration, "history", context)


@require_safe
def technical(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Ids, Kombo's own values, issues and webhooks."""
    integration = permissions.integration_for_staff(
        request.user, tenant_id, integration_id, with_grid=False
    )
    return tab(request, integration, "technical", integration_facts.technical(integration))


def overview(
    request: Request, integration: Integration, *, problem: str = "", status: int = 200, **more: Any
) -> HttpResponse:
    """Return the first page, perhaps with a problem in words, or with what somebody typed."""
    now = timezone.localtime()
    summary = staff_actions.summary_of(integration)
    user = permissions.require_staff(request.user)
    counted = None if permissions.sees_every_tenant(user) else user.pk
    steps = repair_steps.of(integration, summary, now, counted=counted)
    context = {
        "steps": steps,
        "usual": durations.duration(steps.usual) if steps and steps.usual else "",
        "timeline": timeline.panel(request, integration),
        "note_form": NoteForm(),
        "failure": failure(integration.snapshot),
        "log_url": integration_facts.https(integration.snapshot.error_log_url),
        "problem": problem,
    }
    context |= hand_offs.panel(request, integration)
    context |= integration_facts.beside(integration, now) | more
    return tab(request, integration, "overview", context, status=status)


def tab(
    request: Request,
    integration: Integration,
    name: str,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """Return one of an integration's pages, below what all of them have."""
    template = "integration" if name == "overview" else f"integration_{name}"
    return render(
        request,
        f"workspace/{template}.html",
        _head(request, integration) | {"tab": name} | context,
        status=status,
    )


def _head(request: Request, integration: Integration) -> dict[str, Any]:
    """Return the context of what all pages of an integration have: its state, and what to do."""
    summary = staff_actions.summary_of(integration)
    grant = permissions.grant_access(request.user, integration.tenant.public_id)
    here = [integration.tenant.public_id, integration.public_id]
    recipient = compose.recipient(integration.tenant, integration.snapshot)
    is_withheld = mapping_guard.is_withheld(integration)
    may_act = roles.may_act(request.user)
    act = "" if is_withheld or not may_act else guest_links.act_for(integration.snapshot)
    asked = disconnect_requests.open_of(integration)
    is_told = summary.contacted_at >= summary.since
    return {
        "grant": grant,
        "card": cards.card(grant, integration),
        "one": integration,
        "snapshot": integration.snapshot,
        "is_withheld": is_withheld,
        "summary": summary,
        "badge": headline_name(summary.headline),
        "severity": staff_severity(summary.headline),
        "next_actor": next_actor_name(summary.next_actor),
        "lasts": durations.duration(timezone.now() - summary.since),
        "snooze_form": SnoozeForm(),
        "is_broken": may_act and staff_actions.is_broken(summary),
        "contacted_at": None if summary.contacted_at == NEVER else summary.contacted_at,
        "is_told": is_told,
        "act": act,
        "recipient": recipient,
        "may_send": bool(act and recipient and compose.can_send()),
        "disconnect_request": asked,
        "disconnect_until": disconnect_requests.ends_at(asked) if asked else None,
        "preview_url": reverse("integration", args=here, urlconf=PREVIEW_URLCONF),
    } | _may(request.user, integration)


def _may(user: Person, integration: Integration) -> dict[str, bool]:
    """Return for each act whether it makes sense now and the person has the permission."""
    return {
        "may_pause": may_pause(integration) and user.has_perm("integrations.pause_integration"),
        "may_resume": may_resume(integration) and user.has_perm("integrations.resume_integration"),
        "may_sync": may_sync(integration) and user.has_perm("integrations.sync_integration"),
        "may_disconnect": may_disconnect(integration)
        and user.has_perm(disconnect_requests.PERMISSION),
        "may_confirm": mapping_guard.is_withheld(integration) and _may_confirm(user),
    }


def _may_confirm(user: Person) -> bool:
    """Whether somebody can correct or confirm a mapping on the administration's page of it."""
    may_see = user.has_perm("integrations.view_integration")
    return user.has_perm("integrations.change_integration") or (
        may_see and user.has_perm("integrations.confirm_integration")
    )


def may_pause(integration: Integration) -> bool:
    gone_or_paused = {Key.REMOVED, Key.PAUSED, Key.PENDING}
    return (
        not mapping_guard.is_withheld(integration)
        and key_of(integration.snapshot) not in gone_or_paused
    )


def may_resume(integration: Integration) -> bool:
    return not mapping_guard.is_withheld(integration) and key_of(integration.snapshot) is Key.PAUSED


def may_disconnect(integration: Integration) -> bool:
    """What was never read has no name to confirm it by."""
    snapshot = integration.snapshot
    is_known = bool(snapshot.tool_label) and snapshot.removed_at is None
    return is_known and not mapping_guard.is_withheld(integration)


def may_sync(integration: Integration) -> bool:
    snapshot = integration.snapshot
    return (
        not mapping_guard.is_withheld(integration)
        and snapshot.status == "ACTIVE"
        and snapshot.removed_at is None
    )
