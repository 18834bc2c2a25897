"""Statements to compare and to write, and any grid that Kombo could tell of."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st

from integrations.domain import coverage, statement
from integrations.domain.statement import Content, Purpose, Subject
from integrations.kombo.schema import Coverage, CoverageStatus, ReadField, ScopeSetting
from tests.domain.grids import action, action_field, field, model

DAY = date(2026, 3, 1)
SUBJECT = Subject(
    vendor="Northwind",
    customer="Acme GmbH",
    tool="Personio",
    integration="abc123",
    version=3,
    since=datetime(2026, 2, 1, 8, 30, tzinfo=UTC),
)
PAY = Purpose("pay", date(2026, 1, 1), "Payroll", "Art. 6", "10 years", "Tax office")


def content(grid: Coverage, *purposes: Purpose, **subject: Any) -> Content:
    rows = statement.rows_of(coverage.build(grid))
    return statement.content_of(Subject(**(_fields(SUBJECT) | subject)), rows, purposes)


def _fields(subject: Subject) -> dict[str, Any]:
    return {name: getattr(subject, name) for name in Subject.__slots__}


# Texts as Kombo may send them, with what spreadsheets take for a formula.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
hostile = st.sampled_from(["=1+1", "@x", "-2", "+3", "\t=x", "a;=b", "a,=b", 'say "=no"', "\r\n="])
ids = st.one_of(texts.filter(bool), hostile)
terms = st.fixed_dictionaries(
    {
        "is_available": st.booleans(),
        "coverage_status": st.sampled_from(CoverageStatus),
        "scope_config_setting": st.sampled_from(ScopeSetting),
        "opted_out_by_customer": st.booleans(),
    }
)


@st.composite
def read_models(draw: st.DrawFn) -> Any:
    names = draw(st.lists(ids, unique=True, max_size=4))
    fields: list[ReadField] = [field(name, **draw(terms)) for name in names]
    return model(*fields, id=draw(ids), label=draw(st.one_of(texts, hostile)), **draw(terms))


@st.composite
def grids(draw: st.DrawFn) -> Coverage:
    """Any grid, with actions too."""
    models = draw(st.lists(read_models(), max_size=3))
    status = draw(st.sampled_from(["SUPPORTED", "UNSUPPORTED"]))
    fields = [action_field(status, is_available=status == "SUPPORTED")]
    actions = [action(*fields, id=name) for name in draw(st.lists(ids, unique=True, max_size=2))]
    return Coverage(read_models=tuple(models), write_actions=tuple(actions))
