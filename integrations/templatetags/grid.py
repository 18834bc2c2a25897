"""Rows of the coverage grid, which can be thousands: what a row is made of is kept, and written
directly where a template loop takes many times as long.
"""

import secrets
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from typing import NamedTuple
from urllib.parse import quote, urlencode

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from integrations.domain import field_names
from integrations.domain.coverage import Field, Reason, Show
from integrations.domain.coverage_text import explain
from integrations.domain.field_names import FieldGroup
from integrations.views.customer.coverage_rows import ORDER, FieldRows, ModelRow

register = template.Library()

# What another page has elsewhere in the same row stands in what is kept as a word of its own.
_FIELDS, _OPEN_URL, _FIELDS_URL = (SafeString(secrets.token_hex(32)) for _word in range(3))
_GROUPS = list(FieldGroup)  # by their places
_TELLS_NOTHING = {ORDER[FieldGroup.OTHER], ORDER[FieldGroup.TECHNICAL]}

# A field's row: what is the same in all rows of the field, before and after its verdict and a mark.
_START = (
    '<div class="coverage-field" id="{anchor}" data-datapoint="{id}" data-availability="'
).format
_NAME = (
    '<dt><a class="coverage-anchor" href="#{anchor}"{hint}>{name}</a> <code>{key}</code>{mark}'
).format
_HINT = ' title="{0}"'.format
_SENSITIVE = ' <span class="tag" data-sensitivity="{0}">{1}</span>'.format
_MEANING = ' <span class="coverage-meaning">{0}</span>'.format
_CHANGED = ' <span class="tag" data-changed>{0}</span>'.format
_HEADING = '<p class="coverage-heading">{0}</p>\n<dl>\n'.format


class _FieldText(NamedTuple):
    """What a field's rows have in common in one language, as parts of HTML; `place` is that of what
    it is about.
    """

    place: int
    start: str
    name: str
    meaning: str


@register.filter
def anchor(datapoint: str) -> str:
    """Return the id of a datapoint's row: the datapoint as it stands in an address. An id may hold
    no white space, as Kombo's names could.
    """
    return quote(datapoint, safe="")


@register.filter
def name_of(datapoint: str) -> str:
    """The name of a datapoint in the reader's language: "Employees (tax ID)"."""
    return field_names.datapoint_name(datapoint)


@register.simple_tag
def model_rows(
    rows: Iterable[tuple[ModelRow, FieldRows]], open_url: str, fields_url: str
) -> SafeString:
    """Return the rows of models and actions; the addresses lead to a page with one more open, and
    to one's fields.
    """
    language = get_language() or "en"
    open_link, fields_link = escape(open_url), escape(fields_url)
    html: list[str] = []
    for row, fields in rows:
        shown = _model_row(language, row).replace(_OPEN_URL, open_link)
        before, _fields, after = shown.replace(_FIELDS_URL, fields_link).partition(_FIELDS)
        html.append(before)
        if row.has_list:
            html += ("\n", _field_rows(fields), "\n", after)
    return mark_safe("".join(html))  # noqa: S308 - rendered


@register.simple_tag
def field_rows(shown: FieldRows) -> SafeString:
    """Return the rows of a model's fields."""
    return mark_safe(_field_rows(shown))  # noqa: S308 - parts that were escaped


def _field_rows(shown: FieldRows) -> str:
    language = get_language() or "en"
    if shown.changed:
        return _put_together(language, shown)
    return _unmarked(language, shown.fields, shown.tool, shown.vendor)


@lru_cache(maxsize=400)  # models with some 10 KB each
def _unmarked(language: str, fields: tuple[Field, ...], tool: str, vendor: str) -> str:
    """Return the rows of a model's fields of which none changed lately: the same for all whose data
    of the tool is the same.
    """
    return _put_together(language, FieldRows(fields, tool, vendor, changed={}))


def _put_together(language: str, shown: FieldRows) -> str:
    """Return the rows as lists, one to each group that has a heading if there are several."""
    rows = [(_field_text(language, field.id, field.key), field) for field in shown.fields]
    rows.sort(key=_place)
    is_headed = len({text.place for text, _field in rows} - _TELLS_NOTHING) > 1
    said: dict[tuple[object, ...], tuple[str, str]] = {}
    html: list[str] = [] if is_headed else ["<dl>\n"]
    place = -1
    for text, field in rows:
        if is_headed and text.place != place:
            place = text.place
            html += ("</dl>\n" if html else "", _HEADING(escape(_GROUPS[place].label)))
        verdict = (field.reason, field.optional)
        if verdict not in said:
            is_choice = Show.CHOICE.accepts(field)
            why = explain(field, tool=shown.tool, vendor=shown.vendor)
            said[verdict] = _verdict(field.reason, why, is_choice=is_choice)
        middle, end = said[verdict]
        changed = shown.changed.get(field.id)
        mark = _CHANGED(escape(changed)) if changed else ""
        html += (text.start, middle, text.name, mark, text.meaning, end)
    return "".join([*html, "</dl>"])


@lru_cache(maxsize=2_000)  # a row of a KB or two
def _model_row(language: str, row: ModelRow) -> str:
    """Return a row in the active language, with words in the place of its fields and addresses."""
    context = {
        "row": row,
        "fields": _FIELDS,
        "open_url": _OPEN_URL,
        "fields_url": _FIELDS_URL,
        "open_query": urlencode({"open": row.id}),
        "fields_query": urlencode({"group": row.id}),
    }
    return render_to_string("components/coverage.html#row", context)


@lru_cache(maxsize=8_192)
def _field_text(language: str, datapoint: str, key: str) -> _FieldText:
    """Return what rows of a field have in common in the active language."""
    model = datapoint.removesuffix(f".{key}")
    about = field_names.field_group(model, key)
    kind = field_names.sensitivity(model, key)
    means = escape(field_names.field_meaning(model, key))
    is_hint = about is FieldGroup.TECHNICAL  # the same everywhere
    return _FieldText(
        place=ORDER[about],
        start=_START(id=escape(datapoint), anchor=anchor(datapoint)),
        name=_NAME(
            anchor=anchor(datapoint),
            hint=_HINT(means) if means and is_hint else "",
            name=escape(field_names.field_name(model, key)),
            key=escape(key),
            mark=_SENSITIVE(kind.value, escape(kind.label)) if kind else "",
        ),
        meaning=_MEANING(means) if means and not is_hint else "",
    )


@lru_cache(maxsize=64)
def _verdict(reason: Reason, why: str, *, is_choice: bool) -> tuple[str, str]:
    """Return what rows with the same verdict have in common, before and after their name."""
    choice = " data-choice" if is_choice else ""
    return f'{reason.value}"{choice}>', f"</dt><dd>{escape(why)}</dd></div>\n"


def _place(row: tuple[_FieldText, Field]) -> int:
    return row[0].place
