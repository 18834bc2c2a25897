"""What staff decide about an outage of a tool."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from integrations.access import permissions
from integrations.access.grants import Person
from integrations.domain.bidi import isolate
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request
from integrations.workspace import outages


def may_release(user: Person) -> bool:
    """Whether somebody may have all its customers reminded: who sees them all, and may change
    whom we write to.
    """
    return permissions.sees_every_tenant(user) and user.has_perm("integrations.contact_tenant")


@redirect_get_to("triage")
def release(request: Request, outage_id: str) -> HttpResponse:
    """Have the customers reminded although the tool is probably down."""
    if not may_release(permissions.require_staff(request.user)):
        raise Http404
    if tool := outages.release(outage_id, actor_of(request)):
        words = _("Reminders about %(tool)s are sent as usual.")
        messages.success(request, words % {"tool": isolate(tool)})
    else:
        messages.error(request, _("This outage is over, or its reminders are no longer on hold."))
    return redirect("triage")
