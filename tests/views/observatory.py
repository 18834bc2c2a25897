"""The rules of MDN's HTTP Observatory (algorithm 4), as far as one answer over HTTPS can break
them.

Source: @mdn/mdn-http-observatory 1.4.8, `src/analyzer` and `src/grader/charts.js`. `python -m
tests.bench.observatory` compares this with the original. What an answer can't show is left out:
the redirect from HTTP, which `test_headers.py` has, and lists of preloaded hosts.
"""

import re
from dataclasses import dataclass
from http.cookies import Morsel
from typing import Any

MINIMUM_FOR_EXTRA = 90
BROAD = {"ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"}
UNSAFE = BROAD | {"'unsafe-inline'", "data:"}
PASSIVE = ("img-src", "media-src")
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
SIX_MONTHS = 15_552_000  # seconds, as they count them


@dataclass(frozen=True)
class Score:
    """The points of an answer, and what each rule gave or took."""

    points: int
    modifiers: dict[str, int]

    @classmethod
    def of(cls, response: Any) -> "Score":
        """Judge an answer."""
        csp = _csp(response)
        modifiers = {
            "content-security-policy": _content_security_policy(csp),
            "cookies": _cookies(response),
            "cross-origin-resource-policy": {
                "same-origin": 10,
                "same-site": 10,
                "cross-origin": 0,
                "": 0,
            }.get(response.get("Cross-Origin-Resource-Policy", ""), -5),
            "cross-origin-resource-sharing": 0
            if response.get("Access-Control-Allow-Origin", "*") == "*"
            else -50,  # none of ours answers by who asks
            "referrer-policy": _referrer_policy(response),
            "strict-transport-security": _strict_transport_security(response),
            "subresource-integrity": _subresource_integrity(response),
            "x-content-type-options": 0
            if response.get("X-Content-Type-Options", "").lower() == "nosniff"
            else -5,
            "x-frame-options": _x_frame_options(response, csp),
        }
        plain = 100 + sum(value for value in modifiers.values() if value < 0)
        return cls(
            100 + sum(modifiers.values()) if plain >= MINIMUM_FOR_EXTRA else plain, modifiers
        )


def _csp(response: Any) -> dict[str, set[str]]:
    parts = [
        part.split() for part in response.get("Content-Security-Policy", "").split(";") if part
    ]
    assert len({part[0] for part in parts}) == len(parts), "a directive stands there twice"
    return {
        part[0].lower(): {source.lower() for source in part[1:]} or {"'none'"} for part in parts
    }


def _content_security_policy(csp: dict[str, set[str]]) -> int:
    if not csp:
        return -25
    default = csp.get("default-src", {"*"})
    script, objects, style = (
        csp.get(f"{name}-src", default) for name in ("script", "object", "style")
    )
    active = set[str]().union(*(v for name, v in csp.items() if name not in PASSIVE))
    passive = set[str]().union(*(csp.get(name, default) for name in PASSIVE))
    if "'strict-dynamic'" in script:
        return -25  # there is no nonce
    if script & UNSAFE or objects & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for source in active):
        return -20
    if "'unsafe-eval'" in script | style:
        return -10
    if any(source.startswith(("http:", "ftp:")) for source in passive):
        return -10
    if style & UNSAFE:
        return 0
    return 10 if csp.get("default-src") == {"'none'"} else 5


def cookies_of(response: Any) -> "list[Morsel[str]]":
    """Return the cookies that an answer leaves; those that it takes away have nothing to hide."""
    return [morsel for morsel in response.cookies.values() if morsel["max-age"] != 0]


def _cookies(response: Any) -> int:
    morsels = cookies_of(response)
    points = 5 if morsels else 0
    for morsel in morsels:
        name = morsel.key.lower()
        is_session, is_csrf = "login" in name or "sess" in name, "csrf" in name
        if not morsel["secure"]:
            points = min(points, -10 if is_session else -5)
        if is_session and not morsel["httponly"]:
            points = min(points, -30)
        if is_csrf and not morsel["samesite"]:
            points = min(points, -20)
        if not morsel["samesite"]:
            points = min(points, 0)
    return points


def _referrer_policy(response: Any) -> int:
    policies = [one.strip().lower() for one in response.get("Referrer-Policy", "").split(",")]
    if policies == [""]:
        return 0
    return 5 if policies[-1] in PRIVATE else -5


def _strict_transport_security(response: Any) -> int:
    age = re.search(r"max-age=(\d+)", response.get("Strict-Transport-Security", ""))
    if not age:
        return -20
    return 0 if int(age[1]) >= SIX_MONTHS else -10


def _subresource_integrity(response: Any) -> int:
    if response.get("Content-Type", "").partition(";")[0] != "text/html" or response.streaming:
        return 0
    scripts = re.findall(r"<script\b[^>]*\ssrc=[^>]*>", response.content.decode())
    assert all(re.search(r'\ssrc="/[^/]', script) for script in scripts), "another origin's"
    return 5 if any(" integrity=" in script for script in scripts) else 0


def _x_frame_options(response: Any, csp: dict[str, set[str]]) -> int:
    if "frame-ancestors" in csp:
        return 5
    return 0 if response.get("X-Frame-Options", "").upper() in {"DENY", "SAMEORIGIN"} else -20
