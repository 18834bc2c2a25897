"""A vendor's product on another origin: a settings page with the customer's integrations in it.

What a vendor writes is `_token` and the element in pages/host.html; all else is there to try the
element out.
"""

import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings

from integrations.access import embed_sessions
from integrations.demo.seed import TENANTS
from integrations.simulator.web import (
    HTML,
    PAGES,
    Markup,
    Request,
    Response,
    answer_json,
    joined,
    markup,
    options,
    render,
)

CUSTOMERS = {origin: TENANTS[origin][0] for origin in ("acme", "bolt", "gallery")}
LATE = 20  # seconds until a token comes that is late: what is shown meanwhile can be looked at
FILES = {
    "base.css": "text/css; charset=utf-8",
    "host.css": "text/css; charset=utf-8",
    "host.js": "text/javascript; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}
LOOK = {
    "theme": ("Theme", {"": "As the system", "light": "Light", "dark": "Dark"}),
    "accent": (
        "Accent",
        {
            "": "Default",
            "#0f766e": "Teal",
            "#be185d": "Pink",
            "#ffcc00": "Yellow",
            "#14161a": "Black",
        },
    ),
    "surface": (
        "Surface",
        {"": "Default", "#fffaf0 #1c1917": "Warm", "#f8fafc #0f172a": "Cool"},
    ),
    "border": (
        "Border",
        {"": "Default", "#d6d3d1 #44403c": "Warm", "#cbd5e1 #334155": "Cool"},
    ),
    "heading": ("Heading", {"": "Theirs", "none": "None"}),
    "radius": ("Corners", {"": "Default", "0": "Square", "4": "Small", "16": "Round"}),
    "density": ("Density", {"": "Comfortable", "compact": "Compact"}),
    "font": ("Font", {"": "System", "humanist": "Humanist", "serif": "Serif", "mono": "Monospace"}),
}
"""What the element takes up at once; the rest takes a new element."""
OPENS_AT = {"": "The list", "shared": "Data", "history": "History", "statement": "Statement"}

type Choices = dict[str, tuple[str, Mapping[str, str]]]


class Host:
    """The product, as a WSGI application that knows the dashboard's origin and each customer's
    `tools`.
    """

    def __init__(self, site: str, known: Mapping[str, Mapping[str, str]]) -> None:
        self.site = site
        self._tools = known

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Return one request."""
        return self._answer(Request.read(environ)).send(start_response)

    def _answer(self, request: Request) -> Response:
        if request.method not in ("GET", "HEAD"):
            return answer_json({"error": "There is nothing to change here."}, 405)
        if request.path == "/":
            return self._page(request)
        if request.path == "/integration-token":
            return _token(request)
        return _file(request.path.removeprefix("/")) or answer_json({"error": "Not found"}, 404)

    def _page(self, request: Request) -> Response:
        choices = self._choices(request)
        chosen = {
            name: _chosen(request, name, values) for name, (_label, values) in choices.items()
        }
        body = render(
            "host.html",
            site=self.site,
            customer=CUSTOMERS[chosen["as"]],
            theme=chosen["theme"],
            element=_element(chosen),
            controls=joined(
                _control(name, *choice, chosen[name]) for name, choice in choices.items()
            ),
        )
        policy = (
            f"default-src 'none'; script-src 'self' {self.site}; frame-src {self.site}; "
            "style-src 'self'; "
            "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        )
        headers = (("Content-Security-Policy", policy), ("X-Content-Type-Options", "nosniff"))
        return Response(200, body.encode(), (HTML, ("Cache-Control", "no-store"), *headers))

    def _choices(self, request: Request) -> Choices:
        customer = _chosen(request, "as", CUSTOMERS)
        return {
            "as": ("Customer", CUSTOMERS),
            "view": (
                "View",
                {
                    "list": "List",
                    "integration": "Integration",
                    "banner": "Banner",
                    "badge": "Badge",
                },
            ),
            "integration": ("Integration", self._tools.get(customer, {})),
            "initial": ("List opens at", OPENS_AT),
            "scope": ("Visitor may", {"view repair": "Look and repair", "view": "Only look"}),
            "token": ("Token comes", {"": "At once", "late": "Late"}),
            "lang": ("Language", {code: str(name) for code, name in settings.LANGUAGES}),
            **LOOK,
        }


def tools(details: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Labels by Kombo's id by customer: what a vendor stored when its customers connected."""
    known: dict[str, dict[str, str]] = {}
    for kombo_id, body in details.items():
        known.setdefault(body["end_user"]["origin_id"], {})[kombo_id] = body["tool"]["label"]
    return known


def _token(request: Request) -> Response:
    """The vendor's endpoint.

    A real one asks its own session who the customer is, and whether they may repair.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        return answer_json({"error": "Only for pages of this product."}, 403)
    customer = request.arg("as")
    scopes = request.arg("scope").split() or ["view", "repair"]
    if customer not in CUSTOMERS or not set(scopes) <= embed_sessions.SCOPES:
        return answer_json({"error": "No such customer or scope."}, 404)
    if request.arg("token") == "late":
        time.sleep(LATE)
    return answer_json({"token": embed_sessions.mint(customer, scopes)})


def _file(name: str) -> Response | None:
    if name not in FILES:
        return None
    return Response(
        200,
        (PAGES / name).read_bytes(),
        (("Content-Type", FILES[name]), ("Cache-Control", "no-cache")),
    )


def _chosen(request: Request, name: str, values: Mapping[str, str]) -> str:
    value = request.arg(name)
    return value if value in values else next(iter(values), "")


def _element(chosen: Mapping[str, str]) -> Markup:
    asked = {name: chosen[name] for name in ("as", "scope", "token") if chosen[name]}
    token_url = f"/integration-token?{urlencode(asked)}"
    integration = chosen["integration"] if chosen["view"] == "integration" else ""
    initial = f"{chosen['initial']}:{chosen['integration']}" if chosen["initial"] else ""
    look = {name: chosen[name] for name in LOOK}
    given = {
        "token-url": token_url,
        "view": chosen["view"],
        "integration": integration,
        "initial": initial,
        "lang": chosen["lang"],
        **look,
    }
    attributes = joined(markup(' {}="{}"', name, value) for name, value in given.items() if value)
    return markup("<kombo-integrations{}></kombo-integrations>", attributes)


def _control(name: str, label: str, values: Mapping[str, str], chosen: str) -> Markup:
    live = Markup(" data-live") if name in LOOK else ""
    line = '<label for="{}">{}</label><select class="input" id="{}" name="{}"{}>{}</select>'
    return markup(line, name, label, name, name, live, options(values, chosen))
