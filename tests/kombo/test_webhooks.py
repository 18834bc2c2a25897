"""Whether it is really Kombo, and what it says, against Kombo's documentation and its own SDK."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import kombo.models as sdk
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.kombo import webhooks
from integrations.kombo.webhooks import (
    BadEvent,
    Created,
    DataChanged,
    Deleted,
    FlowFailed,
    IssueChanged,
    StateChanged,
    SyncFinished,
    is_signed,
    parse,
    sign,
)
from tests.exhaustive import examples
from tests.kombo.malformed import altered, malformed
from tests.webhook_payloads import (
    INTEGRATION_ID,
    MISSING,
    ORIGIN_ID,
    TYPES,
    documented,
    encoded,
    event,
)

# The test vector of ../shared/design/security.md.
VECTOR = (
    b'{"id":"Cbfk5sHtDxrSrJBRjsDtbaN9","type":"integration-state-changed",'
    b'"data":{"state":"ACTIVE"}}'
)
SIGNATURE = "qkVjIztQzDbzdTzb9_2IA8r3xq7-SIXEyIXRx-Q5OXw"
SECRET = "test-secret"
MODELS: dict[str, Any] = {
    "connection-flow-failed": sdk.ConnectionFlowFailedWebhookPayload,
    "data-changed": sdk.DataChangedWebhookPayload,
    "integration-created": sdk.IntegrationCreatedWebhookPayload,
    "integration-deleted": sdk.IntegrationDeletedWebhookPayload,
    "integration-state-changed": sdk.IntegrationStateChangedWebhookPayload,
    "issue-status-changed": sdk.IssueStatusChangedWebhookPayload,
    "sync-finished": sdk.SyncFinishedWebhookPayload,
}
READERS: dict[str, type[webhooks.Report]] = {
    "connection-flow-failed": FlowFailed,
    "data-changed": DataChanged,
    "integration-created": Created,
    "integration-deleted": Deleted,
    "integration-state-changed": StateChanged,
    "issue-status-changed": IssueChanged,
    "sync-finished": SyncFinished,
}
NOON = datetime(2021, 9, 1, 12, 0, tzinfo=UTC)


# --- Signatures


def test_the_documented_signature_is_reproduced() -> None:
    assert sign(VECTOR, SECRET) == SIGNATURE
    assert is_signed(VECTOR, SIGNATURE, [SECRET])


def test_either_of_two_secrets_will_do_and_no_third() -> None:
    for secrets in (["new", SECRET], [SECRET, "new"], [SECRET, SECRET]):
        assert is_signed(VECTOR, SIGNATURE, secrets)
    assert not is_signed(VECTOR, SIGNATURE, ["new", "old"])


def test_without_secrets_nothing_is_signed() -> None:
    assert not is_signed(VECTOR, SIGNATURE, [])
    assert not is_signed(VECTOR, "", [])
    assert not is_signed(VECTOR, sign(VECTOR, ""), [])


def test_every_secret_is_tried_and_compared_in_constant_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(mine: bytes, theirs: bytes) -> bool:
        compared.append((mine, theirs))
        return mine == theirs

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert is_signed(VECTOR, SIGNATURE, [SECRET, "second", "third"])
    assert compared == [
        (sign(VECTOR, secret).encode(), SIGNATURE.encode())
        for secret in (SECRET, "second", "third")
    ]


def _digest(kind: str = "sha256") -> bytes:
    return hmac.new(SECRET.encode(), VECTOR, getattr(hashlib, kind)).digest()


@pytest.mark.parametrize(
    "signature",
    [
        "",
        " ",
        SIGNATURE + "==",
        f" {SIGNATURE}",
        f"{SIGNATURE} ",
        f"{SIGNATURE}\n",
        f"sha256={SIGNATURE}",
        SIGNATURE[:-1],
        SIGNATURE + "A",
        SIGNATURE.swapcase(),
        SIGNATURE[:-1] + "x",  # decodes to the same digest; only one spelling is Kombo's
        _digest().hex(),
        base64.b64encode(_digest()).decode(),
        base64.b64encode(_digest()).decode().rstrip("="),
        base64.urlsafe_b64encode(_digest("sha1")).decode().rstrip("="),
        base64.urlsafe_b64encode(hashlib.sha256(SECRET.encode() + VECTOR).digest())
        .decode()
        .rstrip("="),
        _digest().decode("latin-1"),
        "é" * 43,
        "\N{PILE OF POO}" * 11,
        "\0" * 43,
        "A" * 100_000,
    ],
)
def test_what_is_not_the_signature_to_the_letter_is_refused(signature: str) -> None:
    assert not is_signed(VECTOR, signature, [SECRET, "another"])


def test_one_bit_more_or_less_breaks_the_signature() -> None:
    for bit in range(len(VECTOR) * 8):
        damaged = bytearray(VECTOR)
        damaged[bit // 8] ^= 1 << bit % 8
        assert not is_signed(bytes(damaged), SIGNATURE, [SECRET])
    for body in (VECTOR + b"\n", b" " + VECTOR, VECTOR[:-1], b"", VECTOR.replace(b":", b": ")):
        assert not is_signed(body, SIGNATURE, [SECRET])


def test_the_bytes_are_signed_as_they_come() -> None:
    pretty = json.dumps(json.loads(VECTOR), indent=2).encode()
    assert not is_signed(pretty, SIGNATURE, [SECRET])
    assert is_signed(pretty, sign(pretty, SECRET), [SECRET])


# --- What it says


def test_each_documented_type_has_a_payload_and_a_reader() -> None:
    assert TYPES == sorted(MODELS) == sorted(webhooks.TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_the_payloads_are_what_kombos_sdk_expects(kind: str) -> None:
    MODELS[kind].model_validate_json(documented(kind))


@pytest.mark.parametrize("kind", TYPES)
def test_what_is_read_is_what_kombos_sdk_reads(kind: str) -> None:
    theirs = MODELS[kind].model_validate_json(documented(kind)).model_dump()
    ours = parse(documented(kind))
    assert (ours.id, ours.type) == (theirs["id"], theirs["type"])
    assert type(ours.report) is READERS[kind]
    _assert_same(ours.report, theirs["data"])


def _assert_same(ours: Any, theirs: Any) -> None:
    """Every field of ours holds what the SDK has under the key it comes from."""
    for field in msgspec.structs.fields(ours):
        value, other = getattr(ours, field.name), theirs[field.encode_name]
        if isinstance(value, msgspec.Struct):
            _assert_same(value, other)
        else:
            assert value == other, field.name


def test_ids_names_and_states_have_one_place_in_every_type() -> None:
    told = {kind: parse(documented(kind)).report for kind in TYPES}
    assert {
        kind for kind, one in told.items() if getattr(one, "integration_id", None) == INTEGRATION_ID
    } == set(TYPES) - {"connection-flow-failed"}
    for kind in ("integration-created", "connection-flow-failed", "integration-state-changed"):
        one: Any = told[kind]
        assert (one.tool, one.end_user.origin_id) == ("personio", ORIGIN_ID)
    state = told["integration-state-changed"]
    assert isinstance(state, StateChanged)
    assert (state.status, state.setup_status, state.qa_status) == ("ACTIVE", "COMPLETED", "PASSED")
    assert state.updated_at == NOON


def test_an_issue_of_the_whole_environment_has_no_integration() -> None:
    told = parse(encoded(event("issue-status-changed", integration=None))).report
    assert isinstance(told, IssueChanged)
    assert (told.integration, told.integration_id) == (None, "")


@pytest.mark.parametrize(
    ("change", "status", "resolved"),
    [
        ("raised", "OPEN", False),
        ("resolved", "RESOLVED", True),
        ("resolved", "OPEN", True),
        ("raised", "RESOLVED", True),
        ("escalated", "OPEN", False),
        ("escalated", "ESCALATED", False),
    ],
)
def test_an_issue_is_resolved_if_either_word_says_so(
    change: str, status: str, resolved: bool
) -> None:
    told = parse(encoded(event("issue-status-changed", change=change, issue__status=status))).report
    assert isinstance(told, IssueChanged)
    assert told.is_resolved is resolved


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("sync-finished", {"sync_duration_seconds": 14.509}),
        ("sync-finished", {"sync_duration_seconds": MISSING}),
        ("sync-finished", {"sync_duration_seconds": "long"}),
        ("sync-finished", {"sync_state": "EATEN_BY_BEARS"}),
        ("sync-finished", {"end_user": None, "log_url": None}),
        ("sync-finished", {"end_user": MISSING, "log_url": MISSING, "integration_tool": MISSING}),
        (
            "integration-state-changed",
            {"state": "ASLEEP", "setup_status": "QUEUED", "qa_status": "MAYBE"},
        ),
        ("integration-state-changed", {"state": "X" * 64, "integration_category": "PAYROLL"}),
        (
            "integration-state-changed",
            {"setup_status": MISSING, "qa_status": MISSING, "end_user": MISSING},
        ),
        (
            "integration-state-changed",
            {"integration_tool": MISSING, "integration_category": MISSING},
        ),
        (
            "integration-state-changed",
            {"end_user__origin_id": None, "end_user__creator_email": None},
        ),
        (
            "integration-state-changed",
            {"end_user__origin_id": MISSING, "end_user__creator_email": MISSING},
        ),
        ("integration-state-changed", {"updated_at": "2021-09-01T14:00:00+02:00"}),
        ("integration-state-changed", {"updated_at": "2021-09-01T12:00:00Z"}),
        ("integration-state-changed", {"integration_id": "x" * 200}),
        ("integration-created", {"category": "PAYROLL"}),
        ("integration-deleted", {"end_user": MISSING, "tool": MISSING, "category": MISSING}),
        ("issue-status-changed", {"issue__type": "integration.odd", "issue__status": MISSING}),
        ("issue-status-changed", {"issue__title": "", "issue__markdown_message": None}),
        ("issue-status-changed", {"issue__resolved_at": MISSING, "integration": MISSING}),
        ("connection-flow-failed", {"log_url": MISSING}),
        ("data-changed", {"changed_models": MISSING, "integration_tool": 7}),
    ],
)
def test_what_kombo_may_leave_out_or_add_is_tolerated(kind: str, data: dict[str, Any]) -> None:
    assert parse(encoded(event(kind, **data))).report is not None


@pytest.mark.parametrize("kind", TYPES)
def test_keys_of_a_newer_kombo_are_tolerated_everywhere(kind: str) -> None:
    document = event(kind)
    _grow(document)
    assert parse(encoded(document)) == parse(encoded({**event(kind), "id": document["id"]}))


def _grow(value: dict[str, Any]) -> None:
    for inner in list(value.values()):
        if isinstance(inner, dict):
            _grow(inner)
    value["a_new_key"] = {"nested": [None, 1.5, "x"]}


def test_a_type_that_we_do_not_know_is_read_as_far_as_its_name() -> None:
    told = parse(encoded({"id": "x" * 200, "type": "y" * 100, "data": {"anything": [1, {}, None]}}))
    assert (told.id, told.type, told.report) == ("x" * 200, "y" * 100, None)


def test_texts_in_any_language_are_read() -> None:
    name = "Ünï \N{GRINNING FACE} 漢字 \u200f"
    for body in (
        encoded(event("integration-created", end_user__organization_name=name)),
        json.dumps(event("integration-created", end_user__organization_name=name)).encode(),
    ):
        told = parse(body).report
        assert isinstance(told, Created)
        assert told.end_user.organization_name == name


# --- What is refused


MALFORMED = malformed()


def test_there_are_more_than_enough_of_them() -> None:
    assert len(MALFORMED) > 500


def test_every_malformed_body_is_refused_as_such() -> None:
    accepted = []
    for name, body in MALFORMED.items():
        try:
            parse(body)
        except BadEvent:
            continue
        accepted.append(name)
    assert accepted == []


@pytest.mark.parametrize("kind", TYPES)
def test_the_documented_ones_are_well_formed(kind: str) -> None:
    parse(altered(kind, "id", "x" * 200))


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    _read_or_refuse(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


def _paths(value: Any, path: str = "") -> list[str]:
    inner = (
        [one for key, below in value.items() for one in _paths(below, f"{path}.{key}")]
        if type(value) is dict
        else []
    )
    return [path.removeprefix("."), *inner] if path else inner


PATHS = [(kind, path) for kind in TYPES for path in _paths(json.loads(documented(kind)))]


@examples(200)
@given(st.sampled_from(PATHS), JSON)
def test_any_value_anywhere_is_read_or_refused(place: tuple[str, str], value: object) -> None:
    _read_or_refuse(
        json.dumps(json.loads(altered(*place, "PLACE")), indent=1)
        .replace('"PLACE"', json.dumps(value))
        .encode()
    )


@examples(200)
@given(st.data())
def test_any_damaged_byte_is_read_or_refused(data: st.DataObject) -> None:
    body = bytearray(documented(data.draw(st.sampled_from(TYPES))))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    _read_or_refuse(bytes(body))


def _read_or_refuse(body: bytes) -> None:
    try:
        told = parse(body)
    except BadEvent:
        return
    assert 1 <= len(told.id) <= 200
    assert 1 <= len(told.type) <= 100
    assert rb"\u0000" not in msgspec.json.encode(told)


# --- What is said of it


def test_no_repr_shows_a_person_or_what_an_issue_says() -> None:
    said = "".join(repr(parse(documented(kind)).report) for kind in TYPES)
    for secret in ("@", "Acme", ORIGIN_ID, "Reconnect", "Authentication failed"):
        assert secret not in said
