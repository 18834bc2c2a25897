"""The vendor's colours and pictures. Public, under addresses that change with what is there."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from integrations.domain import accent
from integrations.views.public.logos import INERT
from integrations.workspace import identity

IMMUTABLE = "public, max-age=31536000, immutable"
BRIEF = "public, max-age=300"


@login_not_required
@require_safe
def theme(request: HttpRequest, name: str) -> HttpResponse:
    """The colours that follow from the accent in the address, whichever accent counts now.

    Under a name that another version gave it, kept only briefly: it has other content here.
    """
    colour = f"#{name.partition('-')[0]}"
    if not accent.is_colour(colour):
        raise Http404
    is_current = name == accent.stylesheet_name(colour)
    headers = {"Cache-Control": IMMUTABLE if is_current else BRIEF}
    return HttpResponse(accent.stylesheet(colour), content_type="text/css", headers=headers)


@login_not_required
@require_safe
def picture(request: HttpRequest, key: str) -> HttpResponse:
    """A picture of the vendor's; also for a mail that staff look at, which is let do nothing."""
    known = identity.picture(key)
    if known is None:
        raise Http404
    headers = {
        "Content-Security-Policy": INERT,
        "Cache-Control": IMMUTABLE,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return HttpResponse(known.content, content_type=known.content_type, headers=headers)
