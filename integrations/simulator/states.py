"""Bodies of `GET /integrations/{integration_id}`, in every state the dashboard can meet."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, cast
from urllib.parse import quote

from integrations.simulator.catalogue import tool_label
from integrations.simulator.coverage import Coverage, grid

type Details = dict[str, Any]

PUBLIC_URL = "http://127.0.0.1:8001"
EXPIRED_AT = "2026-11-18T09:12:00.000Z"

_HEALTHY = {"status": "ACTIVE", "setup_status": "COMPLETED", "data_expired_at": None}

STATES: Mapping[str, Mapping[str, str | None]] = {
    "connected": _HEALTHY,
    "invalid": {**_HEALTHY, "status": "INVALID"},
    "inactive": {**_HEALTHY, "status": "INACTIVE"},
    "setup_incomplete": {**_HEALTHY, "setup_status": "INCOMPLETE"},
    "final_sync_pending": {**_HEALTHY, "setup_status": "FINAL_SYNC_PENDING"},
    "data_expired": {**_HEALTHY, "data_expired_at": EXPIRED_AT},
    "unknown_status": {**_HEALTHY, "status": "PAUSED_BY_TOOL"},
}
"""Each state by name, as the keys of a details body that make it."""

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def details(
    *,
    integration_id: str,
    tool_id: str,
    category: str,
    organization_name: str,
    origin_id: str | None,
    creator_email: str | None,
    state: str = "connected",
    created_at: str = "2025-03-14T10:20:30.000Z",
    beta: bool = False,
    public_url: str = PUBLIC_URL,
    coverage: Coverage = "realistic",
) -> Details:
    """Build the `data` of a details answer; the same arguments always give the same body.

    `state` is a key of STATES, `created_at` is `YYYY-MM-DDTHH:mm:ss.sssZ`. With coverage
    `realistic` the common reasons for a missing datapoint occur; `everything` adds UNKNOWN
    coverage, an unavailable model whose fields claim to be available, and a field whose
    `is_available` contradicts all the rest.
    """
    return {
        "id": integration_id,
        "tool": {
            "id": tool_id,
            "label": tool_label(category, tool_id),
            "internal_label": None,
            **asset_urls(tool_id, public_url),
        },
        "category": category,
        "status": "ACTIVE",
        "setup_status": "COMPLETED",
        "end_user": {
            "organization_name": organization_name,
            "creator_email": creator_email,
            "origin_id": origin_id,
        },
        "scope_config": {"id": kombo_id(f"scope {category}"), "name": f"{category} standard"},
        "data_expired_at": None,
        "created_at": created_at,
        "beta": beta,
        **grid(integration_id, category, coverage),
        **STATES[state],
    }


def patched(body: Details, state: str, *, expired_at: str = EXPIRED_AT) -> Details:
    """Return a copy of `body` switched to `state`; `expired_at` is when its data expired, if it
    did.
    """
    changed = {**copied(body), **STATES[state]}
    if changed["data_expired_at"]:
        changed["data_expired_at"] = expired_at
    return changed


def state_of(body: Details) -> str:
    """Name the state of `body`, or `mixed` when it is none of STATES."""
    axes = {**{key: body[key] for key in _HEALTHY}}
    axes["data_expired_at"] = EXPIRED_AT if body["data_expired_at"] else None
    return next((name for name, patch in STATES.items() if patch == axes), "mixed")


def asset_urls(tool_id: str, public_url: str) -> dict[str, str]:
    """Return where the simulator serves a tool's two pictures."""
    base = f"{public_url}/assets/integrations/{quote(tool_id, safe='')}"
    return {"logo_url": f"{base}/logo.svg", "icon_url": f"{base}/icon.svg"}


def copied[T](body: T) -> T:
    """Return a copy of what JSON can hold, its nested parts included."""
    return cast("T", json.loads(json.dumps(body)))  # several times as fast as deepcopy


def served(body: Details, public_url: str) -> Details:
    """Return a copy of `body` whose pictures are where the simulator is served now; foreign
    addresses stay.
    """
    copy = copied(body)
    tool = copy["tool"]
    for key, url in asset_urls(tool["id"], public_url).items():
        if tool[key].endswith(url.removeprefix(public_url)):
            tool[key] = url
    return copy


def kombo_id(seed: str, length: int = 24) -> str:
    """Make an id in the look of Kombo's (24 letters and digits), the same one for the same seed."""
    number = int.from_bytes(sha256(seed.encode()).digest())
    letters = []
    for _ in range(length):
        number, remainder = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[remainder])
    return "".join(letters)
