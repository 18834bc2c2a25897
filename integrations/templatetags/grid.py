"""Rows of the coverage grid, which can be thousands: written directly, as a template loop takes
four times as long.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from urllib.parse import quote

from django import template
from django.utils.safestring import SafeString, mark_safe

from integrations.domain.coverage import Reason

register = template.Library()

# A model's line: its name and id, then either why it is not available or a bar, and how many fields
# are.
_LINE = (
    '<summary><span class="coverage-name">{0} <code>{1}</code>{4}</span> {2} <span '
    'class="coverage-count">{3}</span></summary>'
).format
_WHY = '<span class="coverage-why">{0}</span>'.format
_BAR = (
    '<svg class="coverage-bar" viewBox="0 0 {0} 1" preserveAspectRatio="none" aria-hidden="true">'
    '<rect class="coverage-bar-yes" width="{1}" height="1"/>'
    '<rect class="coverage-bar-out" x="{1}" width="{2}" height="1"/></svg>'
).format
_ROW = (
    '<div class="coverage-field" id="{6}" data-datapoint="{0}" data-availability="{1}">'
    '<dt><a class="coverage-anchor" href="#{6}">{2}</a> <code>{3}</code>{5}</dt>'
    "<dd>{4}</dd></div>\n"
).format
_CHANGED = ' <span class="tag" data-changed>{0}</span>'.format


@register.filter
def anchor(datapoint: str) -> str:
    """Return the id of a datapoint's row: the datapoint as it stands in an address. An id may hold
    no white space, as Kombo's names could.
    """
    return quote(datapoint, safe="")


@register.simple_tag
def model_line(row: Mapping[str, Any]) -> SafeString:
    """The visible line of a model that can be opened."""
    if row["reason"] is Reason.AVAILABLE:
        middle = _BAR(row["total"], row["available"], row["opted_out"])
    else:
        middle = _WHY(escape(row["why"]))
    parts = (
        escape(row["label"]),
        escape(row["id"]),
        middle,
        escape(row["count"]),
        _mark(row["changed"]),
    )
    return mark_safe(_LINE(*parts))  # noqa: S308 - escaped


@register.simple_tag
def field_rows(rows: Iterable[tuple[str, str, str, Reason, str, str]]) -> SafeString:
    """One row per (id, name, key, reason, reason in words, mark); every text is escaped here."""
    words: dict[str, str] = {}
    parts = []
    for datapoint, name, key, reason, why, changed in rows:
        if why not in words:
            words[why] = escape(why)
        parts.append(
            _ROW(
                escape(datapoint),
                reason.value,
                escape(name),
                escape(key),
                words[why],
                _mark(changed),
                anchor(datapoint),
            )
        )
    return mark_safe("".join(parts))  # noqa: S308 - nothing above but escaped texts


def _mark(changed: str) -> str:
    return _CHANGED(escape(changed)) if changed else ""
