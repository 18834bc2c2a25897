import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import httpx
import pytest

from integrations.simulator.app import Simulator
from integrations.simulator.server import DemoServer, serve
from tests.simulator.conftest import PERSONIO, path, seed

KEY = {"Authorization": "Bearer ks_dev_demo"}


@contextmanager
def served(simulator: Simulator) -> Iterator[tuple[DemoServer, httpx.Client]]:
    server = serve(simulator, 0)
    try:
        with httpx.Client(base_url=simulator.public_url, headers=KEY, timeout=5) as client:
            yield server, client
    finally:
        server.shutdown()


def test_connection_is_kept_alive() -> None:
    with served(Simulator(seed=seed())) as (_, client):
        responses = [client.get(path(PERSONIO)) for _ in range(3)]
        ports = {
            one.extensions["network_stream"].get_extra_info("client_addr") for one in responses
        }
        assert len(ports) == 1
        assert (
            responses[0]
            .json()["data"]["tool"]["icon_url"]
            .startswith(str(client.base_url).rstrip("/"))
        )


def test_posts_and_odd_ids_arrive() -> None:
    body = {**seed()[PERSONIO], "id": "tool:ä/ö x%?"}
    with served(Simulator(seed={body["id"]: body})) as (_, client):
        assert client.get(path(body["id"])).json()["data"]["id"] == body["id"]
        assert client.post(path(body["id"], "/relink"), json={"language": "de"}).status_code == 200
        assert client.post("/v1/force-sync", content=b"x" * 1_000_001).status_code == 413


def test_truncated_body_is_a_protocol_error() -> None:
    simulator = Simulator(seed=seed())
    simulator.set_fault("truncated")
    with served(simulator) as (_, client), pytest.raises(httpx.RemoteProtocolError):
        client.get(path(PERSONIO))


def test_reset_is_a_broken_connection() -> None:
    simulator = Simulator(seed=seed())
    simulator.set_fault("reset")
    with served(simulator) as (_, client), pytest.raises(httpx.NetworkError):
        client.get(path(PERSONIO))


def test_huge_body_is_chunked_and_may_be_left() -> None:
    simulator = Simulator(seed=seed())
    simulator.set_fault("huge")
    with served(simulator) as (_, client):
        with client.stream("GET", path(PERSONIO)) as response:
            assert response.headers["transfer-encoding"] == "chunked"
            assert len(next(response.iter_raw())) > 0
        simulator.set_fault("none")
        assert client.get(path(PERSONIO)).status_code == 200


def test_dripping_defeats_a_read_timeout() -> None:
    simulator = Simulator(seed=seed())
    simulator.set_fault("dripping")
    started = time.monotonic()
    with (
        served(simulator) as (_, client),
        client.stream("GET", path(PERSONIO), timeout=1.5) as response,
    ):
        drops = response.iter_raw()
        assert b"".join(next(drops) for _ in range(3)) == b'{"s'
        assert time.monotonic() - started > 1.5


@pytest.mark.parametrize("fault", ["hanging", "dripping"])
def test_shutdown_releases_held_calls(fault: str) -> None:
    simulator = Simulator(seed=seed())
    simulator.set_fault(fault)
    done = threading.Event()

    def call() -> None:
        with suppress(httpx.HTTPError):
            httpx.get(f"{simulator.public_url}{path(PERSONIO)}", headers=KEY, timeout=90)
        done.set()

    server = serve(simulator, 0)
    threading.Thread(target=call, daemon=True).start()
    while not simulator.calls:
        assert not done.wait(0.01)
    server.shutdown()
    assert done.wait(30), "the call was still held; by itself it ends after a minute"


def test_after_shutdown_the_port_is_free_and_all_is_closed() -> None:
    simulator = Simulator(seed=seed())
    with served(simulator) as (server, client):
        client.get("/control/state")
        server.shutdown()
        with pytest.raises(httpx.TransportError):
            client.get("/control/state")
        again = serve(simulator, server.server_port)
        assert client.get("/control/state").status_code == 200
        again.shutdown()


def test_many_at_once_are_all_counted() -> None:
    simulator = Simulator(seed=seed(), rate_limit=10_000)
    with served(simulator) as (_, client):

        def call() -> None:
            for _ in range(5):
                client.get(path(PERSONIO)).raise_for_status()

        threads = [threading.Thread(target=call) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert simulator.calls["GET", "/v1/integrations/{integration_id}"] == 40
