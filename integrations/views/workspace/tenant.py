"""One customer as account managers see it: its integrations, who has access, who takes care of it,
whom we write to, and notes.
"""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations.access import audit_log, invitations, permissions, roles
from integrations.access.audit import WORKER, Act
from integrations.history import text as history_text
from integrations.mail import account_invitations, compose, preferences
from integrations.models import Role, Tenant
from integrations.views.actors import actor_of
from integrations.views.customer import attempts
from integrations.views.decorators import is_duplicate_submission, redirect_get_to
from integrations.views.pager import page_of
from integrations.views.types import Request
from integrations.views.workspace import reminder_fields
from integrations.views.workspace.forms import (
    AssignForm,
    MemberInvitationForm,
    NoteForm,
    RemindersForm,
)
from integrations.views.workspace.integration_acts import CONFLICT, UNPROCESSABLE
from integrations.views.workspace.triage_table import TriageRow
from integrations.workspace import feature_text, listed, staff_actions

NOTES_PER_PAGE = 20
MOST_INTEGRATIONS = 200
MOST_MEMBERS = 50
MOST_ACTS = 10


@require_safe
def page(request: Request, tenant_id: str) -> HttpResponse:
    """Everything about one customer."""
    return show(request, permissions.tenant_for_staff(request.user, tenant_id))


@redirect_get_to("workspace_tenant")
def assign(request: Request, tenant_id: str) -> HttpResponse:
    """Say who takes care of the customer."""
    permissions.require_staff(request.user, "integrations.assign_tenant")
    tenant = permissions.tenant_for_staff(request.user, tenant_id)
    form = AssignForm(tenant, request.POST)
    if not form.is_valid():
        return show(request, tenant, assign_form=form, status=UNPROCESSABLE)
    owner = form.cleaned_data["owner"]
    staff_actions.assign([tenant], owner, actor_of(request))
    if owner == request.user or permissions.sees_every_tenant(request.user):
        return _back(request, tenant, _("Account manager updated."))
    return redirect("triage")  # it is somebody else's now


@redirect_get_to("workspace_tenant")
def note(request: Request, tenant_id: str) -> HttpResponse:
    """Write a note."""
    roles.require_acting(request.user)
    tenant = permissions.tenant_for_staff(request.user, tenant_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return show(request, tenant, note_form=form, status=UNPROCESSABLE)
    with transaction.atomic():
        if not is_duplicate_submission(request):
            staff_actions.write_note(form.cleaned_data["text"], actor_of(request), tenant=tenant)
    return _back(request, tenant, _("Note saved."))


@redirect_get_to("workspace_tenant")
def reminders(request: Request, tenant_id: str) -> HttpResponse:
    """Change whom we write to, in which language, and when."""
    permissions.require_staff(request.user, "integrations.contact_tenant")
    tenant = permissions.tenant_for_staff(request.user, tenant_id)
    form = RemindersForm(request.POST, instance=tenant)
    if not form.is_valid():
        return show(request, tenant, reminders_form=form, status=UNPROCESSABLE)
    try:
        if form.changed_data:
            preferences.change_reminders(
                tenant, form.changed_data, actor_of(request), seen=form.seen
            )
    except preferences.ChangedMeanwhile:
        tenant.refresh_from_db()
        words = _(
            "Someone else just changed these settings. The current values are shown. Your "
            "changes weren’t saved."
        )
        return show(request, tenant, problem=words, status=CONFLICT)
    return _back(request, tenant, _("Contact and reminders saved."))


def show(request: Request, tenant: Tenant, *, status: int = 200, **more: Any) -> HttpResponse:
    """Show the page of a customer whom somebody was let in to, with a form's mistakes or a
    problem.
    """
    user = request.user
    now = timezone.now()
    known = (
        permissions.summaries_for_staff(user).filter(tenant=tenant).order_by("rank", "since", "pk")
    )
    found = listed.read(listed.columns_of(known)[: MOST_INTEGRATIONS + 1])
    rows = [TriageRow(one, now) for one in found]
    members = list(permissions.members_of(tenant)[: MOST_MEMBERS + 1])
    may_see_acts = user.has_perm("integrations.view_auditentry")
    context = {
        "tenant": tenant,
        "rows": rows[:MOST_INTEGRATIONS],
        "may_connect": bool(settings.CONNECT_CATEGORIES) and roles.may_act(user),
        "attempts": attempts.rows_for_staff(tenant),
        "most": MOST_INTEGRATIONS if len(rows) > MOST_INTEGRATIONS else 0,
        "owner": staff_actions.name_of(tenant.owner) if tenant.owner else "",
        "may_assign": user.has_perm("integrations.assign_tenant"),
        "assign_form": AssignForm(tenant),
        "may_change": user.has_perm("integrations.contact_tenant"),
        "reminders_form": RemindersForm(instance=tenant),
        "language": dict(settings.LANGUAGES).get(tenant.language, ""),
        "reminders": reminder_fields.summary(tenant),
        "members": members[:MOST_MEMBERS],
        "has_more_members": len(members) > MOST_MEMBERS,
        **_invitations(request, tenant),
        "may_manage": user.has_perm("integrations.view_tenant"),
        "may_map": user.has_perm("integrations.view_event"),
        "unmailable": compose.unmailable(tenant.contact_email),
        "features": feature_text.answers_of(tenant),
        "notes": page_of(request, staff_actions.notes(tenant), NOTES_PER_PAGE, name="notes"),
        "note_form": NoteForm(),
        "changes": [_change(entry) for entry in staff_actions.recent_changes(tenant)],
        "may_see_acts": may_see_acts,
        "acts": audit_log.rows(_acts(tenant)) if may_see_acts else [],
    }
    return render(request, "workspace/tenant.html", context | more, status=status)


def _invitations(request: Request, tenant: Tenant) -> dict[str, Any]:
    """Return who is invited, for whoever may invite."""
    user = permissions.require_staff(request.user)
    if not invitations.may_invite_members(user):
        return {}
    return {
        "may_invite": account_invitations.can_invite(),
        "invite_form": MemberInvitationForm(),
        "invitations": [
            (one, Role(one.role).label) for one in invitations.open_ones(tenant)[:MOST_MEMBERS]
        ],
    }


def _acts(tenant: Tenant) -> Any:
    """The latest of them, without the links that reminders made: those would be most of them."""
    by_reminders = {"what": Act.HAND_OFF_CREATED, "actor": WORKER.name}
    return audit_log.entries().filter(tenant_id=tenant.pk).exclude(**by_reminders)[:MOST_ACTS]


def _change(entry: Any) -> Any:
    """An entry about what is shared, with the integration it is about, as (integration, line)."""
    integration = entry.integration
    return integration, history_text.entry_texts([entry], tool=integration.snapshot.tool_label)[0]


def _back(request: Request, tenant: Tenant, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("workspace_tenant", tenant.public_id)
