"""Adding a customer before anything of theirs is connected."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrations.access import permissions
from integrations.tenants import adding
from integrations.views.actors import actor_of
from integrations.views.types import Request
from integrations.views.workspace.forms import CustomerForm
from integrations.views.workspace.integration_acts import UNPROCESSABLE


@require_http_methods(["GET", "POST"])
def page(request: Request) -> HttpResponse:
    """The form; a POST adds the customer and leads to its page."""
    if not permissions.may_add_tenants(request.user):
        raise Http404
    if request.method == "GET":
        return render(request, "workspace/customer_new.html", {"form": CustomerForm()})
    form = CustomerForm(request.POST)
    if form.is_valid() and (added := adding.add(form.instance, actor_of(request))):
        messages.success(request, _("Customer added."))
        return redirect("workspace_tenant", added.public_id)
    # If it was valid a moment ago, it isn't any more: somebody else was quicker.
    context = {"form": CustomerForm(request.POST)}
    return render(request, "workspace/customer_new.html", context, status=UNPROCESSABLE)
