"""What an access statement says: by whose choice each data point is shared, and one digest for the
same facts.
"""

import hashlib
import json
import random
import shutil
import subprocess
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain import coverage, statement
from integrations.domain.coverage import Field, Group, Reason
from integrations.domain.statement import Standing
from integrations.kombo.schema import Coverage, CoverageStatus, ReadField, ScopeSetting
from tests.domain.grids import action, action_field, field, model
from tests.domain.statements import PAY, SUBJECT, content, grids

OFF = {"is_available": False}


def standing(**terms: Any) -> dict[str, Standing]:
    grid = Coverage(read_models=(model(field(**terms)),))
    return {row.field: row.standing for row in statement.rows_of(coverage.build(grid))}


@pytest.mark.parametrize(
    ("terms", "expected"),
    [
        ({}, "required"),
        ({"scope_config_setting": ScopeSetting.OPTIONAL}, "optional"),
        ({"scope_config_setting": ScopeSetting.DISABLED, **OFF}, "not_requested"),
        ({"opted_out_by_customer": True, **OFF}, "opted_out"),
        ({"coverage_status": CoverageStatus.UNSUPPORTED, **OFF}, "not_offered"),
        ({"coverage_status": CoverageStatus.NOT_IMPLEMENTED, **OFF}, "not_implemented"),
        ({"coverage_status": CoverageStatus.UNKNOWN, **OFF}, "not_known"),
        (OFF, "unclear"),
    ],
)
def test_each_field_is_shared_or_not_by_somebodys_choice(
    terms: dict[str, Any], expected: str
) -> None:
    assert standing(**terms)["iban"] == expected


def test_what_its_model_keeps_back_stands_as_the_model_does() -> None:
    grid = Coverage(read_models=(model(field(), opted_out_by_customer=True, **OFF),))
    rows = statement.rows_of(coverage.build(grid))
    assert [(row.field, row.standing) for row in rows] == [("", "opted_out"), ("iban", "opted_out")]
    assert rows[1].reason is Reason.MODEL_UNAVAILABLE


@given(grids())
def test_every_data_point_of_the_grid_has_its_row(told: Coverage) -> None:
    grid = coverage.build(told)
    rows = statement.rows_of(grid)
    points: list[Field | Group] = []
    for group in grid.groups:
        points += [group, *group.fields]
    assert [(row.id, row.reason, row.optional) for row in rows] == [
        (point.id, point.reason, point.optional) for point in points
    ]
    assert sum(row.counts for row in rows) == coverage.tally(grid.groups)[coverage.Show.ALL]


@given(grids(), st.randoms())
def test_the_same_facts_have_the_same_digest(told: Coverage, order: random.Random) -> None:
    listed = list(statement.rows_of(coverage.build(told)))
    shuffled = list({(row.direction, row.id): row for row in listed}.values())
    first = statement.content_of(SUBJECT, shuffled, [PAY])
    order.shuffle(shuffled)
    second = statement.content_of(SUBJECT, shuffled, [PAY])
    assert statement.digest_of(first) == statement.digest_of(second)
    assert json.loads(statement.canonical(first)) == first


@given(grids().filter(lambda told: told.read_models), st.data())
def test_any_data_point_that_changes_changes_the_digest(
    told: Coverage, data: st.DataObject
) -> None:
    before = content(told)
    at = data.draw(st.integers(0, len(before["data"]) - 1))
    row = before["data"][at]
    changed = data.draw(
        st.sampled_from(
            [
                {"optional": not row["optional"]},
                {"reason": "opted_out" if row["reason"] != "opted_out" else "available"},
                {"label": row["label"] + "x"},
                {"id": row["id"] + "x"},
            ]
        )
    )
    data_after = [*before["data"][:at], row | changed, *before["data"][at + 1 :]]
    assert statement.digest_of(before) != statement.digest_of({**before, "data": data_after})
    assert statement.digest_of(before) != statement.digest_of(
        {**before, "data": [*before["data"][:at], *before["data"][at + 1 :]]}
    )


@pytest.mark.parametrize(
    "change",
    [
        {"vendor": "Other"},
        {"customer": "Other"},
        {"tool": "Other"},
        {"integration": "other"},
        {"version": 4},
    ],
)
def test_whose_it_is_counts_too(change: dict[str, Any]) -> None:
    grid = Coverage(read_models=(model(field()),))
    assert statement.digest_of(content(grid)) != statement.digest_of(content(grid, **change))


def test_what_is_written_of_a_purpose_counts_too() -> None:
    grid = Coverage(read_models=(model(field()),))
    texts = [PAY, PAY._replace(retention="1 year"), PAY._replace(valid_from=date(2026, 2, 1))]
    assert len({statement.digest_of(content(grid, text)) for text in texts}) == 3
    assert statement.digest_of(content(grid)) != statement.digest_of(content(grid, PAY))


def test_anybody_can_work_out_the_digest() -> None:
    told = content(Coverage(read_models=(model(field("größe"), label="A <> B"),)), PAY)
    if jq := shutil.which("jq"):
        command, text = [jq, "-cSj", "."], json.dumps(told)
        made = subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout
        assert made == statement.canonical(told)
    assert statement.digest_of(told) == hashlib.sha256(statement.canonical(told)).hexdigest()


def test_a_digest_is_read_in_groups() -> None:
    digest = "0123456789abcdef" * 4
    assert "".join(statement.in_groups(digest)) == digest
    assert statement.short(digest) == "01234567 89abcdef 01234567 89abcdef"


def rows(*fields: ReadField, **terms: Any) -> tuple[statement.Row, ...]:
    actions = (action(action_field("SUPPORTED", is_available=True)),)
    told = Coverage(read_models=(model(*fields, **terms),), write_actions=actions)
    return statement.rows_of(coverage.build(told))


def test_differences_are_what_came_what_went_and_the_rest() -> None:
    optional = {"scope_config_setting": ScopeSetting.OPTIONAL}
    out = {"opted_out_by_customer": True, **OFF}
    before = rows(field("a"), field("b", **out), field("c"), field("e"), field("f", **out))
    after = rows(field("a", **out), field("b"), field("c", **optional), field("d"))

    def ids(pairs: Any) -> list[str]:
        return [(now or was).field for was, now in pairs]

    found = statement.differences(before, after, [PAY], [PAY._replace(purpose="Other")])
    assert ids(found.shared) == ["b", "d"]
    assert ids(found.no_longer) == ["a", "e"]
    assert ids(found.otherwise) == ["c", "f"]
    assert found.purposes == ("pay",)
    assert statement.differences(before, before, [PAY], [PAY]).is_empty


def test_what_two_contents_say_differently_is_named() -> None:
    one = content(Coverage(read_models=(model(field("a"), field("b")),)))
    other = content(Coverage(read_models=(model(field("a", **OFF)),)), customer="Other")
    assert statement.content_differences(one, other) == [
        "customer",
        "hris_employees.a",
        "hris_employees.b",
    ]
    assert statement.content_differences(one, one) == []
