"""Every `<time>` says when exactly, as HTML allows it and as a person reads it."""

import re
from datetime import UTC, datetime
from typing import Any

from django.template import Context, Template
from django.test import Client
from django.utils import timezone, translation

from integrations.models import Integration, Tenant
from tests.conftest import Connect
from tests.views.browsing import read, visits

# https://html.spec.whatwg.org/#valid-global-date-and-time-string
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
EXACT = re.compile(r".*\d{4}, \d\d:\d\d:\d\d \(\S+\)")


def test_every_time_on_a_page_is_exact(alices: Client, acme: Tenant, connect: Connect) -> None:
    made: Integration = connect(acme, state="invalid")
    times = [
        element
        for name, response in visits(alices, made)
        if "html" in response["Content-Type"]
        for element in read(response).all("time")
    ]
    assert times
    for element in times:
        assert INSTANT.fullmatch(element["datetime"])
        assert EXACT.fullmatch(element["title"])


def test_the_zone_is_the_one_the_page_speaks_of(settings: Any) -> None:
    template = Template("{% load moments %}<time {% moment at %}>x</time>")
    at = datetime(2026, 7, 1, 22, 30, 5, 123456, UTC)
    with timezone.override("Europe/Berlin"), translation.override("de"):
        html = template.render(Context({"at": at}))
    title = "2. Juli 2026, 00:30:05 Uhr (CEST)"
    assert html == f'<time datetime="2026-07-02T00:30:05+02:00" title="{title}">x</time>'
