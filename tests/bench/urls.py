"""The site, and the pages it is measured against."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from integrations.access import permissions
from integrations.upstream import gateway
from integrations.views.customer import cards, pages
from integrations.views.types import Request
from kombo_dashboard import urls as site


def empty(request: Request) -> HttpResponse:
    """Signed in, the base template, nothing else."""
    return render(request, "base.html")


def nothing(request: Request) -> HttpResponse:
    """Signed in, and nothing at all: what the middleware costs."""
    return HttpResponse(str(request.user.pk))


def asking(request: Request, tenant_id: str) -> HttpResponse:
    """What a page without snapshots would be: it asks Kombo about each integration, then renders
    the same cards.
    """
    grant, found = permissions.integrations(request.user, tenant_id)
    for one in found:
        gateway.client(one.environment).details(one.integration_id)
    context = pages.context(grant, cards.cards(grant, found))
    return render(request, "customer/tenant.html", context)


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/nothing/", nothing),
    path("bench/asking/<str:tenant_id>/", asking),
    *site.urlpatterns,
]
