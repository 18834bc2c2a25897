import json
from urllib.parse import quote

import httpx
import pytest

from integrations.demo.panels import STATE_LABELS
from integrations.demo.simulator import Simulator
from integrations.demo.world import SWITCHES
from tests.demo.conftest import BASE, GREENHOUSE, HIBOB, PERSONIO, path

STATE = f"/control/integrations/{quote(PERSONIO, safe='')}/state"
OPT_OUT = f"/control/integrations/{quote(PERSONIO, safe='')}/opt-out"


@pytest.mark.parametrize("state", SWITCHES)
def test_page_switches_to_every_state(simulator: Simulator, client: httpx.Client, state: str) -> None:
    response = client.post(STATE, data={"state": state})
    assert response.status_code == 303
    shown = client.get(response.headers["location"].partition("#")[0]).text
    expected = "connected" if state == "restore" else state
    assert f"Personio: {STATE_LABELS[expected][1]}." in shown
    assert client.get("/control/state").json()["integrations"][PERSONIO]["state"] == expected


def test_page_lists_and_finds(client: httpx.Client) -> None:
    everything, found = client.get("/").text, client.get("/?q=ACME").text
    for integration_id in (PERSONIO, GREENHOUSE, HIBOB):
        assert f'data-integration="{integration_id}"' in everything
    assert HIBOB not in found
    assert "2 of 3" in found
    assert "Nothing matches." in client.get("/?q=zzz").text


def test_page_toggles_a_field(simulator: Simulator, client: httpx.Client) -> None:
    for verb, opted_out in (("out", True), ("in", False)):
        response = client.post(OPT_OUT, data={"datapoint": f"{verb}:hris_employees.work_email", "page": "integration"})
        assert client.get(response.headers["location"].partition("#")[0]).status_code == 200
        body = json.loads(client.get(path(PERSONIO)).content)["data"]
        employees = next(model for model in body["read_models"] if model["id"] == "hris_employees")
        field = next(one for one in employees["fields"] if one["id"] == "work_email")
        assert field["opted_out_by_customer"] is opted_out
        assert field["is_available"] is not opted_out


def test_page_sets_faults_and_settings(simulator: Simulator, client: httpx.Client) -> None:
    client.post("/control/fault", data={"fault": "empty"})
    client.post("/control/fault", data={"fault": "html", "integration_id": PERSONIO})
    client.post("/control/settings", data={"lag": "12", "after_setup": "COMPLETED"})
    state = client.get("/control/state").json()
    assert (state["fault"], state["integrations"][PERSONIO]["fault"], state["lag"]) == ("empty", "html", 12)
    assert "Fault: 200 with an HTML page" in client.get("/").text
    client.post("/control/reset")
    assert client.get("/control/state").json()["fault"] == "none"


@pytest.mark.parametrize(
    ("address", "form", "status"),
    [
        (STATE, {"state": "sleepy"}, 400),
        ("/control/integrations/nobody/state", {"state": "invalid"}, 404),
        (OPT_OUT, {"datapoint": "out:hris_employees.shoe_size"}, 404),
        (OPT_OUT, {"datapoint": "sideways"}, 400),
        ("/control/fault", {"fault": "gremlins"}, 400),
        ("/control/settings", {"lag": "many", "after_setup": "COMPLETED"}, 400),
        ("/control/settings", {"lag": "9999", "after_setup": "COMPLETED"}, 400),
        ("/control/nonsense", {}, 404),
    ],
)
def test_nonsense_is_refused(client: httpx.Client, address: str, form: dict[str, str], status: int) -> None:
    assert client.post(address, data=form).status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "http://evil.example:8001", "Host": "evil.example:8001"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_other_sites_may_not_flip_switches(simulator: Simulator, client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.post(STATE, data={"state": "invalid"}, headers=headers).status_code == 403
    assert client.get("/control/state").json()["integrations"][PERSONIO]["state"] == "connected"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": BASE, "Sec-Fetch-Site": "same-origin"},
        {"Origin": "http://localhost:9001", "Host": "localhost:9001"},
    ],
)
def test_own_page_and_scripts_may(client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.post(STATE, data={"state": "invalid"}, headers=headers).status_code == 303


def test_redirect_stays_on_the_page(client: httpx.Client) -> None:
    form = {"state": "invalid", "q": "//evil.example\r\nSet-Cookie: a=b", "at": "x\r\ny", "page": "elsewhere"}
    location = client.post(STATE, data=form).headers["location"]
    assert location.startswith("/?q=")
    assert "\n" not in location


def test_control_page_cannot_be_framed_into_clicks(client: httpx.Client) -> None:
    assert "frame-ancestors 'none'" in client.get("/").headers["content-security-policy"]


def test_unknown_addresses_are_404(client: httpx.Client) -> None:
    for address in ("/nowhere", "/control/integration?id=nobody", "/assets/demo/words.json", "/guides/"):
        assert client.get(address).status_code == 404


def test_guide_and_files_are_there(client: httpx.Client) -> None:
    for address in ("/guides/personio", "/assets/demo/base.css", "/assets/demo/connect.js"):
        assert client.get(address).status_code == 200
