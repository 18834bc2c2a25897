"""Files to take away; who took one is on record."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse

from integrations.access import audit
from integrations.access.audit import Act
from integrations.models import Integration
from integrations.views.actors import actor_of

CONTENT_TYPE = "text/csv; charset=utf-8"


def csv_response(
    request: HttpRequest, text: str, filename: str, *, integration: Integration
) -> HttpResponse:
    """Return CSV about an integration as a download of this name."""
    headers = _headers(request, filename, integration)
    return HttpResponse(text, content_type=CONTENT_TYPE, headers=headers)


def json_response(
    request: HttpRequest, text: str, filename: str, *, integration: Integration
) -> HttpResponse:
    """Return JSON about an integration as a download of this name."""
    headers = _headers(request, filename, integration)
    return HttpResponse(text, content_type="application/json", headers=headers)


def csv_stream(request: HttpRequest, lines: Iterable[str], filename: str) -> StreamingHttpResponse:
    """Return CSV that may be long as a download of this name, sent line by line."""
    headers = _headers(request, filename, None)
    return StreamingHttpResponse(lines, content_type=CONTENT_TYPE, headers=headers)


def _headers(
    request: HttpRequest, filename: str, integration: Integration | None
) -> dict[str, str]:
    if request.method == "GET":  # with HEAD nothing goes out
        audit.record(actor_of(request), Act.EXPORTED, integration=integration, file=filename)
    return {"Content-Disposition": f'attachment; filename="{filename}"'}
