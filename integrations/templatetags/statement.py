"""Rows of an access statement's table, which can be thousands: written directly, as a template loop
takes four times as long.
"""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

from integrations.domain.statement_text import ModelText

register = template.Library()

_MODEL = (
    '<tbody data-standing="{0}"><tr class="statement-model">'
    '<th scope="rowgroup"><span>{1}</span> <code>{2}</code></th>'
    "<td>{3}</td><td>{4}</td></tr>\n"
).format
_FIELD = (
    '<tr data-standing="{0}"><th scope="row"><span>{1}</span> '
    "<code>{2}</code>{5}</th><td>{3}</td><td>{4}</td></tr>\n"
).format
_SENSITIVE = ' <span class="tag">{0}</span>'.format


@register.simple_tag
def statement_rows(models: Iterable[ModelText]) -> SafeString:
    """A `<tbody>` for each model, with a line for each of its fields; every text is escaped
    here.
    """
    parts = []
    for model in models:
        about = (escape(text) for text in (model.name, model.id, model.words, model.since))
        parts.append(_MODEL(model.standing.value, *about))
        for row in model.fields:
            about = (escape(text) for text in (row.name, row.key, row.words, row.since))
            sensitive = _SENSITIVE(escape(row.sensitive)) if row.sensitive else ""
            parts.append(_FIELD(row.standing.value, *about, sensitive))
        parts.append("</tbody>\n")
    return mark_safe("".join(parts))  # noqa: S308 - nothing above but escaped texts
