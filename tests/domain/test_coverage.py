"""What each row of the grid says: available or not, why, and who can change it."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.domain import coverage
from integrations.domain.coverage import Field, Grid, Group, Reason, Show
from integrations.domain.coverage_changes import changes
from integrations.domain.coverage_search import narrow
from integrations.domain.coverage_text import explain
from integrations.domain.field_names import humanise
from integrations.kombo.schema import (
    Coverage,
    CoverageStatus,
    ReadField,
    ReadModel,
    ScopeSetting,
    WriteAction,
)
from tests.domain.grids import action, action_field, field, model

STATUSES, SCOPES = tuple(CoverageStatus), tuple(ScopeSetting)
BY_COVERAGE = {
    "SUPPORTED": Reason.UNCLEAR,  # nothing says why not
    "UNSUPPORTED": Reason.UNSUPPORTED,
    "NOT_IMPLEMENTED": Reason.NOT_IMPLEMENTED,
    "UNKNOWN": Reason.UNKNOWN,
}
COMBINATIONS = list(itertools.product(STATUSES, SCOPES, (False, True)))


def group(of: ReadModel | WriteAction) -> Group:
    if isinstance(of, WriteAction):
        return coverage.build(Coverage(read_models=(), write_actions=(of,))).write[0]
    return coverage.build(Coverage(read_models=(of,))).read[0]


def expected(status: str, scope: str, opted_out: bool) -> Reason:
    """The table of experience.md, section 2, for what is not available."""
    if scope == "DISABLED":
        return Reason.NOT_REQUESTED
    return Reason.OPTED_OUT if opted_out else BY_COVERAGE[status]


@pytest.mark.parametrize(("status", "scope", "opted_out"), COMBINATIONS)
def test_why_a_model_an_action_or_a_field_is_not_available(
    status: str, scope: str, opted_out: bool
) -> None:
    terms: dict[str, Any] = {
        "coverage_status": CoverageStatus(status),
        "scope_config_setting": ScopeSetting(scope),
        "opted_out_by_customer": opted_out,
        "is_available": False,
    }
    reason = expected(status, scope, opted_out)
    assert group(model(**terms)).reason is reason
    assert group(action(**terms)).reason is reason
    assert group(model(field(**terms))).fields[0].reason is reason


@pytest.mark.parametrize(("status", "scope", "opted_out"), COMBINATIONS)
def test_kombos_is_available_is_believed_whatever_the_rest_says(
    status: str, scope: str, opted_out: bool
) -> None:
    terms: dict[str, Any] = {
        "coverage_status": CoverageStatus(status),
        "scope_config_setting": ScopeSetting(scope),
        "opted_out_by_customer": opted_out,
    }
    assert group(model(**terms)).reason is Reason.AVAILABLE
    assert group(action(**terms)).reason is Reason.AVAILABLE
    assert group(model(field(**terms))).fields[0].reason is Reason.AVAILABLE


@pytest.mark.parametrize(("status", "reason"), BY_COVERAGE.items())
def test_an_actions_field_knows_only_coverage(status: str, reason: Reason) -> None:
    assert (
        group(action(action_field(status, is_available=True))).fields[0].reason is Reason.AVAILABLE
    )
    assert group(action(action_field(status, is_available=False))).fields[0].reason is reason


@pytest.mark.parametrize(("status", "scope", "opted_out"), COMBINATIONS)
@pytest.mark.parametrize("claims", [True, False])
def test_a_field_of_an_unavailable_model_is_never_available(
    status: str, scope: str, opted_out: bool, claims: bool
) -> None:
    one = field(
        coverage_status=CoverageStatus(status),
        scope_config_setting=ScopeSetting(scope),
        opted_out_by_customer=opted_out,
        is_available=claims,
    )
    reason = expected(status, scope, opted_out)
    found = group(
        model(one, is_available=False, coverage_status=CoverageStatus.UNSUPPORTED)
    ).fields[0]
    assert found.reason is (Reason.MODEL_UNAVAILABLE if reason is Reason.UNCLEAR else reason)


def test_an_input_of_an_unavailable_action_belongs_to_it() -> None:
    made = group(action(action_field("SUPPORTED", is_available=True), is_available=False))
    assert made.fields[0].reason is Reason.MODEL_UNAVAILABLE


@pytest.mark.parametrize(
    ("is_available", "reason"), [(True, Reason.AVAILABLE), (False, Reason.UNCLEAR)]
)
def test_for_an_unknown_coverage_value_is_available_decides(
    is_available: bool, reason: Reason
) -> None:
    one = field(coverage_status=CoverageStatus("PARTLY"), is_available=is_available)
    assert group(model(one)).fields[0].reason is reason


def test_an_unclear_reason_is_logged_and_its_value_cut(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "integrations")
    group(model(coverage_status=CoverageStatus("X" * 64), is_available=False))
    assert "X" * 40 in caplog.text
    assert "X" * 41 not in caplog.text


@pytest.mark.parametrize(
    ("terms", "part"),
    [
        ({"scope_config_setting": ScopeSetting.DISABLED}, coverage.Part.NOT_REQUESTED),
        ({"opted_out_by_customer": True}, coverage.Part.OPTED_OUT),
        ({"coverage_status": CoverageStatus.UNSUPPORTED}, coverage.Part.NOT_OFFERED),
    ],
)
def test_a_field_is_kept_back_for_its_models_reason(
    terms: dict[str, Any], part: coverage.Part
) -> None:
    """A field that only its model keeps back is not the tool's lack."""
    grid = read_only(model(field("a"), field("b"), is_available=False, **terms))
    assert coverage.split(grid.groups) == dict.fromkeys(coverage.Part, 0) | {part: 2}


def test_a_group_without_fields_is_one_in_the_bar() -> None:
    assert coverage.split(read_only(model()).groups)[coverage.Part.SHARED] == 1


def test_a_group_counts_its_fields() -> None:
    terms: dict[str, Any] = {"scope_config_setting": ScopeSetting.OPTIONAL}
    made = group(
        model(
            field("a"),
            field("b", **terms),
            field("c", opted_out_by_customer=True, is_available=False),
        )
    )
    assert (made.total, made.available, made.parts[coverage.Part.OPTED_OUT], made.is_complete) == (
        3,
        2,
        1,
        False,
    )
    assert [one.optional for one in made.fields] == [False, True, False]
    assert [one.id for one in made.fields] == [
        "hris_employees.a",
        "hris_employees.b",
        "hris_employees.c",
    ]


def test_a_group_is_complete_if_it_and_all_fields_are_available() -> None:
    assert group(model(field())).is_complete
    assert group(model()).is_complete
    assert not group(model(is_available=False)).is_complete


def test_a_group_is_found_by_its_id() -> None:
    grid = coverage.build(Coverage(read_models=(model(),), write_actions=(action(),)))
    assert grid.group("hris_create_employee") is grid.write[0]
    assert grid.group("hris_employees") is grid.read[0]
    assert grid.group("iban") is None


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("mobile_phone_number", "Mobile phone number"),
        ("home_address.tax_id", "Home address – tax ID"),
        ("iban", "IBAN"),
        ("ssn", "SSN"),
        ("ids", "IDs"),
        ("identity", "Identity"),
        ("_remote__data_", "Remote  data"),
        ("firstName", "FirstName"),
        ("", ""),
        ("<b>", "<b>"),
    ],
)
def test_fields_get_a_readable_name(key: str, name: str) -> None:
    assert humanise(key) == name


@pytest.mark.parametrize("is_action", [True, False])
@pytest.mark.parametrize("optional", [True, False])
def test_every_reason_is_explained(is_action: bool, optional: bool) -> None:
    rows = [Field("m.f", "f", reason, optional, is_action) for reason in Reason]
    words = [explain(row, tool="Personio", vendor="Northwind") for row in rows]
    assert len(set(words)) == len(Reason)
    assert all(word and "%(" not in word for word in words)


@pytest.mark.parametrize(
    ("reason", "named"),
    [
        (Reason.NOT_REQUESTED, "Northwind"),
        (Reason.UNCLEAR, "Northwind"),
        (Reason.UNSUPPORTED, "Personio"),
        (Reason.UNKNOWN, "Personio"),
        (Reason.OPTED_OUT, "reconnect"),
    ],
)
def test_an_explanation_names_who_can_change_it(reason: Reason, named: str) -> None:
    row = Field("m.f", "f", reason, optional=False, is_action=False)
    assert named in explain(row, tool="Personio", vendor="Northwind")


def test_what_may_be_switched_off_is_told() -> None:
    words = {
        explain(Field("m.f", "f", Reason.AVAILABLE, optional, is_action), tool="T", vendor="V")
        for optional, is_action in ((True, False), (False, False), (False, True))
    }
    assert len(words) == 3


NAMES = st.sampled_from(["iban", "tax_id", "work_email", "home_address.city", "Straße", "x"])
TERMS = {
    "is_available": st.booleans(),
    "coverage_status": st.sampled_from([*STATUSES, CoverageStatus("PARTLY")]),
    "scope_config_setting": st.sampled_from(SCOPES),
    "opted_out_by_customer": st.booleans(),
}
FIELDS = st.lists(
    st.builds(ReadField, id=NAMES, **TERMS), max_size=4, unique_by=lambda one: one.id
).map(tuple)
MODELS = st.builds(
    ReadModel,
    id=NAMES,
    label=st.sampled_from(["Employees", "Time off", "<b>"]),
    fields=FIELDS,
    **TERMS,
)
GRIDS = st.lists(MODELS, max_size=4, unique_by=lambda one: one.id).map(
    lambda models: coverage.build(Coverage(read_models=tuple(models)))
)
QUERIES = st.sampled_from(
    ["", " ", "iban", "EMPLOYEES tax", "strasse", "home address", "nothing like it"]
)


def rows(grid: Grid) -> list[Field | Group]:
    return [row for group in grid.groups for row in (group.fields or (group,))]


@given(GRIDS, QUERIES, st.sampled_from(Show))
def test_a_chip_counts_the_rows_it_leaves(grid: Grid, query: str, show: Show) -> None:
    assert narrow(grid, show=Show.ALL, query=query).counts[show] == len(
        rows(narrow(grid, show=show, query=query))
    )


@given(GRIDS, QUERIES, st.sampled_from(Show))
def test_narrowing_only_leaves_out(grid: Grid, query: str, show: Show) -> None:
    whole = {one.id: one for one in grid.groups}
    for one in narrow(grid, show=show, query=query).groups:
        before = whole[one.id]
        assert one.parts == before.parts
        assert set(one.fields) <= set(before.fields)


@given(GRIDS, QUERIES)
def test_the_chips_add_up(grid: Grid, query: str) -> None:
    counts = narrow(grid, show=Show.ALL, query=query).counts
    assert counts[Show.ALL] == counts[Show.AVAILABLE] + counts[Show.UNAVAILABLE]
    assert counts[Show.OPTED_OUT] <= counts[Show.UNAVAILABLE]


def test_narrowing_by_nothing_is_the_grid_itself() -> None:
    grid = coverage.build(Coverage(read_models=(model(field()),)))
    assert narrow(grid, show=Show.ALL, query="") is grid


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("iban", ["hris_employees.iban"]),
        ("EMPLOYEES", ["hris_employees.iban", "hris_employees.tax_id"]),
        ("employees tax", ["hris_employees.tax_id"]),
        ("tax ID", ["hris_employees.tax_id"]),
        ("hris_employees.iban", ["hris_employees.iban"]),
        ("iban tax", []),
    ],
)
def test_search_looks_at_labels_names_and_ids(query: str, found: list[str]) -> None:
    grid = coverage.build(Coverage(read_models=(model(field(), field("tax_id")),)))
    assert [row.id for row in rows(narrow(grid, show=Show.ALL, query=query))] == found


def test_a_group_without_fields_stands_for_itself() -> None:
    grid = coverage.build(Coverage(read_models=(model(is_available=False),)))
    assert narrow(grid, show=Show.UNAVAILABLE, query="employees").groups == grid.groups
    assert not narrow(grid, show=Show.AVAILABLE, query="").groups


def read_only(*models: ReadModel) -> Grid:
    return coverage.build(Coverage(read_models=models))


def test_what_became_of_a_datapoint_is_told_by_its_reason() -> None:
    opted_out: dict[str, Any] = {"is_available": False, "opted_out_by_customer": True}
    before = read_only(model(field(), field("tax_id", **opted_out), field("ssn"), field("old")))
    after = read_only(
        model(field(**opted_out), field("tax_id"), field("ssn"), field("new", is_available=False))
    )
    assert changes(before, after) == {
        "opted_out": ["hris_employees.iban"],
        "available": ["hris_employees.tax_id"],
        "unclear": ["hris_employees.new"],
        "gone": ["hris_employees.old"],
    }


def test_a_model_that_goes_takes_its_fields_with_it() -> None:
    before = read_only(model(field(), field("tax_id")))
    off = read_only(
        model(
            field(), field("tax_id"), is_available=False, coverage_status=CoverageStatus.UNSUPPORTED
        )
    )
    fields = ["hris_employees.iban", "hris_employees.tax_id"]
    assert changes(before, off) == {"model_unavailable": fields}
    assert changes(before, read_only()) == {"gone": fields}
    assert changes(read_only(), before) == {"available": fields}


def test_a_group_without_fields_is_a_datapoint_of_its_own() -> None:
    off: dict[str, Any] = {"is_available": False, "coverage_status": CoverageStatus.UNSUPPORTED}
    assert changes(read_only(model()), read_only(model(**off))) == {
        "unsupported": ["hris_employees"]
    }
    assert changes(read_only(model()), read_only()) == {"gone": ["hris_employees"]}


def test_a_group_that_gets_its_first_field_is_not_gone() -> None:
    assert changes(read_only(model()), read_only(model(field()))) == {
        "available": ["hris_employees.iban"]
    }


def test_changes_of_actions_are_told_too() -> None:
    before, after = (
        coverage.build(
            Coverage(
                read_models=(), write_actions=(action(action_field(status, is_available=can)),)
            )
        )
        for status, can in (("SUPPORTED", True), ("UNSUPPORTED", False))
    )
    assert changes(before, after) == {"unsupported": ["hris_create_employee.first_name"]}


def test_another_label_or_scope_is_no_change() -> None:
    before = read_only(model(field()))
    optional: dict[str, Any] = {"scope_config_setting": ScopeSetting.OPTIONAL}
    assert changes(before, read_only(model(field(**optional), label="People"))) == {}


@given(GRIDS, GRIDS)
def test_changes_there_and_back_name_the_same_datapoints_once(before: Grid, after: Grid) -> None:
    there, back = (
        [name for names in found.values() for name in names]
        for found in (changes(before, after), changes(after, before))
    )
    fields = {row.id for row in [*rows(before), *rows(after)] if isinstance(row, Field)}
    assert len(set(there)) == len(there)
    assert set(there) & fields == set(back) & fields
    assert changes(before, before) == {}
