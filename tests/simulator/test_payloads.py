import hmac
import json
from base64 import urlsafe_b64decode
from typing import Any

import pytest
from kombo.models import (
    ConnectionFlowFailedWebhookPayload,
    DataChangedWebhookPayload,
    IntegrationCreatedWebhookPayload,
    IntegrationDeletedWebhookPayload,
    IntegrationStateChangedWebhookPayload,
    IssueStatusChangedWebhookPayload,
    SyncFinishedWebhookPayload,
)
from pydantic import BaseModel

from integrations.simulator import payloads
from integrations.simulator.hostile import hostile
from integrations.simulator.issues import KINDS
from integrations.simulator.payloads import Event
from integrations.simulator.states import STATES, Details, details

AT = "2026-09-01T12:00:00.000Z"
LATER = "2026-09-01T12:30:14.509Z"


def body(category: str = "HRIS", tool: str = "personio", **options: Any) -> Details:
    return details(
        integration_id=f"{tool}:CBNMt7dSNCzBdnRTx87dev4E",
        tool_id=tool,
        category=category,
        organization_name="Acme, Inc.",
        origin_id="36123",
        creator_email=None,
        **options,
    )


def keys(model: type[BaseModel], event: Event) -> None:
    """See that an event is all that Kombo's own model knows, and nothing it does not."""
    parsed = model.model_validate(event).model_dump(mode="json", by_alias=True)

    def shape(value: Any) -> Any:
        return {key: shape(one) for key, one in value.items()} if isinstance(value, dict) else None

    assert shape(parsed) == shape(event)


CATEGORIES = {
    "HRIS": "personio",
    "ATS": "greenhouse",
    "ASSESSMENT": "smartrecruiters",
    "LMS": "docebo",
}


@pytest.mark.parametrize("category", CATEGORIES)
def test_events_fit_the_sdk(category: str) -> None:
    one = body(category, CATEGORIES[category])
    keys(
        IntegrationStateChangedWebhookPayload,
        payloads.state_changed(one, at=AT, qa_status="PENDING"),
    )
    keys(IntegrationCreatedWebhookPayload, payloads.created(one))
    keys(IntegrationDeletedWebhookPayload, payloads.deleted(one, at=AT))
    keys(ConnectionFlowFailedWebhookPayload, payloads.flow_failed(one))
    finished = payloads.sync_finished(one, state="SUCCEEDED", started_at=AT, ended_at=LATER)
    keys(SyncFinishedWebhookPayload, finished)
    assert finished["data"]["sync_duration_seconds"] == 1815


@pytest.mark.parametrize("category", ["HRIS", "ATS", "LMS"])
def test_changed_models_are_known_to_the_sdk(category: str) -> None:
    one = body(category, CATEGORIES[category])
    models = [model["id"] for model in one["read_models"]]
    keys(DataChangedWebhookPayload, payloads.data_changed(one, models))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("change", "resolved_at"), [("raised", None), ("resolved", LATER)])
@pytest.mark.parametrize("whose", [body(), hostile(), None])
def test_issues_fit_the_sdk(
    kind: str, change: str, resolved_at: str | None, whose: Details | None
) -> None:
    event = payloads.issue_changed(
        whose,
        issue_id="i1",
        kind=kind,
        change=change,
        first_observed_at=AT,
        resolved_at=resolved_at,
    )
    keys(IssueStatusChangedWebhookPayload, event)
    issue = event["data"]["issue"]
    assert (issue["type"], issue["id"], issue["resolved_at"]) == (
        KINDS[kind].type,
        "i1",
        resolved_at,
    )
    assert issue["status"] == ("OPEN" if change == "raised" else "RESOLVED")
    assert (event["data"]["integration"] is None) == (whose is None)
    assert "{tool}" not in issue["markdown_message"]


def test_messages_are_markdown_about_the_tool() -> None:
    for kind in ("authentication_failed", "action_failing", "incoming_webhook_failing"):
        message = KINDS[kind].message("HiBob")
        assert "HiBob" in message
        assert all(piece in message for piece in ("## ", "](https://", "`"))
    assert "1. Sign in to HiBob" in KINDS["authentication_failed"].message("HiBob")


def test_the_hostile_issue_is_that() -> None:
    kind = KINDS["hostile"]
    message = kind.message("<b>tool</b>")
    pieces = (
        "<script>",
        "](javascript:",
        "![",
        "<img ",
        "\u202e",
        "{{ 7 * 7 }}{% debug %}",
        "# <script>",
    )
    assert all(piece in message for piece in pieces)
    assert max(map(len, message.split())) > 500
    assert "<script>" in kind.title


def test_a_resolved_issue_has_its_time() -> None:
    with pytest.raises(ValueError, match="resolved_at"):
        payloads.issue_changed(
            body(), issue_id="i1", kind="action_failing", change="resolved", first_observed_at=AT
        )


@pytest.mark.parametrize("state", STATES)
def test_state_is_what_the_details_call_status(state: str) -> None:
    one = body(state=state)
    data = payloads.state_changed(one, at=AT)["data"]
    told = (data["state"], data["setup_status"], data["qa_status"], data["updated_at"])
    assert told == (one["status"], one["setup_status"], "PASSED", AT)


def test_ids_are_given_or_made_up() -> None:
    assert payloads.created(body(), event_id="given")["id"] == "given"
    made_up = {payloads.created(body())["id"] for _ in range(100)}
    assert len(made_up) == 100
    assert all(len(one) == 24 and one.isalnum() and one.isascii() for one in made_up)


def test_events_share_nothing_with_the_details() -> None:
    one = body()
    event = payloads.created(one)
    one["end_user"]["organization_name"] = "Somebody else"
    assert event["data"]["end_user"]["organization_name"] == "Acme, Inc."


def test_signature_is_kombos() -> None:
    text = (
        b'{"id":"Cbfk5sHtDxrSrJBRjsDtbaN9","type":"integration-state-changed",'
        b'"data":{"state":"ACTIVE"}}'
    )
    assert payloads.sign(text, "test-secret") == "qkVjIztQzDbzdTzb9_2IA8r3xq7-SIXEyIXRx-Q5OXw"
    signature = payloads.sign("ä".encode(), "ö")
    assert urlsafe_b64decode(signature + "=") == hmac.digest("ö".encode(), "ä".encode(), "sha256")


def test_bodies_are_compact_utf8() -> None:
    event = payloads.created(hostile(), event_id="x")
    raw = payloads.encoded(event)
    assert raw.startswith(b'{"id":"x","type":"integration-created","data":{"id":')
    assert "Söhne".encode() in raw
    assert json.loads(raw) == event
