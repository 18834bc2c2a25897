"""Kombo's HTTP API under /v1, as far as the dashboard calls it.

Reference: https://docs.kombo.dev/v1 (operations), https://docs.kombo.dev/guides/errors (envelopes).
"""

import hmac
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from integrations.simulator import fields, operations
from integrations.simulator.faults import FAULTS, Trouble, problem
from integrations.simulator.operations import InputInvalid
from integrations.simulator.web import Request, Response
from integrations.simulator.world import World

type Handler = Callable[[World, str, dict[str, Any]], Response]


class Api:
    """Checks the key and the rate limit, and hands a call to its operation or to a fault."""

    def __init__(self, world: World, *, api_key: str) -> None:
        self.world = world
        self.api_key = api_key

    def answer(self, request: Request) -> Response:
        """Return the response to a call under /v1."""
        route, key, ids = _route(self.world, request)
        self.world.count(request.method, route.path if route else request.path)
        target = _target(self.world, route, key)
        fault = self.world.store.fault_for(target)
        trouble = Trouble(
            proceed=lambda: self._checked(request, route, key, ids),
            hold=lambda seconds: self.world.hold(seconds, target, fault),
            public_url=self.world.public_url,
            stranger=lambda: _stranger(self.world, target),
        )
        return self._with_limits(FAULTS[fault][1](trouble))

    def _checked(
        self, request: Request, route: "Route | None", key: str, ids: dict[str, str]
    ) -> Response:
        if not self._knows(request.headers.get("authorization", "")):
            return problem(
                "PLATFORM.AUTHENTICATION_INVALID", "The API key is missing or not valid."
            )
        if not self.world.limit.take():
            wait = str(self.world.limit.reset_in())
            return problem(
                "PLATFORM.RATE_LIMIT_EXCEEDED", "Too many requests.", ("Retry-After", wait)
            )
        if route is None:
            return problem(None, f"Cannot {request.method} {request.path}", status=404)
        try:
            query = {name: values[0] for name, values in request.args.items()}
            params = query if request.method == "GET" else _body(request) | ids
            return route.handler(self.world, key, params)
        except InputInvalid as invalid:
            return problem("PLATFORM.INPUT_INVALID", str(invalid))

    def _knows(self, authorization: str) -> bool:
        return hmac.compare_digest(authorization.encode(), f"Bearer {self.api_key}".encode())

    def _with_limits(self, response: Response) -> Response:
        present = {name.lower() for name, _ in response.headers}
        headers = (
            ("ratelimit-limit", str(self.world.limit.most)),
            ("ratelimit-remaining", str(self.world.limit.remaining)),
            ("ratelimit-reset", str(self.world.limit.reset_in())),
        )
        missing = [header for header in headers if header[0] not in present]
        return replace(response, headers=(*response.headers, *missing))


@dataclass(frozen=True)
class Route:
    """One operation: `path` as it is counted, `pattern` to match, `handler` to answer."""

    method: str
    path: str
    handler: Handler

    @property
    def pattern(self) -> str:
        """A regular expression whose groups are the ids in the path.

        The first may hold a slash, as a path comes decoded.
        """
        first, *rest = re.split(r"\{(\w+)\}", self.path)
        for name, text in zip(rest[::2], rest[1::2], strict=True):
            first += f"(?P<{name}>{'.+' if name == rest[0] else '[^/]+'}){text}"
        return first


ROUTES = (
    Route("GET", "/v1/check-api-key", operations.check_key),
    Route("GET", "/v1/integrations/{integration_id}", operations.get_details),
    Route("DELETE", "/v1/integrations/{integration_id}", operations.delete),
    Route("POST", "/v1/integrations/{integration_id}/relink", operations.relink),
    Route("POST", "/v1/integrations/{integration_id}/setup-link", operations.setup_link),
    Route("PUT", "/v1/integrations/{integration_id}/enabled", operations.set_enabled),
    Route("GET", "/v1/integrations/{integration_id}/integration-fields", fields.integration_fields),
    Route(
        "PATCH",
        "/v1/integrations/{integration_id}/integration-fields/{integration_field_id}",
        fields.update_integration_field,
    ),
    Route("GET", "/v1/integrations/{integration_id}/custom-fields", fields.custom_fields),
    Route(
        "PUT",
        "/v1/integrations/{integration_id}/custom-fields/{custom_field_id}",
        fields.map_custom_field,
    ),
    Route("POST", "/v1/force-sync", operations.force_sync),
    Route("POST", "/v1/connect/create-link", operations.create_link),
    Route("GET", "/v1/connect/integration-by-token/{token}", operations.by_token),
    Route("GET", "/v1/tools/{category}", operations.tools),
)
NOT_ABOUT_ONE = (operations.check_key, operations.create_link, operations.tools)


def _route(world: World, request: Request) -> tuple[Route | None, str, dict[str, str]]:
    """Return the operation, the id it is about, and the other ids in its path.

    What goes on behind an id is no integration, unless there is one that is called so.
    """
    for route in ROUTES:
        match = re.fullmatch(route.pattern, request.path)
        if not match or route.method != request.method:
            continue
        key, *_others = match.groups() or (request.headers.get("x-integration-id", ""),)
        if "/" not in key or world.details(key, even_deleted=True):
            return route, key, match.groupdict()
    return None, "", {}


def _target(world: World, route: Route | None, key: str) -> str | None:
    """Return the id of the integration a call is about, if it is about one."""
    if route is None or route.handler in NOT_ABOUT_ONE:
        return None
    if route.handler is operations.by_token:
        details = world.activated(key)
        return str(details["id"]) if details else None
    return key


def _stranger(world: World, target: str | None) -> str:
    owners = {summary["id"]: summary["end_user"]["origin_id"] for summary in world.overview()}
    others = (owner for owner in owners.values() if owner not in (owners.get(target), None))
    return next(others, "somebody-else")


def _body(request: Request) -> dict[str, Any]:
    if not request.body:
        return {}
    try:
        body = json.loads(request.body)
    except ValueError as broken:
        raise InputInvalid("The body is not valid JSON") from broken
    if not isinstance(body, dict):
        raise InputInvalid("The body must be a JSON object")
    return body
