"""The coverage grid of a simulated integration: which datapoint is available, and why not.

Nothing here is random: each choice is a hash of the integration's id and the datapoint's, so the
same integration always looks the same.
"""

from collections import Counter
from hashlib import sha256
from typing import Any, Literal, cast

from integrations.simulator.catalogue import Entry, catalogue

type Coverage = Literal["realistic", "everything"]
type Point = dict[str, Any]
type Trait = tuple[str, str, bool]
"""coverage_status, scope_config_setting, opted_out_by_customer"""

REQUIRED: Trait = ("SUPPORTED", "ENABLED", False)
ALLOWED: Trait = ("SUPPORTED", "OPTIONAL", False)
OPTED_OUT: Trait = ("SUPPORTED", "OPTIONAL", True)
NOT_REQUESTED: Trait = ("SUPPORTED", "DISABLED", False)
UNSUPPORTED: Trait = ("UNSUPPORTED", "ENABLED", False)
NOT_IMPLEMENTED: Trait = ("NOT_IMPLEMENTED", "ENABLED", False)
UNKNOWN: Trait = ("UNKNOWN", "ENABLED", False)

# Percent of rolls; the rest is REQUIRED.
MODEL_ODDS = (
    (8, ALLOWED),
    (5, OPTED_OUT),
    (9, NOT_REQUESTED),
    (10, UNSUPPORTED),
    (5, NOT_IMPLEMENTED),
)
FIELD_ODDS = (
    (9, ALLOWED),
    (3, OPTED_OUT),
    (3, NOT_REQUESTED),
    (5, UNSUPPORTED),
    (3, NOT_IMPLEMENTED),
)
ACTION_ODDS = ((6, ALLOWED), (12, NOT_REQUESTED), (14, UNSUPPORTED), (10, NOT_IMPLEMENTED))
INPUT_ODDS = ((9, UNSUPPORTED), (5, NOT_IMPLEMENTED))

# Always available; every model of ASSESSMENT is, so that its few fields have room for each reason.
CORE = {"hris_employees", "ats_jobs", "ats_candidates", "ats_applications", "lms_courses"} | {
    entry.id for entry in catalogue("ASSESSMENT").read_models
}
KEYS = {"id", "remote_id", "changed_at", "remote_deleted_at"}
ALWAYS = KEYS | {"name", "first_name", "last_name"}
# What vendors rarely ask for, and what customers most like to keep to themselves.
RARELY_ASKED = {"remote_data", "ssn", "ethnicity", "bank_accounts", "avatar"}
OFTEN_OPTIONAL = {
    "date_of_birth",
    "home_address",
    "gender",
    "nationality",
    "mobile_phone_number",
    "personal_email",
}


def is_available(point: Point) -> bool:
    """Say what Kombo would say of a read model, a field of one, or a write action."""
    return bool(
        point["coverage_status"] == "SUPPORTED"
        and point["scope_config_setting"] != "DISABLED"
        and not point["opted_out_by_customer"]
    )


def find(points: list[Point], datapoint: str) -> Point:
    """Find `model` or `model.field`; ids of read models hold no dot, but a hostile one may. Raises
    KeyError.
    """
    for model in points:
        if model["id"] == datapoint:
            return model
        for field in model["fields"]:
            if f"{model['id']}.{field['id']}" == datapoint:
                return cast("Point", field)
    raise KeyError(datapoint)


def opt_out(point: Point, opted_out: bool) -> None:
    """Only optional datapoints can be opted out of, so a required one becomes optional."""
    if opted_out and point["scope_config_setting"] == "ENABLED":
        point["scope_config_setting"] = "OPTIONAL"
    point["opted_out_by_customer"] = opted_out
    point["is_available"] = is_available(point)


def grid(seed: str, category: str, coverage: Coverage) -> dict[str, list[Point]]:
    """Build `read_models` and `write_actions` of the integration `seed`."""
    known = catalogue(category)
    models = [
        _read_model(seed, entry, first=not index) for index, entry in enumerate(known.read_models)
    ]
    actions = [
        _write_action(seed, entry, first=not index)
        for index, entry in enumerate(known.write_actions)
    ]
    models.sort(key=lambda model: model["id"] not in CORE)
    if coverage == "everything":
        _add_rarities(seed, models)
    _ensure_each_reason(seed, models)
    return {"read_models": models, "write_actions": actions}


def _roll(*parts: str) -> int:
    return int.from_bytes(sha256("\0".join(parts).encode()).digest()[:4]) % 100


def _pick(roll: int, odds: tuple[tuple[int, Trait], ...]) -> Trait:
    for percent, trait in odds:
        if roll < percent:
            return trait
        roll -= percent
    return REQUIRED


def _set(point: Point, trait: Trait) -> Point:
    point["coverage_status"], point["scope_config_setting"], point["opted_out_by_customer"] = trait
    point["is_available"] = is_available(point)
    return point


def _read_model(seed: str, entry: Entry, *, first: bool) -> Point:
    trait = REQUIRED if first or entry.id in CORE else _pick(_roll(seed, entry.id), MODEL_ODDS)
    model = _set({"id": entry.id, "label": entry.label}, trait)
    # A field of a model nobody gets carries the model's own reason.
    fields = [
        _set({"id": name}, _field_trait(seed, entry.id, name) if model["is_available"] else trait)
        for name in entry.fields
    ]
    return {**model, "fields": fields}


def _field_trait(seed: str, model_id: str, name: str) -> Trait:
    roll = _roll(seed, model_id, name)
    if name in ALWAYS:
        return REQUIRED
    if name in RARELY_ASKED:
        return NOT_REQUESTED if roll < 75 else OPTED_OUT
    if name in OFTEN_OPTIONAL:
        return ALLOWED if roll < 70 else OPTED_OUT
    return _pick(roll, FIELD_ODDS)


def _write_action(seed: str, entry: Entry, *, first: bool) -> Point:
    trait = REQUIRED if first else _pick(_roll(seed, entry.id), ACTION_ODDS)
    action = _set({"id": entry.id, "label": entry.label}, trait)
    fields = [_input(seed, entry.id, name, action["coverage_status"]) for name in entry.fields]
    return {**action, "fields": fields}


def _input(seed: str, action_id: str, name: str, of_action: str) -> Point:
    """An action's field knows coverage only: scopes and opt-outs do not reach it."""
    status = of_action
    if of_action == "SUPPORTED" and name not in ALWAYS:
        status = _pick(_roll(seed, action_id, name), INPUT_ODDS)[0]
    return {"id": name, "is_available": status == "SUPPORTED", "coverage_status": status}


def _plain(models: list[Point]) -> list[Point]:
    """Fields that can still be given a reason: required ones of available models, names last."""
    fields = [field for model in models if model["is_available"] for field in model["fields"]]
    plain = [
        field
        for field in fields
        if field["is_available"] and _trait(field) == REQUIRED and field["id"] not in KEYS
    ]
    return sorted(plain, key=lambda field: field["id"] in ALWAYS)


def _ensure_each_reason(seed: str, models: list[Point]) -> None:
    for trait in (ALLOWED, OPTED_OUT, NOT_REQUESTED, UNSUPPORTED, NOT_IMPLEMENTED):
        fields = [field for model in models if model["is_available"] for field in model["fields"]]
        count = Counter(map(_trait, fields))
        if not count[trait]:
            repeated = [
                field
                for field in fields
                if field["id"] not in KEYS and count[_trait(field)] > 1 and _consistent(field)
            ]
            spare = _plain(models) or repeated
            _set(spare[_roll(seed, *map(str, trait)) % min(len(spare), 12)], trait)


def _consistent(field: Point) -> bool:
    return bool(field["is_available"] == is_available(field))


def _trait(point: Point) -> Trait:
    return point["coverage_status"], point["scope_config_setting"], point["opted_out_by_customer"]


def _add_rarities(seed: str, models: list[Point]) -> None:
    """The three that the documentation leaves room for and hardly anyone meets."""
    closed = _set(models[-1], OPTED_OUT)
    for field in closed["fields"]:
        _set(field, REQUIRED)
    plain = _plain(models)
    at = _roll(seed, "rare") % (min(len(plain), 12) - 1)
    _set(plain[at], UNKNOWN)
    plain[at + 1]["is_available"] = False  # while all three reasons say yes
