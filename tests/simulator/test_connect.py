import html
import json
import re
from typing import Any

import httpx
import pytest

from integrations.simulator.app import Simulator
from integrations.simulator.connect import optional_datapoints, words
from integrations.simulator.hostile import hostile
from integrations.simulator.operations import LANGUAGES
from integrations.simulator.states import Details
from tests.simulator.conftest import HIBOB, PERSONIO, Clock, client_of, path

GOOD = {"do": "connect", "username": "admin", "password": "secret"}


def body_of(simulator: Simulator, integration_id: str = PERSONIO) -> Details:
    body = simulator.details(integration_id)
    assert body is not None
    return body


def token_of(
    client: httpx.Client, kind: str = "/relink", integration_id: str = PERSONIO, **body: str
) -> str:
    link = client.post(path(integration_id, kind), json={"link_type": "EMBEDDED", **body}).json()[
        "data"
    ]["link"]
    return str(httpx.URL(link).params["token"])


def message_in(response: httpx.Response) -> Any:
    match = re.search(r'data-message="([^"]*)"', response.text)
    assert match is not None
    return json.loads(html.unescape(match[1]) or "null")


def test_all_languages_say_the_same_things() -> None:
    assert {frozenset(words(language)) for language in LANGUAGES} == {frozenset(words("en"))}
    assert len({words(language)["optional_hint"] for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_dialog_speaks_the_language_of_the_link(client: httpx.Client, language: str) -> None:
    response = client.get(
        "/connect/v1", params={"token": token_of(client, language=language), "sdkv": "1.3.0"}
    )
    assert f'<html lang="{language}">' in response.text
    assert words(language)["relink_title"].format(tool="Personio") in html.unescape(response.text)
    assert "Acme" in response.text


def test_dialog_may_be_framed_and_runs_only_its_own_files(client: httpx.Client) -> None:
    headers = client.get("/connect/v1", params={"token": token_of(client)}).headers
    assert "x-frame-options" not in headers
    assert "frame-ancestors" not in headers["content-security-policy"]
    assert (
        "default-src 'none'; script-src 'self'; style-src 'self'"
        in headers["content-security-policy"]
    )
    assert headers["referrer-policy"] == "no-referrer"


def test_completing_reconnects_and_hands_over_a_token(
    simulator: Simulator, client: httpx.Client
) -> None:
    simulator.set_state(PERSONIO, "invalid")
    token = token_of(client)
    response = client.post("/connect/v1", data={**GOOD, "token": token})
    message = message_in(response)
    assert message["type"] == "success"
    assert body_of(simulator)["status"] == "ACTIVE"
    activation = message["data"]["activation_token"]
    assert (
        client.get(f"/v1/connect/integration-by-token/{activation}").json()["data"]["id"]
        == PERSONIO
    )


def test_link_works_once(client: httpx.Client) -> None:
    token = token_of(client)
    client.post("/connect/v1", data={**GOOD, "token": token})
    again = client.post("/connect/v1", data={**GOOD, "token": token})
    assert again.status_code == 410
    assert message_in(again) is None


@pytest.mark.parametrize(
    ("link_type", "seconds", "status"),
    [("EMBEDDED", 3599, 200), ("EMBEDDED", 3600, 410), ("MAGIC_LINK", 364 * 86400, 200)],
)
def test_links_expire(
    simulator: Simulator,
    client: httpx.Client,
    clock: Clock,
    link_type: str,
    seconds: int,
    status: int,
) -> None:
    simulator.set_state(PERSONIO, "invalid")
    token = token_of(client, link_type=link_type)
    clock.now += seconds
    assert client.get("/connect/v1", params={"token": token}).status_code == status
    assert client.post("/connect/v1", data={**GOOD, "token": token}).status_code == status
    assert body_of(simulator)["status"] == ("ACTIVE" if status == 200 else "INVALID")


def test_link_of_a_deleted_integration_is_dead(simulator: Simulator, client: httpx.Client) -> None:
    token = token_of(client)
    simulator.set_state(PERSONIO, "deleted")
    assert client.get("/connect/v1", params={"token": token}).status_code == 410


def test_relink_token_does_not_open_the_setup(client: httpx.Client) -> None:
    assert client.get("/connect/v1/setup", params={"token": token_of(client)}).status_code == 410


@pytest.mark.parametrize(
    ("entered", "mistake"),
    [
        ({"password": "wrong"}, "wrong"),
        ({"password": ""}, "missing"),
        ({"username": "  "}, "missing"),
    ],
)
def test_bad_credentials_are_told_beside_the_field(
    simulator: Simulator, client: httpx.Client, entered: dict[str, str], mistake: str
) -> None:
    simulator.set_state(PERSONIO, "invalid")
    response = client.post("/connect/v1", data={**GOOD, **entered, "token": token_of(client)})
    name = next(iter(entered))
    assert response.status_code == 422
    assert f'<p class="error" id="{name}-error">{words("en")[mistake]}' in response.text
    assert f'aria-describedby="{name}-error" autofocus' in response.text
    assert body_of(simulator)["status"] == "INVALID"


def test_cancelling_changes_nothing_and_keeps_the_link(
    simulator: Simulator, client: httpx.Client
) -> None:
    simulator.set_state(PERSONIO, "invalid")
    token = token_of(client)
    response = client.post("/connect/v1", data={"token": token, "do": "cancel"})
    assert message_in(response) == {"type": "close"}
    assert body_of(simulator)["status"] == "INVALID"
    assert client.get("/connect/v1", params={"token": token}).status_code == 200


def test_enter_in_a_field_connects(client: httpx.Client) -> None:
    dialog = client.get("/connect/v1", params={"token": token_of(client)}).text
    first_button = re.search(r'<button class="button"(?! form="cancel").*?value="(\w+)"', dialog)
    assert first_button is not None
    assert first_button[1] == "connect"


def test_opt_outs_are_applied(simulator: Simulator, client: httpx.Client) -> None:
    simulator.set_opt_out(PERSONIO, "hris_employees.date_of_birth", False)
    offered = [datapoint for datapoint, _, _ in optional_datapoints(body_of(simulator))]
    assert 2 <= len(offered) <= 8
    kept = [one for one in offered if one != "hris_employees.date_of_birth"]
    client.post("/connect/v1", data={**GOOD, "token": token_of(client), "share": kept})
    employees = next(m for m in body_of(simulator)["read_models"] if m["id"] == "hris_employees")
    birthday = next(field for field in employees["fields"] if field["id"] == "date_of_birth")
    assert (birthday["opted_out_by_customer"], birthday["is_available"]) == (True, False)
    shared = {datapoint: shared for datapoint, _, shared in optional_datapoints(body_of(simulator))}
    assert all(shared[one] for one in kept)


def test_required_data_cannot_be_opted_out_of(simulator: Simulator, client: httpx.Client) -> None:
    client.post("/connect/v1", data={**GOOD, "token": token_of(client), "share": []})
    employees = next(m for m in body_of(simulator)["read_models"] if m["id"] == "hris_employees")
    assert employees["is_available"]
    assert next(field for field in employees["fields"] if field["id"] == "first_name")[
        "is_available"
    ]


@pytest.mark.parametrize("after", ["FINAL_SYNC_PENDING", "COMPLETED"])
def test_finishing_the_setup(simulator: Simulator, client: httpx.Client, after: str) -> None:
    simulator.set_state(HIBOB, "setup_incomplete")
    simulator.set_after_setup(after)
    token = token_of(client, "/setup-link", HIBOB)
    assert client.get("/connect/v1/setup", params={"token": token}).status_code == 200
    response = client.post(
        "/connect/v1/setup", data={"token": token, "do": "connect", "who": "active"}
    )
    assert message_in(response)["type"] == "success"
    assert body_of(simulator, HIBOB)["setup_status"] == after


def test_status_lags_when_told_to(simulator: Simulator, client: httpx.Client, clock: Clock) -> None:
    simulator.set_state(PERSONIO, "invalid")
    simulator.set_lag(30)
    client.post("/connect/v1", data={**GOOD, "token": token_of(client)})
    assert body_of(simulator)["status"] == "INVALID"
    clock.now += 30
    assert body_of(simulator)["status"] == "ACTIVE"


def test_scope_of_the_link_is_taken_over(simulator: Simulator, client: httpx.Client) -> None:
    token = token_of(client, scope_config_id="scope-2")
    client.post("/connect/v1", data={**GOOD, "token": token})
    assert body_of(simulator)["scope_config"]["id"] == "scope-2"


def test_hostile_names_are_escaped() -> None:
    body = hostile()
    with client_of(Simulator(seed={body["id"]: body})) as client:
        dialog = client.get(
            "/connect/v1", params={"token": token_of(client, integration_id=body["id"])}
        ).text
        pages = [
            dialog,
            client.get("/").text,
            client.get("/control/integration", params={"id": body["id"]}).text,
        ]
    for text in pages:
        assert "<img src=x" not in text
        assert "<script>" not in text
        assert "<svg onload" not in text
        assert "' onmouseover='" not in text
