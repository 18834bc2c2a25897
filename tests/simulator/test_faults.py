import gzip
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from integrations.simulator.app import Simulator
from integrations.simulator.faults import FAULTS
from tests.simulator.conftest import HIBOB, PERSONIO, path

ANSWERS = {
    "rate_limited": (429, "PLATFORM.RATE_LIMIT_EXCEEDED"),
    "server_error": (500, "PLATFORM.UNKNOWN_ERROR"),
    "key_revoked": (401, "PLATFORM.AUTHENTICATION_INVALID"),
    "forbidden": (403, "PLATFORM.IP_NOT_WHITELISTED"),
}


@pytest.mark.parametrize("fault", ANSWERS)
def test_fault_with_an_envelope(simulator: Simulator, client: httpx.Client, fault: str) -> None:
    simulator.set_fault(fault)
    response = client.get(path(PERSONIO))
    assert (response.status_code, response.json()["error"]["code"]) == ANSWERS[fault]


@pytest.mark.parametrize(
    ("fault", "status", "start"),
    [
        ("bad_gateway", 502, b"<html>"),
        ("unavailable", 503, b"no healthy upstream"),
        ("gateway_timeout", 504, b""),
        ("html", 200, b"<!doctype html>"),
        ("empty", 200, b""),
        ("wrong_json", 200, b'{"status":"success"'),
        ("redirect", 302, b""),
    ],
)
def test_fault_without_an_envelope(
    simulator: Simulator, client: httpx.Client, fault: str, status: int, start: bytes
) -> None:
    simulator.set_fault(fault)
    response = client.get(path(PERSONIO))
    assert response.status_code == status
    assert response.content.startswith(start)
    if not start:
        assert response.content == b""
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_rate_limited_says_when_to_come_back(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("rate_limited")
    headers = client.get(path(PERSONIO)).headers
    assert (headers["retry-after"], headers["ratelimit-remaining"]) == ("20", "0")
    assert headers.get_list("ratelimit-reset") == ["20"]


def test_redirect_leads_to_a_counted_address(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("redirect")
    client.get(path(PERSONIO), follow_redirects=False)
    assert simulator.calls["GET", "/v1/redirected"] == 0


def test_wrong_shape_breaks_one_boolean(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("wrong_shape")
    assert client.get(path(PERSONIO)).json()["data"]["beta"] == "yes"
    assert client.post(path(PERSONIO, "/relink")).json()["data"] == "yes"


def test_truncated_promises_more_than_it_sends(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("truncated")
    response = client.get(path(PERSONIO))
    assert len(response.content) < int(response.headers["content-length"])


def test_reset_drops_the_connection(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("reset")
    with pytest.raises(ConnectionResetError):
        client.get(path(PERSONIO))


def test_huge_is_valid_json_past_any_cap(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("huge")
    with client.stream("GET", path(PERSONIO)) as response:
        assert sum(map(len, response.iter_raw())) > 80_000_000
    assert "content-length" not in response.headers


def test_gzip_bomb_is_small_on_the_wire(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("gzip_bomb")
    with client.stream("GET", path(PERSONIO)) as response:
        raw = b"".join(response.iter_raw())
    assert len(raw) < 1_000_000
    assert len(gzip.decompress(raw)) > 80_000_000


def test_wrong_owner_names_another_customer(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("wrong_owner")
    assert client.get(path(PERSONIO)).json()["data"]["end_user"]["origin_id"] == "bolt"
    assert client.get(path(HIBOB)).json()["data"]["end_user"]["origin_id"] == "acme"


def test_foreign_link_leads_elsewhere(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("foreign_link")
    link = client.post(path(PERSONIO, "/relink")).json()["data"]["link"]
    assert link.startswith("https://connect.example.net/")
    assert client.get(path(PERSONIO)).status_code == 200


def test_errors_pass_through_faults_that_edit(simulator: Simulator, client: httpx.Client) -> None:
    for fault in ("wrong_shape", "wrong_owner", "foreign_link"):
        simulator.set_fault(fault)
        assert (
            client.get(path("nobody")).json()["error"]["code"] == "PLATFORM.INTEGRATION_NOT_FOUND"
        )


def test_fault_of_one_integration_spares_the_others(
    simulator: Simulator, client: httpx.Client
) -> None:
    simulator.set_fault("unavailable", PERSONIO)
    assert client.get(path(PERSONIO)).status_code == 503
    assert client.get(path(HIBOB)).status_code == 200
    sync = client.post("/v1/force-sync", headers={"X-Integration-Id": PERSONIO})
    assert sync.status_code == 503
    simulator.set_fault("none", PERSONIO)
    assert client.get(path(PERSONIO)).status_code == 200


def switch_off(simulator: Simulator) -> None:
    simulator.set_fault("none")


@pytest.mark.parametrize("fault", ["slow", "hanging", "dripping"])
@pytest.mark.parametrize("release", [switch_off, Simulator.close])
def test_held_calls_are_let_go(
    simulator: Simulator,
    client: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
    release: Callable[[Simulator], None],
) -> None:
    simulator.set_fault(fault)
    held, hold, times_up = threading.Event(), simulator.world.hold, []

    def hold_for_long(_seconds: float, *target: Any) -> bool:
        held.set()
        times_up.append(hold(30, *target))
        return times_up[-1]

    def let_go() -> None:
        held.wait()
        release(simulator)

    monkeypatch.setattr(simulator.world, "hold", hold_for_long)
    threading.Thread(target=let_go, daemon=True).start()
    assert client.get(path(PERSONIO)).json()["data"]["id"] == PERSONIO
    assert times_up == [False]


def test_slow_takes_two_seconds(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_fault("slow")
    started = time.monotonic()
    assert client.get(path(PERSONIO)).status_code == 200
    assert time.monotonic() - started >= 2


def test_faults_are_told_apart_by_their_words() -> None:
    labels = [label for label, _ in FAULTS.values()]
    assert all(labels)
    assert len(set(labels)) == len(labels)
