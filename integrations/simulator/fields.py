"""The tool's own fields, and the vendor's custom fields that read from them.

Reference: https://docs.kombo.dev/v1 (integration fields, custom fields)
"""

from typing import Any

from integrations.simulator.operations import InputInvalid, not_found, success
from integrations.simulator.states import Details, kombo_id
from integrations.simulator.web import Response
from integrations.simulator.world import World

PER_PAGE = 100  # unless asked for otherwise
MOST_INTEGRATION_FIELDS, MOST_CUSTOM_FIELDS = 2000, 250  # on one page
# The custom fields of the environment, each on the first model of an integration.
CUSTOM = (
    ("cost_center", "Cost center", "Where the costs go"),
    ("badge_number", "Badge number", None),
    ("legacy_key", None, None),
)


def integration_fields(world: World, key: str, params: dict[str, Any]) -> Response:
    """List what the tool itself calls its fields, a page at a time."""
    details = world.details(key)
    if details is None:
        return not_found(key)
    known = _integration_fields(details, world.field_settings(key))
    return success(_page(known, params, most=MOST_INTEGRATION_FIELDS))


def update_integration_field(world: World, key: str, params: dict[str, Any]) -> Response:
    """Switch whether a field is passed through as it is."""
    details = world.details(key)
    if details is None:
        return not_found(key)
    wanted = params.get("enable_passthrough", "")
    if wanted not in (True, False, None):
        raise InputInvalid("enable_passthrough must be a boolean or null")
    field_id = params["integration_field_id"]
    _field_by_id(_integration_fields(details, world.field_settings(key)), field_id)
    world.set_field(key, field_id, bool(wanted))
    return success(_field_by_id(_integration_fields(details, world.field_settings(key)), field_id))


def custom_fields(world: World, key: str, params: dict[str, Any]) -> Response:
    """List the vendor's custom fields and what each reads from, a page at a time."""
    details = world.details(key)
    if details is None:
        return not_found(key)
    known = _custom_fields(details, world.field_settings(key))
    return success(_page(known, params, most=MOST_CUSTOM_FIELDS))


def map_custom_field(world: World, key: str, params: dict[str, Any]) -> Response:
    """Have a custom field read from one of the tool's, or from none."""
    details = world.details(key)
    if details is None:
        return not_found(key)
    if "integration_field_id" not in params:
        raise InputInvalid("integration_field_id must be a string or null")
    field_id = params["custom_field_id"]
    source = params["integration_field_id"]
    settings = world.field_settings(key)
    _field_by_id(_custom_fields(details, settings), field_id)
    if source is not None:
        _field_by_id(_integration_fields(details, settings), source)
    world.set_field(key, field_id, source)
    return success(_field_by_id(_custom_fields(details, world.field_settings(key)), field_id))


def _integration_fields(details: Details, settings: dict[str, Any]) -> list[dict[str, Any]]:
    fields = []
    for model in details["read_models"]:
        named = [(field["id"], "DEFAULT", _label(field["id"])) for field in model["fields"]]
        for name, kind, label in (*named, ("custom_1", "CUSTOM", None)):
            field_id = kombo_id(f"{details['id']} {model['id']} {name}")
            fields.append(
                {
                    "id": field_id,
                    "key": name,
                    "model": model["id"],
                    "type": kind,
                    "label": label,
                    "is_passthrough_enabled": settings.get(field_id, False),
                    "is_writable": False,
                }
            )
    return fields


def _custom_fields(details: Details, settings: dict[str, Any]) -> list[dict[str, Any]]:
    sources = {field["id"]: field for field in _integration_fields(details, settings)}
    fields = []
    for name, label, description in CUSTOM:
        field_id = kombo_id(f"{details['id']} custom {name}")
        source = sources.get(settings.get(field_id, ""))
        read_from = {key: source[key] for key in ("id", "key", "type", "label")} if source else None
        fields.append(
            {
                "id": field_id,
                "key": name,
                "model": details["read_models"][0]["id"],
                "label": label,
                "description": description,
                "integration_field": read_from,
            }
        )
    return fields


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _field_by_id(known: list[dict[str, Any]], field_id: object) -> dict[str, Any]:
    for field in known:
        if field["id"] == field_id:
            return field
    raise InputInvalid(f"There is no field {field_id}")


def _page(known: list[dict[str, Any]], params: dict[str, Any], *, most: int) -> dict[str, Any]:
    """Return a page, and the cursor of the next one: the id that it begins with."""
    size = str(params.get("page_size", PER_PAGE))
    if not size.isdecimal() or not 1 <= int(size) <= most:
        raise InputInvalid(f"page_size must be from 1 to {most}")
    ids = [field["id"] for field in known]
    cursor = params.get("cursor")
    if cursor is not None and cursor not in ids:
        raise InputInvalid("cursor must be one that was answered")
    start = ids.index(cursor) if cursor else 0
    end = start + int(size)
    return {"results": known[start:end], "next": ids[end] if end < len(ids) else None}
