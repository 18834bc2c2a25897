"""Making, seeing and taking back the links by which a customer's colleague repairs something, for
staff.
"""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from integrations.access import hand_off_lists, hand_offs, mapping_guard, permissions, roles
from integrations.models import HandOff, Integration
from integrations.views import hand_off_forms
from integrations.views.decorators import redirect_get_to
from integrations.views.errors import too_many
from integrations.views.hand_off_forms import NotPossible, TooMany
from integrations.views.types import Request


def panel(request: Request, integration: Integration) -> dict[str, Any]:
    """What `components/hand_offs.html` shows of an integration on a page for staff."""
    act = "" if mapping_guard.is_withheld(integration) else hand_offs.act_for(integration.snapshot)
    here = [integration.tenant.public_id, integration.public_id]

    def ways(hand_off: HandOff) -> tuple[str, str]:
        args = [*here, hand_off.public_id]
        return reverse("hand_off_show", args=args), reverse("hand_off_revoke", args=args)

    context = hand_off_forms.panel(
        hand_off_lists.links_to(integration), act, reverse("hand_off_create", args=here), ways
    )
    return {"hand_offs": context | {"days": hand_off_forms.DAYS}}


@redirect_get_to("workspace_integration")
def create(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Make a link, perhaps mail it, and show it."""
    roles.require_acting(request.user)
    integration = permissions.integration_for_staff(
        request.user, tenant_id, integration_id, with_grid=False
    )
    try:
        lives = hand_off_forms.lifetime(request)
        act = hand_off_forms.act_of(integration)
        if request.POST.get("way") == "preview":
            shown = hand_off_forms.preview(request, integration, act, lives=lives)
            return _staff_page(request, integration, shown=shown)
        made = hand_off_forms.make(request, integration, act, lives=lives)
        return _staff_page(request, integration, revealed=made)
    except TooMany as error:
        return too_many(request, error.wait)
    except NotPossible as error:
        return _staff_page(request, integration, why=str(error))


@redirect_get_to("workspace_integration")
def show(request: Request, tenant_id: str, integration_id: str, hand_off_id: str) -> HttpResponse:
    """Show a link again."""
    roles.require_acting(request.user)
    integration = permissions.integration_for_staff(
        request.user, tenant_id, integration_id, with_grid=False
    )
    try:
        return _staff_page(
            request,
            integration,
            revealed=hand_off_forms.reveal(
                request, hand_off_lists.links_to(integration), hand_off_id
            ),
        )
    except NotPossible as error:
        return _staff_page(request, integration, why=str(error))


@redirect_get_to("workspace_integration")
def revoke(request: Request, tenant_id: str, integration_id: str, hand_off_id: str) -> HttpResponse:
    """Take a link back."""
    roles.require_acting(request.user)
    integration = permissions.integration_for_staff(
        request.user, tenant_id, integration_id, with_grid=False
    )
    hand_off_forms.take_back(request, hand_off_lists.links_to(integration), hand_off_id)
    return redirect("workspace_integration", tenant_id, integration_id)


def _staff_page(request: Request, integration: Integration, **found: Any) -> HttpResponse:
    context = panel(request, integration) | {"integration": integration}
    return hand_off_forms.answer(request, "workspace/hand_offs.html", context, **found)
