"""Pictures for people who would rather look than read, as SVG; each with its words beside it."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integrations.domain.day_strip import Day, paths, picture_width

register = template.Library()


@register.simple_tag
def days_picture(days: Sequence[Day]) -> SafeString:
    """Return the picture of a row's days; nothing where none are known."""
    if not any(day.severity for day in days):
        return SafeString("")
    return format_html(
        '<svg class="days" viewBox="0 0 {} 20" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>",
        picture_width(len(days)),
        format_html_join(
            "", '<path data-severity="{}" d="{}"/>', ((kind or "", d) for kind, d in paths(days))
        ),
    )
