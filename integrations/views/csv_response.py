"""Files for spreadsheets."""

from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse

CONTENT_TYPE = "text/csv; charset=utf-8"


def _headers(filename: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{filename}"'}


def csv_response(text: str, filename: str) -> HttpResponse:
    """Return CSV as a download of this name."""
    return HttpResponse(text, content_type=CONTENT_TYPE, headers=_headers(filename))


def csv_stream(lines: Iterable[str], filename: str) -> StreamingHttpResponse:
    """Return CSV that may be long as a download of this name, sent line by line."""
    return StreamingHttpResponse(lines, content_type=CONTENT_TYPE, headers=_headers(filename))
