"""Whose address limits and the audit record count by, however proxies write it."""

from typing import Any

import pytest
from django.test import RequestFactory
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from integrations.views.actors import client_address

PEER = "198.51.100.1"


def counted(forwarded: str, peer: str = PEER) -> str:
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded}, REMOTE_ADDR=peer)
    return client_address(request)


@pytest.fixture(autouse=True)
def behind_a_proxy(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 1


@pytest.mark.parametrize(
    ("hop", "address"),
    [
        ("203.0.113.8", "203.0.113.8"),
        ("203.0.113.8:50001", "203.0.113.8"),
        ("[203.0.113.8]:50001", "203.0.113.8"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::1", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]", "2001:db8:1:2::/64"),
        ("[2001:db8:1:2::1]:443", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.8", "203.0.113.8"),
        ("::ffff:cb00:7108", "203.0.113.8"),
        ("[::ffff:203.0.113.8]:443", "203.0.113.8"),
        ("64:ff9b::203.0.113.8", "203.0.113.8"),
        ("[64:ff9b::cb00:7108]:443", "203.0.113.8"),
        ("2002:cb00:7108:1::1", "203.0.113.8"),
        ("2001:0:4136:e378:8000:63bf:34ff:8ef7", "203.0.113.8"),
    ],
)
def test_one_address_is_one_in_whichever_dress(hop: str, address: str) -> None:
    assert counted(hop) == address
    if "]" not in hop and hop.count(".") != 3:
        assert counted("", peer=hop) == address


def test_a_port_is_no_part_of_who_somebody_is() -> None:
    for form in ("203.0.113.8:%d", "[2001:db8::1]:%d", "[::ffff:203.0.113.8]:%d"):
        assert len({counted(form % port) for port in (1, 443, 50_001, 65_535)}) == 1


@pytest.mark.parametrize(
    "hop",
    [
        "unknown",
        "_hidden",
        "-",
        "203.0.113.8:",
        "203.0.113.8:port",
        "203.0.113.8:123456",
        "203.0.113",
        "203.0.113.256",
        "203.0.113.08",
        "0xcb.0.113.8",
        "3405803784",
        "٢٠٣.0.113.8",
        "2001:db8::1:443:1:2:3:4:5",
        "[2001:db8::1",
        "2001:db8::1]",
        "[2001:db8::1]443",
        "fe80::1%eth0",
        "fe80::1%" + "x" * 5000,
        "fe80::1/64",
        "203.0.113.8/32",
        "203.0.113.8 203.0.113.9",
        '"203.0.113.8"',
        "for=203.0.113.8",
        "x" * 100_000,
    ],
)
def test_garbage_counts_as_the_peer_that_sent_it(hop: str) -> None:
    assert counted(hop) == PEER


@hypothesis(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters=",\r\n", exclude_categories=["Cs"])))
def test_whatever_is_sent_counts_as_an_address(hop: str) -> None:
    assert len(counted(hop)) <= 45


def test_an_ipv4_peer_of_a_socket_for_both_is_an_ipv4_peer(settings: Any) -> None:
    settings.TRUSTED_PROXY_COUNT = 0
    assert counted("", peer="::ffff:198.51.100.1") == PEER


def test_a_socket_without_an_address_counts_as_one() -> None:
    assert counted("garbage", peer="") == ""
