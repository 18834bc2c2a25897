import json
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from kombo.models import GetIntegrationsIntegrationIDPositiveResponse

from integrations.simulator.catalogue import CATEGORIES, TOOLS, catalogue
from integrations.simulator.coverage import Coverage, is_available
from integrations.simulator.hostile import hostile
from integrations.simulator.states import STATES, Details, details, kombo_id, patched, state_of

SCHEMA = Path(__file__).parent.parent / "payloads" / "kombo" / "details-schema.json"
KNOWN_TO_THE_SDK = [state for state in STATES if state != "unknown_status"]


def build(category: str = "HRIS", number: int = 0, **options: Any) -> Details:
    tool = list(TOOLS[category])[number % len(TOOLS[category])]
    return details(
        integration_id=f"{tool}:{kombo_id(f'{category} {number}')}",
        tool_id=tool,
        category=category,
        organization_name="Acme",
        origin_id="acme",
        creator_email="o'neill@acme.example",
        **options,
    )


def answer(body: Details) -> dict[str, Any]:
    return {"status": "success", "data": body}


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    formats = jsonschema.FormatChecker(formats=())
    formats.checks("date-time", raises=ValueError)(
        lambda text: text is None or bool(datetime.fromisoformat(text))
    )
    formats.checks("uri", raises=ValueError)(lambda text: bool(urlsplit(text).scheme))
    schema = json.loads(SCHEMA.read_text())
    schema.pop("$id", None)  # it is a fragment, which is no base URI
    return jsonschema.Draft202012Validator(schema, format_checker=formats)


@pytest.mark.exhaustive(keep=12)
@pytest.mark.parametrize("coverage", ["realistic", "everything"])
@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("state", KNOWN_TO_THE_SDK)
def test_body_fits_schema_and_sdk(
    validator: jsonschema.Draft202012Validator, category: str, state: str, coverage: Coverage
) -> None:
    body = answer(build(category, state=state, coverage=coverage))
    validator.validate(body)
    GetIntegrationsIntegrationIDPositiveResponse.model_validate(body)


@pytest.mark.parametrize("category", CATEGORIES)
def test_hostile_body_fits_schema_and_sdk(
    validator: jsonschema.Draft202012Validator, category: str
) -> None:
    body = answer(hostile(category=category))
    validator.validate(body)
    GetIntegrationsIntegrationIDPositiveResponse.model_validate(body)


def test_unknown_status_breaks_only_the_status(validator: jsonschema.Draft202012Validator) -> None:
    errors = list(validator.iter_errors(answer(build(state="unknown_status"))))
    assert [list(error.path) for error in errors] == [["data", "status"]]


def test_hostile_ids_stay_distinct() -> None:
    body = hostile()
    for points in (body["read_models"], body["write_actions"]):
        assert len({point["id"] for point in points}) == len(points)
    for point in (*body["read_models"], *body["write_actions"]):
        assert len({field["id"] for field in point["fields"]}) == len(point["fields"])


@pytest.mark.parametrize("category", CATEGORIES)
def test_common_reasons_occur_and_rare_ones_do_not(category: str) -> None:
    common = {
        "required",
        "optional",
        "not_requested",
        "opted_out",
        "unsupported",
        "not_implemented",
    }
    for number in range(40):
        assert reasons(build(category, number)) == common, number


@pytest.mark.parametrize("category", CATEGORIES)
def test_every_reason_occurs_in_everything(category: str) -> None:
    everything = {
        "required",
        "optional",
        "not_requested",
        "opted_out",
        "unsupported",
        "not_implemented",
        "unknown",
        "model_unavailable",
        "unclear",
    }
    for number in range(40):
        assert reasons(build(category, number, coverage="everything")) == everything, number


def test_same_arguments_give_the_same_body() -> None:
    assert build(number=3) == build(number=3)
    assert build(number=3)["read_models"] != build(number=4)["read_models"]


def test_label_with_markup_characters_occurs() -> None:
    assert "Employee <> Group" in {model["label"] for model in build()["read_models"]}


def test_employees_of_a_realistic_tool_are_mostly_available() -> None:
    shares = []
    for number in range(40):
        employees = next(
            m for m in build(number=number)["read_models"] if m["id"] == "hris_employees"
        )
        shares.append(
            sum(field["is_available"] for field in employees["fields"]) / len(employees["fields"])
        )
    assert min(shares) > 0.5
    assert sum(shares) / len(shares) > 0.65


def test_catalogue_is_whole() -> None:
    sizes = {
        name: (len(catalogue(name).read_models), len(catalogue(name).write_actions))
        for name in CATEGORIES
    }
    assert sizes == {"HRIS": (14, 6), "ATS": (17, 11), "ASSESSMENT": (4, 2), "LMS": (7, 4)}


@pytest.mark.parametrize("state", STATES)
def test_patched_body_is_in_its_state_and_keeps_the_rest(state: str) -> None:
    before = build(state="invalid")
    after = patched(before, state, expired_at="2026-11-20T08:00:00.000Z")
    assert state_of(after) == state
    assert after["read_models"] == before["read_models"]
    assert state_of(before) == "invalid"


def test_combination_of_two_troubles_is_a_mixture() -> None:
    assert state_of({**build(state="invalid"), "setup_status": "INCOMPLETE"}) == "mixed"


def reasons(body: Details) -> set[str]:
    """Name what a reader would find, independently of how the grid was built."""
    return {reason(model, field) for model in body["read_models"] for field in model["fields"]}


def reason(model: dict[str, Any], field: dict[str, Any]) -> str:
    if field["is_available"]:
        scope = "required" if field["scope_config_setting"] == "ENABLED" else "optional"
        return scope if model["is_available"] else "model_unavailable"
    if is_available(field):
        return "unclear"
    if field["scope_config_setting"] == "DISABLED":
        return "not_requested"
    return "opted_out" if field["opted_out_by_customer"] else str(field["coverage_status"]).lower()
