"""What account managers do to many integrations at once: check, assign, snooze."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from integrations.access import audit, permissions, rate_limits, roles
from integrations.access.audit import Act
from integrations.domain.dates import number_text
from integrations.models import Integration
from integrations.upstream import bulk_checks
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to
from integrations.views.errors import too_many
from integrations.views.types import Request
from integrations.workspace import staff_actions, triage, undo
from integrations.workspace.triage_filter import TriageFilter


@redirect_get_to("triage")
def act(request: Request) -> HttpResponse:
    """Do one thing to the integrations that were ticked, or to all that the list has."""
    user = permissions.require_staff(request.user)
    state = TriageFilter.of(request.POST)
    back = reverse("triage") + state.query(page=state.page)
    chosen = triage.matching(user, state) if "everything" in request.POST else _ticked(request)
    if not chosen:
        return _refused(request, _("Select at least one integration."), back)
    match request.POST.get("act", ""):
        case "check":
            if wait := rate_limits.BULK_CHECK.spend(user.pk):
                return too_many(request, wait)
            bulk_check = bulk_checks.begin(user, chosen)
            audit.record(actor_of(request), Act.BULK_CHECKED, number=len(chosen))
            return redirect(f"{back}&check={bulk_check.public_id}")
        case "snooze" if (days := request.POST.get("days", "")) in map(str, staff_actions.SNOOZES):
            roles.require_acting(user)
            until = timezone.now() + timedelta(days=int(days))
            before = staff_actions.snooze(chosen, until, actor_of(request))
            note = undo.of_snooze(user, until, before) if before else ""
            messages.success(request, _snoozed(len(before), len(chosen)), extra_tags=note)
        case "assign":
            return _assign(request, chosen, back)
        case _:
            return _refused(request, _("Choose an action."), back)
    return redirect(back)


@require_safe
def progress(request: Request, check_id: str) -> HttpResponse:
    """How far a check is: for htmx the line itself, else the list it stands above."""
    check = bulk_checks.progress(permissions.require_staff(request.user), check_id)
    if check is None:
        raise Http404
    query = TriageFilter.of(request.GET).query()
    if request.htmx:
        return render(request, "workspace/triage.html#progress", {"check": check, "again": query})
    return redirect(f"{reverse('triage')}{query}&check={check.id}")


def _assign(request: Request, integrations: list[Integration], back: str) -> HttpResponse:
    user = permissions.require_staff(request.user, "integrations.assign_tenant")
    name = request.POST.get("to", "")
    owner = staff_actions.account_managers().filter(username=name).first()
    if owner is None and name != "nobody":
        return _refused(request, _("Choose an account manager."), back)
    tenants = {integration.tenant_id: integration.tenant for integration in integrations}.values()
    before = staff_actions.assign(tenants, owner, actor_of(request))
    note = undo.of_assignment(user, owner, before) if before else ""
    message = ngettext("%(n)s customer assigned.", "%(n)s customers assigned.", len(tenants))
    messages.success(request, message % {"n": number_text(len(tenants))}, extra_tags=note)
    return redirect(back)


@redirect_get_to("triage")
def take_back(request: Request) -> HttpResponse:
    """Undo what the message about an act offers to."""
    user = permissions.require_staff(request.user)
    roles.require_acting(user)
    try:
        number = undo.undo(user, request.POST.get("note", ""), actor_of(request))
    except undo.TooLate:
        number = 0
    if number:
        messages.success(request, _("Undone."))
    else:
        messages.error(request, _("This can’t be undone any more."))
    return redirect(reverse("triage") + TriageFilter.of(request.POST).query())


def _snoozed(number: int, total: int) -> str:
    if number < total:
        sentence = _(
            "Snoozed %(n)s of %(total)s. Only integrations that need attention can be snoozed."
        )
    else:
        sentence = ngettext("%(n)s integration snoozed.", "%(n)s integrations snoozed.", number)
    return sentence % {"n": number_text(number), "total": number_text(total)}


def _ticked(request: Request) -> list[Integration]:
    return triage.selected(request.user, request.POST.getlist("integration"))


def _refused(request: Request, message: str, back: str) -> HttpResponse:
    messages.error(request, message)
    return redirect(back)
