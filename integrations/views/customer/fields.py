"""Which of a tool's fields each of the vendor's own fields reads from."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from integrations.access import mapping_guard, permissions
from integrations.views.customer.pages import integration_context
from integrations.views.field_rows import fields_of
from integrations.views.types import Request


@require_safe
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """The fields as they were last known; the page asks again while they are on their way."""
    grant, integration = permissions.integration(request.user, tenant_id, integration_id)
    if mapping_guard.is_withheld(integration):
        raise Http404
    known = fields_of(integration, may_want=not grant.is_read_only)
    if request.htmx and not request.htmx.boosted:
        return render(request, "customer/fields.html#fields", known | {"page_url": request.path})
    context = integration_context(grant, integration, tab="fields")
    return render(request, "customer/fields.html", context | known | {"page_url": request.path})
