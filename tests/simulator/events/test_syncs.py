"""What the simulator tells of syncs and issues, also after a restart."""

from pathlib import Path

import pytest

from integrations.simulator.app import Simulator
from integrations.simulator.issues_and_syncs import SYNC_SECONDS
from integrations.simulator.server import serve
from tests.simulator.conftest import PERSONIO, Clock, client_of
from tests.simulator.events.telling import NOW, telling, told, types
from tests.simulator.receiver import Receiver

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
