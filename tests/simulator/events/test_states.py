"""What the simulator tells of states and of Kombo Connect, and how deliveries are switched."""

from typing import Any

import httpx
import pytest
from kombo.models import (
    DeleteIntegrationsIntegrationIDPositiveResponse,
    IntegrationStateChangedWebhookPayload,
)

from integrations.simulator.app import Simulator
from integrations.simulator.server import serve
from tests.simulator.conftest import GREENHOUSE, HIBOB, PERSONIO, Clock, client_of, path, seed
from tests.simulator.events.telling import NOW, told, types
from tests.simulator.receiver import SECRET, Receiver

GOOD = {"do": "connect", "username": "admin", "password": "secret"}


def states(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    found = [one["data"] for one in events if one["type"] == "integration-state-changed"]
    return [(data["state"], data["setup_status"], data["qa_status"]) for data in found]


def relink(client: httpx.Client, integration_id: str = PERSONIO, **entered: str) -> httpx.Response:
    link = client.post(path(integration_id, "/relink"), json={}).json()["data"]["link"]
    form = {**GOOD, **entered, "token": httpx.URL(link).params["token"]}
    return client.post("/connect/v1", data=form)


# States


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("invalid", [("INVALID", "COMPLETED", "PASSED")]),
        ("inactive", [("INACTIVE", "COMPLETED", "PASSED")]),
        ("setup_incomplete", [("ACTIVE", "INCOMPLETE", "PASSED")]),
        ("unknown_status", [("PAUSED_BY_TOOL", "COMPLETED", "PASSED")]),
        ("connected", []),
        ("data_expired", []),
        ("restore", []),
    ],
)
def test_changed_states_are_told_once(
    simulator: Simulator, receiver: Receiver, state: str, expected: list[tuple[str, str, str]]
) -> None:
    simulator.set_state(PERSONIO, state)
    simulator.set_state(PERSONIO, state)
    events = told(simulator, receiver)
    assert states(events) == expected
    assert len(events) == len(expected)
    if expected and state != "unknown_status":
        IntegrationStateChangedWebhookPayload.model_validate(events[0])
        assert events[0]["data"]["updated_at"] == NOW


def test_changes_are_told_in_rising_times(
    simulator: Simulator, receiver: Receiver, clock: Clock
) -> None:
    for state in ("invalid", "connected", "invalid"):
        simulator.set_state(PERSONIO, state)
    simulator.reset()
    clock.now -= 3600
    simulator.set_state(PERSONIO, "invalid")
    clock.now += 7200
    simulator.set_state(PERSONIO, "connected")
    simulator.set_state(HIBOB, "invalid")
    events = told(simulator, receiver)[-3:]
    assert [event["data"]["updated_at"] for event in events] == [
        "2026-11-18T11:06:40.003Z",
        "2026-11-18T12:06:40.000Z",
        "2026-11-18T12:06:40.000Z",
    ]


def test_pausing_by_the_api_is_told(simulator: Simulator, receiver: Receiver) -> None:
    with client_of(simulator) as client:
        for value in (False, False, True):
            client.put(path(PERSONIO, "/enabled"), json={"value": value})
    assert [state for state, _, _ in states(told(simulator, receiver))] == ["INACTIVE", "ACTIVE"]


def test_added_ones_are_announced_if_so_wished(simulator: Simulator, receiver: Receiver) -> None:
    simulator.add({**seed()[PERSONIO], "id": "personio:quiet"})
    simulator.add({**seed()[PERSONIO], "id": "personio:loud"}, announce=True)
    [event] = told(simulator, receiver)
    assert (event["type"], event["data"]["id"]) == ("integration-created", "personio:loud")


def test_deleting_by_the_api(simulator: Simulator, receiver: Receiver) -> None:
    with client_of(simulator) as client:
        answer = client.request("DELETE", path(PERSONIO), json={})
        DeleteIntegrationsIntegrationIDPositiveResponse.model_validate(answer.json())
        assert client.request("DELETE", path(PERSONIO)).status_code == 404
        assert client.get(path(PERSONIO)).status_code == 404
        assert client.get(path(GREENHOUSE)).status_code == 200
    [event] = told(simulator, receiver)
    assert (event["type"], event["data"]["id"]) == ("integration-deleted", PERSONIO)
    assert event["data"]["deleted_at"] == NOW
    assert simulator.calls["DELETE", "/v1/integrations/{integration_id}"] == 2


def test_nothing_more_is_told_of_a_deleted_one(simulator: Simulator, receiver: Receiver) -> None:
    simulator.set_state(PERSONIO, "deleted")
    simulator.set_enabled(PERSONIO, False)
    assert types(simulator, receiver) == ["integration-deleted"]


def test_restoring_is_a_change_of_state(simulator: Simulator, receiver: Receiver) -> None:
    simulator.set_state(PERSONIO, "deleted")
    simulator.set_state(PERSONIO, "deleted")
    simulator.set_state(PERSONIO, "restore")
    simulator.set_state(PERSONIO, "deleted")
    simulator.set_state(PERSONIO, "invalid")
    assert types(simulator, receiver) == ["integration-deleted", "integration-state-changed"] * 2


def test_quality_check_is_told_and_only_told(simulator: Simulator, receiver: Receiver) -> None:
    before = simulator.details(PERSONIO)
    for qa_status in ("FAILED", "FAILED", "PENDING", "PASSED"):
        simulator.set_qa_status(PERSONIO, qa_status)
    assert [qa for _, _, qa in states(told(simulator, receiver))] == ["FAILED", "PENDING", "PASSED"]
    assert simulator.details(PERSONIO) == before


def test_later_changes_still_tell_the_quality_check(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.set_qa_status(PERSONIO, "FAILED")
    simulator.set_state(PERSONIO, "invalid")
    assert states(told(simulator, receiver))[-1] == ("INVALID", "COMPLETED", "FAILED")


# Kombo Connect


def test_finished_reconnect_is_told(simulator: Simulator, receiver: Receiver) -> None:
    simulator.set_state(PERSONIO, "invalid")
    told(simulator, receiver)
    with client_of(simulator) as client:
        relink(client)
    assert states(told(simulator, receiver)) == [("ACTIVE", "COMPLETED", "PASSED")]


def test_lagging_reconnect_is_told_when_it_is_due_without_a_call(
    simulator: Simulator, receiver: Receiver, clock: Clock
) -> None:
    simulator.set_state(PERSONIO, "invalid")
    simulator.raise_issue(PERSONIO, "authentication_failed")
    simulator.raise_issue(PERSONIO, "action_failing")
    simulator.set_lag(30)
    with client_of(simulator) as client:
        relink(client)
    assert len(told(simulator, receiver)) == 3
    clock.now += 29.9
    assert receiver.posts == []
    clock.now += 0.1
    resolved, changed = receiver.wait_for(2)
    assert resolved["data"]["change"] == "resolved"
    assert resolved["data"]["issue"]["type"] == "integration.authentication_failed"
    assert resolved["data"]["issue"]["resolved_at"] == "2026-11-18T11:07:10.000Z"
    assert changed["data"]["state"] == "ACTIVE"


def test_a_lag_alone_wakes_the_thread(
    simulator: Simulator, receiver: Receiver, clock: Clock
) -> None:
    """Nothing was told before, so there is no thread yet that would look again."""
    simulator.add({**seed()[PERSONIO], "id": "personio:sleeping", "status": "INVALID"})
    simulator.set_lag(30)
    with client_of(simulator) as client:
        relink(client, "personio:sleeping")
    clock.now += 30
    assert states(receiver.wait_for(1)) == [("ACTIVE", "COMPLETED", "PASSED")]


def test_finished_setup_resolves_nothing(simulator: Simulator, receiver: Receiver) -> None:
    simulator.set_state(PERSONIO, "setup_incomplete")
    simulator.raise_issue(PERSONIO, "authentication_failed")
    told(simulator, receiver)
    with client_of(simulator) as client:
        link = client.post(path(PERSONIO, "/setup-link"), json={"link_type": "EMBEDDED"}).json()[
            "data"
        ]["link"]
        client.post(
            "/connect/v1/setup", data={"token": httpx.URL(link).params["token"], "do": "connect"}
        )
    events = told(simulator, receiver)
    assert states(events) == [("ACTIVE", "FINAL_SYNC_PENDING", "PASSED")]
    assert len(events) == 1


def test_wrong_password_in_the_flow_is_told(simulator: Simulator, receiver: Receiver) -> None:
    with client_of(simulator) as client:
        assert relink(client, password="wrong").status_code == 422
        assert relink(client, password="").status_code == 422
    [event] = told(simulator, receiver)
    assert event["type"] == "connection-flow-failed"
    assert event["data"]["end_user"]["origin_id"] == "acme"
    assert simulator.hooks.deliveries[0].integration_id == PERSONIO


# Delivery


def test_delivery_is_switched(simulator: Simulator, receiver: Receiver) -> None:
    simulator.set_delivery("duplicate")
    simulator.set_state(PERSONIO, "invalid")
    simulator.set_delivery("lost")
    simulator.set_state(PERSONIO, "connected")
    simulator.set_delivery("reordered")
    simulator.set_state(PERSONIO, "inactive")
    simulator.set_state(PERSONIO, "setup_incomplete")
    events = [(state, setup) for state, setup, _ in states(told(simulator, receiver))]
    assert events == [("INVALID", "COMPLETED")] * 2 + [
        ("ACTIVE", "INCOMPLETE"),
        ("INACTIVE", "COMPLETED"),
    ]


def test_reset_forgets_deliveries_and_issues_and_tells_nobody(
    simulator: Simulator, receiver: Receiver
) -> None:
    simulator.set_delivery("lost")
    simulator.raise_issue(PERSONIO, "hostile")
    simulator.set_qa_status(PERSONIO, "FAILED")
    simulator.reset()
    assert simulator.hooks.deliveries == []
    summary = simulator.world.overview()[0]
    assert (summary["issues"], summary["qa_status"], summary["last_sync"]) == ([], "PASSED", None)
    simulator.set_state(PERSONIO, "invalid")
    assert types(simulator, receiver) == ["integration-state-changed"]


def test_a_receiver_may_ask_back(simulator: Simulator, receiver: Receiver) -> None:
    """Here the simulator is its own receiver: nothing may hold the world's lock while an event is
    on the wire.
    """
    server = serve(simulator, 0)
    try:
        simulator.hooks.aim(f"{simulator.public_url}/control/fault", SECRET)
        simulator.set_state(PERSONIO, "invalid")
        assert simulator.hooks.drain()
        assert simulator.hooks.deliveries[0].status == 400
    finally:
        server.shutdown()
