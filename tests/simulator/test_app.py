import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from kombo.errors.kombogeneralerror import KomboGeneralErrorData
from kombo.models import (
    GetCheckAPIKeyPositiveResponse,
    GetConnectIntegrationByTokenTokenPositiveResponse,
    GetIntegrationsIntegrationIDPositiveResponse,
    GetToolsCategoryPositiveResponse,
    PostForceSyncPositiveResponse,
    PostIntegrationsIntegrationIDRelinkPositiveResponse,
)

from integrations.simulator.app import Simulator
from integrations.simulator.issues_and_syncs import SYNC_SECONDS
from integrations.simulator.states import kombo_id
from tests.simulator.conftest import GREENHOUSE, HIBOB, PERSONIO, Clock, client_of, path, seed


def error_of(response: httpx.Response) -> dict[str, Any]:
    KomboGeneralErrorData.model_validate(response.json())
    error: dict[str, Any] = response.json()["error"]
    return error


def test_details_are_the_seeded_ones(client: httpx.Client) -> None:
    response = client.get(path(PERSONIO))
    GetIntegrationsIntegrationIDPositiveResponse.model_validate(response.json())
    assert response.json()["data"] == seed()[PERSONIO]


@pytest.mark.parametrize(
    "integration_id", ["tool:ä/ö x%?#&", "a/relink", "../../etc", "tool:\"'<b>"]
)
def test_odd_ids_are_percent_decoded(integration_id: str) -> None:
    body = {**seed()[PERSONIO], "id": integration_id}
    with client_of(Simulator(seed={integration_id: body})) as client:
        assert client.get(path(integration_id)).json()["data"]["id"] == integration_id
        assert client.post(path(integration_id, "/relink"), json={}).status_code == 200


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": "Bearer nope"}, {"Authorization": "ks_dev_demo"}]
)
def test_wrong_key_is_401(simulator: Simulator, header: dict[str, str]) -> None:
    with httpx.Client(
        transport=httpx.WSGITransport(app=simulator), base_url="http://kombo.test"
    ) as client:
        response = client.get(path(PERSONIO), headers=header)
    assert response.status_code == 401
    assert error_of(response)["code"] == "PLATFORM.AUTHENTICATION_INVALID"


def test_unknown_integration_is_404(client: httpx.Client) -> None:
    for response in (
        client.get(path("personio:nobody")),
        client.post(path("personio:nobody", "/relink")),
    ):
        assert response.status_code == 404
        assert error_of(response)["code"] == "PLATFORM.INTEGRATION_NOT_FOUND"


def test_unknown_operation_is_404_without_a_code(client: httpx.Client) -> None:
    assert error_of(client.get("/v1/integrations"))["code"] is None


def test_deleted_is_404_until_restored(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_state(PERSONIO, "invalid")
    simulator.set_state(PERSONIO, "deleted")
    assert client.get(path(PERSONIO)).status_code == 404
    simulator.set_state(PERSONIO, "restore")
    assert client.get(path(PERSONIO)).json()["data"] == seed()[PERSONIO]


def test_data_expires_when_it_is_switched(simulator: Simulator, clock: Clock) -> None:
    clock.now = 1_795_000_123.5
    simulator.set_state(PERSONIO, "data_expired")
    expired = simulator.details(PERSONIO)
    assert expired is not None
    assert expired["data_expired_at"] == "2026-11-18T11:08:43.500Z"


def test_unknown_switches_are_refused(simulator: Simulator) -> None:
    with pytest.raises(ValueError, match="no such state"):
        simulator.set_state(PERSONIO, "sleepy")
    with pytest.raises(KeyError):
        simulator.set_state("personio:nobody", "invalid")
    with pytest.raises(ValueError, match="no such fault"):
        simulator.set_fault("gremlins")


@pytest.mark.parametrize(
    ("operation", "body"),
    [
        ("/relink", b"{"),
        ("/relink", b"[]"),
        ("/relink", b'{"language": "tlh"}'),
        ("/relink", b'{"link_type": "CARRIER_PIGEON"}'),
        ("/relink", b'{"scope_config_id": 7}'),
        ("/setup-link", b"{}"),
        ("/setup-link", b'{"link_type": "EMBEDDED"}'),
    ],
)
def test_invalid_input_is_400(client: httpx.Client, operation: str, body: bytes) -> None:
    response = client.post(path(PERSONIO, operation), content=body)
    assert response.status_code == 400
    assert error_of(response)["code"] == "PLATFORM.INPUT_INVALID"


def test_links_are_as_documented(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_state(HIBOB, "setup_incomplete")
    relink = client.post(path(PERSONIO, "/relink"), json={"language": None}).json()
    setup = client.post(
        path(HIBOB, "/setup-link"), json={"link_type": "EMBEDDED", "language": "fr"}
    ).json()
    PostIntegrationsIntegrationIDRelinkPositiveResponse.model_validate(relink)
    assert relink["data"]["link"].startswith("http://127.0.0.1:8001/connect/v1?token=")
    assert setup["data"]["link"].startswith("http://127.0.0.1:8001/connect/v1/setup?token=")


@pytest.mark.parametrize("before", ["connected", "invalid"])
def test_pause_and_resume(simulator: Simulator, client: httpx.Client, before: str) -> None:
    simulator.set_state(PERSONIO, before)
    status = client.get(path(PERSONIO)).json()["data"]["status"]
    for enabled, expected in (
        (False, "INACTIVE"),
        (False, "INACTIVE"),
        (True, status),
        (True, status),
    ):
        assert client.put(path(PERSONIO, "/enabled"), json={"value": enabled}).json()["data"] == {}
        assert client.get(path(PERSONIO)).json()["data"]["status"] == expected
    assert client.put(path(PERSONIO, "/enabled"), json={"value": "yes"}).status_code == 400


def test_sync_is_queued_once_and_refreshes_data(
    simulator: Simulator, client: httpx.Client, clock: Clock
) -> None:
    simulator.set_state(PERSONIO, "data_expired")
    header = {"X-Integration-Id": PERSONIO}
    first = client.post("/v1/force-sync", headers=header).json()
    again = client.post("/v1/force-sync", headers=header, json={"type": "DELTA"}).json()
    PostForceSyncPositiveResponse.model_validate(first)
    assert (first["data"]["already_queued"], again["data"]["already_queued"]) == (False, True)
    assert first["data"]["sync_id"] == again["data"]["sync_id"]
    clock.now += SYNC_SECONDS
    assert client.get(path(PERSONIO)).json()["data"]["data_expired_at"] is None


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ("inactive", "INTEGRATION.INACTIVE"),
        ("invalid", "INTEGRATION.AUTHENTICATION_INVALID"),
        ("setup_incomplete", "INTEGRATION.SETUP_INCOMPLETE"),
    ],
)
def test_sync_is_refused_where_it_cannot_run(
    simulator: Simulator, client: httpx.Client, state: str, code: str
) -> None:
    simulator.set_state(PERSONIO, state)
    response = client.post("/v1/force-sync", headers={"X-Integration-Id": PERSONIO}, json={})
    assert response.json()["error"]["code"] == code


def test_sync_needs_its_header(client: httpx.Client) -> None:
    assert error_of(client.post("/v1/force-sync", json={}))["code"] == "PLATFORM.INPUT_INVALID"


def test_key_check_and_tools_fit_the_sdk(client: httpx.Client) -> None:
    GetCheckAPIKeyPositiveResponse.model_validate(client.get("/v1/check-api-key").json())
    for category in ("hris", "ats", "assessment", "lms"):
        GetToolsCategoryPositiveResponse.model_validate(client.get(f"/v1/tools/{category}").json())
    assert error_of(client.get("/v1/tools/HRIS"))["code"] == "PLATFORM.INPUT_INVALID"


def test_activation_token_names_the_integration(simulator: Simulator, client: httpx.Client) -> None:
    token = simulator.world.links.mint(PERSONIO, "relink", link_type="EMBEDDED", language="en")
    activation = simulator.world.complete(token, offered=(), shared=())
    answer = client.get(f"/v1/connect/integration-by-token/{activation}").json()
    GetConnectIntegrationByTokenTokenPositiveResponse.model_validate(answer)
    assert answer["data"]["id"] == PERSONIO
    assert answer["data"]["end_user_origin_id"] == "acme"
    assert client.get("/v1/connect/integration-by-token/guess").status_code == 404


def test_rate_limit_counts_down_and_resets(clock: Clock) -> None:
    with client_of(Simulator(seed=seed(), clock=clock, rate_limit=2)) as client:
        first, second, third = (client.get(path(PERSONIO)) for _ in range(3))
        assert [one.headers["ratelimit-remaining"] for one in (first, second, third)] == [
            "1",
            "0",
            "0",
        ]
        assert first.headers["ratelimit-limit"] == "2"
        assert [one.status_code for one in (first, second, third)] == [200, 200, 429]
        assert error_of(third)["code"] == "PLATFORM.RATE_LIMIT_EXCEEDED"
        clock.now += 45
        assert client.get(path(PERSONIO)).headers["ratelimit-reset"] == "15"
        clock.now += 15
        assert client.get(path(PERSONIO)).status_code == 200


def test_window_of_the_rate_limit_is_a_choice(clock: Clock) -> None:
    simulator = Simulator(seed=seed(), clock=clock, rate_limit=20, rate_window=1.0)
    with client_of(simulator) as client:
        for _ in range(3):
            answers = [client.get(path(PERSONIO)).status_code for _ in range(20)]
            assert answers == [200] * 20
            clock.now += 1
        assert simulator.refused == 0
        answers = [client.get(path(PERSONIO)).status_code for _ in range(23)]
        assert answers == [200] * 20 + [429] * 3
        assert client.get(path(PERSONIO)).headers["retry-after"] == "1"
    assert simulator.refused == 4
    assert simulator.calls["GET", "/v1/integrations/{integration_id}"] == 84


def test_faults_and_strangers_are_not_refused_calls(
    simulator: Simulator, client: httpx.Client
) -> None:
    simulator.set_fault("rate_limited")
    assert client.get(path(PERSONIO)).status_code == 429
    simulator.set_fault("none")
    assert client.get(path(PERSONIO), headers={"Authorization": "Bearer nope"}).status_code == 401
    assert simulator.refused == 0


def test_files_of_an_older_demo_are_understood(tmp_path: Path, clock: Clock) -> None:
    record = {
        "details": seed()[PERSONIO],
        "deleted": False,
        "pending": [],
        "paused_from": None,
        "touched": True,
    }
    syncing = {"at": clock.now + 1, "patch": {"data_expired_at": None}, "sync_id": "old"}
    saved = {
        "records": {PERSONIO: {**record, "pending": [syncing]}},
        "links": {},
        "activations": {},
        "settings": {},
    }
    (tmp_path / "kombo.json").write_text(json.dumps(saved))
    simulator = Simulator(seed=seed(), store=tmp_path / "kombo.json", clock=clock)
    clock.now += 1
    simulator.raise_issue(PERSONIO, "hostile")
    assert simulator.world.overview()[0]["last_sync"]["sync_id"] == "old"


def test_calls_are_counted_by_route(simulator: Simulator, client: httpx.Client) -> None:
    for integration_id in (PERSONIO, GREENHOUSE, "nobody"):
        client.get(path(integration_id))
    client.post(path(PERSONIO, "/relink"))
    assert simulator.calls["GET", "/v1/integrations/{integration_id}"] == 3
    assert client.get("/control/calls").json() == {
        "GET /v1/integrations/{integration_id}": 3,
        "POST /v1/integrations/{integration_id}/relink": 1,
    }


def test_what_changed_survives_a_restart(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "new" / "kombo.json"
    first = Simulator(seed=seed(), store=file, clock=clock)
    first.set_state(PERSONIO, "invalid")
    first.set_state(GREENHOUSE, "deleted")
    first.set_fault("slow", HIBOB)
    token = first.world.links.mint(HIBOB, "relink", link_type="EMBEDDED", language="en")

    grown = {**seed(), "lucca:new": {**seed()[HIBOB], "id": "lucca:new"}}
    second = Simulator(seed=grown, store=file, clock=clock)
    body = second.details(PERSONIO)
    assert body is not None
    assert body["status"] == "INVALID"
    assert second.details(GREENHOUSE) is None
    assert second.details("lucca:new") is not None
    assert second.world.store.fault_for(HIBOB) == "slow"
    assert second.world.link(token) is not None
    assert [one.name for one in file.parent.iterdir()] == ["kombo.json"]
    assert json.loads(file.read_text())["records"].keys() == {PERSONIO, GREENHOUSE}


def test_reset_goes_back_to_the_seed(simulator: Simulator, client: httpx.Client) -> None:
    client.get(path(PERSONIO))
    simulator.set_state(PERSONIO, "invalid")
    simulator.set_fault("empty")
    simulator.reset()
    assert not simulator.calls
    assert client.get(path(PERSONIO)).json()["data"] == seed()[PERSONIO]


@pytest.mark.parametrize("kind", ["icon", "logo"])
def test_every_tool_has_its_own_picture(client: httpx.Client, kind: str) -> None:
    pictures = [
        client.get(f"/assets/integrations/{tool}/{kind}.svg")
        for tool in ("personio", "hibob", "a%22%3Cb")
    ]
    assert {one.headers["content-type"] for one in pictures} == {"image/svg+xml"}
    assert len({one.content for one in pictures}) == 3
    assert all(b'"<b' not in one.content for one in pictures)


def test_pictures_follow_the_public_address(simulator: Simulator) -> None:
    simulator.public_url = "http://localhost:9999"
    body = simulator.details(PERSONIO)
    assert body is not None
    assert body["tool"]["icon_url"] == "http://localhost:9999/assets/integrations/personio/icon.svg"


def test_ids_look_like_kombos() -> None:
    assert len(kombo_id("x")) == 24
    assert kombo_id("x").isalnum()
