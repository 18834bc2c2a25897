"""No text has a word that docs/glossary.md rules out for its language."""

import re
from functools import cache
from typing import NamedTuple

import pytest

from tests.words.po_files import PO_FILES, PROJECT, Message, messages_of

GLOSSARY = (PROJECT / "docs" / "glossary.md").read_text()
LANGUAGES = ["en", "de", "fr", "es", "it"]
NONE = "–"
OF_KOMBO = {"field", "field meaning", "model", "model meaning", "action"}
# What is put in, what marks up, where links lead, and identifiers are no words.
NO_WORDS = re.compile(r"%\(\w+\)[sd]|%[sd]|<[^<>]*>|https?://\S+|\w+_\w+")


class Text(NamedTuple):
    """A text of a language, and the message of the source that it is or stands for."""

    text: str
    source: str


def rows(kind: str) -> list[list[str]]:
    """The cells of all rows of a kind, `say` or `not`, without their first."""
    found = re.findall(rf"^\| {kind} \| (.+) \|$", GLOSSARY, re.MULTILINE)
    return [row.split(" | ") for row in found]


@cache
def ruled_out(language: str) -> dict[str, re.Pattern[str]]:
    """The words that a language must not use, each with what finds it."""
    cells = [row[LANGUAGES.index(language)] for row in rows("not")]
    return {word: pattern(word) for cell in cells if cell != NONE for word in cell.split(", ")}


def pattern(word: str) -> re.Pattern[str]:
    """Finds it as a whole word, in whatever capitals; `*` stands for any ending."""
    end = r"\w*" if word.endswith("*") else ""
    return re.compile(rf"(?<![\w-]){re.escape(word.rstrip('*'))}{end}(?![\w-])", re.IGNORECASE)


@cache
def any_ruled_out(language: str) -> re.Pattern[str]:
    """Finds one of them; most texts have none, and are not searched for each."""
    either = "|".join(finder.pattern for finder in ruled_out(language).values())
    return re.compile(either, re.IGNORECASE)


@cache
def exceptions() -> set[tuple[str, str, str]]:
    """Languages and words with the messages of the source that may have them all the same."""
    table = GLOSSARY.partition("\n## Exceptions\n")[2]
    assert table
    cells = [row.strip("| ").split(" | ") for row in re.findall(r"^\|.+", table, re.MULTILINE)[2:]]
    assert all(len(row) == 4 and row[3] for row in cells), "each has its reason"
    return {(language, word, source) for language, word, source, _reason in cells}


def ours(language: str) -> list[Message]:
    """All messages but the names of Kombo's data, which speak of HR and not of this product."""
    return [message for message in messages_of(language) if message.context not in OF_KOMBO]


@cache
def texts_of(language: str) -> list[Text]:
    if language == "en":
        every = (message for name in PO_FILES for message in ours(name))
        return list(dict.fromkeys(Text(one, one) for message in every for one in message.sources))
    return [Text(text, message.sources[0]) for message in ours(language) for text in message.texts]


def found_in(text: str, language: str) -> list[str]:
    words = NO_WORDS.sub(" ", text)
    if not any_ruled_out(language).search(words):
        return []
    return [word for word, finder in ruled_out(language).items() if finder.search(words)]


@cache
def found_of(language: str) -> list[tuple[str, Text]]:
    """Every word that is ruled out, with the text that has it."""
    return [(word, one) for one in texts_of(language) for word in found_in(one.text, language)]


def test_every_term_is_named_in_every_language() -> None:
    assert len(rows("say")) == len(re.findall("^### ", GLOSSARY, re.MULTILINE)) > 30
    assert {len(row) for row in [*rows("say"), *rows("not")]} == {len(LANGUAGES)}
    assert [row for row in rows("say") if not all(row) or NONE in row] == []
    heads = set(re.findall(r"^\| \| (.+) \|$", GLOSSARY, re.MULTILINE))
    assert heads == {" | ".join(LANGUAGES)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_said_is_not_ruled_out(language: str) -> None:
    said = [row[LANGUAGES.index(language)] for row in rows("say")]
    assert {word: found for word in said if (found := found_in(word, language))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_has_a_word_that_is_ruled_out(language: str) -> None:
    assert len(texts_of(language)) > 500
    assert [
        f"{word!r} in {one.text!r} ({one.source!r})"
        for word, one in found_of(language)
        if (language, word, one.source) not in exceptions()
    ] == []


def test_every_exception_is_needed() -> None:
    needed = {
        (language, word, one.source) for language in LANGUAGES for word, one in found_of(language)
    }
    assert exceptions() - needed == set()


@pytest.mark.parametrize(
    ("language", "text", "word"),
    [
        ("en", "The Tenant is away", "tenant"),
        ("en", "Please try again", "please"),
        ("en", "Whose step", "whose step"),
        ("de", "Ihr Mandantenname", "Mandant*"),
        ("de", "Wir haben dir geschrieben", "dir"),
        ("de", "Die Mail ist da", "Mail"),
        ("fr", "Un mail", "mail"),
        ("fr", "Ta connexion", "ta"),
        ("es", "Su email", "email"),
        ("it", "La tua pagina", "tua"),
    ],
)
def test_this_test_sees_what_it_should(language: str, text: str, word: str) -> None:
    assert word in found_in(text, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Emails from %(tenant)s"),
        ("de", "Eine E-Mail vom Mailserver"),
        ("fr", "Un e-mail"),
        ("it", "Una e-mail"),
    ],
)
def test_parts_of_other_words_are_no_words(language: str, text: str) -> None:
    assert found_in(text, language) == []
