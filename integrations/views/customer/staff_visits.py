"""The vendor's staff on a customer's own pages: that they were opened is on record."""

from functools import wraps

from django.http import HttpResponseBase

from integrations.access import audit, permissions
from integrations.access.audit import Act
from integrations.views.actors import actor_of
from integrations.views.types import Request, View


def noted[**P](view: View[P]) -> View[P]:
    """Keep which customer's page somebody of the staff opened; what it fetches later is no page,
    and files are on record as such.
    """

    @wraps(view)
    def wrapped(request: Request, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        is_page = response.status_code == 200 and "Content-Disposition" not in response
        is_fragment = bool(request.htmx) and not request.htmx.boosted
        if request.user.is_staff and request.method == "GET" and is_page and not is_fragment:
            ids = {name: str(value) for name, value in kwargs.items()}
            _note(request, **ids)
        return response

    return wrapped


def _note(request: Request, tenant_id: str, integration_id: str = "", **_others: str) -> None:
    if integration_id:
        grant, integration = permissions.integration(request.user, tenant_id, integration_id)
        audit.record(actor_of(request), Act.VIEWED, tenant=grant.tenant, integration=integration)
    else:
        grant = permissions.grant_access(request.user, tenant_id)
        audit.record(actor_of(request), Act.VIEWED, tenant=grant.tenant)
