"""Marks and spaces as each language sets them, in every text a person reads; placeholders and
plural forms that a translation must keep.
"""

import re

import pytest

from tests.words.po_files import PO_FILES, header_of, messages_of

NARROW = "\u202f"
WIDE = "\u00a0"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]")
# In every language: what a typewriter wrote, and spaces that nobody sees.
ANYWHERE = (r"'", r'"', r"\.\.\.", r"  ", r"^\s", r"\s$", r" - ", r"\s%(?![(sd])")
NO_SPACE = (r"\s[;:!?]", r"[«„]\s", r"\s»")
RULES = {
    "en": (*ANYWHERE, *NO_SPACE, "[«»„‚‹›]", r"“[^”]*$"),
    "de": (*ANYWHERE, *NO_SPACE, "[«»”‚‹›]", r"„[^“]*$", r"(?:^|[“])[^„]*“"),
    "es": (*ANYWHERE, *NO_SPACE, "[„“”‚‹›]", r"«[^»]*$", r"(?:^|[»])[^«]*»"),
    "it": (*ANYWHERE, *NO_SPACE, "[„“”‚‹›]", r"«[^»]*$", r"(?:^|[»])[^«]*»"),
    "fr": (
        *ANYWHERE,
        "[„“”‚‹›]",
        r"«[^»]*$",
        r"(?:^|[»])[^«]*»",
        rf"(?<!{NARROW})[;!?»]",
        rf"«(?!{NARROW})",
        rf"(?<!{NARROW}):(?![\w/])",  # none within a time, an address or an ID
        r"\s[,.]",
    ),
}


def texts_of(language: str) -> list[str]:
    """Every text in a language, "X" where a value is put in; those in English are what all are
    translated from.
    """
    if language == "en":
        texts = [text for name in PO_FILES for one in messages_of(name) for text in one.sources]
    else:
        texts = [text for one in messages_of(language) for text in one.texts]
    return [PLACEHOLDER.sub("X", text) for text in texts]


def breaches(text: str, language: str) -> list[str]:
    return [rule for rule in RULES[language] if re.search(rule, text)]


def test_every_language_has_its_rules() -> None:
    assert set(PO_FILES) | {"en"} == set(RULES)


@pytest.mark.parametrize("language", RULES)
def test_texts_are_set_as_their_language_sets_them(language: str) -> None:
    texts = texts_of(language)
    assert len(texts) > 500
    assert {text: found for text in texts if (found := breaches(text, language))} == {}


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It's gone"),
        ("en", "Wait..."),
        ("en", "Two  spaces"),
        ("en", "Done "),
        ("en", 'A "name"'),
        ("en", "50 % done"),
        ("en", "Really ?"),
        ("de", "Ein «Name»"),
        ("de", "Ein “Name”"),
        ("de", "Ein „Name"),
        ("es", "Un “nombre”"),
        ("es", "Un « nombre »"),
        ("it", "L'ora"),
        ("it", "Un “nome”"),
        ("fr", "Vraiment?"),
        ("fr", f"Vraiment{WIDE}?"),
        ("fr", "Vraiment ?"),
        ("fr", "Nom: X"),
        ("fr", f"Nom{WIDE}: X"),
        ("fr", f"Un «{WIDE}nom{WIDE}»"),
        ("fr", "Un «nom»"),
        ("fr", "Fini ."),
        ("fr", "L'heure"),
    ],
)
def test_a_breach_is_seen(language: str, text: str) -> None:
    assert breaches(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It’s “X”: done…"),
        ("de", "„X“: fertig"),
        ("es", "¿«X»?"),
        ("it", "L’ora: «X»"),
        ("fr", f"L’heure{NARROW}: 11:05, «{NARROW}X{NARROW}»{NARROW}; https://a.example{NARROW}?"),
    ],
)
def test_what_is_right_passes(language: str, text: str) -> None:
    assert breaches(text, language) == []


@pytest.mark.parametrize("language", PO_FILES)
def test_everything_is_translated(language: str) -> None:
    for message in messages_of(language):
        assert all(message.texts), message
        assert not message.is_fuzzy, message


@pytest.mark.parametrize("language", PO_FILES)
def test_translations_have_all_plural_forms(language: str) -> None:
    match = re.search(r"nplurals=(\d)", header_of(language))
    assert match
    for message in messages_of(language):
        is_plural = len(message.sources) == 2
        assert len(message.texts) == (int(match[1]) if is_plural else 1), message


@pytest.mark.parametrize("language", PO_FILES)
def test_translations_keep_the_placeholders(language: str) -> None:
    """The form for one may spell its number out."""
    for message in messages_of(language):
        wanted = sorted(PLACEHOLDER.findall(message.sources[-1]))
        assert sorted(PLACEHOLDER.findall(message.texts[-1])) == wanted, message
        if len(message.texts) > 1:
            assert set(PLACEHOLDER.findall(message.texts[0])) <= set(wanted), message
