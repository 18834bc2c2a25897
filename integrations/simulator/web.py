"""The few words of HTTP and HTML the simulator speaks: a request, a response, pages with escaped
holes.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

PAGES = Path(__file__).with_name("pages")
HTML = ("Content-Type", "text/html; charset=utf-8")
JSON = ("Content-Type", "application/json; charset=utf-8")
HOLE = re.compile(r"\{\{ (\w+) \}\}")


@dataclass(frozen=True)
class Request:
    """One request: `path` is decoded, header names are lower case, `body` has been read."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def read(cls, environ: WSGIEnvironment) -> "Request":
        """Read the request out of a WSGI environment."""
        headers = {
            name[5:].replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name[:5] == "HTTP_"
        }
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        path = _text(str(environ.get("PATH_INFO", "/")))
        return cls(environ["REQUEST_METHOD"], path, environ.get("QUERY_STRING", ""), headers, body)

    @cached_property
    def args(self) -> dict[str, list[str]]:
        """Values of the query string by name."""
        return parse_qs(self.query, keep_blank_values=True)

    @cached_property
    def form(self) -> dict[str, list[str]]:
        """Values of the posted form by name."""
        return parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)

    def arg(self, name: str) -> str:
        """Return the first value of `name` in the query, or ''."""
        return self.args.get(name, [""])[0]

    def field(self, name: str) -> str:
        """Return the first value of `name` in the form, or ''."""
        return self.form.get(name, [""])[0]


@dataclass(frozen=True)
class Response:
    """One answer; a body that is not bytes is streamed and sets its own Content-Length, if any."""

    status: int
    body: bytes | Iterable[bytes] = b""
    headers: tuple[tuple[str, str], ...] = ()

    def send(self, start_response: StartResponse) -> Iterable[bytes]:
        """Start the answer and return its body, as a WSGI application does."""
        headers = list(self.headers)
        if isinstance(self.body, bytes):
            headers.append(("Content-Length", str(len(self.body))))
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", headers)
        return [self.body] if isinstance(self.body, bytes) else self.body


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def render(page: str, **values: object) -> Markup:
    """Fill the `{{ holes }}` of a file in pages/, escaping what is not Markup; raises KeyError for
    a gap.
    """
    return Markup(HOLE.sub(lambda hole: _escaped(values[hole[1]]), _source(page)))


def markup(template: str, *values: object) -> Markup:
    """Fill the `{}` of a line of HTML, escaping what is not Markup."""
    return Markup(template.format(*map(_escaped, values)))


def joined(parts: Iterable[Markup]) -> Markup:
    """Join pieces of HTML."""
    return Markup("".join(parts))


def options(choices: Mapping[str, str], chosen: str) -> Markup:
    """Write the options of a select."""
    return joined(
        markup(
            '<option value="{}"{}>{}</option>',
            value,
            Markup(" selected") if value == chosen else "",
            label,
        )
        for value, label in choices.items()
    )


def page(body: str, status: int = 200, *, private: bool = False) -> Response:
    """Return an HTML page that may load the simulator's own files and nothing else.

    A private page has a secret in its address and may be framed by anybody, as Kombo Connect may.
    """
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'"
    )
    policy += "; form-action 'self'" if private else "; form-action 'self'; frame-ancestors 'none'"
    headers = (
        ("Content-Security-Policy", policy),
        ("Referrer-Policy", "no-referrer" if private else "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
    )
    return Response(status, body.encode(), (HTML, *headers))


def answer_json(data: Any, status: int = 200, *headers: tuple[str, str]) -> Response:
    """Return a response that is JSON and that nobody stores."""
    return Response(
        status, json.dumps(data).encode(), (JSON, ("Cache-Control", "no-store"), *headers)
    )


def see_other(location: str) -> Response:
    """Send a browser on after a form was posted; `location` is ASCII."""
    return Response(303, b"", (("Location", location),))


@cache
def _source(name: str) -> str:
    return (PAGES / name).read_text(encoding="utf-8")


def _escaped(value: object) -> str:
    return value if isinstance(value, Markup) else escape(str(value))


def _text(path: str) -> str:
    """Undo WSGI's latin-1 disguise; httpx.WSGITransport passes real text, which stays."""
    try:
        return path.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return path
