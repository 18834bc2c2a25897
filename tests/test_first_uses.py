"""What a process makes when it is first used, by many threads at once: templates and translations,
the client's connections, grids that are kept at hand, encoders.

Beside `tests/kombo/test_decoding_threads.py`, which has what reads.
"""

import pytest

from tests.fresh_processes import run_at_once
from tests.kombo.payloads import FOLDER

FRESH = 2  # processes

DJANGO = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
import django
django.setup()
"""

FIRST_USES = {
    "pages in every language": f"""{DJANGO}
import itertools
from django.test import Client
from django.urls import reverse
from django.utils import translation
turns = itertools.cycle(["en", "de", "fr", "es", "it"])
def act():
    language = next(turns)
    headers = {{"Accept-Language": language}}
    answer = Client(SERVER_NAME="localhost").get(reverse("login"), headers=headers)
    page = answer.content.decode()
    with translation.override(language):
        word = translation.gettext("Sign in")
    is_translated = (word == "Sign in") is (language == "en")
    return is_translated and f'<html lang="{{language}}">' in page and word in page
""",
    "a mail": f"""{DJANGO}
from django.template.loader import render_to_string
def act():
    return "https://a.example" in render_to_string(
        "registration/password_reset_email.html",
        {{"protocol": "https", "domain": "a.example", "uid": "x", "token": "y"}},
    )
""",
    "a grid": f"""{DJANGO}
from integrations.domain import coverage
from integrations.kombo.schema import Details, decode, encode_coverage
stored = encode_coverage(
    decode(open({str(FOLDER / "example.json")!r}, "rb").read(), Details)
).decode()
def act():
    grid = coverage.read(stored)
    return sum(grid.counts.values()) > 0
""",
    "a call": """
import time
from integrations.kombo.http import ConnectFailed, Http
http, seen = Http(), set()
def act():
    try:
        http.request("GET", "http://127.0.0.1:9/", deadline=time.monotonic() + 30)
    except ConnectFailed:
        seen.add(id(http._transport))
    return len(seen) == 1
""",
    "an issue that is kept": """
from datetime import UTC, datetime
from integrations.domain import open_issues
one = open_issues.OpenIssue(
    id="1", type="t", title="T", message="m", since=datetime(2026, 11, 29, tzinfo=UTC)
)
def act():
    return open_issues.decode(open_issues.encode([one])) == (one,)
""",
}


@pytest.mark.parametrize("what", FIRST_USES)
def test_threads_may_use_it_first_together(what: str) -> None:
    assert run_at_once(FIRST_USES[what], FRESH) == [("", 0)] * FRESH
