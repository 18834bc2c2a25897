"""What Kombo's models, actions and fields are called, in the reader's language: Kombo has no names
for fields, and those of models in English only.

What is not in the tables is called by its id, made readable: Kombo may have more tomorrow.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from integrations.domain.field_tables import groups, sensitive
from integrations.domain.field_tables.groups import FieldGroup
from integrations.domain.field_tables.meanings import MEANINGS
from integrations.domain.field_tables.models_and_actions import ACTIONS, MODELS
from integrations.domain.field_tables.models_and_actions import MEANINGS as MODEL_MEANINGS
from integrations.domain.field_tables.names import NAMES
from integrations.domain.field_tables.names_by_model import NAMES_BY_MODEL
from integrations.domain.field_tables.sensitive import Sensitivity

__all__ = [
    "FieldGroup",
    "Sensitivity",
    "action_name",
    "datapoint_name",
    "field_group",
    "field_meaning",
    "field_name",
    "field_within",
    "humanise",
    "model_group",
    "model_meaning",
    "model_name",
    "sensitivity",
]

_ACRONYMS = {
    "id": "ID",
    "ids": "IDs",
    "ssn": "SSN",
    "url": "URL",
    "iban": "IBAN",
    "bic": "BIC",
    "gdpr": "GDPR",
    "hr": "HR",
}
_CATEGORIES = ("hris_", "ats_", "lms_", "assessment_")


@dataclass(frozen=True, slots=True)
class _Texts:
    """All names and meanings in one language, by model, action, field or model and field."""

    models: Mapping[str, str]
    actions: Mapping[str, str]
    model_meanings: Mapping[str, str]
    fields: Mapping[str, str]
    fields_by_model: Mapping[str, Mapping[str, str]]
    field_meanings: Mapping[str, str]


def model_name(model_id: str, label: str = "") -> str:
    """The name of a model; of one that is not known, Kombo's label of it, or its id made readable.

    Whoever has an action's id by mistake gets the action's name.
    """
    texts = _texts(_language())
    known = texts.models.get(model_id) or texts.actions.get(model_id)
    return known or label or humanise(_without_category(model_id))


def action_name(action_id: str, label: str = "") -> str:
    """Return an action's name, as on a button; of an unknown one `label` or its readable id."""
    texts = _texts(_language())
    known = texts.actions.get(action_id) or texts.models.get(action_id)
    return known or label or humanise(_without_category(action_id))


def model_meaning(model_id: str) -> str:
    """What a model holds, or an action does, in a sentence; "" where the name says it all."""
    return _texts(_language()).model_meanings.get(model_id, "")


def field_name(model_id: str, field_id: str) -> str:
    """The name of a field of a model or action; `field_id` may be dotted."""
    return _field_name(_language(), model_id, field_id)


def field_meaning(model_id: str, field_id: str) -> str:
    """What a field holds, in a sentence; "" where the name says it all."""
    meanings = _texts(_language()).field_meanings
    return meanings.get(f"{model_id}.{field_id}") or meanings.get(field_id, "")


def datapoint_name(datapoint: str) -> str:
    """The name of `model` or `model.field` by itself: "Employees (tax ID)"."""
    model_id, _dot, field_id = datapoint.partition(".")
    if not field_id:
        return model_name(model_id)
    return field_within(model_name(model_id), field_name(model_id, field_id))


def field_within(model: str, field: str) -> str:
    """Return the name of a field with that of its model, as sentences and lists have it, without a
    colon: "Employees (tax ID)".
    """
    names = {"whole": model, "parts": _as_part(field, _language())}
    return _("%(whole)s (%(parts)s)") % names


@lru_cache(maxsize=8192)
def field_group(model_id: str, field_id: str) -> FieldGroup:
    """What a field is about; OTHER if nothing is known of it, nor of its model."""
    exact = groups.OF_DATAPOINTS.get(f"{model_id}.{field_id}")
    if exact:
        return exact
    known = (groups.OF_FIELDS[name] for name in _wholes(field_id) if name in groups.OF_FIELDS)
    return next(known, model_group(model_id))


def model_group(model_id: str) -> FieldGroup:
    """What most of a model or action is about; OTHER if it is not known."""
    return groups.OF_MODELS.get(model_id, FieldGroup.OTHER)


@lru_cache(maxsize=8192)
def sensitivity(model_id: str, field_id: str) -> Sensitivity | None:
    """Why a field is handled with more care than others; None for most."""
    exact = sensitive.OF_DATAPOINTS.get(f"{model_id}.{field_id}")
    if exact or model_id in sensitive.OF_ORGANIZATIONS:
        return exact
    wholes = _wholes(field_id)
    return next(
        (sensitive.OF_FIELDS[whole] for whole in wholes if whole in sensitive.OF_FIELDS), None
    )


@lru_cache(maxsize=4096)
def humanise(key: str) -> str:
    """Turn `home_address.tax_id` into words, as a name and a part of it are joined."""
    words = [
        _ACRONYMS.get(word, word) for word in key.replace(".", " – ").replace("_", " ").split(" ")
    ]
    name = " ".join(words).strip()
    return name[:1].upper() + name[1:]


def _language() -> str:
    return get_language() or "en"


@cache
def _texts(language: str) -> _Texts:
    """A grid has thousands of rows: each name is translated once for all of them."""
    with override(language):
        return _Texts(
            models=_translated(MODELS),
            actions=_translated(ACTIONS),
            model_meanings=_translated(MODEL_MEANINGS),
            fields=_translated(NAMES),
            fields_by_model={model: _translated(own) for model, own in NAMES_BY_MODEL.items()},
            field_meanings=_translated(MEANINGS),
        )


def _translated(table: Mapping[str, Promise]) -> dict[str, str]:
    return {name: str(text) for name, text in table.items()}


@lru_cache(maxsize=8192)
def _field_name(language: str, model_id: str, field_id: str) -> str:
    texts = _texts(language)
    own = texts.fields_by_model.get(model_id, {})
    known = own.get(field_id) or texts.fields.get(field_id)
    if known or "." not in field_id:
        return known or humanise(field_id) or field_id
    first, *others = [
        own.get(part) or texts.fields.get(part) or humanise(part) for part in field_id.split(".")
    ]
    return _joined(first, others, language)


def _joined(whole: str, parts: list[str], language: str) -> str:
    """Return the name of parts within a whole, without a colon or a comma, which belong to the
    sentence that it stands in: a dash joins "Home address" and "city".
    """
    return " – ".join([whole, *(_as_part(part, language) for part in parts)])


def _as_part(name: str, language: str) -> str:
    """Without its capital, unless that is of an abbreviation such as ID, a name or a German one."""
    if language.startswith("de"):
        return name
    first = name.split(" ", 1)[0]
    is_plain = first[1:].islower() and first != "Kombo"
    return name[:1].lower() + name[1:] if is_plain else name


def _wholes(field_id: str) -> Iterator[str]:
    """A dotted field, all that it is a part of, and its parts by themselves, the last first."""
    parts = field_id.split(".")
    for length in range(len(parts), 0, -1):
        yield ".".join(parts[:length])
    yield from reversed(parts[1:])


def _without_category(model_id: str) -> str:
    for category in _CATEGORIES:
        if model_id.startswith(category):
            return model_id.removeprefix(category)
    return model_id
