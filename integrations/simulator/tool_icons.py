"""Pictures for the tools: made-up marks, nobody's trademark, each tool its own colour and shape."""

import re
from hashlib import sha256

from integrations.simulator.catalogue import TOOLS
from integrations.simulator.web import Markup, Request, Response, markup

PATH = re.compile(r"/assets/integrations/(?P<tool>.+)/(?P<kind>icon|logo)\.svg")
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
SHAPES = (
    '<circle cx="24" cy="24" r="11" fill="none" stroke="#fff" stroke-width="6"/>',
    '<path d="M24 11 37 24 24 37 11 24zm0 8-5 5 5 5 5-5z" fill="#fff"/>',
    '<path d="M13 30h6v7h-6zM21 22h6v15h-6zM29 12h6v25h-6z" fill="#fff"/>',
    '<path d="M12 36a24 24 0 0 1 24-24v8a16 16 0 0 0-16 16zM28 28h8v8h-8z" fill="#fff"/>',
    (
        '<path d="M11 20a7 7 0 0 1 14 0 7 7 0 0 1-14 0zM24 29a7 7 0 0 1 14 0 7 7 0 0 1-14 0z" '
        'fill="#fff"/>'
    ),
    '<path d="M12 14h24v7H12zM12 27h14v7H12z" fill="#fff"/>',
    (
        '<path d="M24 11 37 35H11z" fill="none" stroke="#fff" stroke-width="5" '
        'stroke-linejoin="round"/>'
    ),
    '<path d="M14 14h9v9h-9zM25 25h9v9h-9z" fill="#fff"/>',
    '<path d="M24 11v26M11 24h26" stroke="#fff" stroke-width="7" stroke-linecap="round"/>',
)


def answer(request: Request) -> Response | None:
    """Serve the icon or the logo of any tool; None for another address."""
    match = PATH.fullmatch(request.path)
    if match is None:
        return None
    svg = icon(match["tool"]) if match["kind"] == "icon" else logo(match["tool"])
    headers = (("Content-Type", "image/svg+xml"), ("Cache-Control", "public, max-age=3600"))
    return Response(200, svg.encode(), (*headers, ("Content-Security-Policy", ALONE)))


def icon(tool_id: str) -> Markup:
    """Draw the square mark of a tool."""
    return markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48" width="48" '
        'height="48">{}</svg>',
        _mark(tool_id),
    )


def logo(tool_id: str) -> Markup:
    """Draw the mark with the name of the tool beside it."""
    label = next((tools[tool_id] for tools in TOOLS.values() if tool_id in tools), tool_id)
    width = 64 + 15 * len(label)
    return markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} 48" width="{}" height="48">{}'
        '<text x="60" y="33" '
        'font-family="system-ui, sans-serif" font-size="25" font-weight="700" textLength="{}" '
        'lengthAdjust="spacingAndGlyphs" fill="{}">{}</text></svg>',
        width,
        width,
        _mark(tool_id),
        width - 64,
        _colour(tool_id),
        label,
    )


def _mark(tool_id: str) -> Markup:
    shape = SHAPES[sha256(tool_id.encode()).digest()[2] % len(SHAPES)]
    return markup(
        '<rect width="48" height="48" rx="11" fill="{}"/>{}', _colour(tool_id), Markup(shape)
    )


def _colour(tool_id: str) -> str:
    """A hue of the tool's own, as dark as needed to stand on white."""
    digest = sha256(tool_id.encode()).digest()
    return (
        f"hsl({(digest[0] * 256 + digest[1]) % 360} {52 + digest[3] % 20}% {40 + digest[4] % 8}%)"
    )
