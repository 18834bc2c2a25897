"""For load balancers and orchestrators.

Neither asks Kombo: its outage is no reason to restart us.
"""

from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from integrations.database import outage


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers, has the tables of this code, and takes writes; else 503 says which."""
    if problem := outage.present() or outage.problem(connection):
        outage.notice()  # so that the log tells of it once, and not of each probe
        return HttpResponse(f"database {problem.what}\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
