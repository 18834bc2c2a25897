"""How the installation itself is doing, for whoever runs it."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from integrations.access import permissions
from integrations.operations import report, state
from integrations.views.types import Request


@require_safe
def page(request: Request) -> HttpResponse:
    """What is well, and what to do about the rest."""
    permissions.require_staff(request.user, "integrations.view_system")
    now = state.read()
    told = report.sections(now)
    context = {"sections": told, "reds": report.reds(told)}
    return render(request, "workspace/system.html", context)
