"""Tool logos: which are fetched, which are believed, and what stands in."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from integrations.kombo.schema import Tool
from integrations.models import Logo, Tenant
from integrations.simulator.app import Simulator
from integrations.upstream import logos
from tests.conftest import Connect
from tests.kombo.servers import Behaviour, Server, answer, reset, serving
from tests.pictures import JPEG, PNG

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="1" height="1"/></svg>'
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'
    b'<svg xmlns="http://www.w3.org/2000/svg"><text>&b;</text></svg>'
)


def tool(url: str | None, label: str = "Personio") -> Tool:
    return Tool(id="personio", label=label, icon_url=url)


def made(server: Server, settings: Any, path: str = "/icon") -> Logo:
    """A logo that is to be had from this server."""
    settings.KOMBO_LOGO_HOSTS = [server.url.removeprefix("http://")]
    return logos.register(tool(server.url + path))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (SVG, "image/svg+xml"),
        (b'<?xml version="1.0"?>\n<!-- x -->\n' + SVG, "image/svg+xml"),
        (b"\xef\xbb\xbf" + SVG, "image/svg+xml"),
        (b'<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:rect/></s:svg>', "image/svg+xml"),
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
    ],
)
def test_a_picture_is_served_as_what_its_bytes_are(
    body: bytes, content_type: str, settings: Any
) -> None:
    with serving(answer(200, body, "Content-Type: text/html")) as server:
        logo = made(server, settings)
        assert logos.picture(logo.key) == (body, content_type)
        assert logos.picture(logo.key) == (body, content_type)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"GIF89a" + bytes(20),
        b"<!doctype html><html><svg></svg></html>",
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        b"<svg",
        b"<svg/><svg/>",
        b"just text",
        b"\x00<svg/>",
        b'<?xml version="1.0" encoding="foo"?>' + SVG,
        b'<?xml version="1.0" encoding="hex"?>' + SVG,
        LAUGHS,
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
        PNG + bytes(logos.MAX_BYTES),
    ],
)
def test_anything_else_is_not_served(body: bytes, settings: Any) -> None:
    with serving(answer(200, body, "Content-Type: image/png")) as server:
        logo = made(server, settings)
        assert logos.picture(logo.key) is None
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        answer(404, SVG),
        answer(500, SVG),
        answer(302, b"", "Location: /elsewhere"),
        reset(b"HTTP/1.1 200 OK\r\n"),
    ],
)
def test_a_failure_is_not_tried_again_for_ten_minutes(
    trouble: Behaviour, settings: Any, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW, tick=False)
    with serving(trouble) as server:
        logo = made(server, settings)
        for _ in range(3):
            assert logos.picture(logo.key) is None
        assert len(server.requests) == 1
        time_machine.shift(logos.RETRY_AFTER - timedelta(seconds=1))
        logos.picture(logo.key)
        assert len(server.requests) == 1
        time_machine.shift(1)
        logos.picture(logo.key)
        assert len(server.requests) == 2


def test_the_last_good_picture_stays_until_there_is_a_new_one(
    settings: Any, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOW, tick=False)
    with serving(answer(200, PNG), answer(500), answer(200, b"<html>"), answer(200, SVG)) as server:
        logo = made(server, settings)
        logos.picture(logo.key)
        time_machine.shift(logos.MAX_AGE)
        assert logos.picture(logo.key) == (PNG, "image/png")
        assert len(server.requests) == 1
        for _ in range(2):
            time_machine.shift(logos.RETRY_AFTER)
            assert logos.picture(logo.key) == (PNG, "image/png")
        time_machine.shift(logos.RETRY_AFTER)
        assert logos.picture(logo.key) == (SVG, "image/svg+xml")
        assert len(server.requests) == 4


def test_only_one_of_many_fetches(settings: Any) -> None:
    with serving(answer(200, PNG)) as server:
        logo = made(server, settings)
        assert logos._claim(logo)
        assert logos.picture(logo.key) is None
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://storage.googleapis.com/kombo/icon.svg", True),
        ("https://storage.googleapis.com", True),
        ("http://storage.googleapis.com/icon.svg", False),
        ("ftp://storage.googleapis.com/icon.svg", False),
        ("//storage.googleapis.com/icon.svg", False),
        ("https://storage.googleapis.com:8443/icon.svg", False),
        ("https://storage.googleapis.com@evil.example/icon.svg", False),
        ("https://user@storage.googleapis.com/icon.svg", False),
        ("https://storage.googleapis.com\\@evil.example/icon.svg", False),
        ("https://storage.googleapis.com.evil.example/icon.svg", False),
        ("https://evil.example/?storage.googleapis.com", False),
        ("https://169.254.169.254/latest/meta-data/", False),
        ("http://127.0.0.1:8001/icon.svg", True),
        ("http://127.0.0.1:9/icon.svg", False),
        ("file:///etc/passwd", False),
        ("data:image/svg+xml,<svg/>", False),
        ("javascript:alert(1)", False),
        ("https://[storage.googleapis.com", False),
        ("", False),
    ],
)
def test_pictures_come_from_allowed_hosts_only(url: str, allowed: bool, settings: Any) -> None:
    settings.KOMBO_LOGO_HOSTS = ["storage.googleapis.com", "127.0.0.1:8001"]
    assert logos._may_fetch(url) is allowed


def test_a_host_that_is_not_allowed_is_never_called(settings: Any) -> None:
    with serving(answer(200, SVG)) as server:
        settings.KOMBO_LOGO_HOSTS = ["storage.googleapis.com"]
        assert logos.picture(logos.register(tool(f"{server.url}/icon")).key) is None
    assert server.requests == []


def test_a_tools_icon_comes_before_its_wide_logo() -> None:
    assert (
        logos.register(Tool(id="t", label="T", icon_url="https://a/", logo_url="https://b/")).url
        == "https://a/"
    )
    assert logos.register(Tool(id="t", label="T", logo_url="https://b/")).url == "https://b/"
    assert logos.register(Tool(id="t", label="T")).url == ""


def test_a_tool_is_registered_once() -> None:
    first, second = logos.register(tool("https://a/")), logos.register(tool("https://a/"))
    other = logos.register(tool("https://a/", label="Another"))
    assert first.key == second.key != other.key
    assert re.fullmatch("[0-9a-f]{24}", first.key)


@pytest.mark.parametrize(
    ("label", "letter"),
    [
        ("Personio", "P"),
        ("hibob", "H"),
        ("<script>alert(1)</script>", "S"),
        ("&&&", "?"),
        ("👩🏽‍💼", "?"),
        ("👩🏽‍💼 Zoë", "Z"),
        ("", "?"),
        ("365", "3"),
        ("ßar", "SS"),
        ("أجازات", "أ"),
    ],
)
def test_a_monogram_is_a_letter_and_nothing_else(label: str, letter: str) -> None:
    root = ElementTree.fromstring(logos.monogram(label))  # noqa: S314 - our own
    assert [(node.tag.rpartition("}")[2], node.text) for node in root] == [
        ("rect", None),
        ("text", letter),
    ]


def test_a_monogram_stays_the_same() -> None:
    assert logos.monogram("Personio") == logos.monogram("Personio") != logos.monogram("Planday")


def test_a_picture_is_served_so_that_it_can_do_nothing(settings: Any) -> None:
    listens = SVG.replace(b"<rect", b"<rect onload='fetch(1)'")
    with serving(answer(200, listens)) as server:
        response = Client().get(reverse("logo", args=[made(server, settings).key]))
    assert response.content == listens
    policy = response.headers["Content-Security-Policy"]
    assert (
        policy == "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    )
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sessionid" not in response.cookies


def test_a_monogram_is_served_where_there_is_no_picture() -> None:
    response = Client().get(reverse("logo", args=[logos.register(tool(None)).key]))
    assert response.content == logos.monogram("Personio")
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("key", ["nothing", "0" * 24, "%00", "'"])
def test_an_unknown_logo_is_not_found(key: str) -> None:
    assert logos.picture(key) is None
    assert Client().get(f"/logos/{key}/").status_code == 404


def test_the_pictures_of_the_simulated_tools_pass(
    acme: Tenant, connect: Connect, kombo: Simulator
) -> None:
    logo = connect(acme).snapshot.logo
    assert logo is not None
    found = logos.picture(logo.key)
    assert found is not None
    assert found[1] == "image/svg+xml"
