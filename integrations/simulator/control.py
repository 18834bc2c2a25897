"""The page of switches, for people (plain forms, no script) and for scripts (the same posts, and
JSON).
"""

import re
from collections.abc import Callable
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from integrations.simulator import panels
from integrations.simulator.web import Request, Response, answer_json, page, see_other
from integrations.simulator.world import World

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
INTEGRATION = re.compile(r"/control/integrations/(.+)/([a-z-]+)")
AFTER_SETUP = ("FINAL_SYNC_PENDING", "COMPLETED")
MOST_LAG = 600

type Post = Callable[[World, Request], None]


def answer(world: World, request: Request) -> Response | None:
    """Return the control page, or the response to one of its forms; None for another address."""
    if request.method == "POST" and request.path.startswith("/control/"):
        return _change(world, request)
    if request.path in ("/", "/control", "/control/"):
        return page(panels.everything(world, request))
    if request.path == "/control/calls":
        return answer_json(
            {f"{method} {route}": count for (method, route), count in sorted(world.calls.items())}
        )
    if request.path == "/control/deliveries":
        return answer_json([asdict(delivery) for delivery in world.hooks.deliveries])
    if request.path == "/control/state":
        return answer_json(_state(world))
    if request.path == "/control/integration":
        body = panels.integration(world, request.arg("id"))
        return page(body) if body else page(panels.missing(), 404)
    return None


def _change(world: World, request: Request) -> Response:
    if not _same_origin(world, request):
        return answer_json({"error": "Only this page may flip its switches."}, 403)
    post = _post(request.path)
    if post is None:
        return answer_json({"error": "There is no such switch."}, 404)
    try:
        post(world, request)
    except KeyError as missing:
        return answer_json({"error": f"Not found: {missing.args[0]}"}, 404)
    except ValueError as invalid:
        return answer_json({"error": str(invalid)}, 400)
    return see_other(_back(request))


def _post(path: str) -> Post | None:
    match = INTEGRATION.fullmatch(path)
    if match is None:
        return FOR_ALL.get(path.removeprefix("/control/"))
    integration_id = match[1]
    switch = FOR_ONE.get(match[2])
    return switch and (lambda world, request: switch(world, integration_id, request))


def _fault(world: World, request: Request) -> None:
    world.store.set_fault(request.field("fault"), request.field("integration_id") or None)


def _settings(world: World, request: Request) -> None:
    lag = int(request.field("lag"))
    after_setup = request.field("after_setup")
    if after_setup not in AFTER_SETUP or not 0 <= lag <= MOST_LAG:
        raise ValueError(
            f"lag is 0 to {MOST_LAG} seconds, after_setup one of {', '.join(AFTER_SETUP)}"
        )
    world.store.set_setting("lag", lag)
    world.store.set_setting("after_setup", after_setup)


def _reset(world: World, _: Request) -> None:
    world.reset()


def _delivery(world: World, request: Request) -> None:
    world.store.set_delivery(request.field("delivery"))


def _switch_state(world: World, integration_id: str, request: Request) -> None:
    world.set_state(integration_id, request.field("state"))


def _opt_out(world: World, integration_id: str, request: Request) -> None:
    verb, _, datapoint = request.field("datapoint").partition(":")
    if verb not in ("out", "in"):
        raise ValueError("datapoint is out:<model>[.<field>] or in:<model>[.<field>]")
    world.set_opt_out(integration_id, datapoint, verb == "out")


def _raise(world: World, integration_id: str, request: Request) -> None:
    world.raise_issue(integration_id, request.field("kind"))


def _resolve(world: World, integration_id: str, request: Request) -> None:
    world.resolve_issue(integration_id, request.field("issue_id") or None)


def _finish_sync(world: World, integration_id: str, request: Request) -> None:
    world.finish_sync(integration_id, request.field("state"))


def _qa(world: World, integration_id: str, request: Request) -> None:
    world.set_qa_status(integration_id, request.field("qa_status"))


def _steps(world: World, integration_id: str, request: Request) -> None:
    world.set_steps(integration_id, request.field("steps") == "on")


def _account(world: World, integration_id: str, request: Request) -> None:
    world.set_end_user(integration_id, creator_email=request.field("email") or None)


def _fail_flow(world: World, integration_id: str, _: Request) -> None:
    world.fail_flow(integration_id)


FOR_ALL: dict[str, Post] = {
    "fault": _fault,
    "settings": _settings,
    "delivery": _delivery,
    "reset": _reset,
}
FOR_ONE: dict[str, Callable[[World, str, Request], None]] = {
    "state": _switch_state,
    "opt-out": _opt_out,
    "issues": _raise,
    "resolve": _resolve,
    "sync": _finish_sync,
    "qa": _qa,
    "steps": _steps,
    "account": _account,
    "flow-failed": _fail_flow,
}
"""The switches by the end of their address; panels_webhooks.SCRIPTS says the same to people."""


def _state(world: World) -> dict[str, Any]:
    return {
        "integrations": {summary["id"]: _state_of(world, summary) for summary in world.overview()},
        "fault": world.store.fault_for(None),
        "lag": world.store.setting("lag"),
        "delivery": world.store.setting("delivery"),
    }


def _state_of(world: World, summary: dict[str, Any]) -> dict[str, Any]:
    untold = {key: summary[key] for key in ("qa_status", "issues", "last_sync")}
    return {
        "state": panels.state_name(summary),
        "fault": world.store.fault_for(summary["id"]),
        **untold,
    }


def _same_origin(world: World, request: Request) -> bool:
    """Refuse what another site's page sends; scripts send neither header and may."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("origin")
    if origin is None or origin == world.public_url:
        return True
    parts = urlsplit(origin)
    return parts.hostname in LOOPBACK and parts.netloc == request.headers.get("host", "")


def _back(request: Request) -> str:
    """Return the page the form stood on, with what was changed, so that it can be pointed out."""
    changed = INTEGRATION.fullmatch(request.path)
    integration_id = changed[1] if changed else request.field("integration_id")
    if request.field("page") == "integration":
        query = urlencode({"id": integration_id})
        return f"/control/integration?{query}#{quote(request.field('at'), safe='')}"
    query = urlencode(
        {"q": request.field("q"), "changed": integration_id or request.path.rpartition("/")[2]}
    )
    return f"/?{query}#{'changed' if integration_id else 'main'}"
