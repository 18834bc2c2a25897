"""What MDN's HTTP Observatory would say of every address: 100 points are an A+."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from integrations.access import embed_sessions
from integrations.models import Integration
from tests.embed import Frame
from tests.views.conftest import Browser
from tests.views.every_answer import answers
from tests.views.observatory import Score, cookies_of

FULL = 130
LESS = {
    # Other origins' pages show these: `Cross-Origin-Resource-Policy` lets them.
    "embed/embed": 125,
    "embed_loader": 120,
    "static js/embed/loader.js": 120,
    # Inert as they are, their styles stand within them; the vendor's is for emails too.
    "logo": 120,
    "vendor_picture": 110,
    "email_html": 120,
}


def required(name: str) -> int:
    words = name.removeprefix("GET ").removeprefix("POST ")
    return next((least for what, least in LESS.items() if words.startswith(what)), FULL)


@pytest.fixture(autouse=True)
def connection_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else an answer that is closed closes PostgreSQL's connection within a test's transaction."""
    monkeypatch.setattr(connection, "close_if_unusable_or_obsolete", lambda: None)


@pytest.fixture
def every_answer(
    https: None,
    browser: Browser,
    address: Callable[[str], str],
    invalid: Integration,
    settings: Any,
) -> Iterator[tuple[str, Any]]:
    settings.KOMBO_CONNECT_ORIGINS = ["https://connect.kombo.dev"]  # the simulator has no TLS
    key = embed_sessions.exchange(embed_sessions.mint("acme")).key
    frame = Frame(Client(), key, invalid.tenant.public_id, "", "")
    return answers(browser("root"), frame, address, invalid)


@pytest.mark.exhaustive
def test_every_answer_has_all_the_points_it_can_have(
    every_answer: Iterator[tuple[str, Any]],
) -> None:
    poor, seen = {}, 0
    for name, answer in every_answer:
        with closing(answer):
            score = Score.of(answer)
        seen += 1
        if score.points < required(name):
            poor[name] = (answer.status_code, score)
    assert poor == {}
    assert seen > 350


@pytest.mark.skipif("OBSERVATORY" not in os.environ, reason="OBSERVATORY names no package")
def test_mdns_own_rules_say_the_same(every_answer: Iterator[tuple[str, Any]]) -> None:
    """`OBSERVATORY` is the folder of the npm package @mdn/mdn-http-observatory."""
    package = Path(os.environ["OBSERVATORY"])
    preloaded = package / "conf" / "hsts-preload.json"  # its installation would fetch the list
    if not preloaded.exists():
        preloaded.write_text("{}")
    names, lines, ours = [], [], []
    for name, answer in every_answer:
        with closing(answer):
            ours.append(Score.of(answer).points)
            body = "" if answer.streaming else answer.content.decode(errors="replace")
        cookies = [morsel.OutputString() for morsel in cookies_of(answer)]
        headers = {key.lower(): value for key, value in answer.headers.items()}
        names.append(name)
        lines.append(json.dumps({"headers": headers, "cookies": cookies, "body": body}))
    script = Path(__file__).with_name("observatory.mjs")
    told = subprocess.run(
        ["node", script, package],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [int(line) for line in told.stdout.split()]
    assert dict(zip(names, theirs, strict=True)) == dict(zip(names, ours, strict=True))


GOOD = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
WORSE: dict[str, tuple[dict[str, str], int]] = {
    "good": ({}, 130),
    "no policy": ({"Content-Security-Policy": ""}, 75),
    "scripts in the page": (
        {"Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'"},
        80,
    ),
    "no HSTS": ({"Strict-Transport-Security": ""}, 80),
    "sniffed": ({"X-Content-Type-Options": ""}, 125),
    "sent on": ({"Referrer-Policy": "unsafe-url"}, 120),
}


@pytest.mark.parametrize("what", WORSE)
def test_what_is_missing_costs_points(what: str) -> None:
    headers, points = WORSE[what]
    answer: Any = HttpResponse("<p></p>", headers={k: v for k, v in (GOOD | headers).items() if v})
    assert Score.of(answer).points == points
