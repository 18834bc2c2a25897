"""Finding models, actions and fields by what people call them: by name, in the reader's language
and in English, by id, by Kombo's label, and by other words for the same thing in every language.

Every word that is typed must occur. In a name or an id that may be anywhere, as German words are
made of others; other words for the same thing must begin with it, or "age" would find "wage".
"""

from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import NamedTuple

from django.utils.translation import get_language, override

from integrations.domain.field_names import field_name, model_name
from integrations.domain.field_tables import synonyms, synonyms_romance
from integrations.domain.search import fold

_LIKE = 0.72  # of 1: "salery" is like "salary", "salad" is not
_LESS = 0.95  # a name that is like it comes before another word for it


class Haystack(NamedTuple):
    """What a search looks through for one datapoint, folded."""

    names: str
    terms: str  # each word after a space


def words_of(query: str) -> tuple[str, ...]:
    """The words that somebody typed, as they are compared."""
    return tuple(_fold(query).split())


def search_terms(model_id: str, field_id: str = "") -> frozenset[str]:
    """Other words, in every language, for a field or its model, as they are compared.

    Without a field, those of the model.
    """
    table = _terms()
    parts = field_id.split(".") if field_id else []
    prefixes = (".".join(parts[:length]) for length in range(2, len(parts) + 1))
    keys = {model_id, f"{model_id}.{field_id}", *parts, *prefixes}
    return frozenset[str]().union(*(table[key] for key in keys if key in table))


def is_found(words: Iterable[str], model_id: str, field_id: str = "", label: str = "") -> bool:
    """Whether words that were typed, from `words_of`, all occur in what a model or a field is
    called. `label` is Kombo's, of the model.
    """
    haystack = _haystack(get_language() or "en", model_id, field_id, label)
    return all(word in haystack.names or f" {word}" in haystack.terms for word in words)


def nearest(query: str, datapoints: Iterable[str], *, most: int = 3) -> list[str]:
    """Those of some datapoints that are called most like what was typed, the likest first."""
    words = words_of(query)
    scored = ((_likeness(words, datapoint), datapoint) for datapoint in datapoints)
    likely = sorted(
        (-score, datapoint.count("."), datapoint) for score, datapoint in scored if score >= _LIKE
    )
    return [datapoint for _score, _depth, datapoint in likely[:most]]


def _likeness(words: Iterable[str], datapoint: str) -> float:
    """How well the least known of these words is known to a datapoint's own names, from 0 to 1."""
    model_id, _dot, field_id = datapoint.partition(".")
    names, terms = _own_words(get_language() or "en", model_id, field_id)
    likeness = [max(_likest(word, names), _likest(word, terms) * _LESS) for word in words]
    return min(likeness, default=0.0)


def _likest(word: str, others: Iterable[str]) -> float:
    return max((_ratio(word, other) for other in others), default=0.0)


@lru_cache(maxsize=65536)
def _ratio(word: str, other: str) -> float:
    if abs(len(word) - len(other)) > 3:
        return 0.0
    return SequenceMatcher(None, word, other).ratio()


@lru_cache(maxsize=8192)
def _own_words(language: str, model_id: str, field_id: str) -> tuple[set[str], set[str]]:
    """The words that a field is known by apart from its model, or a model: of its names, and other
    ones.
    """
    terms = search_terms(model_id, field_id)
    if field_id:
        terms -= search_terms(model_id)
    names = _fold(" ".join(_names(model_id, field_id)))
    return set(names.split()), set(" ".join(terms).split())


@lru_cache(maxsize=8192)
def _haystack(language: str, model_id: str, field_id: str, label: str) -> Haystack:
    names = [model_id, label, *_names(model_id)]
    if field_id:
        names += [f"{model_id}.{field_id}", *_names(model_id, field_id)]
    terms = sorted(search_terms(model_id, field_id))
    return Haystack(_fold(" ".join(names)), f" {' '.join(terms)}")


def _names(model_id: str, field_id: str = "") -> tuple[str, str]:
    """A field's name, or a model's, in the reader's language and in English."""

    def name() -> str:
        return field_name(model_id, field_id) if field_id else model_name(model_id)

    with override("en"):
        english = name()
    return name(), english


@cache
def _terms() -> dict[str, frozenset[str]]:
    """Return the synonyms in every language, folded, by id of a field or model that has some."""
    languages = (
        synonyms.ENGLISH,
        synonyms.GERMAN,
        synonyms_romance.FRENCH,
        synonyms_romance.SPANISH,
        synonyms_romance.ITALIAN,
    )
    by_field: dict[str, set[str]] = {}
    for concept, fields in synonyms.FIELDS.items():
        terms = {_fold(term.strip()) for table in languages for term in table[concept].split(",")}
        for field in fields.split():
            by_field.setdefault(field, set()).update(terms)
    return {field: frozenset(terms) for field, terms in by_field.items()}


def _fold(text: str) -> str:
    """Return a text as it is compared, with straight apostrophes: those are what people type."""
    return fold(text.replace("’", "'"))
