import html
import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from integrations.simulator import control
from integrations.simulator.app import Simulator
from integrations.simulator.issues import KINDS
from integrations.simulator.issues_and_syncs import QA_STATES, SYNC_STATES
from integrations.simulator.panels import STATE_LABELS
from integrations.simulator.panels_webhooks import KIND_LABELS, QA_LABELS, SCRIPTS, SYNC_LABELS
from integrations.simulator.world import SWITCHES
from tests.simulator.conftest import BASE, GREENHOUSE, HIBOB, PERSONIO, Clock, client_of, path, seed

ONE = f"/control/integrations/{quote(PERSONIO, safe='')}"
STATE = f"{ONE}/state"
OPT_OUT = f"{ONE}/opt-out"


@pytest.mark.parametrize("state", SWITCHES)
def test_page_switches_to_every_state(
    simulator: Simulator, client: httpx.Client, state: str
) -> None:
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
        response = client.post(
            OPT_OUT, data={"datapoint": f"{verb}:hris_employees.work_email", "page": "integration"}
        )
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
    assert (state["fault"], state["integrations"][PERSONIO]["fault"], state["lag"]) == (
        "empty",
        "html",
        12,
    )
    assert "Fault: 200 with an HTML page" in client.get("/").text
    client.post("/control/delivery", data={"delivery": "late"})
    assert client.get("/control/state").json()["delivery"] == "late"
    assert "Now: ten seconds late" in client.get("/").text
    client.post("/control/reset")
    state = client.get("/control/state").json()
    assert (state["fault"], state["delivery"]) == ("none", "normal")


def test_page_switches_what_only_webhooks_tell(client: httpx.Client) -> None:
    def state() -> dict[str, Any]:
        one: dict[str, Any] = client.get("/control/state").json()["integrations"][PERSONIO]
        return one

    def post(switch: str, **form: str) -> str:
        response = client.post(
            f"{ONE}/{switch}", data={**form, "page": "integration", "at": "untold"}
        )
        assert response.headers["location"].endswith("#untold")
        return client.get(response.headers["location"].partition("#")[0]).text

    assert KINDS["action_failing"].title in html.unescape(post("issues", kind="action_failing"))
    post("issues", kind="incoming_webhook_failing")
    assert "2 open issues" in client.get("/").text
    first = state()["issues"][0]
    assert first["id"] not in post("resolve", issue_id=first["id"])
    assert [issue["kind"] for issue in state()["issues"]] == ["incoming_webhook_failing"]
    assert "Open issues" not in post("resolve", issue_id="")
    assert "TIMED_OUT, 2026-11-18 11:06:40 UTC" in post("sync", state="TIMED_OUT")
    assert state()["last_sync"]["state"] == "TIMED_OUT"
    assert (
        '<option value="FAILED" selected>'
        in post("qa", qa_status="FAILED").partition("Kombo’s quality check")[2]
    )
    assert "Quality check: failed" in client.get("/").text
    post("flow-failed")


def test_hostile_issues_are_escaped(client: httpx.Client, simulator: Simulator) -> None:
    simulator.raise_issue(PERSONIO, "hostile")
    page = client.get("/control/integration", params={"id": PERSONIO}).text
    assert "&lt;script&gt;alert(&#x27;title&#x27;)" in page
    assert "<script" not in page
    assert "<img src=x" not in page


def test_there_is_nothing_to_tell_of_a_deleted_one(
    client: httpx.Client, simulator: Simulator
) -> None:
    simulator.set_state(PERSONIO, "deleted")
    assert (
        "there is nothing to tell"
        in client.get("/control/integration", params={"id": PERSONIO}).text
    )


def test_page_says_where_webhooks_go_and_what_became_of_them(client: httpx.Client) -> None:
    assert "nothing is sent" in client.get("/").text
    assert client.get("/control/deliveries").json() == []
    told = Simulator(seed=seed(), webhook_url="http://127.0.0.1:9/hook", webhook_secret="s")
    told.set_delivery("lost")
    told.set_state(PERSONIO, "invalid")
    with client_of(told) as other:
        page = other.get("/").text
        [delivery] = other.get("/control/deliveries").json()
    assert "http://127.0.0.1:9/hook" in page
    assert "1 lost on purpose" in page
    assert 'data-delivery="integration-state-changed"' in page
    assert (delivery["type"], delivery["outcome"]) == ("integration-state-changed", "lost")
    assert (delivery["integration_id"], delivery["attempts"]) == (PERSONIO, 0)


def test_page_names_every_switch_for_scripts(client: httpx.Client) -> None:
    posts = {address for method, address, _, _ in SCRIPTS if method == "POST"}
    switches = [f"/control/{name}" for name in control.FOR_ALL]
    assert posts == {
        *switches,
        *(f"/control/integrations/{{id}}/{name}" for name in control.FOR_ONE),
    }
    page = client.get("/").text
    for method, address, _, _ in SCRIPTS:
        assert f"{method} {address}" in page
        if method == "GET":
            assert client.get(address).status_code == 200


def test_every_choice_has_a_label() -> None:
    assert KIND_LABELS.keys() == KINDS.keys()
    assert tuple(SYNC_LABELS) == SYNC_STATES
    assert tuple(QA_LABELS) == QA_STATES


def test_reset_gives_back_refused_calls(clock: Clock) -> None:
    simulator = Simulator(seed=seed(), clock=clock, rate_limit=1)
    with client_of(simulator) as client:
        assert [client.get(path(PERSONIO)).status_code for _ in range(3)] == [200, 429, 429]
        assert simulator.refused == 2
        client.post("/control/reset")
        assert simulator.refused == 0
        assert client.get(path(PERSONIO)).status_code == 200


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
        ("/control/delivery", {"delivery": "pigeon"}, 400),
        (f"{ONE}/issues", {"kind": "hiccups"}, 400),
        (f"{ONE}/issues", {}, 400),
        (f"{ONE}/resolve", {"issue_id": "nobody"}, 404),
        (f"{ONE}/sync", {"state": "EXPLODED"}, 400),
        (f"{ONE}/qa", {"qa_status": "MAYBE"}, 400),
        (f"{ONE}/nonsense", {}, 404),
        ("/control/integrations/nobody/sync", {"state": "FAILED"}, 404),
        ("/control/integrations/nobody/flow-failed", {}, 404),
    ],
)
def test_nonsense_is_refused(
    client: httpx.Client, address: str, form: dict[str, str], status: int
) -> None:
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
def test_other_sites_may_not_flip_switches(
    simulator: Simulator, client: httpx.Client, headers: dict[str, str]
) -> None:
    assert client.post(STATE, data={"state": "invalid"}, headers=headers).status_code == 403
    assert (
        client.post(f"{ONE}/issues", data={"kind": "hostile"}, headers=headers).status_code == 403
    )
    assert (
        client.post("/control/delivery", data={"delivery": "lost"}, headers=headers).status_code
        == 403
    )
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
    form = {
        "state": "invalid",
        "q": "//evil.example\r\nSet-Cookie: a=b",
        "at": "x\r\ny",
        "page": "elsewhere",
    }
    location = client.post(STATE, data=form).headers["location"]
    assert location.startswith("/?q=")
    assert "\n" not in location


def test_control_page_cannot_be_framed_into_clicks(client: httpx.Client) -> None:
    assert "frame-ancestors 'none'" in client.get("/").headers["content-security-policy"]


def test_unknown_addresses_are_404(client: httpx.Client) -> None:
    for address in (
        "/nowhere",
        "/control/integration?id=nobody",
        "/assets/demo/words.json",
        "/guides/",
    ):
        assert client.get(address).status_code == 404


def test_guide_and_files_are_there(client: httpx.Client) -> None:
    for address in ("/guides/personio", "/assets/demo/base.css", "/assets/demo/connect.js"):
        assert client.get(address).status_code == 200
