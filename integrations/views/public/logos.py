"""Tool logos. Public pictures under ids that say nothing about who uses the tool."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from integrations.upstream import logos

# A picture from elsewhere may be an SVG with scripts; opened directly, it must be able to do
# nothing.
# Source: measured in Chromium; an SVG in <img> runs nothing by itself.
INERT = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"


@login_not_required
@require_safe
def logo(request: HttpRequest, key: str) -> HttpResponse:
    """The tool's logo if there is one that passed the checks, else its monogram.

    With `?monogram`, the latter: a page asks for it where a browser can't show the picture.
    """
    picture = None if "monogram" in request.GET else logos.picture(key)
    if picture is None and not (label := logos.label(key)):
        raise Http404
    body, content_type = picture or (logos.monogram(label), "image/svg+xml")
    age = 86_400 if picture else 300
    headers = {"Content-Security-Policy": INERT, "Cache-Control": f"public, max-age={age}"}
    return HttpResponse(body, content_type=content_type, headers=headers)
