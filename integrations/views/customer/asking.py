"""Asking a colleague who may repair: what somebody can press who may only look."""

from django.contrib.auth.models import User
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from integrations.access import colleagues, hand_offs, mapping_guard, permissions, rate_limits
from integrations.domain.bidi import isolate
from integrations.mail import asking
from integrations.views.actors import actor_of
from integrations.views.decorators import redirect_get_to
from integrations.views.types import Request


@redirect_get_to("integration")
def ask(request: Request, tenant_id: str, integration_id: str) -> HttpResponse:
    """Mail the tenant's own people who may repair this integration, and say whom."""
    grant, integration = permissions.integration(request.user, tenant_id, integration_id)
    if (
        mapping_guard.is_withheld(integration)
        or grant.may_repair
        or grant.as_staff
        or not isinstance(grant.user, User)
        or not hand_offs.act_for(integration.snapshot)
    ):
        raise Http404
    integration = hand_offs.with_tenant(integration)
    readers = asking.readers_of(integration)
    if not readers:
        raise Http404
    names = ", ".join(isolate(colleagues.name_of(reader)) for reader in readers)
    if rate_limits.ASK.spend(grant.user.pk, integration.pk):
        said = _("You asked %(names)s a short while ago.") % {"names": names}
    else:
        asking.ask(integration, asker=grant.user, readers=readers, by=actor_of(request))
        said = _("An email is on its way to %(names)s.") % {"names": names}
    template = "customer/asked.html#said" if request.htmx else "customer/asked.html"
    context = {"grant": grant, "integration": integration, "said": said}
    return render(request, template, context)
