"""Pictures for people who would rather look than read, as SVG; each with its words beside it."""

from collections.abc import Mapping, Sequence
from itertools import accumulate

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from integrations.domain.coverage import Part
from integrations.domain.day_strip import Day, DayKind, paths, picture_width

register = template.Library()


@register.simple_tag
def split_picture(parts: Mapping[str, int]) -> SafeString:
    """Return the bar of how many of each part there are, in the order of all bars; nothing if there
    are none at all.
    """
    total = sum(parts.values())
    if not total:
        return SafeString("")
    numbers = [(part, parts.get(part, 0)) for part in Part]
    starts = accumulate((number for _part, number in numbers), initial=0)
    rects = (
        (part, start, number)
        for (part, number), start in zip(numbers, starts, strict=False)
        if number
    )
    return format_html(
        '<svg class="split" viewBox="0 0 {} 1" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>",
        total,
        format_html_join("", '<rect data-part="{}" x="{}" width="{}" height="1"/>', rects),
    )


@register.simple_tag
def days_picture(days: Sequence[Day]) -> SafeString:
    """Return the picture of a row's days; nothing where none are known."""
    return kinds_picture(tuple([day.severity for day in days]))


def kinds_picture(kinds: tuple[DayKind | None, ...]) -> SafeString:
    """Return the picture of days of these kinds."""
    if not any(kinds):
        return SafeString("")
    return format_html(
        '<svg class="days" viewBox="0 0 {} 20" preserveAspectRatio="none" aria-hidden="true">'
        "{}</svg>",
        picture_width(len(kinds)),
        format_html_join(
            "", '<path data-severity="{}" d="{}"/>', ((kind or "", d) for kind, d in paths(kinds))
        ),
    )
