"""The simulator as one WSGI application: API, Connect, the tools' pictures, the page of
switches.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from wsgiref.types import StartResponse, WSGIEnvironment

from integrations.simulator import connect, control, tool_icons
from integrations.simulator.api import Api
from integrations.simulator.rate_limit import RateLimit
from integrations.simulator.states import PUBLIC_URL, Details
from integrations.simulator.web import PAGES, Request, Response, page, render
from integrations.simulator.webhook_sender import Hooks
from integrations.simulator.world import World

FILES = {
    "base.css": "text/css; charset=utf-8",
    "control.css": "text/css; charset=utf-8",
    "connect.css": "text/css; charset=utf-8",
    "connect.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}


class Simulator:
    """Kombo in one process.

    `seed` holds details bodies by integration id (see `states.details`). With `store`, a file, what
    changed survives a restart and wins over the seed. `clock` tells seconds since the epoch;
    `rate_limit` is calls in a window of `rate_window` seconds that begins with the first call after
    the last window. Changes are told to `webhook_url`, unless that is empty; raises ValueError for
    an address that is none.
    """

    def __init__(
        self,
        *,
        api_key: str = "ks_dev_demo",
        seed: Mapping[str, Details] | None = None,
        store: Path | None = None,
        public_url: str = PUBLIC_URL,
        clock: Callable[[], float] = time.time,
        rate_limit: int = 300,
        rate_window: float = 60.0,
        webhook_url: str = "",
        webhook_secret: str = "",
    ) -> None:
        self.world = World(
            seed=seed or {},
            store=store,
            public_url=public_url.rstrip("/"),
            clock=clock,
            limit=RateLimit(rate_limit, rate_window, clock),
            webhook=(webhook_url, webhook_secret),
        )
        self.api = Api(self.world, api_key=api_key)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, as WSGI wants it."""
        return self._answer(Request.read(environ)).send(start_response)

    @property
    def calls(self) -> Counter[tuple[str, str]]:
        """Calls of the API so far, by method and route: `("GET",
        "/v1/integrations/{integration_id}")`.
        """
        with self.world.store.changed:
            return Counter(self.world.calls)

    @property
    def refused(self) -> int:
        """Calls that the rate limit refused; faults that only look like it do not count."""
        return self.world.limit.refused

    @property
    def hooks(self) -> Hooks:
        """What sends the webhooks: where to, how fast, and what became of the latest."""
        return self.world.hooks

    @property
    def public_url(self) -> str:
        """Where browsers reach the simulator."""
        return self.world.public_url

    @public_url.setter
    def public_url(self, url: str) -> None:
        self.world.public_url = url

    def details(self, integration_id: str) -> Details | None:
        """Return the details body as it is now, None for an unknown or deleted id."""
        return self.world.details(integration_id)

    def add(self, details: Details, *, announce: bool = False) -> None:
        """Let there be one more integration; with `announce`, tell of it as of one that was just
        created.
        """
        self.world.add(details, announce=announce)

    def set_state(self, integration_id: str, state: str) -> None:
        """Switch an integration to one of `world.SWITCHES`; raises KeyError, ValueError."""
        self.world.set_state(integration_id, state)

    def set_opt_out(self, integration_id: str, datapoint: str, opted_out: bool = True) -> None:
        """Opt the customer out of `model` or `model.field`, or back in; raises KeyError."""
        self.world.set_opt_out(integration_id, datapoint, opted_out)

    def set_fault(self, fault: str, integration_id: str | None = None) -> None:
        """Make all calls, or those about one integration, meet one of `faults.FAULTS`; raises
        ValueError.
        """
        self.world.store.set_fault(fault, integration_id)

    def set_lag(self, seconds: int) -> None:
        """Let the status change that long after a reconnect."""
        self.world.store.set_setting("lag", seconds)

    def set_after_setup(self, setup_status: str) -> None:
        """Choose what a finished setup leads to: FINAL_SYNC_PENDING or COMPLETED."""
        self.world.store.set_setting("after_setup", setup_status)

    def set_enabled(self, integration_id: str, enabled: bool) -> None:
        """Pause an integration or resume it, as the API does; raises KeyError."""
        self.world.set_enabled(integration_id, enabled)

    def set_qa_status(self, integration_id: str, qa_status: str) -> None:
        """Set one of `health.QA_STATES`, which only webhooks tell; raises KeyError, ValueError."""
        self.world.set_qa_status(integration_id, qa_status)

    def raise_issue(self, integration_id: str, kind: str, *, since: float | None = None) -> str:
        """Open an issue, one of `issues.KINDS`, unless one of its kind is open; return its id.

        `since` is when it was first observed, else now. Raises KeyError, ValueError.
        """
        return self.world.raise_issue(integration_id, kind, since=since)

    def resolve_issue(self, integration_id: str, issue_id: str | None = None) -> None:
        """Resolve an open issue, or all of them; raises KeyError."""
        self.world.resolve_issue(integration_id, issue_id)

    def finish_sync(self, integration_id: str, state: str) -> None:
        """Let a sync end now, in one of `health.SYNC_STATES`; raises KeyError, ValueError."""
        self.world.finish_sync(integration_id, state)

    def fail_flow(self, integration_id: str) -> None:
        """Let a flow in Kombo Connect fail, as the password `wrong` does there; raises KeyError."""
        self.world.fail_flow(integration_id)

    def set_delivery(self, mode: str) -> None:
        """Let webhooks arrive in one of `hooks.MODES` from now on; raises ValueError."""
        self.world.store.set_delivery(mode)

    def reset(self) -> None:
        """Go back to the seed: states, coverage, links, faults, settings, calls, the rate limit,
        deliveries.
        """
        self.world.reset()

    def open(self) -> None:
        """Be ready to hold calls, and to send webhooks (again)."""
        self.world.open()

    def close(self) -> None:
        """Let go of every call that is being held, and send no more webhooks."""
        self.world.close()

    def _answer(self, request: Request) -> Response:
        if request.path.startswith("/v1/"):
            return self.api.answer(request)
        if request.path in connect.KINDS:
            return connect.answer(self.world, request)
        response = (
            tool_icons.answer(request) or _file(request) or control.answer(self.world, request)
        )
        return response or _guide(request) or page(render("missing.html"), 404)


def _file(request: Request) -> Response | None:
    name = request.path.removeprefix("/assets/demo/")
    if name not in FILES or name == request.path:
        return None
    headers = (
        ("Content-Type", FILES[name]),
        ("Cache-Control", "no-cache"),
        ("X-Content-Type-Options", "nosniff"),
    )
    return Response(200, (PAGES / name).read_bytes(), headers)


def _guide(request: Request) -> Response | None:
    """Stand in for Kombo's connection guides, so that links to them lead somewhere."""
    tool = request.path.removeprefix("/guides/")
    return page(render("guide.html", tool=tool)) if tool not in ("", request.path) else None
