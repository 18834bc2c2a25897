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
from integrations.domain.field_names import datapoint_name
from integrations.templatetags.pictures import split_picture
from integrations.views.customer.coverage_rows import FieldRow

register = template.Library()

# A model's line: its name and id, what it holds, then either why it is not available or a bar, and
# how many fields are.
_LINE = (
    '<summary><span class="coverage-name">{0} <code>{1}</code>{4}{5}</span> {2} <span '
    'class="coverage-count">{3}</span></summary>'
).format
_WHY = '<span class="coverage-why">{0}</span>'.format
_ROW = (
    '<div class="coverage-field" id="{6}" data-datapoint="{0}" data-availability="{1}"{8}>'
    '<dt><a class="coverage-anchor" href="#{6}"{7}>{2}</a> <code>{3}</code>{5}</dt>'
    "<dd>{4}</dd></div>\n"
).format
_CHANGED = ' <span class="tag" data-changed>{0}</span>'.format
_SENSITIVE = ' <span class="tag" data-sensitivity="{0}">{1}</span>'.format
_MEANING = ' <span class="coverage-meaning">{0}</span>'.format
_CHOICE = " data-choice"
_TITLE = ' title="{0}"'.format
_HEADING = '<p class="coverage-heading">{0}</p>\n'.format


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
        middle: str = split_picture(row["parts"])
    else:
        middle = _WHY(escape(row["why"]))
    parts = (
        escape(row["label"]),
        escape(row["id"]),
        middle,
        escape(row["count"]),
        _mark(row["changed"]),
        _meaning(row["meaning"]),
    )
    return mark_safe(_LINE(*parts))  # noqa: S308 - escaped


@register.filter
def name_of(datapoint: str) -> str:
    """The name of a datapoint in the reader's language: "Employees (tax ID)"."""
    return datapoint_name(datapoint)


@register.simple_tag
def field_rows(rows: Iterable[FieldRow]) -> SafeString:
    """The rows as lists, one to each group that has a heading; every text is escaped here."""
    words: dict[str, str] = {}
    parts: list[str] = []
    for row in rows:
        if row.heading:
            parts += ["</dl>\n" if parts else "", _HEADING(escape(row.heading)), "<dl>\n"]
        elif not parts:
            parts.append("<dl>\n")
        if row.why not in words:
            words[row.why] = escape(row.why)
        parts.append(_field_row(row, words[row.why]))
    return mark_safe("".join([*parts, "</dl>"]))  # noqa: S308 - nothing but escaped texts


def _field_row(row: FieldRow, why: str) -> str:
    marks = _mark(row.changed)
    if row.sensitivity:
        marks = _SENSITIVE(row.sensitivity, escape(row.sensitive)) + marks
    hint = ""
    if row.is_technical and row.meaning:
        hint = _TITLE(escape(row.meaning))
    else:
        marks += _meaning(row.meaning)
    return _ROW(
        escape(row.datapoint),
        row.reason.value,
        escape(row.name),
        escape(row.key),
        why,
        marks,
        anchor(row.datapoint),
        hint,
        _CHOICE if row.is_choice else "",
    )


def _meaning(text: str) -> str:
    return _MEANING(escape(text)) if text else ""


def _mark(changed: str) -> str:
    return _CHANGED(escape(changed)) if changed else ""
