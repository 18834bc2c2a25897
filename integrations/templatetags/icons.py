"""Icons, as small pictures in the page: they take the colour of the text beside them.

Written directly: a list of fifty rows has a hundred of them, and to include a template costs as much
as a row.
"""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

# On a ground of 16 by 16, drawn with lines.
_LINES = {
    "search": "M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10Zm3.6-1.4L14 14",
    "plus": "M8 3v10M3 8h10",
    "next": "M6 3.5 10.5 8 6 12.5",
    "previous": "M10 3.5 5.5 8l4.5 4.5",
    "down": "m4 6 4 4 4-4",
    "check": "M2.5 8.5 6 12l7.5-8",
    "close": "m4 4 8 8m0-8-8 8",
    "more": "M3 8h.01M8 8h.01M13 8h.01",
    "menu": "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
    "refresh": "M13.5 8a5.5 5.5 0 1 1-1.7-4L13.5 5.5M13.5 2v3.5H10",
    "language": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM2 8h12M8 2c1.7 1.7 2.5 3.7 2.5 6S9.7 12.3 8 14"
    "C6.3 12.3 5.5 10.3 5.5 8S6.3 3.7 8 2Z",
    "sign-out": "M6.5 2.5h-3A1.5 1.5 0 0 0 2 4v8a1.5 1.5 0 0 0 1.5 1.5h3M10.5 11l3-3-3-3M13.5 8h-7",
    "email": "M2 3.5h12v9H2zM2 4.5l6 4.5 6-4.5",
    "person": "M8 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5Zm-5 5.5c.5-2.5 2.5-4 5-4s4.5 1.5 5 4",
    "people": "M6 8a2.3 2.3 0 1 0 0-4.6A2.3 2.3 0 0 0 6 8Zm-4.5 5c.3-2.2 2.2-3.5 4.5-3.5s4.2 1.3 4.5 3.5"
    "M10.5 3.6a2.3 2.3 0 0 1 0 4.2m1.5 2c1.5.5 2.3 1.7 2.5 3.2",
    "chart": "M2 13.5h12M3 10l3-3.5 3 2 4-5",
    "list": "M2.5 4h.01M2.5 8h.01M2.5 12h.01M5.5 4h8M5.5 8h8M5.5 12h8",
    "grid": "M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z",
    "columns": "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10",
    "changes": "M3 5.5h9.5M10 3l2.5 2.5L10 8M13 10.5H3.5M6 8l-2.5 2.5L6 13",
    "shield": "M8 1.8 13 3.7v4c0 3-2 5.3-5 6.5-3-1.2-5-3.5-5-6.5v-4Zm-2.3 6L7.5 9.6l3-3.2",
    "webhook": "M8 2v7.5m-3-3 3 3 3-3M2.5 11v2.5h11V11",
    "bell": "M4 11.5V7a4 4 0 1 1 8 0v4.5l1 1H3Zm2.7 1.8a1.4 1.4 0 0 0 2.6 0",
    "settings": "M2.5 5h7m3 0h1M2.5 11h1m3 0h7M11 6.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Zm-6 6"
    "a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z",
    "palette": "M8 14A6 6 0 1 1 14 8c0 1.5-1 2.2-2.3 2.2h-1.5c-1 0-1.4.8-1 1.6.5 1 0 2.2-1.2 2.2Z"
    "M5 8h.01M6.5 5h.01M10 5h.01",
    "pulse": "M1.5 8.5h3L6.5 3l3 10 2-4.5h3",
    "download": "M8 2.5v7m-3-3 3 3 3-3M3 13h10",
    "print": "M4.5 6V2.5h7V6M4.5 11.5h-2v-5h11v5h-2M4.5 9.5h7v4h-7Z",
    "edit": "M3 13l.6-2.7L10.8 3l2.2 2.2-7.3 7.2Z",
    "copy": "M6 6h7.5v7.5H6ZM10 6V2.5H2.5V10H6",
    "send": "M14 2 7 9M14 2 9.5 14 7 9 2 6.5Z",
    "link": "M7 9a2.5 2.5 0 0 0 3.7.2l2-2A2.5 2.5 0 0 0 9.2 3.6L8.3 4.5M9 7a2.5 2.5 0 0 0-3.7-.2l-2 2"
    "a2.5 2.5 0 0 0 3.5 3.6l.9-.9",
    "guide": "M8 3.8C6.6 2.8 4.6 2.5 2 2.6v9.8c2.6-.1 4.6.2 6 1.2 1.4-1 3.4-1.3 6-1.2V2.6"
    "c-2.6-.1-4.6.2-6 1.2ZM8 3.8v9.8",
    "question": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM6.3 6.5a1.7 1.7 0 1 1 2.5 1.5c-.5.3-.8.6-.8 1.2M8 11.3h.01",
    "lock": "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
    "clock": "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 4.8V8l2.2 1.5",
    "filter": "M2.5 4h11M4.5 8h7M6.5 12h3",
    "flag": "M4 14V2.5h8l-2 3 2 3H4",
    "open": "M9.5 2.5h4v4M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4",
}
# One for each severity, told apart by shape alone.
_SIGNS = {
    "ok": '<path d="M2.5 8.5 6 12l7.5-8"/>',
    "action_required": '<path d="M8 1.8 15 14H1Z" fill="currentColor"/>'
    '<path d="M8 6.2v3.6M8 12h.01" class="icon-hole"/>',
    "attention": '<path d="M8 1.5 14.5 8 8 14.5 1.5 8ZM8 5.2v3.2M8 10.9h.01"/>',
    "working": '<path d="M14 8a6 6 0 1 1-6-6"/>',
    "unknown": '<circle cx="8" cy="8" r="6" stroke-dasharray="2.2 2.510"/>',
    "partial": '<circle cx="8" cy="8" r="6"/><path d="M8 2a6 6 0 0 1 0 12Z" fill="currentColor"/>',
    "paused": '<path d="M5 3v10M11 3v10"/>',
}
_PICTURE = '<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{0}"/></svg>'
_SIGN = '<svg class="icon" data-sign viewBox="0 0 16 16" aria-hidden="true">{0}</svg>'

_ICONS = {name: mark_safe(_PICTURE.format(lines)) for name, lines in _LINES.items()}  # noqa: S308
_SIGN_OF = {name: mark_safe(_SIGN.format(shape)) for name, shape in _SIGNS.items()}  # noqa: S308


@register.simple_tag
def icon(name: str) -> SafeString:
    """Return the icon of this name, which programs need not read. KeyError if there is none."""
    return _ICONS[name]


@register.simple_tag
def sign(severity: str) -> SafeString:
    """Return the shape of a severity; the one of "unknown" for any that has none."""
    return _SIGN_OF.get(severity, _SIGN_OF["unknown"])


@register.simple_tag
def badge(severity: str, text: str) -> SafeString:
    """Return a status: its shape and its words."""
    return format_html(
        '<span class="badge" data-severity="{}">{}{}</span>', severity, sign(severity), text
    )
