"""A details body nobody should trust: every string Kombo could send is an attack or a mess.

It still fits Kombo's schema, so that nothing but escaping stands between it and the reader.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

from integrations.simulator.states import STATES, Details, details

NASTY = (
    "<img src=x onerror=alert(1)>",
    "\"><script>alert('2')</script>",
    "' onmouseover='alert(3)' x='",
    "{{ 7 * 7 }}{% debug %}",
    "\u202eemployees hidden\u202c",
    "أجازات الموظفين <b>",
    "</title></style></textarea><svg onload=alert(4)>",
    "A" * 400,
    "javascript:alert(5)//",
    '=HYPERLINK("http://evil.example","salary")',
    "line\nbreak\ttab &amp; &lt;",
    "👩🏽‍💼" * 12,
)


def hostile(
    *,
    integration_id: str = "sandbox:'\"><b>0&amp;1",
    origin_id: str | None = "<i>origin</i>\"'",
    category: str = "HRIS",
    state: str = "connected",
) -> Details:
    """Build a body whose labels, ids, names and addresses hold markup, quotes, RTL and very long
    text.
    """
    body = details(
        integration_id=integration_id,
        tool_id="sandbox",
        category=category,
        organization_name="<img src=x onerror=alert(1)> & Söhne “GmbH”",
        origin_id=origin_id,
        creator_email="o'n+click@a.evil.example",
        beta=True,
        coverage="everything",
    )
    numbers = count(1)
    body["tool"] = _tool()
    body["scope_config"] = {"id": "</script>", "name": "<b>Scopes we would not show you</b>"}
    _poison(body["read_models"], numbers)
    _poison(body["write_actions"], numbers)
    return {**body, **STATES[state]}


def _tool() -> dict[str, str]:
    return {
        "id": '../../"><script>alert(6)</script>',
        "label": "<img src=x onerror=alert(1)>",
        "internal_label": "INTERNAL <never show this>",
        "logo_url": "javascript:alert(document.domain)",
        "icon_url": "http://169.254.169.254/latest/meta-data/?%22%3E%3Cscript%3E",
    }


def _poison(points: list[dict[str, Any]], numbers: Iterator[int]) -> None:
    """Give every model and field an evil name of its own: the number keeps ids apart."""
    for point in points:
        number = next(numbers)
        point["id"] = f"{NASTY[number % len(NASTY)]} {number}"
        if "label" in point:
            point["label"] = NASTY[(number + 5) % len(NASTY)]
        _poison(point.get("fields", []), numbers)
