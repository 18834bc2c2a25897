"""Saving the list of integrations under a name, and forgetting it again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from integrations.access import audit, permissions
from integrations.access.audit import Act
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request
from integrations.workspace import saved_views, undo
from integrations.workspace.triage_filter import TriageFilter

LONGEST_NAME = 60  # of a saved view


@redirect_get_to("triage")
def save(request: Request) -> HttpResponse:
    """Save the list under a name."""
    user = permissions.require_staff(request.user)
    state = TriageFilter.of(request.POST)
    name = request.POST.get("name", "").strip()[:LONGEST_NAME]
    if not name:
        messages.error(request, _("Enter a name for the view."))
    elif not saved_views.save(user, name, state):
        messages.error(
            request, _("You’ve reached the maximum number of saved views. Delete one first.")
        )
    else:
        audit.record(actor_of(request), Act.VIEW_SAVED, name=name)
        messages.success(request, _("View saved."))
    return redirect(reverse("triage") + state.query())


@redirect_get_to("triage")
def delete(request: Request) -> HttpResponse:
    """Forget a saved view."""
    user = permissions.require_staff(request.user)
    name = request.POST.get("name", "")
    if view := saved_views.delete(user, name):
        audit.record(actor_of(request), Act.VIEW_DELETED, name=name)
        messages.success(request, _("View deleted."), extra_tags=undo.of_deletion(view))
    return redirect(reverse("triage") + TriageFilter.of(request.POST).query())
