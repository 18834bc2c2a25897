"""One customer as account managers see it: its integrations, who takes care of it, whom we write to, and notes."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integrations import access, audit, desk, features, narrative
from integrations.forms import AssignForm, NoteForm, RemindersForm
from integrations.models import Tenant
from integrations.views.account import actor_of
from integrations.views.acts import leads_back
from integrations.views.triage import Row
from integrations.views.types import Request
from integrations.views.workbench import NOTES_PER_PAGE, UNPROCESSABLE

MOST_INTEGRATIONS = 200
MOST_ACTS = 10


@require_safe
def page(request: Request, tenant_id: str) -> HttpResponse:
    """Everything about one customer."""
    return _page(request, access.customer(request.user, tenant_id))


@leads_back("account")
def assign(request: Request, tenant_id: str) -> HttpResponse:
    """Say who takes care of the customer."""
    access.staff(request.user, "integrations.assign_tenant")
    tenant = access.customer(request.user, tenant_id)
    form = AssignForm(request.POST)
    if not form.is_valid():
        return _page(request, tenant, assign_form=form, status=UNPROCESSABLE)
    owner = form.cleaned_data["owner"]
    desk.assign([tenant], owner, actor_of(request))
    if owner == request.user or access.sees_every_tenant(request.user):
        return _back(request, tenant, _("The account manager is changed."))
    return redirect("triage")  # it is somebody else's now


@leads_back("account")
def note(request: Request, tenant_id: str) -> HttpResponse:
    """Write a note."""
    tenant = access.customer(request.user, tenant_id)
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, tenant, note_form=form, status=UNPROCESSABLE)
    desk.write(form.cleaned_data["text"], actor_of(request), tenant=tenant)
    return _back(request, tenant, _("The note is kept."))


@leads_back("account")
def reminders(request: Request, tenant_id: str) -> HttpResponse:
    """Change whom we write to, in which language, and when."""
    access.staff(request.user, "integrations.change_tenant")
    tenant = access.customer(request.user, tenant_id)
    form = RemindersForm(request.POST, instance=tenant)
    if not form.is_valid():
        return _page(request, tenant, reminders_form=form, status=UNPROCESSABLE)
    if form.changed_data:
        desk.change_reminders(tenant, form.changed_data, actor_of(request))
    return _back(request, tenant, _("Contact and reminders are saved."))


def _page(request: Request, tenant: Tenant, *, status: int = 200, **more: Any) -> HttpResponse:
    user, now = request.user, timezone.now()
    known = access.summaries(user).filter(tenant=tenant).order_by("place", "since", "pk")
    known = known.select_related("tenant", "owner", "integration__snapshot").defer("integration__snapshot__coverage")
    may_see_acts = user.has_perm("integrations.view_auditentry")
    context = {
        "tenant": tenant,
        "rows": [Row(one, now, None) for one in known[:MOST_INTEGRATIONS]],
        "owner": tenant.owner,
        "may_assign": user.has_perm("integrations.assign_tenant"),
        "assign_form": AssignForm(initial={"owner": tenant.owner_id}),
        "may_change": user.has_perm("integrations.change_tenant"),
        "reminders_form": RemindersForm(instance=tenant),
        "features": features.answers(tenant),
        "notes": Paginator(desk.notes(tenant), NOTES_PER_PAGE).get_page(request.GET.get("notes")),
        "note_form": NoteForm(),
        "changes": [_change(entry) for entry in desk.changes(tenant)],
        "may_see_acts": may_see_acts,
        "acts": [(one, audit.name_of(one.what)) for one in _acts(tenant)] if may_see_acts else [],
    }
    return render(request, "accounts/tenant.html", context | more, status=status)


def _acts(tenant: Tenant) -> Any:
    return audit.entries().filter(tenant_id=tenant.pk)[:MOST_ACTS]


def _change(entry: Any) -> Any:
    """An entry about what is shared, with the integration it is about, as (integration, line)."""
    one = entry.integration
    return one, narrative.lines([entry], tool=one.snapshot.tool_label)[0]


def _back(request: Request, tenant: Tenant, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect("account", tenant.public_id)
