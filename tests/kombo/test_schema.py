import copy
import gc
import json
import pickle
import time
from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from kombo.models.getintegrationsintegrationidpositiveresponse import (
    GetIntegrationsIntegrationIDPositiveResponse,
)

from integrations.kombo.enums import (
    Category,
    CoverageStatus,
    OpenEnum,
    ScopeSetting,
    SetupStatus,
    Status,
)
from integrations.kombo.errors import BadAnswer
from integrations.kombo.schema import (
    Catalogue,
    ConnectedIntegration,
    Details,
    Link,
    Nothing,
    decode,
    decode_coverage,
    encode_coverage,
)
from tests.exhaustive import examples
from tests.kombo.payloads import altered, payload

MODEL = "data.read_models.0"
ACTION = "data.write_actions.0"


def refusal(body: bytes) -> str | None:
    with pytest.raises(BadAnswer) as caught:
        decode(body, Details)
    return caught.value.path


def test_kombos_example_is_read_as_it_is() -> None:
    details = decode(payload("example"), Details)
    assert details.id == "factorial:8d1hpPsbjxUkoCoa1veLZGe5"
    assert details.tool.label == "Factorial"
    assert (details.category, details.status) == (Category.HRIS, Status.ACTIVE)
    assert details.end_user.origin_id == "2DQJAUtSzzzKP9buDTvUvPk3"
    assert details.created_at == datetime(2022, 8, 7, 14, 1, 29, 196000, UTC)
    field = details.read_models[0].fields[0]
    assert (field.id, field.is_available, field.opted_out_by_customer) == (
        "date_of_birth",
        False,
        True,
    )
    assert field.scope_config_setting is ScopeSetting.OPTIONAL
    assert details.write_actions[0].fields[0].coverage_status is CoverageStatus.SUPPORTED


def test_details_agree_with_kombos_schema_and_sdk() -> None:
    body = payload("example")
    jsonschema.validate(json.loads(body), json.loads(payload("details-schema")))
    theirs = GetIntegrationsIntegrationIDPositiveResponse.model_validate_json(
        body
    ).data.model_dump()
    ours = decode(body, Details)
    _assert_same(ours, theirs)


def _assert_same(ours: Any, theirs: Any) -> None:
    if isinstance(theirs, dict):
        for key, value in theirs.items():
            _assert_same(getattr(ours, key), value)
    elif isinstance(theirs, list):
        assert len(ours) == len(theirs)
        for mine, their in zip(ours, theirs, strict=True):
            _assert_same(mine, their)
    else:
        assert ours == theirs


def test_enums_have_the_members_of_kombos_schema() -> None:
    data = json.loads(payload("details-schema"))["properties"]["data"]["properties"]
    model = data["read_models"]["items"]["properties"]
    for enum, schema in (
        (Category, data["category"]),
        (Status, data["status"]),
        (SetupStatus, data["setup_status"]),
        (CoverageStatus, model["coverage_status"]),
        (ScopeSetting, model["scope_config_setting"]),
    ):
        assert list(enum.__members__) == schema["enum"]


def test_an_older_servers_answer_is_completed() -> None:
    details = decode(payload("older-server"), Details)
    assert details.setup_status is SetupStatus.COMPLETED
    assert (details.data_expired_at, details.scope_config, details.beta) == (None, None, False)
    assert details.write_actions == ()
    assert (details.tool.internal_label, details.tool.logo_url, details.tool.icon_url) == (
        None,
    ) * 3
    assert (details.end_user.creator_email, details.end_user.origin_id) == (None, None)
    assert details.read_models[1].fields == ()
    assert details.read_models[0].scope_config_setting is ScopeSetting.ENABLED
    assert details.read_models[0].fields[0].opted_out_by_customer is False


def test_a_newer_servers_answer_keeps_what_we_do_not_know() -> None:
    details = decode(payload("newer-server"), Details)
    for value, raw in (
        (details.category, "PAYROLL"),
        (details.status, "PAUSED"),
        (details.setup_status, "QUEUED"),
        (details.read_models[0].coverage_status, "PARTIAL"),
        (details.read_models[0].scope_config_setting, "INHERITED"),
    ):
        assert value == raw
        assert str(value) == raw
        assert value in {raw}
        assert not value.is_known


@pytest.mark.parametrize(
    "path",
    [
        "id",
        "tool.id",
        "tool.label",
        "category",
        "status",
        "end_user.organization_name",
        "created_at",
        "read_models",
        *(
            f"{row}.{key}"
            for row in ("read_models.0", "write_actions.0")
            for key in ("id", "label")
        ),
        *(
            f"{row}.{key}"
            for row in ("read_models.0", "read_models.0.fields.0", "write_actions.0.fields.0")
            for key in ("id", "is_available", "coverage_status")
        ),
    ],
)
def test_what_is_required_may_be_neither_missing_nor_null(path: str) -> None:
    expected = "$.data." + path.replace(".0", "[0]")
    assert refusal(altered("example", f"data.{path}")) == expected
    assert refusal(altered("example", f"data.{path}", None)) == expected


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{MODEL}.fields.0.is_available", "yes"),
        (f"{MODEL}.is_available", 1),
        (f"{MODEL}.label", 7),
        (f"{MODEL}.opted_out_by_customer", None),
        (f"{MODEL}.scope_config_setting", None),
        (f"{MODEL}.fields", {}),
        (f"{MODEL}.fields", None),
        (f"{MODEL}.fields.0", "first_name"),
        (f"{ACTION}.fields.0.coverage_status", 1),
        ("data.read_models", {"0": {}}),
        ("data.write_actions", None),
        ("data.id", 12),
        ("data.id", ""),
        ("data.tool", "factorial"),
        ("data.tool.id", ""),
        (f"{MODEL}.id", ""),
        ("data.setup_status", None),
        ("data.status", ""),
        ("data.status", "A" * 65),
        ("data.beta", "false"),
        ("data.scope_config.id", None),
        ("data.created_at", "2022-08-07T14:01:29.196"),
        ("data.created_at", "2022-13-07T14:01:29Z"),
        ("data.created_at", "2022-08-07"),
        ("data.created_at", "yesterday"),
        ("data.created_at", 1659880889),
        ("data.data_expired_at", ""),
        ("data.end_user.organization_name", "Acme\0"),
        ("data.read_models.0.fields.0.id", "first\0name"),
        ("data.status", "ACTIVE\0"),
    ],
)
def test_wrong_values_are_refused_with_their_path(path: str, value: object) -> None:
    assert refusal(altered("example", path, value)) == "$." + path.replace(".0", "[0]")


@pytest.mark.parametrize(
    "date", ["0001-01-01T00:00:00+23:59", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"]
)
def test_dates_that_no_zone_can_show_are_refused(date: str) -> None:
    assert refusal(altered("example", "data.created_at", date)) == "$.data"


def test_what_the_dashboard_does_not_store_may_hold_anything() -> None:
    decode(altered("example", "data.hint", "a\0b"), Details)
    decode(altered("example", "data.end_user.creator_email", "nobody at home"), Details)
    # Not a NUL, but a backslash followed by "u0000".
    body = altered("example", "data.end_user.organization_name", "Acme \\u0000")
    assert decode(body, Details).end_user.organization_name == "Acme \\u0000"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"<html>",
        b"{",
        b'{"status":"success"}',
        b'{"status":"success","data":null}',
        b'{"status":"error","data":{}}',
        b'{"data":{}}',
        b'{"status":"success","data":{}} {}',
        b'\xef\xbb\xbf{"status":"success","data":{}}',
        b'{"x":' + b"[" * 100_000,
        b"[" * 100_000,
        payload("example").replace(b"Acme", b"\xff"),
        payload("example").replace(b"Acme", b"\\ud800"),
        payload("example").replace(b"Acme", b"\0"),
        payload("not-found"),
    ],
)
def test_anything_but_the_envelope_is_refused(body: bytes) -> None:
    assert str(refusal(body)).startswith("$")


def test_any_object_does_where_only_success_matters() -> None:
    assert decode(payload("empty"), Nothing) == Nothing()
    with pytest.raises(BadAnswer):
        decode(b"[]", Nothing)


def test_catalogue_tools_may_lack_a_guide() -> None:
    with_guide, without = decode(payload("tools"), Catalogue).tools
    assert with_guide.connection_guide_url == "https://help.kombo.dev/hc/en-us/articles/factorial"
    assert without.connection_guide_url is None


def test_coverage_survives_storage() -> None:
    for name in ("example", "older-server", "newer-server"):
        details = decode(payload(name), Details)
        stored = encode_coverage(details)
        assert b"Acme" not in stored
        for form in (stored, stored.decode()):
            coverage = decode_coverage(form)
            assert coverage.read_models == details.read_models
            assert coverage.write_actions == details.write_actions
        assert encode_coverage(coverage) == stored


@pytest.mark.parametrize("stored", [b"", "", "{}", '{"read_models":[{}]}', "\\u0000"])
def test_stored_coverage_that_is_none_is_refused(stored: bytes | str) -> None:
    with pytest.raises(BadAnswer):
        decode_coverage(stored)


def test_unknown_members_are_not_remembered() -> None:
    before = len(Status._value2member_map_)
    for number in range(100):
        assert Status(f"X{number}") == f"X{number}"
    gc.collect()
    assert not [kept for kept in gc.get_objects() if isinstance(kept, Status) and not kept.is_known]
    assert len(Status._value2member_map_) == len(list(Status)) == before


def test_unknown_members_can_be_copied_and_pickled() -> None:
    odd = Status("ODD")
    assert pickle.loads(pickle.dumps(odd)) == copy.deepcopy(odd) == odd  # noqa: S301 - our own
    assert Status.ACTIVE.is_known


@pytest.mark.parametrize("value", [None, 5, "", "A" * 65])
def test_what_no_label_could_be_is_no_member(value: Any) -> None:
    with pytest.raises(ValueError, match="is not a valid"):
        Status(value)


def test_two_mebibytes_are_read_in_no_time() -> None:
    example = json.loads(payload("example"))["data"]["read_models"][0]
    field = example["fields"][0]
    fields = [{**field, "id": f"field_{number}"} for number in range(200)]
    models = [{**example, "id": f"model_{number}", "fields": fields} for number in range(65)]
    body = altered("example", "data.read_models", models)
    assert len(body) > 1.6 * 1024 * 1024
    # And not by the clock on the wall: the machine may have other things to do.
    began = time.thread_time()
    decode(body, Details)
    assert time.thread_time() - began < 0.5  # measured: under 10 ms


def test_reprs_hide_people_and_links() -> None:
    said = repr(decode(payload("example"), Details)) + repr(
        decode(payload("example"), Details).end_user
    )
    said += repr(decode(payload("link"), Link))
    said += repr(decode(payload("integration-by-token"), ConnectedIntegration))
    for secret in ("@", "https:", "8d1hpPsbjxUkoCoa1veLZGe5", "Acme"):
        assert secret not in said


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text() | st.datetimes().map(str),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
PATHS = [
    "data",
    "status",
    *(f"data.{key}" for key in json.loads(payload("example"))["data"]),
    *(
        f"{row}.{key}"
        for row in (MODEL, ACTION)
        for key in json.loads(payload("example"))["data"]["read_models"][0]
    ),
    "data.tool.id",
    "data.end_user.origin_id",
    f"{MODEL}.fields.0",
]


def _decode_or_refuse(body: bytes) -> None:
    try:
        decode(body, Details)
    except BadAnswer as error:
        path = error.path or ""
    else:
        path = "$"
    assert path.startswith("$")


@given(st.binary())
def test_any_bytes_are_decoded_or_refused(body: bytes) -> None:
    _decode_or_refuse(body)


@examples(50)
@given(JSON)
def test_any_json_is_decoded_or_refused(document: object) -> None:
    _decode_or_refuse(json.dumps(document).encode())


@examples(150)
@given(st.sampled_from(PATHS), JSON)
def test_any_value_anywhere_is_decoded_or_refused(path: str, value: object) -> None:
    _decode_or_refuse(altered("example", path, value))


@examples(150)
@given(st.data())
def test_any_damaged_byte_is_decoded_or_refused(data: st.DataObject) -> None:
    body = bytearray(payload("example"))
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    _decode_or_refuse(bytes(body))


@given(st.text(min_size=1, max_size=64))
def test_open_enums_equal_their_string(text: str) -> None:
    for enum in OpenEnum.__subclasses__():
        assert enum(text) == text
        assert hash(enum(text)) == hash(text)
