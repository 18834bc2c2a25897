"""The vendor in other colors, with logos to go with them; and a look that no setting of the
browser's chooses. Both are worn by whoever has the cookie.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from integrations.domain import accent
from integrations.workspace import identity
from integrations.workspace.identity import VendorIdentity

FACES = {"blue": "", "yellow": "#ffcc00", "black": "#14161a"}
"""Accents by name; the demo's own is blue."""
THEMES = {"light": "not all", "dark": "all"}
"""What a condition on a dark screen is replaced by."""
FACE_COOKIE, THEME_COOKIE = "demo_face", "demo_theme"
_DARK = "(prefers-color-scheme: dark)"
_MARK = (
    '<rect width="32" height="32" rx="16" fill="{ground}"/>'
    '<path d="M10 22V10h3l6 7.400V10h3v12h-3l-6-7.400V22Z" fill="{ink}"/>'
)
_WORD = (
    '<text x="42" y="23" fill="{text}" font-family="system-ui, sans-serif" font-size="20" '
    'font-weight="650">Northwind</text>'
)


def dress(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let a browser's pages wear the face and the theme of its cookies."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if FACES.get(request.COOKIES.get(FACE_COOKIE, "")):
            worn = identity_of(request.COOKIES[FACE_COOKIE])
            request.vendor_identity = worn  # type: ignore[attr-defined]
        response = get_response(request)
        theme = request.COOKIES.get(THEME_COOKIE, "")
        is_page = response.get("Content-Type", "").startswith("text/html")
        if theme in THEMES and is_page and not response.streaming:
            response.content = _themed(response.text, theme).encode()
        return response

    return middleware


@cache
def identity_of(face: str) -> VendorIdentity:
    """Return the vendor's identity with another face, whose pictures are kept from then on."""
    colour = FACES[face]
    ink = accent.palette(colour).on_accent
    # On a dark ground, what is as dark is turned around.
    ground_there, ink_there = (ink, colour) if ink == accent.WHITE else (colour, ink)
    return replace(
        identity.from_settings(),
        accent=colour,
        icon=_kept(32, _MARK, ground=colour, ink=ink),
        logo=_kept(164, _MARK + _WORD, ground=colour, ink=ink, text="#16181d"),
        logo_dark=_kept(164, _MARK + _WORD, ground=ground_there, ink=ink_there, text="#eceef2"),
    )


@login_not_required
@require_safe
def sheet(request: HttpRequest, name: str) -> HttpResponse:
    """A stylesheet that fixes the theme: outside of all layers, it overrules the product's. Paper
    stays white.
    """
    if name not in THEMES:
        raise Http404
    rule = f"@media not print{{:root{{color-scheme:{name}}}}}"
    return HttpResponse(rule, content_type="text/css")


def _kept(width: int, drawing: str, **colours: str) -> str:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} 32">{drawing}</svg>'
    return identity.keep_picture(svg.format(**colours).encode())


def _themed(page: str, theme: str) -> str:
    """Return a page or a mail as on a screen that is light or dark."""
    sheet = format_html(
        '<link rel="stylesheet" href="{}"></head>',
        reverse("demo_theme", urlconf=settings.ROOT_URLCONF, args=[theme]),
    )
    fixed = f'<meta name="color-scheme" content="{theme}">'
    page = page.replace(_DARK, THEMES[theme]).replace("</head>", sheet, 1)
    return page.replace('<meta name="color-scheme" content="light dark">', fixed)
