"""The operations of Kombo's API, one function each: what they check, what they change, what they
answer.

Reference: https://docs.kombo.dev/v1
"""

import re
from typing import Any

from integrations.simulator.catalogue import CATEGORIES, TOOLS
from integrations.simulator.coverage import grid
from integrations.simulator.faults import problem
from integrations.simulator.issues_and_syncs import timestamp
from integrations.simulator.payloads import new_id
from integrations.simulator.states import Details, asset_urls, kombo_id
from integrations.simulator.states import details as new_details
from integrations.simulator.web import Response, answer_json
from integrations.simulator.world import World

STATIC_IPS = ("192.0.2.10", "192.0.2.11")  # of a range that is nobody's
LANGUAGES = ("en", "de", "fr", "it", "es")


class InputInvalid(Exception):
    """The request does not fit what Kombo documents; the text says why."""


def check_key(world: World, _key: str, _body: dict[str, Any]) -> Response:
    """Return which environment the key belongs to."""
    return success({"environment_id": kombo_id("environment")})


def get_details(world: World, key: str, _body: dict[str, Any]) -> Response:
    """Return everything there is to display about an integration."""
    details = world.details(key)
    return success(details) if details else not_found(key)


def delete(world: World, key: str, _body: dict[str, Any]) -> Response:
    """Delete an integration for good; only the page of switches can bring it back."""
    if world.details(key) is None:
        return not_found(key)
    world.set_state(key, "deleted")
    return success({})


def relink(world: World, key: str, body: dict[str, Any]) -> Response:
    """Make a reconnection link."""
    if world.details(key) is None:
        return not_found(key)
    scope = body.get("scope_config_id")
    if scope is not None and not isinstance(scope, str):
        raise InputInvalid("scope_config_id must be a string or null")
    token = world.links.mint(key, "relink", **_terms(body, "EMBEDDED"), scope_config_id=scope)
    return success({"link": f"{world.public_url}/connect/v1?token={token}"})


def setup_link(world: World, key: str, body: dict[str, Any]) -> Response:
    """Make a Setup Flow link, of a running integration too; refused where no step is enabled."""
    if world.details(key) is None:
        return not_found(key)
    terms = _terms(body, None)
    if not world.has_steps(key):
        raise InputInvalid("No step of the setup flow is enabled for this integration")
    token = world.links.mint(key, "setup", **terms)
    return success({"link": f"{world.public_url}/connect/v1/setup?token={token}"})


def set_enabled(world: World, key: str, body: dict[str, Any]) -> Response:
    """Pause or resume an integration."""
    if world.details(key) is None:
        return not_found(key)
    if not isinstance(body.get("value"), bool):
        raise InputInvalid("value must be a boolean")
    world.set_enabled(key, body["value"])
    return success({})


def force_sync(world: World, key: str, body: dict[str, Any]) -> Response:
    """Queue a sync of the integration named in the header."""
    if not key:
        raise InputInvalid("The header X-Integration-Id is required")
    details = world.details(key)
    if details is None:
        return not_found(key)
    kind = _choice(body, "type", ("FULL", "DELTA"), "FULL")
    refusal = _sync_refusal(details)
    if refusal:
        return problem(refusal, "The integration cannot sync in its present state.")
    sync_id, queued = world.sync(key)
    return success({"already_queued": queued, "sync_id": sync_id, "type": kind})


def create_link(world: World, _key: str, body: dict[str, Any]) -> Response:
    """Make a link by which a customer connects a tool; without one named, the category's first."""
    category = _choice(body, "integration_category", CATEGORIES, "HRIS")
    offered = TOOLS[category]
    tool = _text(body, "integration_tool") or next(iter(offered))
    if tool not in offered:
        raise InputInvalid(f"integration_tool must be one of {', '.join(offered)}")
    if body.get("remote_environment") is not None and body.get("integration_tool") is None:
        raise InputInvalid("remote_environment needs an integration_tool")
    email = _text(body, "end_user_email", is_required=True)
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email or ""):
        raise InputInvalid("end_user_email must be an email address")
    switches = ("enable_filtering", "enable_field_mapping", "enable_static_ips")
    has_steps = [_switch(body, name) for name in switches][:2]
    details = new_details(
        integration_id=f"{tool}:{new_id()}",
        tool_id=tool,
        category=category,
        organization_name=_text(body, "end_user_organization_name", is_required=True) or "",
        origin_id=_text(body, "end_user_origin_id"),
        creator_email=email,
        state="setup_incomplete" if any(has_steps) else "connected",
        created_at=timestamp(world.clock()),
        public_url=world.public_url,
    )
    terms = {**_terms(body, "EMBEDDED"), "scope_config_id": _text(body, "scope_config_id")}
    token = world.links.mint(
        details["id"], "create", details=details, has_steps=any(has_steps), **terms
    )
    answer: dict[str, Any] = {"link": f"{world.public_url}/connect/v1?token={token}"}
    if body.get("enable_static_ips"):
        answer["static_ips"] = list(STATIC_IPS)
    return success(answer)


def by_token(world: World, token: str, _body: dict[str, Any]) -> Response:
    """Return whose integration an activation token stands for."""
    details = world.activated(token)
    if details is None:
        return not_found("this token")
    end_user = details["end_user"]
    return success(
        {
            "tool": details["tool"]["id"],
            "id": details["id"],
            "end_user_origin_id": end_user["origin_id"],
            "end_user_organization_name": end_user["organization_name"],
            "end_user_email": end_user["creator_email"],
            "setup_status": details["setup_status"],
        }
    )


def tools(world: World, category: str, _body: dict[str, Any]) -> Response:
    """List the tools of a category given in lower case."""
    if category not in map(str.lower, CATEGORIES):
        raise InputInvalid("category must be one of hris, ats, assessment, lms")
    tools = TOOLS[category.upper()].items()
    return success({"tools": [_tool(world, category.upper(), *tool) for tool in tools]})


def _terms(body: dict[str, Any], link_type: str | None) -> dict[str, Any]:
    language = (
        _choice(body, "language", LANGUAGES, "en") if body.get("language") is not None else "en"
    )
    return {
        "language": language,
        "link_type": _choice(body, "link_type", ("EMBEDDED", "MAGIC_LINK"), link_type),
    }


def _text(body: dict[str, Any], name: str, *, is_required: bool = False) -> str | None:
    """Return a text that is not empty, or None where null is allowed and nothing is given."""
    value = body.get(name)
    if value is None and not is_required:
        return None
    if not isinstance(value, str) or not value:
        raise InputInvalid(f"{name} must be a text of at least one character")
    return value


def _switch(body: dict[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise InputInvalid(f"{name} must be a boolean")
    return value


def _choice(body: dict[str, Any], name: str, allowed: tuple[str, ...], default: str | None) -> str:
    value = body.get(name, default)
    if value not in allowed:
        raise InputInvalid(f"{name} must be one of {', '.join(allowed)}")
    return str(value)


def _sync_refusal(details: Details) -> str | None:
    """Name the code for an integration that cannot sync: undocumented, so callers must expect
    any.
    """
    if details["status"] in ("INACTIVE", "INVALID"):
        return (
            "INTEGRATION.INACTIVE"
            if details["status"] == "INACTIVE"
            else "INTEGRATION.AUTHENTICATION_INVALID"
        )
    return "INTEGRATION.SETUP_INCOMPLETE" if details["setup_status"] == "INCOMPLETE" else None


def _tool(world: World, category: str, tool_id: str, label: str) -> dict[str, Any]:
    assets = asset_urls(tool_id, world.public_url)
    markdown = (
        "paid_api_details_markdown",
        "fast_track_details_markdown",
        "partner_only_details_markdown",
    )
    return {
        "id": tool_id,
        "label": label,
        "internal_label": None,
        "assets": {**assets, "icon_black_url": assets["icon_url"]},
        **dict.fromkeys(markdown),
        "connection_guide_url": f"{world.public_url}/guides/{tool_id}",
        "coverage": {**_coverage(category, tool_id), "features": []},
    }


def _coverage(category: str, tool_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return the coverage of a tool, where scopes and opt-outs play no part."""
    return {
        group: [
            {
                **_covered(point),
                "label": point["label"],
                "fields": [_covered(field) for field in point["fields"]],
            }
            for point in points
        ]
        for group, points in grid(tool_id, category, "realistic").items()
    }


def _covered(point: dict[str, Any]) -> dict[str, Any]:
    return {"id": point["id"], "coverage_status": point["coverage_status"]}


def success(data: dict[str, Any]) -> Response:
    return answer_json({"status": "success", "data": data})


def not_found(name: str) -> Response:
    return problem("PLATFORM.INTEGRATION_NOT_FOUND", f"There is no integration for {name}.")
