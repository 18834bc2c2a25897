"""Which of a tool's fields one of the vendor's own fields reads from, to be changed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from integrations.access import mapping_guard, permissions, rate_limits
from integrations.domain import search
from integrations.kombo.errors import KomboError
from integrations.kombo.field_schema import CustomField, IntegrationField
from integrations.models import FieldMapping, Integration
from integrations.upstream import field_mappings
from integrations.views.actors import actor_of
from integrations.views.customer.repair import excuse
from integrations.views.errors import too_many
from integrations.views.field_rows import name_of, row_of
from integrations.views.types import Request
from integrations.views.workspace import integration as pages

MAY = "integrations.map_fields"
CONFLICT = 409
MOST_FOUND = 50
LONGEST_QUERY = 100  # characters


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Choose what one field reads from: `field` names it, `q` finds the tool's."""
    permissions.require_staff(request.user, MAY)
    integration = permissions.integration_for_staff(
        request.user, tenant_id, integration_id, with_grid=False
    )
    if mapping_guard.is_withheld(integration):
        raise Http404
    if request.method == "POST":
        return _change(request, integration)
    return _form(request, integration)


def _change(request: Request, integration: Integration) -> HttpResponse:
    if wait := rate_limits.REPAIR.spend(request.user.pk, integration.pk):
        return too_many(request, wait)
    custom_id, source_id = request.POST.get("field", ""), request.POST.get("source", "")
    seen = request.POST.get("seen", "")
    try:
        field_mappings.change(integration, custom_id, source_id, seen=seen, by=actor_of(request))
    except field_mappings.ChangedMeanwhile:
        words = _("Someone else just changed this mapping. It is shown as it is now.")
        return _form(request, integration, problem=words)
    except field_mappings.UnknownField:
        words = _("This field no longer exists. Nothing was changed.")
        return _form(request, integration, problem=words)
    except KomboError as error:
        words = excuse(error, _("Kombo refused the change. Nothing was changed."))
        return _form(request, integration, problem=words)
    messages.success(request, _("Field mapping changed."))
    here = reverse("workspace_data", args=[integration.tenant.public_id, integration.public_id])
    return redirect(f"{here}#fields")


def _form(request: Request, integration: Integration, *, problem: str = "") -> HttpResponse:
    row = field_mappings.of_integration(integration)
    wanted = request.POST.get("field", "") or request.GET.get("field", "")
    found = [one for one in field_mappings.custom_fields(row) if one.id == wanted]
    if not found and not problem:
        raise Http404
    context: dict[str, Any] = {"problem": problem, "field": None}
    if found:
        context |= _choice(request, row, found[0])
    status = CONFLICT if problem else 200
    return pages.tab(request, integration, "fields", context, status=status)


def _choice(request: Request, row: FieldMapping, field: CustomField) -> dict[str, Any]:
    """Return the template's context for one field and the tool's fields to choose from."""
    query = request.GET.get("q", "")[:LONGEST_QUERY]
    words = search.fold(query).split()
    sources = field_mappings.integration_fields(row)
    same = [one for one in sources if one.model == field.model] or sources
    matches = [one for one in same if search.has_words(_searched(one), words)]
    return {
        "field": row_of(field),
        "query": query,
        "total": len(same),
        "found": [(one.id, name_of(one), one.key) for one in matches[:MOST_FOUND]],
        "is_cut": len(matches) > MOST_FOUND,
        "most": MOST_FOUND,
    }


def _searched(field: IntegrationField) -> str:
    return f"{field.label or ''} {field.key}"
