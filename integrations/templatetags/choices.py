"""What a field of choices offers, written directly: some have a hundred."""

from collections.abc import Iterable
from html import escape

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

_OPTION = '<option value="{0}"{1}>{2}</option>'.format


@register.simple_tag
def options(choices: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """Return an `<option>` for each choice, a value and its label; every text is escaped here."""
    written = (
        _OPTION(escape(value), " selected" if value == chosen else "", escape(label))
        for value, label in choices
    )
    return mark_safe("".join(written))  # noqa: S308 - nothing but escaped texts
