"""A language that is none: every message that can be translated, with accents on all its letters.

What stands in plain letters while this is spoken is data, or a text that nobody can translate.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import django
import pytest
from django.conf import settings
from django.utils.translation import trans_real

from integrations.domain import dates, field_names, field_search
from integrations.templatetags import grid

PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
ACCENTED = "ÅƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽåƀçðéƒĝĥîĵķļɱñöþǫŕšţûṽŵẋýž"
OPEN, CLOSE = "⟦", "⟧"
_LETTERS = str.maketrans(PLAIN, ACCENTED)
# Placeholders of Python's three kinds, tags and entities stay as they are.
_KEPT = re.compile(r"(%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^<>]*>|&\w+;)")
_CONTEXT = "\x04"


def pseudo(message: str) -> str:
    """Return a message as this language has it."""
    parts = _KEPT.split(message)
    parts[::2] = [part.translate(_LETTERS) for part in parts[::2]]
    return f"{OPEN}{''.join(parts)}{CLOSE}"


@cache
def known() -> frozenset[str]:
    """Every message that can be translated: ours as German has them, and Django's own."""
    german: Any = trans_real.DjangoTranslation("de")
    keys = german._catalog.keys()
    ours = {key[0] if isinstance(key, tuple) else key for key in keys}
    sources = Path(django.__file__).parent.glob("**/locale/en/LC_MESSAGES/django.po")
    return frozenset(ours).union(*(_sources(path.read_text()) for path in sources))


def _sources(po: str) -> set[str]:
    """The messages of a file that are not in a context."""
    found = re.findall(r'^msgid ((?:".*"\s)+)', po, re.MULTILINE)
    return {"".join(ast.literal_eval(line) for line in text.splitlines()) for text in found}


class Catalogue(trans_real.DjangoTranslation):
    """A language in which each message that is known has accents, and others stay as they are."""

    def gettext(self, message: str) -> str:
        text = message.rpartition(_CONTEXT)[2]
        return pseudo(text) if message in known() else text

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        text = (msgid1 if n == 1 else msgid2).rpartition(_CONTEXT)[2]
        return pseudo(text) if msgid1 in known() else text


@contextmanager
def spoken() -> Iterator[None]:
    """Let every language be this one."""
    made = {code: Catalogue(code) for code, _name in settings.LANGUAGES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trans_real, "_translations", made)
        patch.setattr(trans_real, "_default", None)
        _forget()
        yield
    _forget()


def _forget() -> None:
    """Translate anew what is translated once for all."""
    trans_real.activate(settings.LANGUAGE_CODE)
    for remembered in (
        field_names._texts,
        field_names._field_name,
        field_search._own_words,
        field_search._haystack,
        grid._field_text,
        grid._model_row,
        grid._unmarked,
        dates._text,
    ):
        remembered.cache_clear()
