"""What the simulator tells by webhooks, and when."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from kombo.models import (
    DeleteIntegrationsIntegrationIDPositiveResponse,
    IntegrationStateChangedWebhookPayload,
)

from integrations.simulator.app import Simulator
from integrations.simulator.issues_and_syncs import SYNC_SECONDS
from integrations.simulator.server import serve
from integrations.simulator.webhook_sender import Pace
from tests.simulator.conftest import GREENHOUSE, HIBOB, PERSONIO, Clock, client_of, path, seed
from tests.simulator.receiver import SECRET, Receiver, receiving

GOOD = {"do": "connect", "username": "admin", "password": "secret"}
NOW = "2026-11-18T11:06:40.000Z"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def telling(receiver: Receiver, clock: Clock, **options: Any) -> Simulator:
    simulator = Simulator(
        seed=seed(), clock=clock, webhook_url=receiver.url, webhook_secret=SECRET, **options
    )
    simulator.hooks.pace = Pace(retries=(), late=0.1, flush=0.1, tick=0.01)
    return simulator


@pytest.fixture
def simulator(receiver: Receiver, clock: Clock) -> Iterator[Simulator]:
    simulator = telling(receiver, clock)
    yield simulator
    simulator.close()


def told(simulator: Simulator, receiver: Receiver) -> list[dict[str, Any]]:
    """Return what was told since the last time."""
    assert simulator.hooks.drain()
    events = receiver.events
    receiver.posts.clear()
    return events


def types(simulator: Simulator, receiver: Receiver) -> list[str]:
    return [event["type"] for event in told(simulator, receiver)]


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


# Syncs


def test_queued_sync_is_told_when_it_ends(
    simulator: Simulator, receiver: Receiver, clock: Clock
) -> None:
    simulator.set_state(PERSONIO, "final_sync_pending")
    told(simulator, receiver)
    with client_of(simulator) as client:
        sync_id = client.post("/v1/force-sync", headers={"X-Integration-Id": PERSONIO}).json()[
            "data"
        ]["sync_id"]
    clock.now += SYNC_SECONDS
    finished, changed, state = receiver.wait_for(3)
    assert finished["type"] == "sync-finished"
    assert (finished["data"]["sync_id"], finished["data"]["sync_state"]) == (sync_id, "SUCCEEDED")
    assert finished["data"]["sync_started_at"] == NOW
    assert finished["data"]["sync_duration_seconds"] == SYNC_SECONDS
    assert {"name": "hris_employees"} in changed["data"]["changed_models"]
    assert (state["data"]["setup_status"], state["data"]["updated_at"]) == (
        "COMPLETED",
        "2026-11-18T11:07:00.000Z",
    )
    assert simulator.world.overview()[0]["last_sync"]["state"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("SUCCEEDED", ["sync-finished", "data-changed", "integration-state-changed"]),
        ("PARTIALLY_FAILED", ["sync-finished", "data-changed"]),
        ("FAILED", ["sync-finished"]),
        ("AUTHENTICATION_FAILED", ["sync-finished", "issue-status-changed"]),
        ("CANCELLED", ["sync-finished"]),
        ("TIMED_OUT", ["sync-finished"]),
    ],
)
def test_syncs_end_in_all_ways(
    simulator: Simulator, receiver: Receiver, state: str, expected: list[str]
) -> None:
    simulator.set_state(PERSONIO, "final_sync_pending")
    told(simulator, receiver)
    simulator.finish_sync(PERSONIO, state)
    assert types(simulator, receiver) == expected
    body = simulator.details(PERSONIO)
    assert body is not None
    assert body["setup_status"] == ("COMPLETED" if state == "SUCCEEDED" else "FINAL_SYNC_PENDING")


def test_only_a_good_sync_refreshes_data(simulator: Simulator) -> None:
    simulator.set_state(PERSONIO, "data_expired")
    for state, expired in (("PARTIALLY_FAILED", True), ("SUCCEEDED", False)):
        simulator.finish_sync(PERSONIO, state)
        body = simulator.details(PERSONIO)
        assert body is not None
        assert (body["data_expired_at"] is not None) is expired


def test_ended_by_hand_a_queued_sync_does_not_end_again(
    simulator: Simulator, receiver: Receiver, clock: Clock
) -> None:
    sync_id, _ = simulator.world.sync(PERSONIO)
    clock.now += 5
    simulator.finish_sync(PERSONIO, "FAILED")
    clock.now += SYNC_SECONDS
    assert not simulator.world.settle()
    [event] = told(simulator, receiver)
    assert (event["data"]["sync_id"], event["data"]["sync_duration_seconds"]) == (sync_id, 5)


@pytest.mark.parametrize("how", ["pause", "delete", "switch"])
def test_what_stops_an_integration_cancels_its_sync(
    simulator: Simulator, receiver: Receiver, how: str
) -> None:
    simulator.world.sync(PERSONIO)
    if how == "pause":
        simulator.set_enabled(PERSONIO, False)
    else:
        simulator.set_state(PERSONIO, "deleted" if how == "delete" else "invalid")
    finished, _ = told(simulator, receiver)
    assert finished["data"]["sync_state"] == "CANCELLED"


def test_pending_changes_are_told_after_a_restart(
    receiver: Receiver, clock: Clock, tmp_path: Path
) -> None:
    first = telling(receiver, clock, store=tmp_path / "kombo.json")
    first.world.sync(PERSONIO)
    first.close()
    second = telling(receiver, clock, store=tmp_path / "kombo.json")
    server = serve(second, 0)
    try:
        clock.now += SYNC_SECONDS
        receiver.wait_for(2)
        assert second.hooks.drain()
    finally:
        server.shutdown()
    third = telling(receiver, clock, store=tmp_path / "kombo.json")
    third.world.settle()
    assert third.hooks.drain()
    third.close()
    assert receiver.types == ["sync-finished", "data-changed"]


def test_due_changes_of_an_earlier_process_are_told_by_opening(
    receiver: Receiver, clock: Clock, tmp_path: Path
) -> None:
    first = telling(receiver, clock, store=tmp_path / "kombo.json")
    first.world.sync(PERSONIO)
    first.close()
    clock.now += SYNC_SECONDS
    second = telling(receiver, clock, store=tmp_path / "kombo.json")
    second.open()
    receiver.wait_for(2)
    second.close()
    second.set_state(PERSONIO, "invalid")
    assert not second.hooks.drain(0.02)
    server = serve(second, 0)
    receiver.wait_for(3)
    server.shutdown()


def test_times_rise_over_a_restart(receiver: Receiver, clock: Clock, tmp_path: Path) -> None:
    for state in ("invalid", "inactive"):
        simulator = telling(receiver, clock, store=tmp_path / "kombo.json")
        simulator.set_state(PERSONIO, state)
        assert simulator.hooks.drain()
        simulator.close()
    first, second = (event["data"]["updated_at"] for event in receiver.events)
    assert (first, second) == (NOW, "2026-11-18T11:06:40.001Z")


# Issues


def test_issues_are_raised_and_resolved_once(
    simulator: Simulator, receiver: Receiver, clock: Clock
) -> None:
    before = simulator.details(PERSONIO)
    issue_id = simulator.raise_issue(PERSONIO, "action_failing")
    assert simulator.raise_issue(PERSONIO, "action_failing") == issue_id
    clock.now += 60
    simulator.resolve_issue(PERSONIO, issue_id)
    raised, resolved = told(simulator, receiver)
    assert [one["data"]["change"] for one in (raised, resolved)] == ["raised", "resolved"]
    assert {one["data"]["issue"]["id"] for one in (raised, resolved)} == {issue_id}
    assert resolved["data"]["issue"]["first_observed_at"] == NOW
    assert resolved["data"]["issue"]["resolved_at"] == "2026-11-18T11:07:40.000Z"
    assert simulator.details(PERSONIO) == before
    assert simulator.raise_issue(PERSONIO, "action_failing") != issue_id


def test_all_issues_are_resolved_at_once_or_by_restoring(
    simulator: Simulator, receiver: Receiver
) -> None:
    for restore in (False, True):
        for kind in ("action_failing", "hostile"):
            simulator.raise_issue(PERSONIO, kind)
        if restore:
            simulator.set_state(PERSONIO, "restore")
        else:
            simulator.resolve_issue(PERSONIO)
        changes = [event["data"]["change"] for event in told(simulator, receiver)]
        assert changes == ["raised", "raised", "resolved", "resolved"]


def test_failing_sign_in_is_one_issue_until_a_sync_gets_through(
    simulator: Simulator, receiver: Receiver, clock: Clock
) -> None:
    for _ in range(2):
        simulator.finish_sync(PERSONIO, "AUTHENTICATION_FAILED")
    assert types(simulator, receiver) == ["sync-finished", "issue-status-changed", "sync-finished"]
    simulator.world.sync(PERSONIO)
    clock.now += SYNC_SECONDS
    [finished] = receiver.wait_for(1)
    assert finished["data"]["sync_state"] == "AUTHENTICATION_FAILED"
    told(simulator, receiver)
    simulator.finish_sync(PERSONIO, "SUCCEEDED")
    assert told(simulator, receiver)[-1]["data"]["change"] == "resolved"


def test_nonsense_is_refused_and_tells_nothing(simulator: Simulator, receiver: Receiver) -> None:
    with pytest.raises(ValueError, match="no such kind"):
        simulator.raise_issue(PERSONIO, "hiccups")
    with pytest.raises(ValueError, match="no such end"):
        simulator.finish_sync(PERSONIO, "EXPLODED")
    with pytest.raises(ValueError, match="no such QA"):
        simulator.set_qa_status(PERSONIO, "MAYBE")
    with pytest.raises(ValueError, match="no such delivery"):
        simulator.set_delivery("pigeon")
    with pytest.raises(KeyError):
        simulator.resolve_issue(PERSONIO, "nobody")
    with pytest.raises(KeyError):
        simulator.raise_issue("nobody", "hostile")
    with pytest.raises(KeyError):
        simulator.fail_flow("nobody")
    simulator.set_state(PERSONIO, "deleted")
    with pytest.raises(ValueError, match="deleted"):
        simulator.raise_issue(PERSONIO, "hostile")
    assert types(simulator, receiver) == ["integration-deleted"]


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
